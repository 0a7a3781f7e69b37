"""Taking a backup, online: nothing has to stop, and the file is there only when it is whole."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from twin.backup.archive import ArchiveWriter, writing_archive
from twin.backup.errors import BackupTargetError
from twin.backup.folder import HISTORY, SCRATCH, Kept, copy_database, look_through, running_in
from twin.backup.history import pieces_of_running, pieces_of_url
from twin.backup.keys import Wrapper
from twin.backup.postgresql import databases, dump
from twin.contract.clock import Clock, to_iso
from twin.historian.base import Piece
from twin.park.park_file import load_park

FILES: Final = "folder"
TABLES: Final = "postgresql"
PIECES: Final = "history"
PARK: Final = "park"
SETTINGS: Final = "settings.json"
"""Where in a backup the parts are."""
_SECRET: Final = ("PASSWORD", "TOKEN", "SECRET", "PASSPHRASE", "DATABASE", "IDENTITY")


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be kept.

    Args:
        folder: of 'parktwin up'.
        park: the park file; None = none is kept.
        environment: settings: databases and a history on servers, and what is kept of them.
        token: makes what lets into the twin that runs.
    """

    folder: Path
    park: Path | None
    environment: Mapping[str, str]
    token: Callable[[], AbstractContextManager[str]]


def take_backup(source: Source, out: Path, wrapper: Wrapper, clock: Clock) -> dict[str, Any]:
    """Write a backup and return its manifest.

    Args:
        source: what is to be kept.
        out: the file; it must not be there.
        wrapper: for whom it is sealed.
        clock: ns since the epoch.

    Raises:
        BackupTargetError: the file is there already.
        BackupSourceError: something cannot be read; nothing is left behind.
        ParkFileError: the park file does not check.
    """
    if out.exists():
        raise BackupTargetError(f"{out}: is there already; name another file, or take it away")
    kept = look_through(source.folder)
    part = out.with_name(f"{out.name}.part")
    try:
        with (
            tempfile.TemporaryDirectory(prefix=SCRATCH, dir=source.folder) as scratch,
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
        ):
            with writing_archive(file, wrapper) as archive:
                head = {"made": to_iso(clock()), "software": f"parktwin {version('parktwin')}"}
                _take(source, kept, archive, Path(scratch), head)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return {**head, "parts": archive.parts}


def _take(source: Source, kept: Kept, archive: ArchiveWriter, scratch: Path, head: dict[str, Any]) -> None:
    for path in (*kept.positions, *kept.tables):
        _add_database(archive, source.folder, path, scratch)
    named: dict[str, list[str]] = {}
    for number, (url, names) in enumerate(databases(source.environment).items(), 1):
        file = scratch / f"{number}.dump"
        dump(url, file)
        archive.add_file(f"{TABLES}/{file.name}", "postgresql", file)
        named[f"{TABLES}/{file.name}"] = names
        file.unlink()
    head["databases"] = named
    head["readings"] = _add_history(source, archive)
    for path in kept.files:
        if path.exists():
            archive.add_file(f"{FILES}/{path.relative_to(source.folder).as_posix()}", "file", path)
    if source.park is not None:
        _add_park(source.park, source.environment, archive, head)
    told = {
        name: value
        for name, value in sorted(source.environment.items())
        if name.startswith("PARKTWIN_") and not any(word in name for word in _SECRET)
    }
    archive.add_bytes(SETTINGS, "settings", json.dumps(told, indent=1).encode())
    for path in kept.messages:
        _add_database(archive, source.folder, path, scratch)
    archive.finish(head)


def _add_database(archive: ArchiveWriter, folder: Path, path: Path, scratch: Path) -> None:
    copy = scratch / "copy.sqlite3"
    copy_database(path, copy)
    archive.add_file(f"{FILES}/{path.relative_to(folder).as_posix()}", "sqlite", copy)
    copy.unlink()


def _add_history(source: Source, archive: ArchiveWriter) -> int:
    """Add the history, wherever it is, and return how many readings it had."""
    url = source.environment.get("PARKTWIN_HISTORY", "")
    if url.startswith(("clickhouse://", "clickhouses://")):
        with pieces_of_url(url) as pieces:
            return _add_pieces(pieces, archive)
    directory = source.folder / HISTORY
    address = source.folder / "twin" / "twin.url"
    if running_in(source.folder / "twin"):
        with (
            source.token() as token,
            pieces_of_running(address.read_text().strip(), token) as pieces,
        ):
            return _add_pieces(pieces, archive)
    if not directory.exists():
        return 0
    with pieces_of_url(f"chdb:{directory}") as pieces:
        return _add_pieces(pieces, archive)


def _add_pieces(pieces: Any, archive: ArchiveWriter) -> int:
    readings = 0
    piece: Piece
    for number, piece in enumerate(pieces, 1):
        archive.add_bytes(f"{PIECES}/{number:06}.{piece.table}", "history", piece.block)
        readings += piece.rows if piece.table == "readings" else 0
    return readings


def _add_park(
    park: Path, environment: Mapping[str, str], archive: ArchiveWriter, head: dict[str, Any]
) -> None:
    read = load_park(park, environment=environment)
    for name in read.files:
        archive.add_file(f"{PARK}/{name}", "park", park.parent / name)
    head["park"] = {"id": read.id, "file": f"{PARK}/{park.name}", "revision": read.revision}
