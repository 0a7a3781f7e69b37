"""A flood of alarms on the page: what somebody else does to one shows at once, and only that is read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Request

from benchmarks.large_park import write_large_park
from tests.support.services import wait_for
from tests.twin.web.conftest import Heartbeats, Open, Viewer
from tests.twin.web.plant import RunningTwin, running_twin

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

MACHINES = 400
ONE, OTHER, THIRD = (f"bench/l001/m{n}" for n in (10, 20, 30))
WHOLE_EVERY_S = 30.0
RULES = ("high", "high_high")
SHOWN = "document.querySelector('#tab-alarms .tab-mark').textContent"
CARDS = "[...document.querySelectorAll('.panel-alarm')]"


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTwin]:
    """A twin of machines each of which has two alarms."""
    folder = tmp_path_factory.mktemp("flood")
    write_large_park(folder / "park.yaml", MACHINES)
    with running_twin(folder, park=folder / "park.yaml") as running, Heartbeats(running.plant):
        running.plant.tell({tag.tag: 50.0 for tag in running.plant.park.tags})
        running.plant.tell({f"{one.id}:v5": 90.0 for one in running.plant.park.equipment})
        wait_for(lambda: total(running) == 2 * MACHINES, "every machine has its alarms", 120.0)
        yield running


def total(twin: RunningTwin) -> int:
    answer = httpx.get(f"{twin.url}/api/alarms", params={"limit": 1}, timeout=30.0)
    return int(answer.json()["total"]) if answer.status_code == 200 else -1


def act(twin: RunningTwin, action: str, machine: str, **more: object) -> None:
    """Somebody at another desk does something to both alarms of a machine."""
    alarms = [f"{machine}:v5:{rule}" for rule in RULES]
    answer = httpx.post(f"{twin.url}/api/alarms/{action}", json={"alarms": alarms, "by": "Bảy", **more})
    assert answer.status_code == 200, answer.text


class Questions:
    """What a page asks about alarms from now on."""

    def __init__(self, viewer: Viewer) -> None:
        self.named: set[str] = set()
        self.whole = 0
        self.begun = time.monotonic()
        viewer.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.path == "/api/alarms":
            asked = parse_qs(address.query).get("alarm", [])
            self.named.update(asked)
            self.whole += not asked


def test_what_somebody_else_does_shows_and_only_that_is_read(open_page: Open, twin: RunningTwin) -> None:
    viewer = open_page(f"/#{ONE}")
    viewer.ready()
    viewer.until(f"{SHOWN} === '{2 * MACHINES}' && parktwin.badges === {MACHINES} && {CARDS}.length === 2")
    viewer.page.wait_for_timeout(2_000)  # the list is read again once the stream is open
    asked = Questions(viewer)

    act(twin, "acknowledge", ONE)
    viewer.until(f"{CARDS}.every((one) => one.innerText.includes('Bảy'))")
    twin.plant.tell({f"{ONE}:v5": 50.0})
    viewer.until(f"{SHOWN} === '{2 * MACHINES - 2}' && {CARDS}.length === 0")
    viewer.until(f"parktwin.badges === {MACHINES - 1}")

    act(twin, "shelve", OTHER, reason="vệ sinh", minutes=30)
    viewer.until(f"{SHOWN} === '{2 * MACHINES - 4}' && parktwin.badges === {MACHINES - 2}")
    twin.plant.tell({f"{ONE}:v5": 80.0})
    viewer.until(f"{SHOWN} === '{2 * MACHINES - 3}' && {CARDS}.length === 1")
    assert asked.named == {f"{machine}:v5:{rule}" for machine in (ONE, OTHER) for rule in RULES}
    assert asked.whole <= 1 + (time.monotonic() - asked.begun) / WHOLE_EVERY_S

    act(twin, "unshelve", OTHER)
    viewer.until(f"{SHOWN} === '{2 * MACHINES - 1}' && parktwin.badges === {MACHINES}")


def test_more_at_once_than_is_asked_for_by_name_is_read_as_a_whole(
    open_page: Open, twin: RunningTwin
) -> None:
    viewer = open_page(f"/#{THIRD}")
    viewer.ready()
    viewer.until(f"{CARDS}.length === 2")
    viewer.page.wait_for_timeout(2_000)
    asked = Questions(viewer)
    alarms = [f"{one.id}:v5:{rule}" for one in twin.plant.park.equipment for rule in RULES]
    answer = httpx.post(
        f"{twin.url}/api/alarms/acknowledge", json={"alarms": alarms, "by": "Bảy"}, timeout=60.0
    )
    assert answer.status_code == 200, answer.text
    viewer.until(f"{CARDS}.every((one) => one.innerText.includes('Bảy'))")
    viewer.until("document.querySelector('.alarm-unseen').hidden")
    assert asked.whole >= 1
