"""The parts of a backup in one stream, and the manifest that says what each must be.

Sealed, packed (zlib), then tar: the parts in the order in which they were taken, ``manifest.json`` the last.
It holds of each part its kind, size and SHA-256. So a reader knows at the end, and not before, that it has
seen all.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from twin.backup.errors import BackupDamagedError, BackupSourceError
from twin.backup.keys import Unwrapper, Wrapper
from twin.backup.sealed import CHUNK_BYTES, SealedReader, SealedWriter

MANIFEST: Final = "manifest.json"
_PACK_LEVEL: Final = 1
"""Pictures and parts of a history do not get smaller by more of it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One row of the manifest.

    Args:
        name: path within the backup.
        kind: ``file`` or ``sqlite`` (a file of the folder), ``history`` (rows of a table of the history),
            ``postgresql`` (a dump), ``park`` (a file of the park), ``settings``.
        size: [bytes].
        sha256: in hex.
    """

    name: str
    kind: str
    size: int
    sha256: str


class ArchiveWriter:
    """Adds parts one after another; made by :func:`writing_archive`."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.parts: list[Part] = []

    def add_bytes(self, name: str, kind: str, data: bytes) -> None:
        """Add a part that is in memory."""
        self._add(name, kind, io.BytesIO(data), len(data))

    def add_file(self, name: str, kind: str, path: Path) -> None:
        """Add a file as it is now.

        Raises:
            BackupSourceError: it cannot be read, or got shorter meanwhile.
        """
        try:
            with path.open("rb") as file:
                self._add(name, kind, file, path.stat().st_size)
        except OSError as error:
            raise BackupSourceError(f"{path}: cannot be read ({error}); nothing was written") from error

    def finish(self, head: dict[str, Any]) -> None:
        """Add the manifest: ``head`` and the parts."""
        told = {**head, "parts": [asdict(part) for part in self.parts]}
        data = json.dumps(told, indent=1, sort_keys=True).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(data)
        self._tar.addfile(entry, io.BytesIO(data))

    def _add(self, name: str, kind: str, file: IO[bytes], size: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.size = size
        seen = _Seen(file)
        self._tar.addfile(entry, seen)
        self.parts.append(Part(name, kind, size, seen.digest.hexdigest()))


class _Seen:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


@contextmanager
def writing_archive(out: IO[bytes], wrapper: Wrapper) -> Iterator[ArchiveWriter]:
    """Open an archive on a file; at the end of the context everything is written."""
    with (
        SealedWriter(out, wrapper) as sealed,
        gzip.GzipFile(fileobj=sealed, mode="wb", compresslevel=_PACK_LEVEL, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT, bufsize=CHUNK_BYTES) as tar,
    ):
        yield ArchiveWriter(tar)


def read_archive(
    file: IO[bytes], unwrapper: Unwrapper, name: str
) -> Iterator[tuple[str, IO[bytes]] | dict[str, Any]]:
    """Yield every part as its name and what to read it from, and at last the manifest; whoever takes the
    parts learns from :func:`check_parts` whether they are what was written.

    Raises:
        BackupDamagedError, BackupKeyError: as of :class:`SealedReader`, and for names that lead out of the
            backup.
    """
    manifest: dict[str, Any] | None = None
    sealed = SealedReader(file, unwrapper, name)
    try:
        with (
            io.BufferedReader(sealed, CHUNK_BYTES) as buffered,
            gzip.GzipFile(fileobj=buffered) as packed,
            tarfile.open(fileobj=packed, mode="r|", bufsize=CHUNK_BYTES) as tar,
        ):
            for entry in tar:
                content = tar.extractfile(entry)
                if content is None or manifest is not None or not _is_inside(entry.name):
                    raise BackupDamagedError(f"{name}: holds {entry.name!r}, which no backup of ours does")
                if entry.name == MANIFEST:
                    manifest = json.loads(content.read())
                else:
                    yield entry.name, content
            while packed.read(CHUNK_BYTES):  # to the last chunk, which says that nothing was cut off
                pass
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, json.JSONDecodeError) as error:
        raise BackupDamagedError(f"{name}: {error}; take another copy") from error
    if manifest is None:
        raise BackupDamagedError(f"{name}: has no manifest: it was not finished; take another copy")
    yield manifest


def copy_part(content: IO[bytes], out: IO[bytes] | None) -> tuple[int, str]:
    """Copy a part (or only read it) and return its size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    while data := content.read(CHUNK_BYTES):
        digest.update(data)
        size += len(data)
        if out is not None:
            out.write(data)
    return size, digest.hexdigest()


def check_parts(manifest: dict[str, Any], seen: dict[str, tuple[int, str]], name: str) -> list[Part]:
    """Hold what was read against the manifest.

    Raises:
        BackupDamagedError: a part is missing, is not in the manifest, or is another one.
    """
    parts = [Part(**row) for row in manifest["parts"]]
    for part in parts:
        if seen.get(part.name) != (part.size, part.sha256):
            raise BackupDamagedError(f"{name}: {part.name} is not what the manifest says; take another copy")
    if unknown := seen.keys() - {part.name for part in parts}:
        raise BackupDamagedError(f"{name}: {min(unknown)} is not in the manifest; take another copy")
    return parts


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and bool(path.parts)
