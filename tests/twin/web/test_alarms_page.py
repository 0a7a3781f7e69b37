"""Alarms on the page: a real one is raised, listed, marked in the scene, acknowledged by name, and leaves."""

from __future__ import annotations

import httpx
import pytest

from tests.support.services import wait_for
from tests.twin.web.conftest import Open, Viewer
from tests.twin.web.plant import RunningTwin
from tests.twin.web.test_page import overflowing

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

C3 = "thu/co-khi/nen/c03"
LINE = f'.alarms > .alarm-list > .alarm[data-alarm^="{C3}:"]'


def found(selector: str) -> str:
    """Write an expression of the element that a selector finds first."""
    return f"document.querySelector('{selector}')"


def test_an_alarm_from_its_coming_to_its_going(open_page: Open, twin: RunningTwin) -> None:
    twin.plant.settle()
    viewer = open_page()
    viewer.ready()
    page = viewer.page
    viewer.until("document.querySelector('.alarm-summary').textContent.includes('Không có báo động')")
    page.locator(".alarm-summary").click()
    assert "Không có báo động nào" in viewer.text(".alarms .dock-note")

    # two signals of one machine, far beyond their limits: two priorities, one line
    twin.plant.tell({f"{C3}:discharge_pressure": 11.2, f"{C3}:discharge_temperature": 133.0})
    viewer.until(f"{found(LINE)}?.querySelector('.alarm-members')")
    viewer.until("parktwin.badges === 1")
    page.locator(".alarm-fold").first.click()
    assert page.locator(f"{LINE}, {LINE} .alarm").count() == 4, "high and high-high of both"
    line = viewer.text(f"{LINE} .alarm-line")
    assert "Cao" in line
    assert "Máy nén khí 03" in line
    assert viewer.text(".alarm-counts").split() == ["2", "2"], "two of high, two of medium priority"

    # the way to the machine, and what its panel says
    page.locator(f"{LINE} .alarm-open").first.click()
    viewer.until(f"parktwin.selected === '{C3}'")
    viewer.until("document.querySelectorAll('.panel-alarm').length === 3")
    assert viewer.text(".panel-alarms h3") == "Báo động (4)"
    assert overflowing_everywhere(viewer) == []

    # acknowledged by the keyboard alone; the name is asked for once
    page.locator(f"{LINE} .alarm-confirm").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Nguyễn Thị Lan")
    page.keyboard.press("Enter")
    viewer.until(f"{found(LINE)} && !{found(LINE + '.alarm-waiting')}")
    assert viewer.text(".alarm-person") == "Nguyễn Thị Lan"
    alarms = httpx.get(f"{twin.url}/api/alarms", params={"equipment": C3}).json()["alarms"]
    assert {row["acknowledged_by"] for row in alarms} == {"Nguyễn Thị Lan"}
    assert viewer.ask("parktwin.badges") == 1, "acknowledged is not over"

    # well again: it leaves by itself
    twin.plant.settle()
    viewer.until("document.querySelector('.alarms .dock-note').textContent.includes('Không có báo động nào')")
    viewer.until("parktwin.badges === 0")


def overflowing_everywhere(viewer: Viewer) -> list[str]:
    """Name what is cut in either language, on a narrow and the usual window; the usual one at the end."""
    cuts = []
    for language in ("en", "vi"):
        viewer.page.locator(f'.segment[lang="{language}"]').click()
        viewer.until(f"document.documentElement.lang === '{language}'")
        for width, height in ((420, 860), (1366, 768)):
            viewer.page.set_viewport_size({"width": width, "height": height})
            viewer.rest()
            cuts += [f"{language} {width}: {cut}" for cut in overflowing(viewer, width)]
            viewer.keep(f"twin-alarms-{width}-{language}")
    return cuts


def test_a_list_that_cannot_be_read_says_so_and_heals(open_page: Open, twin: RunningTwin) -> None:
    """The network between page and server breaks: what was read is called old, then is read again."""
    viewer = open_page()
    viewer.ready()
    viewer.page.locator("#tab-alarms").click()
    viewer.page.context.set_offline(True)
    twin.plant.tell({f"{C3}:discharge_pressure": 11.2})
    wait_for(lambda: httpx.get(f"{twin.url}/api/alarms").json()["total"] > 0, "the alarm is there", 30)
    viewer.until("document.querySelector('.alarm-strip').textContent.includes('Danh sách này là của')")
    viewer.complaints.clear()  # the browser's own words about the network that is away
    viewer.page.context.set_offline(False)
    viewer.until(f"{found(LINE)} && document.querySelector('.alarm-strip').hidden")
    viewer.complaints.clear()
    twin.plant.settle()
