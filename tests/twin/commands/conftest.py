from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.postgres import database_url, postgres
from tests.twin.commands.hall import Hall
from twin.service.database import open_database

__all__ = ["database_url", "hall", "hall_anywhere", "postgres"]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    """A hall where all is well."""
    with made(tmp_path, f"sqlite:///{tmp_path}/tables.db") as one:
        yield one


@pytest.fixture
def hall_anywhere(tmp_path: Path, database_url: str) -> Iterator[Hall]:
    """The same, once on SQLite and once on PostgreSQL."""
    with made(tmp_path, database_url) as one:
        yield one


@contextmanager
def made(folder: Path, url: str) -> Iterator[Hall]:
    engine = open_database(url)
    one = Hall(folder, engine)
    one.all_well()
    yield one
    engine.dispose()
