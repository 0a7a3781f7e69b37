"""Pictures that wait for the inspection service: files in a folder, the oldest first, within a number of
bytes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import msgspec

from vision_qc.camera_station.camera import Taken


class _Head(msgspec.Struct, frozen=True):
    serial: str
    product: str | None
    captured: str | None


class Spool:
    """Keeps pictures across restarts. Thread-safe.

    Args:
        folder: made if it is not there.
        most_bytes: what it may hold; beyond that the oldest picture goes, and is counted.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.dropped = 0
        """Pictures that went unjudged because there was no more room."""
        self.arrived = threading.Event()
        """Set whenever a picture comes; whoever waits clears it."""
        self._folder = folder
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        for part in folder.glob("*.part"):
            part.unlink()
        self._sizes = {int(path.stem): path.stat().st_size for path in sorted(folder.glob("*.piece"))}
        self._last = max(self._sizes, default=0)

    def put(self, taken: Taken) -> None:
        """Keep a picture durably.

        Raises:
            OSError: the disk does not take it.
        """
        head = msgspec.json.encode(_Head(taken.serial, taken.product, taken.captured))
        with self._lock:
            number = self._last + 1
            path = self._path(number)
            part = path.with_suffix(".part")
            with part.open("wb") as file:
                file.write(head + b"\n" + taken.picture)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            self._last = number
            self._sizes[number] = path.stat().st_size
            while sum(self._sizes.values()) > self._most_bytes and len(self._sizes) > 1:
                self._remove(min(self._sizes))
                self.dropped += 1
        self.arrived.set()

    def oldest(self) -> tuple[int, Taken] | None:
        """Return the oldest picture and its number, None if there is none."""
        with self._lock:
            if not self._sizes:
                return None
            number = min(self._sizes)
            head, _, picture = self._path(number).read_bytes().partition(b"\n")
            told = msgspec.json.decode(head, type=_Head)
            return number, Taken(picture, told.serial, told.product, told.captured)

    def remove(self, number: int) -> None:
        """Forget a picture; it may be gone already."""
        with self._lock:
            if number in self._sizes:
                self._remove(number)

    def __len__(self) -> int:
        return len(self._sizes)

    def _remove(self, number: int) -> None:
        self._path(number).unlink(missing_ok=True)
        del self._sizes[number]

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:012d}.piece"
