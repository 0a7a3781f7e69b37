"""The projector on a real Kafka broker that falls again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
from prometheus_client import CollectorRegistry

from tests.support.kafka import KafkaBroker, RunningBroker
from tests.support.require import missing
from tests.support.services import wait_for
from tests.twin.state.bus_source import BusSource
from tests.twin.state.parks import NOW, make_park, make_state
from twin.bus.base import BusUnavailableError
from twin.bus.connect import open_bus
from twin.bus.tag_sets import TagSetDirectory
from twin.contract.clock import system_clock
from twin.state.metrics import StateMetrics
from twin.state.projector import Projector
from twin.state.snapshot_place import SnapshotPlan
from twin.state.twin_state import TwinState

KILLS = 6
NAMES = [f"falling{number}" for number in range(KILLS + 1)]
PARK = make_park(KILLS + 1, sources=NAMES)
FIRST_TAG = {tag.source: tag.index for tag in reversed(PARK.tags)}

T = TypeVar("T")


def insist(work: Callable[[], T]) -> T:
    """Publish as a connector does: until the broker takes it."""
    deadline = time.monotonic() + 90.0
    while True:
        try:
            return work()
        except BusUnavailableError:
            assert time.monotonic() < deadline


@pytest.mark.slow
@pytest.mark.kafka
def test_each_fall_of_the_broker_is_survived_and_leaves_nothing_behind(
    kafka_broker: KafkaBroker | RunningBroker, tmp_path: Path
) -> None:
    if isinstance(kafka_broker, RunningBroker):
        missing("a broker that may be killed", "unset PARKTWIN_TEST_KAFKA")
    url = f"kafka://{kafka_broker.bootstrap}?timeout_s=4"
    registry = CollectorRegistry()
    state = make_state(PARK)
    used: list[int] = []
    with (
        closing(open_bus(url)) as bus,
        closing(open_bus(url)) as plant,
        closing(TagSetDirectory(bus)) as known,
    ):
        projector = Projector(
            bus,
            state,
            lookup=partial(known.get, wait_s=1.0),
            snapshots=SnapshotPlan(tmp_path / "snapshot", 0.5),
            metrics=StateMetrics(registry),
            clock=system_clock,
        )
        projector.start()
        sources: list[BusSource] = []
        for fall in range(KILLS + 1):
            # one more source announces itself each time, while the broker may not be quite there yet
            sources.append(insist(partial(BusSource, plant, PARK, NAMES[fall])))
            for source in sources:
                insist(partial(source.tell, [(0, NOW + fall, float(fall))]))
            told = [FIRST_TAG[name] for name in NAMES[: fall + 1]]
            wait_for(partial(all_are, state, told, float(fall)), f"{fall} is in the state")
            wait_for(lambda: projector.troubles() == {}, "the projector is well")
            used.append(psutil.Process().num_fds())
            if fall < KILLS:
                kafka_broker.kill()
                time.sleep(0.3 * fall)
                kafka_broker.start()
        projector.stop(30.0)
    unreadable = [
        sample for metric in registry.collect() for sample in metric.samples if "unreadable" in sample.name
    ]
    assert unreadable == [], "a frame was passed over because the broker was away"
    assert used[-1] <= used[1] + 8, f"file descriptors after each fall: {used}"


def all_are(state: TwinState, tags: Sequence[int], value: float) -> bool:
    return all(state.values.value[tag] == value for tag in tags)
