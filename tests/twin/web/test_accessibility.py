"""Every view of the twin against WCAG 2.2 A and AA, in both languages and both colour schemes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.twin.web.axe import violations
from tests.twin.web.conftest import Heartbeats, Open, Viewer
from tests.twin.web.plant import RunningTwin, running_twin
from tests.twin.web.test_page import select
from tests.twin.web.works import DAP, PACE, TRAM, WORKS, midnight, tell_yesterday, wait_for_scene

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.slow, pytest.mark.timeout(700)]


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory, scenes: Path) -> Iterator[RunningTwin]:
    """A twin of the works with a yesterday, one machine that is too hot, and one source that says Bad."""
    with running_twin(tmp_path_factory.mktemp("axe"), scenes=scenes, park=WORKS) as running:
        running.plant.settle()
        tell_yesterday(running.plant, midnight())
        running.plant.tell({f"{DAP}/d3:active_power": 480.0})
        running.plant.tell({f"{DAP}/d1:energy": 0.0}, status=0x80310000)
        with Heartbeats(running.plant):
            wait_for_scene(running.url)
            yield running


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_view_breaks_wcag(open_page: Open, language: str, theme: str) -> None:
    viewer = open_page(f"/?lang={language}&theme={theme}")
    viewer.ready()
    page = viewer.page
    found: dict[str, list[str]] = {}

    def check(view: str, shown: str) -> None:
        viewer.until(f"document.querySelector('{shown}')?.getClientRects().length > 0")
        if broken := violations(viewer):
            found[view] = broken

    check("start", ".chip-bad .chip-count")
    select(viewer, f"{DAP}/d3")
    check("panel and alarms", _opened(viewer, "alarms", ".panel-alarm"))
    page.locator(f'.signal[data-tag="{DAP}/d3:active_power"]').click()
    check("trend", ".trend-chart canvas")
    page.locator("#tab-oee").click()
    page.locator("[data-period=day]").click()
    page.locator(".oee-earlier").click()
    check("board", ".stops-table tbody tr")
    page.locator(".stops-table .button").first.click()
    check("dialog", ".dialog")
    page.keyboard.press("Escape")
    select(viewer, f"{TRAM}/f1")
    page.locator("#tab-whatif").click()
    page.locator(".what-open").click()
    check("what-if", ".what-sum")
    page.locator("[data-view=losses]").click()
    check("N-1", ".losses tbody tr")
    page.locator(".hypothesis .button").click()
    check("sources", _opened(viewer, "sources", ".sources-table tbody tr"))
    page.locator(".legend-button").click()
    check("legend", ".legend-card")
    page.locator("[data-layer=electricity]").click()
    check("layer", ".layer-meaning")
    select(viewer, PACE)
    page.locator(".review-button").click()
    page.locator(".time-tools .icon-button").first.click()
    check("past", ".past-strip")
    assert found == {}


def _opened(viewer: Viewer, tab: str, shown: str) -> str:
    viewer.page.locator(f"#tab-{tab}").click()
    return shown
