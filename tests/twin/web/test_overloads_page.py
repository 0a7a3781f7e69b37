"""Overloads that are coming, on the page: told by a twin that has ten days of loads in its history."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.services import wait_for
from tests.twin.web.axe import breaches
from tests.twin.web.conftest import Heartbeats, Open
from tests.twin.web.plant import Plant, RunningTwin, running_twin
from tests.twin.web.screens import misfits
from tests.twin.web.works import CHIET, DAP, TRAM, WORKS, wait_for_scene

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.slow, pytest.mark.timeout(700)]

QUARTER_NS = 900 * 1_000_000_000
DAYS = 9
FEEDERS = {f"{TRAM}/f1": [f"{DAP}/d{k}" for k in (1, 2, 3)], f"{TRAM}/f2": [f"{CHIET}/c1", f"{CHIET}/c2"]}
DAY_KW, NIGHT_SHARE = 1_050.0, 0.2
"""What each machine draws from 6 to 22, and how much of it by night: all five come to 83 % of the
transformer. For twice as much the power flow has no answer, and looks for the reason instead."""
FIRST_S = 300.0


def tell_days(plant: Plant) -> None:
    """Tell every quarter of the last days: a transformer that is nearly full all day."""
    last = time.time_ns() // QUARTER_NS
    for quarter in range(last - DAYS * 96, last + 1):
        hour = (quarter / 4 + 7) % 24
        kw = DAY_KW * (1.0 if 6 <= hour < 22 else NIGHT_SHARE) * (1 + 0.02 * (quarter % 7 - 3) / 3)
        machines = {one: kw for below in FEEDERS.values() for one in below}
        feeders = {feeder: kw * len(below) for feeder, below in FEEDERS.items()}
        above = dict.fromkeys((f"{TRAM}/t1", f"{TRAM}/ct1"), sum(feeders.values()))
        values: dict[str, float | str] = {}
        for one, drawn in {**machines, **feeders, **above}.items():
            values[f"{one}:active_power"] = drawn
        plant.tell(values, time_ns=quarter * QUARTER_NS + 1)


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory, scenes: Path) -> Iterator[RunningTwin]:
    with running_twin(tmp_path_factory.mktemp("overloads"), scenes=scenes, park=WORKS) as running:
        running.plant.settle()
        tell_days(running.plant)
        with Heartbeats(running.plant):
            wait_for_scene(running.url)
            wait_for(lambda: forecast(running.url), "the loads are forecast", FIRST_S)
            yield running


def forecast(url: str) -> bool:
    answer = httpx.get(f"{url}/api/networks/electricity/overloads", params={"percent": 60}, timeout=FIRST_S)
    if answer.status_code != 200:
        return False
    found = answer.json()
    return bool(found["elements"] and found["elements"][0]["possible_at"])


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_will_be_overloaded_is_told_with_when_and_what_relieves_it(
    open_page: Open, language: str
) -> None:
    viewer = open_page(f"/?lang={language}")
    viewer.ready()
    page = viewer.page
    page.locator("#tab-whatif").click()
    page.locator("[data-view=overloads]").click()
    page.locator(".overloads select").select_option("60")
    viewer.until("document.querySelector('.overload-likely')", FIRST_S)
    row = viewer.text(".overload-likely")
    words = ("Nhiều khả năng quá tải từ", "kW") if language == "vi" else ("likely", "kW")
    for word in words:
        assert word.lower() in row.lower()
    points = "document.querySelector('.overload-likely .overload-middle').getAttribute('points').split(' ')"
    assert viewer.ask(f"{points}.length") >= 12, "the whole day, two hours apart at most"
    assert misfits(viewer, f"twin-overloads-{language}") == []
    assert breaches(viewer) == []
