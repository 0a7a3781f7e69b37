"""``/api/what-if`` and ``/api/networks`` over a live state: the demo park, its simulation behind it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, NoReturn

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from sim.faults.order import FaultOrder
from sim.simulation import Simulation
from tests.twin.networks.demo_park import BASE, F3, dark, demo_park, demo_table, simulation
from twin.alarms.alarm_tables import TABLES as ALARM_TABLES
from twin.api.networks_router import networks_router, read_history
from twin.api.past_state import PastStates
from twin.api.what_if_choices_router import what_if_choices_router
from twin.api.what_if_router import what_if_router
from twin.contract.clock import NS_PER_S
from twin.contract.frame import Frame
from twin.contract.messages import TagSet
from twin.historian.base import HistoryUnavailableError
from twin.historian.connect import open_history
from twin.networks.desk import NetworkDesk
from twin.networks.wastewater import Wastewater
from twin.service.database import create_tables, open_database
from twin.service.problems import install_problem_handlers
from twin.state.tag_map import TagMapping
from twin.state.twin_state import TwinState

NOW_NS = 1_790_220_000 * NS_PER_S


class Client:
    """Asks an app, without a network between."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, None))

    def post(self, path: str, *, json: Any) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, json))

    async def _ask(self, method: str, path: str, json: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://twin") as client:
            return await client.request(method, path, json=json)


def tell(state: TwinState, park: Simulation, sequence: int = 1) -> None:
    """Take in a frame of everything that is shown now."""
    table = demo_table()
    rows = [(table.number[tag.tag], row) for row, tag in enumerate(park.tags) if tag.tag in table.number]
    number, row = (np.array(column, np.intp) for column in zip(*rows, strict=True))
    frame = Frame(
        source="all",
        sequence=sequence,
        tag_set="0" * 32,
        index=np.arange(len(number), dtype="<u4"),
        source_time=np.full(len(number), park.now_ns, "<i8"),
        status=park.status[row].astype("<u4"),
        value=park.value[row].astype("<f8"),
    )
    state.apply(frame, TagMapping(number, simulated=True), park.now_ns)
    state.live = True
    with state.lock:  # nobody beats here: what came is fresh
        state._stale[:] = False  # noqa: SLF001


@pytest.fixture(scope="module")
def park() -> Simulation:
    return simulation()


@pytest.fixture(scope="module")
def client(park: Simulation) -> Client:
    state = TwinState(demo_table())
    tell(state, park)

    def no_history() -> NoReturn:
        raise HistoryUnavailableError("the history is not there yet; ask again")

    app = FastAPI()
    desk = NetworkDesk(demo_park())
    past = PastStates(demo_park(), state.table, no_history, no_history)
    app.include_router(what_if_router(demo_park(), state, desk, past, lambda: NOW_NS))
    app.include_router(what_if_choices_router(demo_park()))
    app.include_router(networks_router(demo_park(), state, desk, no_history, lambda: NOW_NS))
    install_problem_handlers(app)
    return Client(app)


def test_a_feeder_that_trips_names_what_the_simulator_then_shows(client: Client) -> None:
    asked = {"changes": [{"change": "open", "equipment": F3}], "lasts_h": 2}
    answer = client.post("/api/what-if", json=asked)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    named = {row["id"] for row in body["affected"] if "electricity" in row["lacks"]}
    happened = simulation()
    happened.board.inject(FaultOrder(fault="feeder_trip", equipment=F3), happened.now_ns)
    for _ in range(3):
        happened.step(1.0)
    assert named == dark(happened)
    assert body["calls"][0]["name"]["en"] == "110 kV substation shift"
    assert body["lost_kwh"] == pytest.approx(2 * body["lost_kw"])
    assert {row["id"] for row in body["tenants"]} == {"yenphong/dongho-mechanical", "yenphong/park"}
    assert all(row["name"]["vi"] for row in body["affected"])


def test_a_moment_of_the_past_is_what_changes_are_tried_on(
    client: Client, park: Simulation, tmp_path: Path
) -> None:
    """The twin knows nothing now; its history knows the state that the live twin answered from."""
    asked = {"changes": [{"change": "open", "equipment": F3}], "lasts_h": 2}
    live = client.post("/api/what-if", json=asked).json()
    away = client.post("/api/what-if?at=now-1h", json=asked)
    assert away.status_code == 503
    state = TwinState(demo_table())
    tell(state, park)
    told = state.changes(0)
    tags = tuple(state.table.number)
    of = TagSet(source="all", tags=tags, units=("",) * len(tags), data_types=("Double",) * len(tags))
    frame = Frame("all", 1, of.id, told.index, told.source_time, told.status, told.value)
    history = open_history(f"chdb:{tmp_path / 'history'}", retention_days=0)
    database = open_database(f"sqlite:///{tmp_path / 'twin.sqlite'}")
    create_tables(database, ALARM_TABLES)
    try:
        history.append([(of, frame)])
        past = PastStates(demo_park(), state.table, lambda: history, lambda: database)
        app = FastAPI()
        now = park.now_ns + 3600 * NS_PER_S
        empty = TwinState(demo_table())
        app.include_router(what_if_router(demo_park(), empty, NetworkDesk(demo_park()), past, lambda: now))
        install_problem_handlers(app)
        then = Client(app).post(f"/api/what-if?at={park.now_ns // 1_000_000 + 1}", json=asked)
        assert then.status_code == 200, then.text
        assert then.json() == live
        before = Client(app).post(f"/api/what-if?at={park.now_ns // 1_000_000 - 1}", json=asked)
        assert before.json()["lost_kw"] != live["lost_kw"], "nothing was measured yet"
    finally:
        history.close()
        database.dispose()


@pytest.mark.parametrize(
    ("asked", "status", "text"),
    [
        ({"changes": [{"change": "open", "equipment": f"{BASE}/substation/f33"}]}, 404, "did you mean"),
        ({"changes": [{"change": "open", "equipment": f"{BASE}/water/dp1"}]}, 400, "no breaker"),
        ({"changes": [{"change": "derate", "equipment": F3, "percent": 0}]}, 400, "above 0"),
    ],
)
def test_what_makes_no_sense_is_a_problem_with_its_reason(
    client: Client, asked: dict[str, object], status: int, text: str
) -> None:
    answer = client.post("/api/what-if", json=asked)
    assert answer.status_code == status
    assert text in answer.json()["detail"]


@pytest.mark.parametrize(
    "asked", [{"changes": []}, {"changes": [{"change": "explode", "equipment": F3}]}, {"lasts_h": 2}]
)
def test_what_is_no_question_is_refused(client: Client, asked: dict[str, object]) -> None:
    assert client.post("/api/what-if", json=asked).status_code == 422


def test_the_electricity_network_is_solved_on_what_is_measured(client: Client, park: Simulation) -> None:
    body = client.get("/api/networks/electricity").json()
    assert body["trouble"] == ""
    assert body["dark"] == []
    by_id = {row["id"]: row for row in body["elements"]}
    meter = f"{BASE}/substation/meter1"
    grid_kw = 1000.0 * park.true[[tag.tag for tag in park.tags].index(f"{meter}:active_power")]
    assert by_id[meter]["kw"] == pytest.approx(grid_kw, rel=0.01)
    assert 0 < body["losses_kw"] < 0.03 * grid_kw
    assert by_id[F3]["loading_percent"] > 5


def test_no_meter_of_a_sound_park_is_suspected(client: Client) -> None:
    body = client.get("/api/networks/electricity/meters").json()
    assert body["suspects"] == []
    assert len(body["meters"]) == 46
    assert all(row["score"] is not None for row in body["meters"])


def test_in_the_mean_of_some_moments_the_meter_of_a_small_board_is_named(
    client: Client, tmp_path: Path
) -> None:
    """Of some 20 kW, a fifth too high: readings of one moment alone differ by as much."""
    asked = "/api/networks/electricity/meters?moments=20"
    assert client.get(asked).status_code == 503, "means are the history's"
    board = "yenphong/kinhbac-textile/f1/power/board5"
    park, state = simulation(), TwinState(demo_table())
    history = open_history(f"chdb:{tmp_path / 'history'}", retention_days=0)
    try:
        for sequence in range(1, 21):
            park.step(30.0)
            tell(state, park, sequence)
            told = state.changes(0)
            tags = tuple(state.table.number)
            of = TagSet(source="all", tags=tags, units=("",) * len(tags), data_types=("Double",) * len(tags))
            value = told.value.copy()
            value[told.index == state.table.number[f"{board}:active_power"]] *= 1.2
            frame = Frame("all", sequence, of.id, told.index, told.source_time, told.status, value)
            history.append([(of, frame)])
        app, now = FastAPI(), park.now_ns
        desk = NetworkDesk(demo_park())
        app.include_router(networks_router(demo_park(), state, desk, lambda: history, lambda: now))
        body = Client(app).get(asked).json()
    finally:
        history.close()
    assert body["moments"] == 20
    assert [[one["id"] for one in row["meters"]] for row in body["suspects"]] == [[board]]
    assert body["suspects"][0]["measured_kw"] == pytest.approx(
        1.2 * body["suspects"][0]["expected_kw"], rel=0.1
    )


def test_the_water_network_tells_pressures_and_levels_ahead(client: Client) -> None:
    body = client.get("/api/networks/water?hours=6").json()
    assert body["trouble"] == ""
    assert body["leaks"] == []
    assert len(body["pressures"]) == 9
    # pipes as they are drawn, not as they are by now
    assert all(abs(row["measured_bar"] - row["solved_bar"]) < 0.5 for row in body["pressures"])
    (tank,) = body["levels"]
    assert len(tank["level_m"]) == 7
    assert tank["empty_after_h"] is None


def test_without_a_history_the_rise_of_the_outfall_is_not_told(client: Client) -> None:
    assert client.get("/api/networks/wastewater/rise").status_code == 503
    assert client.get("/api/networks/wastewater/rise?from=now&to=now-1d").status_code == 400


def test_a_history_without_the_outfall_says_nothing_of_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What was never measured has not risen; asking does not fail."""
    folder = tmp_path_factory.mktemp("history")
    store = open_history(f"chdb:{folder}", retention_days=0)
    try:
        tags = TagSet(source="s", tags=(f"{F3}:active_power",), units=("MW",), data_types=("Double",))
        frame = Frame(
            source="s",
            sequence=1,
            tag_set=tags.id,
            index=np.zeros(2, "<u4"),
            source_time=np.array([NOW_NS - 60 * NS_PER_S, NOW_NS], "<i8"),
            status=np.zeros(2, "<u4"),
            value=np.array([3.0, 3.1]),
        )
        store.append([(tags, frame)])
        found = read_history(Wastewater(demo_park()), store, NOW_NS - 3600 * NS_PER_S, NOW_NS)
        assert found is None
    finally:
        store.close()


def test_what_can_be_changed_is_listed_and_can_be_changed(client: Client) -> None:
    choices = client.get("/api/what-if/choices").json()
    assert F3 in choices["breakers"]
    assert f"{BASE}/water/dp1" in choices["elements"]
    assert f"{BASE}/water/dp1" not in choices["breakers"], "a pump has no breaker in the park file"
    line = choices["lines"][0]
    changes = [
        {"change": "open", "equipment": choices["breakers"][0]},
        {"change": "off", "equipment": choices["elements"][-1]},
        {"change": "output", "line": line, "percent": -50},
    ]
    assert client.post("/api/what-if", json={"changes": changes}).status_code == 200
