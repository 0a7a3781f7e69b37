"""A history on every engine, and names of the test's own.

chDB allows one directory a process, so a store lives as long as one module's tests, not longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tests.twin.historian.engines import ENGINES, open_engine
from twin.historian.store import EngineHistory

_NAMES = count(1)


@pytest.fixture(scope="module", params=ENGINES)
def history(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EngineHistory]:
    """A store that keeps everything for ever; tests share it and keep apart by their sources."""
    store = EngineHistory(open_engine(request.param, tmp_path_factory.mktemp("history")), retention_days=0)
    yield store
    store.close()


@pytest.fixture
def source() -> str:
    """A source nobody else has."""
    return f"source{next(_NAMES)}"
