"""The registry in a service's database, opened from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maintenance.errors import DataSetError
from maintenance.registry.store import ModelStore
from twin.service.database import open_database


@contextmanager
def open_store(database: str) -> Iterator[ModelStore]:
    """Open the registry of a database, a file or a URL; raises DataSetError if there is no such file."""
    if "://" not in database and not Path(database).is_file():
        raise DataSetError(f"{database}: no such file; give the health.sqlite3 of the service's data folder")
    engine = open_database(database if "://" in database else f"sqlite:///{database}")
    try:
        yield ModelStore(engine)
    finally:
        engine.dispose()
