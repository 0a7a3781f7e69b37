"""Pictures of inspected products on disk, as they were sent, within a number of bytes.

Two shelves, because they are worth a different time: ``pass`` for products that passed, ``other`` for all
that anybody may ask about again. A shelf is folders of a thousand sequence numbers each; the oldest folder
goes first. Order is by sequence number: a clock that jumps moves nothing.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from twin.contract.clock import Clock
from twin.contract.inspection import Verdict
from twin.contract.messages import Condition
from twin.service.logging import ConditionLog

PER_FOLDER: Final = 1000
SUFFIXES: Final = {"jpeg": ".jpg", "png": ".png", "bmp": ".bmp", "tiff": ".tif"}
_PASS, _OTHER = "pass", "other"

_LOG = logging.getLogger(__name__)


class PictureStore:
    """Keeps picture files. Thread-safe.

    Args:
        folder: made if it is not there.
        pass_bytes, other_bytes: what the shelves may hold; the newest folder of a shelf always stays, so a
            shelf may be larger by one folder.
        clock: ns since the epoch.
        durable: wait for the disk at every picture.
    """

    def __init__(
        self, folder: Path, *, pass_bytes: int, other_bytes: int, clock: Clock, durable: bool = True
    ) -> None:
        self.removed = 0
        """Folders that retention removed since the start."""
        self._folder = folder
        self._limits = {_PASS: pass_bytes, _OTHER: other_bytes}
        self._clock = clock
        self._durable = durable
        self._lock = threading.Lock()
        self._conditions = ConditionLog(_LOG, clock)
        self._refused: Condition | None = None
        self._sizes: dict[str, dict[str, int]] = {shelf: _measure(folder / shelf) for shelf in self._limits}

    @property
    def condition(self) -> Condition | None:
        """``pictures_not_kept`` while the disk takes none, else None."""
        return self._refused

    def size_bytes(self) -> dict[str, int]:
        """Bytes on each shelf."""
        with self._lock:
            return {shelf: sum(sizes.values()) for shelf, sizes in self._sizes.items()}

    def keep(self, inspection: str, sequence: int, verdict: Verdict, form: str, data: bytes) -> bool:
        """Keep a picture durably.

        Args:
            inspection: id.
            sequence: of the inspection.
            verdict: chooses the shelf.
            form: of :attr:`vision_qc.image_header.Header.format`.
            data: the file.

        Returns:
            Whether it is kept: False on a full or failing disk, and where the shelf holds nothing.
        """
        shelf = _PASS if verdict is Verdict.PASS else _OTHER
        if not self._limits[shelf]:
            return False
        folder = self._folder / shelf / _group(sequence)
        try:
            self._write(folder, inspection + SUFFIXES[form], data)
        except OSError as error:
            if self._refused is None:
                detail = f"{folder}: {error.strerror}; verdicts are given, pictures are not kept"
                self._refused = Condition(code="pictures_not_kept", since=self._clock(), detail=detail)
                self._conditions.begin("pictures", f"pictures: {detail}")
            return False
        if self._refused is not None:
            self._refused = None
            self._conditions.end("pictures", "pictures: kept again")
        self._add(shelf, folder.name, len(data))
        return True

    def find(self, inspection: str, sequence: int) -> Path | None:
        """Return where the picture of an inspection is, None if it is not kept (any more)."""
        for shelf in self._limits:
            for suffix in SUFFIXES.values():
                path = self._folder / shelf / _group(sequence) / (inspection + suffix)
                if path.is_file():
                    return path
        return None

    def promote(self, inspection: str, sequence: int) -> None:
        """Move the picture of a product that passed to the other shelf: somebody says it should not have."""
        path = self.find(inspection, sequence)
        if path is None or path.parents[1].name != _PASS or not self._limits[_OTHER]:
            return
        target = self._folder / _OTHER / path.parent.name / path.name
        with suppress(OSError):  # it stays where it is, and goes earlier
            target.parent.mkdir(parents=True, exist_ok=True)
            size = path.stat().st_size
            path.rename(target)
            self._add(_PASS, path.parent.name, -size)
            self._add(_OTHER, path.parent.name, size)

    def _write(self, folder: Path, name: str, data: bytes) -> None:
        """Write a file under its own name at once: nobody asks for it before its verdict is told, and half of
        it is not what was judged. Another name first would be one more wait for the disk."""
        new = not folder.is_dir()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        try:
            with path.open("wb", buffering=0) as file:
                left = memoryview(data)
                while left:
                    left = left[file.write(left) :]
                if self._durable:
                    os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise
        if self._durable:
            _sync_folder(folder)
            if new:
                _sync_folder(folder.parent)

    def _add(self, shelf: str, group: str, size: int) -> None:
        with self._lock:
            sizes = self._sizes[shelf]
            sizes[group] = sizes.get(group, 0) + size
            while sum(sizes.values()) > self._limits[shelf] and len(sizes) > 1:
                oldest = min(sizes)
                shutil.rmtree(self._folder / shelf / oldest, ignore_errors=True)
                del sizes[oldest]
                self.removed += 1


def _group(sequence: int) -> str:
    return f"{sequence // PER_FOLDER:012d}"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _measure(shelf: Path) -> dict[str, int]:
    """Return the bytes in each folder of a shelf."""
    if not shelf.is_dir():
        return {}
    return {
        folder.name: sum(file.stat().st_size for file in folder.iterdir())
        for folder in sorted(shelf.iterdir())
        if folder.is_dir()
    }
