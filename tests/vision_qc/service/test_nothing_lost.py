"""Verdicts reach bus and index once: across a SIGKILL, and without anything that is around a station."""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.connectors.opcua.cuttable import CuttableNetwork
from tests.support.kafka import KafkaBroker, RunningBroker
from tests.support.postgres import fresh_database, postgres
from tests.support.services import ServiceProcess, wait_for
from tests.vision_qc.service.plates import PRODUCT, STATION, bad_file, good_file, install, published, told
from tests.vision_qc.service.serving import serving
from twin.bus.connect import open_bus
from twin.contract.clock import NS_PER_S
from twin.service.settings import load
from vision_qc.service.settings import QcSettings

__all__ = ["postgres"]

TAKT_S = 10
OUTAGE_PIECES = 60
"""At a takt of ten seconds, ten minutes."""


@pytest.fixture
def process(tmp_path: Path, recipe: Path) -> Iterator[ServiceProcess]:
    """A service in a process of its own, with the recipe active."""
    service = ServiceProcess(
        "vision_qc.service",
        tmp_path / "data",
        {"PARKTWIN_BUS": f"embedded:{tmp_path / 'bus'}", "PARKTWIN_LOG_LEVEL": "warning"},
        name="qc",
    )
    service.start()
    with client_of(service) as client:
        install(client, recipe, STATION, PRODUCT, activate=True)
    yield service
    service.stop()


def client_of(service: ServiceProcess) -> httpx.Client:
    """A client of a service that may still be starting."""
    return httpx.Client(base_url=service.url(), timeout=60, trust_env=False)


def test_killed_between_verdict_and_publish_the_verdict_is_on_the_bus_once(
    process: ServiceProcess, tmp_path: Path
) -> None:
    # the bus is there, and somebody else writes on it all the time: nothing can be published
    with client_of(process) as client:
        told(client, good_file(0), "K-0")
        bus = open_bus(f"embedded:{tmp_path / 'bus'}")
        assert [row.serial for row in published(bus, 1)] == ["K-0"]
        holder = sqlite3.connect(tmp_path / "bus" / "log.sqlite3", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        answers = [told(client, bad_file(number), f"K-{number}") for number in (1, 2, 3)]
    assert all(answer["durable"] for answer in answers)
    process.kill()
    holder.execute("ROLLBACK")
    holder.close()
    assert [row.serial for row in published(bus, 1)] == ["K-0"]
    process.start()
    assert [row.id for row in published(bus, 4)][1:] == [answer["id"] for answer in answers]
    with client_of(process) as client:
        # the station had heard its answer, or not: asking again changes nothing
        for number, answer in zip((1, 2, 3), answers, strict=True):
            assert told(client, bad_file(number), f"K-{number}") == answer | {"repeated": True}
    time.sleep(1.5)  # longer than the followers sleep
    assert len(published(bus, 4)) == 4
    bus.close()


def test_killed_at_any_moment_every_answered_verdict_is_there(
    process: ServiceProcess, tmp_path: Path
) -> None:
    answered: dict[str, str] = {}
    numbers = itertools.count()
    for life in range(3):
        with client_of(process) as client:
            for _ in range(4 + life):
                number = next(numbers)
                answered[f"L-{number}"] = told(client, good_file(number), f"L-{number}")["id"]
        process.kill()
        process.start()
    bus = open_bus(f"embedded:{tmp_path / 'bus'}")
    rows = published(bus, len(answered))
    bus.close()
    # twice only where the kill fell between the bus taking it and that being noted; consumers know the id
    assert {row.serial: row.id for row in rows} == answered
    sequences = [row.sequence for row in {row.id: row for row in rows}.values()]
    assert sequences == sorted(sequences)
    assert len(set(sequences)) == len(answered)
    with client_of(process) as client:
        wait_for(lambda: len(_indexed(client)) == len(answered), "all are in the index")
        for serial, key in answered.items():
            assert _indexed(client)[serial]["id"] == key
            assert client.get(_indexed(client)[serial]["picture"]).status_code == 200


class JumpingClock:
    """A clock that goes on by a takt a piece, and may be set."""

    def __init__(self) -> None:
        self.now = 1_750_000_000 * NS_PER_S

    def __call__(self) -> int:
        return self.now

    def tick(self) -> None:
        """One piece later."""
        self.now += TAKT_S * NS_PER_S


@pytest.mark.kafka
@pytest.mark.slow
def test_without_bus_database_and_clock_for_ten_minutes_it_inspects_and_all_arrives_once(
    kafka_broker: KafkaBroker | RunningBroker, postgres: str, recipe: Path, tmp_path: Path
) -> None:
    server = urlsplit(postgres)
    assert server.port is not None
    clock = JumpingClock()
    with fresh_database(postgres) as database, CuttableNetwork(server.port) as way:
        port = urlsplit(way.endpoint).port
        settings = load(
            QcSettings,
            data_dir=tmp_path / "data",
            bus=f"kafka://{kafka_broker.bootstrap}",
            qc_database=database.replace(f":{server.port}/", f":{port}/"),
        )
        with serving(settings, clock=clock) as client:
            install(client, recipe, STATION, PRODUCT, activate=True)
            answers = []

            def inspect(number: int) -> float:
                clock.tick()
                begun = time.monotonic()
                answers.append(told(client, good_file(number % 20), f"O-{number}"))
                return time.monotonic() - begun

            usual = [inspect(number) for number in range(10)]
            wait_for(lambda: len(_indexed(client)) == 10, "the first are in the index")
            kafka_broker.kill()
            way.hang()
            away = []
            for number in range(10, 10 + OUTAGE_PIECES):
                if number == 20:
                    way.cut()  # until now the database said nothing at all, now it is gone
                if number == 25:
                    clock.now -= 400 * 86_400 * NS_PER_S  # the battery is empty: last year
                if number == 50:
                    clock.now += 1_000 * 86_400 * NS_PER_S
                away.append(inspect(number))
            assert all(answer["durable"] for answer in answers)
            # what was judged while the index was away is known all the same
            assert told(client, good_file(30 % 20), "O-30") == answers[30] | {"repeated": True}
            both = {"bus_unavailable", "index_unavailable"}
            wait_for(lambda: both <= set(client.get("/api/health").json()["reasons"]), "both are missed")
            # nobody waits for what is away: the slowest answers are not of another kind
            assert sorted(away)[len(away) // 2] < 10 * max(usual)
            kafka_broker.start()
            way.mend()
            wait_for(lambda: client.get("/api/health").status_code == 200, "bus and index are back", 90)
            wait_for(lambda: len(_indexed(client)) == 10 + OUTAGE_PIECES, "all are in the index", 60)
            bus = open_bus(settings.bus)
            mine = [
                row for row in published(bus, 10 + OUTAGE_PIECES) if row.recorder == answers[0]["recorder"]
            ]
            bus.close()
            found = list(_indexed(client).values())
    assert [row.id for row in mine] == [answer["id"] for answer in answers]
    assert [row["id"] for row in reversed(found)] == [answer["id"] for answer in answers]
    assert [row.sequence for row in mine] == sorted(row.sequence for row in mine)
    received = [row.received for row in mine]
    assert received != sorted(received)  # the clock did jump, and moved nothing


def _indexed(client: httpx.Client) -> dict[str, dict[str, str]]:
    answer = client.get("/api/inspections", params={"limit": 1000})
    if answer.status_code != 200:
        return {}
    return {row["serial"]: row for row in answer.json()["inspections"]}
