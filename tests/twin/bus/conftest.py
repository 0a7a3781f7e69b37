"""Every bus, as one list: a test that takes ``open_another`` runs on all of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.kafka import KafkaBroker, RunningBroker
from tests.twin.bus.topics import delete_all_topics
from twin.bus.base import Bus
from twin.bus.connect import open_bus

OpenBus = Callable[[], Bus]


@pytest.fixture(params=["memory", "embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def bus_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a bus with nothing on it."""
    if request.param == "memory":
        return f"memory:{uuid.uuid4().hex}"
    if request.param == "embedded":
        return f"embedded:{tmp_path / 'bus'}"
    broker: KafkaBroker | RunningBroker = request.getfixturevalue("kafka_broker")
    delete_all_topics(broker.bootstrap)
    return f"kafka://{broker.bootstrap}"


@pytest.fixture
def open_another(bus_url: str) -> Iterator[OpenBus]:
    """Open the bus once more, as another process would; closed at the end."""
    with ExitStack() as opened:

        def open_one() -> Bus:
            bus = open_bus(bus_url)
            opened.callback(bus.close)
            return bus

        yield open_one


@pytest.fixture
def bus(open_another: OpenBus) -> Bus:
    """An empty bus."""
    return open_another()


@pytest.fixture
def group() -> str:
    """The name of a group that nobody has used: a broker remembers groups longer than a test lasts."""
    return f"recorder-{uuid.uuid4().hex[:8]}"
