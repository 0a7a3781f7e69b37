"""The past on the page: what was, unmistakably of then, with nothing to command; played; and the way back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.support.services import wait_for
from tests.twin.web.conftest import Heartbeats, Open, Viewer
from tests.twin.web.plant import RunningTwin, running_twin
from tests.twin.web.test_page import overflowing, signal
from tests.twin.web.works import DAP, HOUR, MINUTE, PACE, WORKS, midnight, tell_yesterday, wait_for_scene
from twin.contract.clock import to_iso

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(500)]

STATE = signal(PACE, "state") + " .signal-value"


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory, scenes: Path) -> Iterator[RunningTwin]:
    """A twin that knows what its lines did yesterday."""
    with running_twin(tmp_path_factory.mktemp("past"), scenes=scenes, park=WORKS) as running:
        running.plant.settle()
        tell_yesterday(running.plant, midnight())
        with Heartbeats(running.plant):
            wait_for_scene(running.url)
            wait_for(lambda: known(running.url), "yesterday in the history")
            yield running


def known(url: str) -> bool:
    """Whether the history has taken in the last of yesterday."""
    asked = {"tag": f"{PACE}:good", "at": to_iso(midnight() + 24 * HOUR)}
    answer = httpx.get(f"{url}/api/state", params=asked, timeout=30.0)
    return answer.status_code == 200 and answer.json()["tags"][0]["value"] == 88 * 24


def look_at(viewer: Viewer, minutes: float) -> None:
    """Type a moment of yesterday, in minutes after midnight, into the time bar."""
    at = datetime.fromtimestamp((midnight() + minutes * MINUTE) / 1e9, UTC) + timedelta(hours=7)
    viewer.page.locator(".time-tools input").fill(at.strftime("%d/%m/%Y %H:%M:%S"))
    viewer.page.locator(".time-tools input").dispatch_event("change")


def test_what_was_is_shown_as_past_and_cannot_be_commanded(open_page: Open) -> None:
    viewer = open_page(f"/#{PACE}")
    viewer.ready()
    page = viewer.page
    viewer.until(f"document.querySelector('{STATE}')?.textContent === 'Đang chạy'")
    assert page.locator(".past-strip").is_hidden()
    page.locator(".review-button").click()
    look_at(viewer, 370)
    viewer.until(f"document.querySelector('{STATE}').textContent === 'Dừng sự cố'")
    strip = viewer.text(".past-strip")
    assert "QUÁ KHỨ" in strip
    assert "06:10:00" in strip
    assert "Không gửi lệnh, không xác nhận báo động" in strip
    assert viewer.ask("document.documentElement.dataset.time") == "past"
    assert page.locator(".panel-commands").count() == 0
    assert page.locator("#tab-whatif").is_hidden()
    assert page.locator("#tab-sources").is_hidden()
    viewer.keep("twin-past-vi")
    for width, height in ((1366, 768), (1920, 1080), (820, 1180)):
        page.set_viewport_size({"width": width, "height": height})
        viewer.rest()
        assert overflowing(viewer, width) == [], f"{width} x {height}"

    # a minute on by the keyboard, then the way back, which has the newest of now at once
    page.locator('.time-bar [aria-label="Tới 1 phút"]').focus()
    page.keyboard.press("Enter")
    viewer.until("document.querySelector('.past-moment').textContent.includes('06:11:00')")
    page.locator(".past-leave").click()
    viewer.until(f"document.querySelector('{STATE}').textContent === 'Đang chạy'")
    assert page.locator(".past-strip").is_hidden()
    assert page.locator("#tab-whatif").is_visible()


def test_the_past_plays_from_one_state_to_the_next(open_page: Open) -> None:
    viewer = open_page(f"/?lang=en#{PACE}")
    viewer.ready()
    page = viewer.page
    page.locator(".review-button").click()
    look_at(viewer, 385)
    viewer.until(f"document.querySelector('{STATE}').textContent === 'Aborted'")
    page.locator('[data-speed="60"]').click()
    page.locator('.time-bar [aria-label="Play"]').click()
    viewer.until(f"document.querySelector('{STATE}').textContent === 'Running'")
    moment = viewer.text(".past-moment")
    assert "06:3" in moment, "it came back to work at half past six"
    page.locator('.time-bar [aria-label="Pause"]').click()
    viewer.until("document.querySelector('.past-how').textContent === 'standing still'")
    still = viewer.text(".past-moment")
    viewer.keep("twin-past-en")
    page.wait_for_timeout(1500)
    assert viewer.text(".past-moment") == still


def test_an_alarm_of_then_cannot_be_acknowledged_and_the_end_of_the_past_is_now(
    open_page: Open, twin: RunningTwin
) -> None:
    twin.plant.tell({f"{DAP}/d3:active_power": 480.0})
    viewer = open_page()
    viewer.ready()
    page = viewer.page
    page.locator("#tab-alarms").click()
    viewer.until("document.querySelector('.alarms .alarm-confirm')")
    page.wait_for_timeout(2_000)
    page.locator(".review-button").click()
    look_at(viewer, (time.time_ns() - 1_000_000_000 - midnight()) / MINUTE)
    viewer.until("parktwin.badges === 1 && document.querySelector('.alarms .alarm')")
    assert page.locator(".alarm-confirm").count() == 0
    assert page.locator(".alarm-person").is_hidden()
    page.locator(".alarm-fold").first.click()
    assert page.locator(".alarm-buttons .button").count() == 0
    page.locator('.time-bar [aria-label="Lùi 1 phút"]').click()
    viewer.until("document.querySelector('.past-how').textContent === 'đang đứng yên'")
    page.locator('[data-speed="600"]').click()
    page.locator('.time-bar [aria-label="Phát"]').click()
    viewer.until("document.documentElement.dataset.time === 'now'")
    viewer.until(f"parktwin.conditionOf('{DAP}/d1') === 1")
