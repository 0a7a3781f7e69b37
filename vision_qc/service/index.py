"""The index of inspections: two tables, fed from the ledger, asked by people. Not needed to inspect."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Index,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    delete,
    exists,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from twin.bus.partition_log import Stored
from twin.contract.codec import decode_message
from twin.contract.errors import MessageError
from twin.contract.inspection import Inspection, InspectionReview, Verdict
from twin.contract.topics import INSPECTIONS
from twin.service.database import create_tables, open_database, writing

MOST_ROWS = 1000
REMOVE_EVERY = 1000
"""Retention looks at the index after so many inspections."""

_LOG = logging.getLogger(__name__)

TABLES = MetaData()
_INSPECTIONS = Table(
    "qc_inspections",
    TABLES,
    Column("id", String(32), primary_key=True),
    Column("recorder", String(32), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("station", String(400), nullable=False),
    Column("product", String(64), nullable=False),
    Column("serial", String(128), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("recipe_sha256", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("qc_inspections_order", "recorder", "sequence"),
    Index("qc_inspections_station", "recorder", "station", "sequence"),
    Index("qc_inspections_serial", "serial"),
    Index("qc_inspections_verdict", "recorder", "verdict", "sequence"),
    Index("qc_inspections_received", "recorder", "received"),
)
_REVIEWS = Table(
    "qc_reviews",
    TABLES,
    Column("id", String(32), primary_key=True),
    Column("recorder", String(32), nullable=False),
    Column("inspection", String(32), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("station", String(400), nullable=False),
    Column("truth", String(16), nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("by", String(200), nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("qc_reviews_inspection", "inspection", "sequence"),
    Index("qc_reviews_station", "recorder", "station", "sequence"),
)

_ONE = select(_INSPECTIONS.c.body).where(_INSPECTIONS.c.id == bindparam("key"))
"""Asked for every picture, so it is not put together every time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which inspections are asked for; everything that is None is left open.

    Args:
        station: equipment id.
        serial, product: as the station named them.
        verdicts: any of them; empty = all.
        begin, end: of the time of receipt [ns], the end excluded.
        before: sequence number below which to look, for the next page.
        recipe_sha256: judged with this content.
        unreviewed: only those that nobody has said anything about.
        limit: at most so many.
    """

    station: str | None = None
    serial: str | None = None
    product: str | None = None
    verdicts: tuple[Verdict, ...] = ()
    begin: int | None = None
    end: int | None = None
    before: int | None = None
    recipe_sha256: str | None = None
    unreviewed: bool = False
    limit: int = 100


class InspectionIndex:
    """Answers about inspections of one recorder. Thread-safe; opens its database when first needed.

    Args:
        url: of the database.
        recorder: whose inspections.
        keep_rows: how many passed, and how many other inspections are kept.
    """

    def __init__(self, url: str, recorder: str, *, keep_rows: int) -> None:
        self._url = url
        self._recorder = recorder
        self._keep_rows = keep_rows
        self._engine: Engine | None = None
        self._since_removal = REMOVE_EVERY

    def deliver(self, entries: Sequence[Stored]) -> None:
        """Take entries of the ledger in; those that are there already are left as they are.

        Raises:
            DatabaseError: it cannot now; all or nothing of the entries was taken.
        """
        inspections, reviews = [], []
        for entry in entries:
            message = entry.message
            try:
                if message.topic == INSPECTIONS.name:
                    inspections.append(_row(decode_message(Inspection, message.value, message.headers)))
                else:
                    review = decode_message(InspectionReview, message.value, message.headers)
                    reviews.append(_review_row(review))
            except MessageError as error:
                _LOG.error("index: entry %d of the ledger is left out: %s", entry.offset, error)
        with writing(self._open()) as connection:
            _insert(connection, _INSPECTIONS, inspections)
            _insert(connection, _REVIEWS, reviews)
            self._since_removal += len(inspections)
            if self._since_removal >= REMOVE_EVERY:
                self._remove(connection)
                self._since_removal = 0

    def get(self, inspection: str) -> Inspection | None:
        """Return an inspection by its id."""
        with self._open().connect() as connection:
            body = connection.execute(_ONE, {"key": inspection}).scalar()
        return None if body is None else _inspection(bytes(body))

    def find(self, wanted: Wanted) -> list[Inspection]:
        """Return the inspections that are asked for, the newest first."""
        table = _INSPECTIONS.c
        query = select(table.body).where(table.recorder == self._recorder)
        for column, value in (
            (table.station, wanted.station),
            (table.serial, wanted.serial),
            (table.product, wanted.product),
            (table.recipe_sha256, wanted.recipe_sha256),
        ):
            if value is not None:
                query = query.where(column == value)
        if wanted.verdicts:
            query = query.where(table.verdict.in_([verdict.value for verdict in wanted.verdicts]))
        if wanted.begin is not None:
            query = query.where(table.received >= wanted.begin)
        if wanted.end is not None:
            query = query.where(table.received < wanted.end)
        if wanted.before is not None:
            query = query.where(table.sequence < wanted.before)
        if wanted.unreviewed:
            query = query.where(~exists().where(_REVIEWS.c.inspection == table.id))
        return self._read(query.order_by(table.sequence.desc()).limit(wanted.limit), _inspection)

    def reviews(self, inspections: Iterable[str]) -> dict[str, list[InspectionReview]]:
        """Return what was said of inspections, by their id, the oldest first."""
        ids = list(inspections)
        told: dict[str, list[InspectionReview]] = {}
        for begin in range(0, len(ids), MOST_ROWS):
            query = (
                select(_REVIEWS.c.body)
                .where(_REVIEWS.c.inspection.in_(ids[begin : begin + MOST_ROWS]))
                .order_by(_REVIEWS.c.sequence)
            )
            for review in self._read(query, _review):
                told.setdefault(review.inspection, []).append(review)
        return told

    def reviewed(self, station: str, limit: int) -> list[tuple[Inspection, list[InspectionReview]]]:
        """Return the last inspections of a station that somebody has reviewed, with what was said."""
        table = _INSPECTIONS.c
        query = (
            select(table.body)
            .where(
                table.recorder == self._recorder,
                table.station == station,
                exists().where(_REVIEWS.c.inspection == table.id),
            )
            .order_by(table.sequence.desc())
            .limit(limit)
        )
        inspections = self._read(query, _inspection)
        told = self.reviews(row.id for row in inspections)
        return [(row, told.get(row.id, [])) for row in inspections]

    def highest_sequence(self) -> int:
        """Return the highest sequence number of the recorder, 0 if there is none."""
        query = select(func.max(_INSPECTIONS.c.sequence)).where(_INSPECTIONS.c.recorder == self._recorder)
        with self._open().connect() as connection:
            return int(connection.execute(query).scalar() or 0)

    def close(self) -> None:
        """Close the database."""
        if self._engine is not None:
            self._engine.dispose()

    def _open(self) -> Engine:
        if self._engine is None:
            engine = open_database(self._url)
            create_tables(engine, TABLES)
            self._engine = engine
        return self._engine

    def _read(self, query: Select[Any], decode: Callable[[bytes], Any]) -> list[Any]:
        with self._open().connect() as connection:
            return [decode(bytes(row.body)) for row in connection.execute(query)]

    def _remove(self, connection: Connection) -> None:
        table = _INSPECTIONS.c
        for passed in (True, False):
            mine = (
                table.recorder == self._recorder,
                (table.verdict == Verdict.PASS.value) == passed,
            )
            oldest = connection.execute(
                select(table.sequence)
                .where(*mine)
                .order_by(table.sequence.desc())
                .offset(self._keep_rows)
                .limit(1)
            ).scalar()
            if oldest is not None:
                connection.execute(delete(_INSPECTIONS).where(*mine, table.sequence <= oldest))


def _row(inspection: Inspection) -> dict[str, object]:
    return {
        "id": inspection.id,
        "recorder": inspection.recorder,
        "sequence": inspection.sequence,
        "station": inspection.station,
        "product": inspection.product,
        "serial": inspection.serial,
        "verdict": inspection.verdict.value,
        "received": inspection.received,
        "recipe_sha256": inspection.recipe_sha256,
        "body": msgspec.json.encode(inspection),
    }


def _review_row(review: InspectionReview) -> dict[str, object]:
    return {
        "id": review.id,
        "recorder": review.recorder,
        "inspection": review.inspection,
        "sequence": review.sequence,
        "station": review.station,
        "truth": review.truth.value,
        "blind": review.blind,
        "by": review.by,
        "time": review.time,
        "body": msgspec.json.encode(review),
    }


def _insert(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    if not rows:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(table).on_conflict_do_nothing(index_elements=["id"]), rows)


def _inspection(body: bytes) -> Inspection:
    return msgspec.json.decode(body, type=Inspection)


def _review(body: bytes) -> InspectionReview:
    return msgspec.json.decode(body, type=InspectionReview)
