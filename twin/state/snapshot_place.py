"""Where snapshots are kept: a file of one process, or (:mod:`twin.state.share`) a row that others take up."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class SnapshotPlace(Protocol):
    """Keeps the newest snapshot of something; its text says where."""

    @property
    def every_s(self) -> float:
        """Seconds between two snapshots."""
        ...

    def read(self) -> bytes | None:
        """Return the newest snapshot; None if there is none.

        Raises:
            OSError, DatabaseError: it cannot be read now.
        """
        ...

    def write(self, data: bytes) -> None:
        """Replace it.

        Raises:
            OSError, DatabaseError: the one before still stands.
        """
        ...


@dataclass(frozen=True, slots=True)
class SnapshotPlan:
    """A file, and how often it is written.

    Args:
        path: of the file.
        every_s: seconds between two snapshots.
    """

    path: Path
    every_s: float = 10.0

    def __str__(self) -> str:
        return str(self.path)

    def read(self) -> bytes | None:
        """Return what the file holds; None if there is no file."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, data: bytes) -> None:
        """Replace the file."""
        replace_file(self.path, data)


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that a reader (after a power cut, too) sees the old one or the new one.

    Raises:
        OSError: the disk is full or away; the old file still stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
