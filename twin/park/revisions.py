"""Which park was loaded when: every revision is kept, so that a replay sees the park of its day.

Two tables: the documents by revision, and the loadings in order of time. Going back to an older park is a new
loading of a known document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import zstandard
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from twin.contract.clock import Clock
from twin.park.errors import ParkDocumentError, UnknownRevisionError
from twin.park.model import Park
from twin.park.park_document import park_document, read_park_document
from twin.service.database import writing

MAX_DOCUMENT_BYTES = 512 << 20

TABLES = MetaData()
"""For :func:`twin.service.database.create_tables`."""

_DOCUMENTS = Table(
    "park_documents",
    TABLES,
    Column("revision", String(16), primary_key=True),
    Column("document", LargeBinary, nullable=False),
)
_LOADINGS = Table(
    "park_loadings",
    TABLES,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("loaded_at", BigInteger, nullable=False),
    Column("revision", ForeignKey(_DOCUMENTS.c.revision), nullable=False),
    Column("files", JSON, nullable=False),
    Index("park_loadings_by_time", "loaded_at", "id"),
)


@dataclass(frozen=True, slots=True)
class Loading:
    """One loading of a park.

    Args:
        revision: which park.
        loaded_at: when, ns since the epoch.
        files: the files it was read from, relative to the main one's folder.
    """

    revision: str
    loaded_at: int
    files: tuple[str, ...]


def remember(engine: Engine, park: Park, clock: Clock) -> bool:
    """Note that this park is the one from now on; a restart on the park that was loaded last notes nothing.

    Returns:
        Whether something was noted.
    """
    newest = (
        select(_LOADINGS.c.revision).order_by(_LOADINGS.c.loaded_at.desc(), _LOADINGS.c.id.desc()).limit(1)
    )
    with writing(engine) as connection:
        if connection.scalar(newest) == park.revision:
            return False
        insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        packed = zstandard.ZstdCompressor(level=9).compress(park_document(park))
        connection.execute(
            insert(_DOCUMENTS).values(revision=park.revision, document=packed).on_conflict_do_nothing()
        )
        connection.execute(
            _LOADINGS.insert().values(loaded_at=clock(), revision=park.revision, files=list(park.files))
        )
        return True


def revision_at(engine: Engine, time_ns: int) -> Loading | None:
    """Return the loading in force at a time, None if that is before the first."""
    query = (
        select(_LOADINGS)
        .where(_LOADINGS.c.loaded_at <= time_ns)
        .order_by(_LOADINGS.c.loaded_at.desc(), _LOADINGS.c.id.desc())
        .limit(1)
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    return None if row is None else _loading(row)


def list_loadings(engine: Engine, *, limit: int = 1000) -> Sequence[Loading]:
    """Return the newest loadings, newest first."""
    query = select(_LOADINGS).order_by(_LOADINGS.c.loaded_at.desc(), _LOADINGS.c.id.desc()).limit(limit)
    with engine.connect() as connection:
        return [_loading(row) for row in connection.execute(query)]


def park_of(engine: Engine, revision: str) -> Park:
    """Return the park of a revision; its endpoints are as the file wrote them, variables not filled in.

    Raises:
        UnknownRevisionError: it was never loaded.
        ParkDocumentError: what is stored is damaged.
    """
    documents, loadings = _DOCUMENTS.c, _LOADINGS.c
    with engine.connect() as connection:
        packed = connection.scalar(select(documents.document).where(documents.revision == revision))
        newest = select(func.max(loadings.id)).where(loadings.revision == revision).scalar_subquery()
        files = connection.scalar(select(loadings.files).where(loadings.id == newest))
    if packed is None:
        raise UnknownRevisionError(
            f"park revision {revision!r} was never loaded here; list_loadings has those that were"
        )
    try:
        document = zstandard.ZstdDecompressor().decompress(packed, max_output_size=MAX_DOCUMENT_BYTES)
    except zstandard.ZstdError as error:
        raise ParkDocumentError(
            f"park revision {revision!r}: {error}; restore the table from a backup"
        ) from error
    park = read_park_document(document, tuple(files or ()))
    if park.revision != revision:
        raise ParkDocumentError(
            f"park revision {revision!r}: its document hashes to {park.revision!r}; restore it from a backup"
        )
    return park


def _loading(row: Row[tuple[int, int, str, list[str]]]) -> Loading:
    return Loading(revision=row.revision, loaded_at=row.loaded_at, files=tuple(row.files))
