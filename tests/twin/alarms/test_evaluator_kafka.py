"""The evaluator on a real Kafka broker that falls, with its journal in a real PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from prometheus_client import CollectorRegistry

from tests.support.kafka import KafkaBroker, RunningBroker
from tests.support.postgres import fresh_database
from tests.support.require import missing
from tests.support.services import wait_for
from tests.twin.alarms.alarm_parks import alarm_park, alarm_table
from tests.twin.alarms.alarm_source import AlarmSource, journalled, open_journal, published, told
from twin.alarms.evaluator import Evaluator
from twin.alarms.metrics import AlarmMetrics
from twin.bus.base import BusUnavailableError
from twin.bus.connect import open_bus
from twin.bus.tag_sets import TagSetDirectory
from twin.contract.clock import system_clock
from twin.state.snapshot_place import SnapshotPlan

PARK = alarm_park()
T = TypeVar("T")


def insist(work: Callable[[], T]) -> T:
    deadline = time.monotonic() + 90.0
    while True:
        try:
            return work()
        except BusUnavailableError:
            assert time.monotonic() < deadline


@pytest.mark.slow
@pytest.mark.kafka
def test_a_fall_of_the_broker_loses_no_alarm_and_doubles_none(
    kafka_broker: KafkaBroker | RunningBroker, postgres: str, tmp_path: Path
) -> None:
    if isinstance(kafka_broker, RunningBroker):
        missing("a broker that may be killed", "unset PARKTWIN_TEST_KAFKA")
    url = f"kafka://{kafka_broker.bootstrap}?timeout_s=4"
    with (
        fresh_database(postgres) as tables,
        closing(open_bus(url)) as bus,
        closing(open_bus(url)) as plant,
        closing(TagSetDirectory(bus)) as known,
    ):
        journal = open_journal(tables, alarm_table(PARK))
        evaluator = Evaluator(
            bus,
            journal,
            lookup=partial(known.get, wait_s=1.0),
            snapshots=SnapshotPlan(tmp_path / "alarms.snapshot", 0.5),
            metrics=AlarmMetrics(CollectorRegistry()),
            clock=system_clock,
        )
        evaluator.start()
        source = AlarmSource(plant, PARK)
        wanted = []
        for round_ in range(3):
            for step, value in ((1, 12.0), (2, 0.0)):
                at = 10 * round_ + step
                insist(partial(plant.publish, [source.message([("plain", at, value)])]))
                wanted.append(("alarm" if value else "return", float(at)))
            wait_for(
                lambda: [(event, at) for _, event, _, at in told(journal.engine)] == wanted,
                "the journal has it",
            )
            wait_for(lambda: evaluator.troubles() == {}, "the evaluator is well")
            if round_ < 2:
                kafka_broker.kill()
                kafka_broker.start()
        evaluator.stop(30.0)
        once = {entry.number: entry for entry in published(bus)}
        assert [once[number] for number in sorted(once)] == journalled(journal.engine)
        journal.engine.dispose()
