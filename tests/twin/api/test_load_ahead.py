"""``/api/networks/electricity/overloads`` over a real history: the demo park through made-up days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np
import pytest
from fastapi import FastAPI

from tests.twin.api.test_what_if_router import Client, tell
from tests.twin.networks.demo_park import BASE, demo_park, demo_table, simulation
from twin.api.like_quarters import QUARTER_NS, like_quarters
from twin.api.load_ahead import LoadDesk
from twin.api.overloads_router import overloads_router
from twin.contract.clock import from_iso
from twin.contract.frame import Frame
from twin.contract.messages import TagSet
from twin.historian.base import HistoryStore, HistoryUnavailableError
from twin.historian.connect import open_history
from twin.networks.load_series import LoadSeries
from twin.networks.park_power import ParkPower
from twin.service.problems import install_problem_handlers
from twin.state.twin_state import TwinState

NOW_NS = from_iso("2026-09-24T05:50:00+07:00")
"""A Thursday; the day's work begins in ten minutes."""
DAYS = 15
pytestmark = pytest.mark.timeout(600)
TX1 = "yenphong/dongho-mechanical/f1/power/tx1"


def works(hour: np.ndarray) -> np.ndarray:
    """What share of the morning's power is drawn: a fifth at night."""
    share: np.ndarray = np.where((hour >= 6) & (hour < 22), 1.0, 0.2)
    return share


@pytest.fixture(scope="module")
def state() -> TwinState:
    known = TwinState(demo_table())
    tell(known, simulation())
    return known


@pytest.fixture(scope="module")
def history(state: TwinState, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HistoryStore]:
    """Two weeks, each quarter one reading of each tag that loads are made of."""
    tags = LoadSeries(ParkPower(demo_park()), demo_table()).tags
    told = state.changes(0)
    shown = np.zeros(len(demo_table()))
    shown[told.index] = told.value
    base = shown[[demo_table().number[tag] for tag in tags]]
    of = TagSet(source="all", tags=tags, units=("kW",) * len(tags), data_types=("Double",) * len(tags))
    store = open_history(f"chdb:{tmp_path_factory.mktemp('history')}", retention_days=0)
    rng = np.random.default_rng(5)
    last = NOW_NS // QUARTER_NS
    quarters = np.arange(last - DAYS * 96, last)
    share = works((quarters / 4 + 7) % 24) * rng.normal(1.0, 0.02, len(quarters))
    for day in range(DAYS):
        here = slice(96 * day, 96 * (day + 1))
        time = np.repeat(quarters[here] * QUARTER_NS + 1, len(tags)).astype("<i8")
        index = np.tile(np.arange(len(tags), dtype="<u4"), 96)
        value = (share[here, None] * base).ravel()
        frame = Frame("all", day + 1, of.id, index, time, np.zeros(len(time), "<u4"), value)
        store.append([(of, frame)])
    yield store
    store.close()


def client(state: TwinState, store: HistoryStore, now: int = NOW_NS) -> Client:
    app = FastAPI()
    app.include_router(overloads_router(demo_park(), state, lambda: store, lambda: now, 600.0))
    return Client(app)


def asked(twin: Client, percent: float = 100.0) -> dict[str, Any]:
    answer = twin.get(f"/api/networks/electricity/overloads?percent={percent:.3f}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_overload_of_the_morning_is_told_before_it(
    state: TwinState, history: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = client(state, history)
    calm = asked(twin)
    assert (calm["reading"], calm["trouble"], calm["unknown"]) == (False, "", [])
    assert calm["history_days"] == pytest.approx(DAYS)
    assert [one for one in calm["elements"] if one["possible_at"]] == []
    usual = {one["id"]: max(one["middle_percent"]) for one in calm["elements"]}
    # the loads and the power flows of the quarter hold, whatever is permitted
    monkeypatch.setattr("twin.api.load_ahead.day_ahead", None)
    body = asked(twin, 0.8 * usual[TX1])
    found = next(one for one in body["elements"] if one["id"] == TX1)
    assert found["likely_at"] == found["possible_at"]
    assert found["likely_at"].startswith("2026-09-23T23:00:00"), "06:00 in Vietnam"
    assert found["highest_chance"] > 0.95
    assert max(found["middle_percent"]) == pytest.approx(125.0, rel=0.03)
    below_kw = sum(one["kw"] for one in found["relief"])
    assert 0 < found["over_kw"] < below_kw, "what is named is enough to relieve it"
    assert all(one["id"].startswith("yenphong/dongho-mechanical") for one in found["relief"])
    order = [one["highest_chance"] for one in body["elements"]]
    assert order == sorted(order, reverse=True)
    # a supply is held against its contract
    meter = next(one for one in calm["elements"] if one["id"].endswith("/meter1"))
    told = state.changes(0)
    number = demo_table().number[f"{BASE}/substation/meter1:active_power"]
    mw = float(told.value[told.index == number][0])
    assert max(meter["middle_percent"]) == pytest.approx(100.0 * mw / 45.0, rel=0.05)
    day = next(row for row in meter["record"] if row["ahead_min"] == 1440)
    assert day["count"] > 300
    assert day["within"] == pytest.approx(0.8, abs=0.12)


def test_of_a_short_past_no_number_is_told(state: TwinState, history: HistoryStore) -> None:
    early = NOW_NS - (DAYS - 4) * 96 * QUARTER_NS
    body = asked(client(state, history, early))
    assert body["elements"] == []
    assert len(body["unknown"]) == 46
    assert body["history_days"] == pytest.approx(4.0, abs=0.1), "only days that hold readings"
    assert body["assumed"]


def test_what_there_was_no_time_to_read_is_read_next_time(state: TwinState, history: HistoryStore) -> None:
    early = NOW_NS - (DAYS - 2) * 96 * QUARTER_NS
    desk = LoadDesk(demo_park(), state, lambda: history, lambda: early, read_s=0.0)
    first = desk.ahead(1.0)
    assert (first.whole, first.days) == (False, 0.0)
    patient = LoadDesk(demo_park(), state, lambda: history, lambda: early, read_s=600.0)
    found = patient.ahead(1.0)
    assert found.whole
    assert patient.ahead(1.0) is found, "it holds until the next quarter"


def test_without_a_history_it_is_said(state: TwinState) -> None:
    def away() -> NoReturn:
        raise HistoryUnavailableError("the history is not there yet; ask again")

    app = FastAPI()
    app.include_router(overloads_router(demo_park(), state, away, lambda: NOW_NS))
    install_problem_handlers(app)
    assert Client(app).get("/api/networks/electricity/overloads").status_code == 503
    assert Client(app).get("/api/networks/electricity/overloads?percent=0").status_code == 422


def test_quarters_are_alike_by_who_works() -> None:
    first = from_iso("2026-08-24T00:00:00+07:00") // QUARTER_NS
    alike, roughly, clock = like_quarters(demo_park(), first, 21 * 96)
    by_day = [column.reshape(21, 96) for column in (alike, roughly, clock)]
    assert (by_day[2] == np.arange(96)).all()
    monday, tuesday, sunday, holiday = 0, 1, 6, 9  # Wednesday 2 September
    eleven = 44
    assert by_day[0][monday, eleven] == by_day[0][tuesday, eleven] != by_day[0][sunday, eleven]
    assert by_day[0][holiday, eleven] not in {by_day[0][day, eleven] for day in (monday, sunday)}
    assert (by_day[1][holiday, eleven] == by_day[1][:, eleven]).sum() <= 2, (
        "nobody works: no other day is like it"
    )
