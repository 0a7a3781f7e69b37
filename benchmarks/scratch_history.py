"""A history in a directory of its own, for one benchmark."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twin.historian.embedded import EmbeddedEngine
from twin.historian.store import EngineHistory


@contextmanager
def scratch_history() -> Iterator[EngineHistory]:
    """Open an empty history that keeps everything; it is removed afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="parktwin-bench-"))
    try:
        history = EngineHistory(EmbeddedEngine(directory), retention_days=0)
        try:
            yield history
        finally:
            history.close()
    finally:
        shutil.rmtree(directory)
