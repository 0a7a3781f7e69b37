"""Files that hold a secret: whole or not there, and their owner's alone from the first byte."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

PRIVATE = 0o600
PUBLIC = 0o644


def write_whole(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Write a file, in the place of one that is there.

    Raises:
        OSError: it cannot be written.
    """
    _part(path, data, mode).replace(path)


def make_once(path: Path, data: bytes) -> None:
    """Write a private file if there is none; of two that make one at once, one wins.

    Raises:
        OSError: it cannot be written.
    """
    part = _part(path, data, PRIVATE)
    with suppress(FileExistsError):
        os.link(part, path)
    part.unlink()


def _part(path: Path, data: bytes, mode: int) -> Path:
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return part
