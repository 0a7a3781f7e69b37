"""A command from REST over a real Kafka broker to a real OPC UA server and back, with everything as a process
of its own that can be killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.connectors.opcua.servers.process import NAMESPACE, ServerProcess
from tests.support.kafka import KafkaBroker, RunningBroker
from tests.support.services import ServiceProcess, wait_for
from twin.commands.audit import verify
from twin.service.database import open_database

pytestmark = [pytest.mark.slow, pytest.mark.kafka]

PUMP = "park/line/pump"
PARK = """
park: {{id: park, name: {{vi: Khu thử, en: Test park}}, timezone: Asia/Ho_Chi_Minh}}
places:
  - {{id: park/line, name: {{vi: Chuyền thử, en: Test line}}}}
kinds:
  - id: pump
    name: {{vi: Bơm, en: Pump}}
    shape: pump
    size: [1, 1, 2]
    signals:
      - {{id: speed, name: {{vi: Tốc độ, en: Speed}}, unit: rpm, range: [0, 3000]}}
      - {{id: level, name: {{vi: Mức, en: Level}}, unit: m, range: [0, 5]}}
sources:
  - id: plc
    name: PLC
    protocol: opcua
    endpoint: {endpoint}
    node: nsu={namespace};s={{tag}}
    publishing_interval_ms: 100
    sampling_interval_ms: 0
    commands: true
equipment:
  - {{id: {pump}, kind: pump, name: P1, position: [0, 0, 0], source: plc}}
commands:
  - id: set_speed
    name: {{vi: Đặt tốc độ, en: Set the speed}}
    kind: pump
    risk: low
    write: speed
    argument: {{range: [0, 2500]}}
    data_type: Double
    read_back: {{signal: speed, within_s: 5}}
    expires_s: 60
    interlocks:
      - {{id: water, name: {{vi: Còn nước, en: There is water}}, when: "level > 50 [cm]"}}
  - id: full_speed
    name: {{vi: Chạy hết tốc độ, en: Full speed}}
    kind: pump
    write: speed
    value: 2500.0
    read_back: {{signal: speed, within_s: 5}}
"""


@pytest.fixture
def plc(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path, [(f"{PUMP}:speed", "Double", 0.0), (f"{PUMP}:level", "Double", 2.0)])
    server.start()
    server.order("let_write", tags=[f"{PUMP}:speed"])
    yield server
    server.kill()


class Desk:
    """The twin's desk, over REST."""

    def __init__(self, twin: ServiceProcess) -> None:
        self.twin = twin

    def ask(self, value: float | None, **changes: Any) -> Any:
        """Ask for a speed; the answer's body."""
        wish = {"equipment": PUMP, "command": "set_speed", "value": value, "by": "Lan", "reason": "thử"}
        return self.post("/api/commands", {**wish, **changes}).json()

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """Say something to the desk."""
        return httpx.post(self.twin.url() + path, json=body, timeout=30)

    def end(self, number: str) -> Any:
        """Wait for the end of a request."""
        path = f"/api/commands/{number}"
        wait_for(lambda: bool(self.twin.get(path).json()["final"]), f"{number} comes to its end")
        return self.twin.get(path).json()

    def ready(self) -> bool:
        """Whether interlocks hold."""
        answer = self.twin.get("/api/commands/catalogue", {"equipment": PUMP})
        return answer.status_code == 200 and all(
            lock["verdict"] == "holds" for one in answer.json()["commands"] for lock in one["interlocks"]
        )


def test_a_command_comes_to_its_end_whatever_is_killed(
    kafka_broker: KafkaBroker | RunningBroker, plc: ServerProcess, tmp_path: Path
) -> None:
    park = tmp_path / "park.yaml"
    park.write_text(PARK.format(endpoint=plc.endpoint, namespace=NAMESPACE, pump=PUMP))
    common = {"PARKTWIN_BUS": f"kafka://{kafka_broker.bootstrap}"}
    twin = ServiceProcess("twin", tmp_path / "twin", {**common, "PARKTWIN_PARK": str(park)})
    connectors = ServiceProcess("connectors", tmp_path / "connectors", common)
    desk = Desk(twin)
    with ExitStack() as stack:
        for service in (twin, connectors):
            service.start()
            stack.callback(service.kill)
        wait_for(desk.ready, "the interlock holds")

        def answered() -> bool:
            # the connectors look only at what is said after they have their place on the topic
            desk.ask(1.0, dry_run=True)
            return bool(twin.get("/api/commands", {"state": "done"}).json()["total"])

        wait_for(answered, "the connectors take commands", poll_s=1.0)
        held = desk.end(desk.ask(1500)["id"])
        assert (held["state"], held["before"], held["read_back"]) == ("held", 0.0, 1500.0)
        assert twin.get("/api/state", {"tag": f"{PUMP}:speed"}).status_code == 200

        waiting = desk.ask(None, command="full_speed")
        assert waiting["state"] == "waiting"
        approved = desk.post(f"/api/commands/{waiting['id']}/approve", {"by": "Minh"})
        assert approved.status_code == 202
        assert desk.end(waiting["id"])["read_back"] == 2500.0

        # while the connectors are away: fresh when they come back, so it is done, once
        connectors.kill()
        late = desk.ask(900)
        connectors.start()
        assert desk.end(late["id"])["read_back"] == 900.0

        # the device is away: said at once, and not done when it is back
        plc.kill()
        down = desk.end(desk.ask(100)["id"]) if desk.ready() else {"state": "blocked"}
        assert down["state"] in ("failed", "blocked")
        plc.start()
        wait_for(desk.ready, "the interlock holds again")
        plc.order("let_write", tags=[f"{PUMP}:speed"])
        assert desk.end(desk.ask(200)["id"])["state"] == "held"
        audit = twin.get("/api/commands/audit", {"limit": 10_000}).json()
    events = Counter(line["event"] for line in audit["lines"])
    assert events["issued"] == events["requested"] - events["blocked"]
    engine = open_database(f"sqlite:///{tmp_path / 'twin' / 'twin.sqlite3'}")
    assert str(verify(engine)) == audit["head"]
    engine.dispose()
