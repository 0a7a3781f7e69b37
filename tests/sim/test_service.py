"""The service without a process around it: the clock is the test's, the clients are real."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from asyncua import ua
from asyncua.client.client import Client

from sim.errors import PlantError
from sim.faults.errors import FaultError
from sim.faults.order import FaultOrder
from sim.service import SimService
from sim.settings import SimSettings
from tests.sim.opcua.serving import Told, client_of, moment, until
from tests.sim.small_plant import START_NS, write_plant
from twin.contract.clock import NS_PER_S

LOOM = "tiny/a/weaving/lm1"
STATION = "tiny/a/line1/conveyor2"
NAMESPACE = "urn:parktwin:sim"


@dataclass
class Wall:
    """A clock that a test sets."""

    ns: int = START_NS

    def __call__(self) -> int:
        return self.ns


@dataclass
class Rig:
    """A service that runs, and what one asks it with."""

    service: SimService
    wall: Wall
    http: httpx.AsyncClient

    async def go(self, seconds: int) -> None:
        """Let seconds pass, one at a time."""
        for _ in range(seconds):
            self.wall.ns += NS_PER_S
            await self.service.advance(1.0, self.wall.ns)

    def row(self, tag: str) -> int:
        return next(number for number, one in enumerate(self.service.simulation.tags) if one.tag == tag)

    def says(self, tag: str) -> str | None:
        return self.service.simulation.text[self.row(tag)]


@asynccontextmanager
async def running(folder: Path, **settings: Any) -> AsyncIterator[Rig]:
    wall = Wall()
    given: dict[str, Any] = {"secure": False, "park": write_plant(folder), "data_dir": folder / "data"}
    service = SimService(SimSettings(**{**given, **settings}), clock=wall)
    await service.start()
    transport = httpx.ASGITransport(service.app())
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            yield Rig(service, wall, http)
    finally:
        await service.stop()


async def test_a_faster_clock_simulates_more_and_stamps_with_the_time_of_day(tmp_path: Path) -> None:
    async with running(tmp_path, speed=60.0) as rig:
        await rig.go(1)
        assert rig.service.now_ns == START_NS + 60 * NS_PER_S
        columns = rig.service.servers["one"].columns
        assert Told.of(columns.data_value(0)).source_time == moment(START_NS + NS_PER_S)
        rig.service.set_speed(1.0)
        await rig.go(1)
        assert rig.service.now_ns == START_NS + 61 * NS_PER_S


async def test_it_begins_when_it_is_told_to(tmp_path: Path) -> None:
    async with running(tmp_path, begin="2026-02-17T08:00:00+07:00") as rig:
        clock = (await rig.http.get("/api/clock")).json()
        assert clock == {"now": "2026-02-17T01:00:00.000Z", "speed": 1.0}


async def test_it_says_when_it_stands_still(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        assert rig.service.unhealthy() == {}
        assert (await rig.http.get("/api/health")).status_code == 200
        rig.wall.ns += 20 * NS_PER_S
        assert "no step for 20.0 s" in rig.service.unhealthy()["simulation"]
        assert (await rig.http.get("/api/health")).status_code == 503


async def test_without_a_plant_nothing_starts() -> None:
    with pytest.raises(PlantError, match="nowhere"):
        SimService(SimSettings(park=Path("nowhere.yaml")))


async def test_being_reachable_from_outside_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with running(tmp_path, host="0.0.0.0"):
        assert "whoever reaches it may read" in caplog.text
        assert "start, stop and set machines" in caplog.text


async def test_a_client_stops_and_starts_a_machine(tmp_path: Path) -> None:
    async with (
        running(tmp_path) as rig,
        client_of(rig.service.servers["one"].endpoint, NAMESPACE) as client,
    ):
        loom = client.node(LOOM)
        await rig.go(1)
        assert await client.node(f"{LOOM}:state").read_value() == "Execute"
        await loom.call_method(f"{client.index}:Stop")
        await rig.go(1)
        assert await client.node(f"{LOOM}:state").read_value() == "Stopped"
        await loom.call_method(f"{client.index}:Start")
        await rig.go(1)
        assert await client.node(f"{LOOM}:state").read_value() == "Execute"


async def test_a_client_sets_a_set_point_within_its_range(tmp_path: Path) -> None:
    async with (
        running(tmp_path) as rig,
        client_of(rig.service.servers["one"].endpoint, NAMESPACE) as client,
    ):
        point = client.node(f"{LOOM}:pick_rate_setpoint")
        await point.write_value(ua.DataValue(ua.Variant(540.0, ua.VariantType.Double)))
        await rig.go(30)
        assert await client.node(f"{LOOM}:pick_rate").read_value() == pytest.approx(540.0, abs=20.0)
        with pytest.raises(ua.uaerrors.BadOutOfRange):
            await point.write_value(ua.DataValue(ua.Variant(1e6, ua.VariantType.Double)))


async def test_a_broken_machine_is_not_started_and_a_reset_does_not_repair_it(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        simulation = rig.service.simulation
        mode = next(mode.name for mode in simulation.fleets.kind_of[LOOM].modes if mode.stops)
        simulation.board.inject(
            FaultOrder(fault=mode, equipment=LOOM, strength=1.0, ramp=0.0), simulation.now_ns
        )
        await rig.go(2)
        assert rig.says(f"{LOOM}:state") == "Aborted"
        async with client_of(rig.service.servers["one"].endpoint, NAMESPACE) as client:
            for method in ("Start", "Reset"):
                with pytest.raises(ua.uaerrors.BadInvalidState):
                    await client.node(LOOM).call_method(f"{client.index}:{method}")


async def test_a_reset_ends_an_emergency_stop(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        done = await rig.http.post("/api/faults", json={"fault": "trip", "equipment": LOOM})
        assert done.status_code == 201, done.text
        await rig.go(1)
        assert rig.says(f"{LOOM}:state") == "Aborted"
        async with client_of(rig.service.servers["one"].endpoint, NAMESPACE) as client:
            await client.node(LOOM).call_method(f"{client.index}:Reset")
        await rig.go(1)
        assert rig.says(f"{LOOM}:state") == "Execute"
        assert (await rig.http.get("/api/faults/active")).json()["active"] == []


class Events:
    """Keeps the events it is told of."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def event_notification(self, event: Any) -> None:
        self.messages.append(str(event.Message.Text))

    def status_change_notification(self, status: Any) -> None:
        """asyncua asks for it."""


