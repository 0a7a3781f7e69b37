"""The services of ``docker-compose.yml`` without containers: a real Kafka broker, a real PostgreSQL and an
access token, by the same environment variables.

There is no ClickHouse server here, so the history stays in chDB, and because chDB belongs to one process,
``serve`` and ``record`` are the two roles of one twin instead of two twins.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine import make_url
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.connectors.opcua.servers.process import ServerProcess
from tests.end_to_end.park_under_test import park_of
from tests.support.kafka import KafkaBroker, RunningBroker
from tests.support.postgres import fresh_database, postgres
from tests.support.services import ServiceProcess, wait_for
from tests.twin.stream.decoder import decode
from twin.park.park_file import load_park
from twin.park.revisions import list_loadings
from twin.service.database import open_database

__all__ = ["postgres"]

pytestmark = [pytest.mark.slow, pytest.mark.kafka]

TAGS = [f"oneserver/line/machine:count{number}" for number in range(1, 6)]
TOKEN = "a-token-for-this-test-only"
LAST = 20.0


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    with fresh_database(postgres) as url:
        yield make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path, [(tag, "Double", 0.0) for tag in TAGS])
    server.start()
    yield server
    server.kill()


def test_values_reach_the_viewer_and_the_history_and_nobody_without_the_token(
    kafka_broker: KafkaBroker | RunningBroker, database: str, source: ServerProcess, tmp_path: Path
) -> None:
    park = tmp_path / "park.yaml"
    park.write_text(park_of(TAGS, source.endpoint))
    common = {
        "PARKTWIN_BUS": f"kafka://{kafka_broker.bootstrap}",
        "PARKTWIN_HOST": "127.0.0.1",
        "PARKTWIN_ACCESS_TOKEN": TOKEN,
        "PARKTWIN_LOG_FORMAT": "json",
    }
    stores = {"PARKTWIN_PARK": str(park), "PARKTWIN_DATABASE": database}
    twin = ServiceProcess("twin", tmp_path / "twin", common | stores)
    connectors = ServiceProcess("connectors", tmp_path / "connectors", common)
    with ExitStack() as stack:
        for service in (twin, connectors):
            service.start()
            stack.callback(service.kill)
        for service in (twin, connectors):
            wait_for(partial(healthy, service), f"{service.module} is well")
        source.order("count", tags=TAGS, start=1, steps=int(LAST), every_s=0.05)
        assert newest_on_stream(twin) == dict.fromkeys(TAGS, LAST)
        counted = [float(number) for number in range(1, int(LAST) + 1)]
        wait_for(lambda: all(LAST in history_of(twin, tag) for tag in TAGS), "everything is stored")
        for tag in TAGS:
            assert history_of(twin, tag)[-len(counted) :] == counted
        revision = load_park(park, environment={}).revision
        assert [row["revision"] for row in twin.get("/api/park/revisions").json()] == [revision]
        refused_without_the_token(twin, connectors)
        assert (connectors.stop(), twin.stop()) == (0, 0)
    engine = open_database(database)
    try:
        assert [loading.revision for loading in list_loadings(engine)] == [revision]
    finally:
        engine.dispose()
    assert TOKEN not in twin.log.read_text() + connectors.log.read_text()


def healthy(service: ServiceProcess) -> bool:
    return service.get("/api/health").status_code == 200


def newest_on_stream(twin: ServiceProcess) -> dict[str, float]:
    """Watch as a browser does until every tag shows its last number, or for a minute."""
    shown: dict[str, float] = {}
    tags: list[str] = twin.get("/api/park").json()["tags"]["tag"]
    address = twin.url().replace("http", "ws", 1) + "/api/stream"
    with connect(address, additional_headers=twin.headers) as viewer:
        for _ in range(120):
            message = viewer.recv(timeout=60)
            if isinstance(message, bytes):
                frame = decode(message)
                shown |= zip((tags[index] for index in frame["index"]), frame["value"], strict=True)
            if len(shown) == len(tags) and set(shown.values()) == {LAST}:
                break
    return shown


def history_of(twin: ServiceProcess, tag: str) -> list[float]:
    answer = twin.get("/api/history", {"tag": tag, "from": "now-1h", "to": "now", "points": 1000})
    values: list[float] = answer.json()["raw"]["value"]
    return values


def refused_without_the_token(twin: ServiceProcess, connectors: ServiceProcess) -> None:
    for service, path in (
        (twin, "/"),
        (twin, "/api/park"),
        (twin, "/api/state"),
        (twin, f"/api/history?tag={TAGS[0]}"),
        (twin, "/openapi.json"),
        (twin, "/metrics"),
        (connectors, "/metrics"),
    ):
        for headers in ({}, {"authorization": "Bearer not-the-one-that-was-set"}):
            answer = httpx.get(service.url() + path, headers=headers, timeout=30)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), path
    with pytest.raises(InvalidStatus) as refused:
        connect(twin.url().replace("http", "ws", 1) + "/api/stream")
    assert refused.value.response.status_code == 403
