"""One twin for the tests that only read, with two heartbeats' worth of a plant behind it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator

import pytest

from tests.support.postgres import database_url, postgres
from tests.twin.api.running_twin import RunningTwin, running_twin

__all__ = ["database_url", "postgres", "twin"]


@pytest.fixture(scope="package")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTwin]:
    """A twin whose source is connected and whose first oven runs at 222.5 °C."""
    with running_twin(tmp_path_factory.mktemp("twin")) as running:
        now = time.time_ns()
        running.plant.tell(
            [(0, now - 1_000_000_000, 221.5), (0, now, 222.5), (1, now, math.nan, 0, "Execute")]
        )
        stop = threading.Event()

        def beat() -> None:
            while not stop.wait(0.5):
                running.plant.beat()

        heart = threading.Thread(target=beat)
        running.plant.beat()
        heart.start()
        yield running
        stop.set()
        heart.join()
