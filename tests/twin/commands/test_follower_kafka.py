"""Outcomes over a real Kafka broker reach the requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.kafka import KafkaBroker, RunningBroker
from tests.support.services import wait_for
from tests.twin.commands.hall import Hall
from twin.bus.connect import open_bus
from twin.commands.follower import Follower
from twin.commands.request import RequestState
from twin.contract.command import CommandState
from twin.service.database import open_database

pytestmark = [pytest.mark.slow, pytest.mark.kafka]


def test_outcomes_reach_the_requests(kafka_broker: KafkaBroker | RunningBroker, tmp_path: Path) -> None:
    bus = open_bus(f"kafka://{kafka_broker.bootstrap}")
    engine = open_database(f"sqlite:///{tmp_path}/tables.db")
    hall = Hall(tmp_path, engine)
    hall.all_well()
    hall.bus = bus  # type: ignore[assignment]
    follower = Follower(bus, engine, "p1", clock=hall.clock)
    follower.start()
    made = hall.desk.request(hall.wish())
    hall.say(made, CommandState.ACCEPTED, CommandState.HELD)
    wait_for(lambda: hall.found(made).state is RequestState.HELD, "it is held")
    follower.stop(5.0)
    bus.close()
    engine.dispose()