async def test_a_failure_is_an_event_that_says_what_failed(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        simulation = rig.service.simulation
        mode = next(mode for mode in simulation.fleets.kind_of[LOOM].modes if mode.stops)
        heard = Events()
        client = Client(rig.service.servers["one"].endpoint)
        async with client:
            subscription = await client.create_subscription(20, heard)
            await subscription.subscribe_events()
            order = FaultOrder(fault=mode.name, equipment=LOOM, strength=1.0, ramp=0.0)
            simulation.board.inject(order, simulation.now_ns)
            await rig.go(2)
            await until(lambda: mode.en in heard.messages)


async def test_inspected_pieces_are_seen_by_the_camera_and_labelled_aside(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        await rig.go(60)
        answer = await rig.http.get(f"/cameras/{STATION}/next", params={"format": "jpeg"})
        assert answer.status_code == 200, answer.text
        serial = answer.headers["x-serial-number"]
        truth = (await rig.http.get("/truth.csv")).text.splitlines()
        defects = [line for line in truth if ",defect," in line and serial in line]
        pictures = [line for line in truth if ",picture," in line and serial in line]
        assert len(defects) == len(pictures) == 1
        assert "low_fill" not in answer.text[:200]


async def test_a_camera_fails_by_the_same_board(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        await rig.go(30)
        body = {"fault": "camera_dead", "equipment": STATION}
        rows = (await rig.http.get("/api/faults")).json()["faults"]
        names = {row["id"] for row in rows if row["acts"] == "camera"}
        body["fault"] = next(name for name in sorted(names) if "dead" in name)
        assert (await rig.http.post("/api/faults", json={**body, "strength": 1.0})).status_code == 201
        await rig.go(15)
        answer = await rig.http.get(f"/cameras/{STATION}/next", params={"after": 10**6, "timeout": 0})
        assert answer.status_code in (204, 503), answer.text
        elsewhere = await rig.http.post("/api/faults", json={**body, "equipment": LOOM})
        assert elsewhere.status_code >= 400
        assert "camera" in elsewhere.json()["detail"]


async def test_a_scenario_is_played_from_the_start(tmp_path: Path) -> None:
    scenario = tmp_path / "night.yaml"
    scenario.write_text(f'- {{at: "+5s", fault: trip, equipment: {LOOM}, for: 10s}}\n')
    async with running(tmp_path, scenario=scenario) as rig:
        await rig.go(3)
        assert rig.says(f"{LOOM}:state") == "Execute"
        await rig.go(4)
        assert rig.says(f"{LOOM}:state") == "Aborted"
        await rig.go(10)
        assert rig.says(f"{LOOM}:state") == "Execute"


async def test_a_scenario_that_cannot_be_played_is_told_before_anything_starts(tmp_path: Path) -> None:
    scenario = tmp_path / "night.yaml"
    scenario.write_text('- {at: "+5s", fault: flood, equipment: tiny/a/weaving/lm1}\n')
    with pytest.raises(FaultError, match="flood"):
        SimService(SimSettings(park=write_plant(tmp_path), data_dir=tmp_path / "d", scenario=scenario))


async def test_a_bad_day_is_begun_and_ended_over_http(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        body = {"server": "one", "name": "bad_values", "parameters": {"share": 1.0}}
        begun = await rig.http.post("/api/bad-days", json=body)
        assert begun.status_code == 201, begun.text
        await rig.go(1)
        columns = rig.service.servers["one"].columns
        assert Told.of(columns.data_value(0)).status >= 0x80000000
        active = (await rig.http.get("/api/bad-days")).json()["active"]
        assert [day["name"] for day in active] == ["bad_values"]
        ended = await rig.http.delete(f"/api/bad-days/{begun.json()['id']}")
        assert ended.status_code == 204
        await rig.go(1)
        assert Told.of(columns.data_value(0)).status == 0
        assert (await rig.http.get("/api/bad-days")).json()["active"] == []


async def test_users_alone_may_operate_where_there_are_users(tmp_path: Path) -> None:
    async with (
        running(tmp_path, users={"lan": "bi-mat-1"}) as rig,
        client_of(rig.service.servers["one"].endpoint, NAMESPACE) as client,
    ):
        with pytest.raises(ua.uaerrors.BadUserAccessDenied):
            await client.node(LOOM).call_method(f"{client.index}:Stop")
        named = Client(rig.service.servers["one"].endpoint)
        named.set_user("lan")
        named.set_password("bi-mat-1")
        async with named:
            await named.get_node(f"ns={client.index};s={LOOM}").call_method(f"{client.index}:Stop")
        await rig.go(1)
        assert rig.says(f"{LOOM}:state") == "Stopped"
