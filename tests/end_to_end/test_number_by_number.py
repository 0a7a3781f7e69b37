"""What servers of two other makers were given against what the history holds, number by number."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.connectors.opcua.servers.process import NodeOpcUaProcess, ServerProcess
from tests.end_to_end.park_under_test import park_of
from tests.support.services import ServiceProcess, wait_for
from twin.contract.status import Quality, quality

COUNTERS = [f"trial/line/machine:count{number}" for number in range(1, 9)]
ODD = "trial/line/machine:odd"
ODD_VALUES = [(math.pi, 0), (-0.0, 0), (1e300, 0x40900000), (7.25, 0x808B0000), (5e-324, 0)]
"""Values with OPC UA statuses: Good, UncertainLastUsableValue, BadDeviceFailure. With a Bad one the value
is not to be used, and a server may leave it out (OPC 10000-4 §7.11); both kinds of server are here."""


@pytest.fixture(
    params=[
        pytest.param(ServerProcess, id="asyncua"),
        pytest.param(NodeOpcUaProcess, id="node-opcua", marks=pytest.mark.node),
    ]
)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServerProcess]:
    kind: type[ServerProcess] = request.param
    server = kind(tmp_path, [(tag, "Double", -1.0) for tag in [*COUNTERS, ODD]])
    server.start()
    yield server
    server.kill()


@pytest.mark.slow
def test_the_history_holds_what_the_server_was_given(source: ServerProcess, tmp_path: Path) -> None:
    park = tmp_path / "park.yaml"
    park.write_text(park_of([*COUNTERS, ODD], source.endpoint))
    environment = {"PARKTWIN_BUS": f"embedded:{tmp_path / 'bus'}", "PARKTWIN_PARK": str(park)}
    twin = ServiceProcess("twin", tmp_path / "twin", environment)
    connectors = ServiceProcess("connectors", tmp_path / "connectors", environment)
    with ExitStack() as stack:
        for service in (twin, connectors):
            service.start()
            stack.callback(service.kill)
        wait_for(lambda: len(history_of(twin, ODD)) == 1, "the first value is in the history")
        source.order("count", tags=COUNTERS, start=0, steps=100, every_s=0.02)
        for value, status in ODD_VALUES:
            source.order("write", tag=ODD, kind="Double", value=value, status=status)
            time.sleep(0.05)
        given: dict[str, dict[int, tuple[float | None, int]]] = defaultdict(dict)
        for entry in source.given():
            given[entry["tag"]][entry["time"] // 1000] = usable(entry["value"], entry["status"])
        total = sum(len(readings) for readings in given.values())
        wait_for(
            lambda: sum(len(history_of(twin, tag)) for tag in given) >= total, "everything is in the history"
        )
        stored = {tag: history_of(twin, tag) for tag in given}
        (state,) = twin.get("/api/sources").json()
    for tag, readings in given.items():
        assert stored[tag] == readings, tag
    assert state["state"]["monitored"] == len(COUNTERS) + 1
    assert state["state"]["failed"] == []


def usable(value: float, status: int) -> tuple[float | None, int]:
    """A value with its status, without the value where it is not to be used."""
    return (None if quality(status) is Quality.BAD else value), status


def history_of(twin: ServiceProcess, tag: str) -> dict[int, tuple[float | None, int]]:
    """Source time [µs] -> value, status of one tag; nothing while the history is being opened."""
    answer = twin.get("/api/history", {"tag": tag, "from": "now-1h", "to": "now", "points": 10_000})
    if answer.status_code == 503:
        return {}
    raw = answer.json()["raw"]
    rows = zip(raw["time_ms"], raw["value"], raw["status"], strict=True)
    readings = {round(time_ms * 1000): usable(value, status) for time_ms, value, status in rows}
    assert len(readings) == len(raw["time_ms"]), f"{tag}: a source time stands in the history twice"
    return readings
