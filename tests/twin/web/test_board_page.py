"""Effectiveness and downtime on the page: figures that a day of states and counts comes to, its holes, and a
person's word for a reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Route

from tests.support.services import wait_for
from tests.twin.web.conftest import Heartbeats, Open, Viewer
from tests.twin.web.plant import RunningTwin, running_twin
from tests.twin.web.test_page import overflowing
from tests.twin.web.works import DAP, PACE, WORKS, midnight, tell_yesterday, wait_for_scene
from twin.contract.clock import to_iso

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

LINE = f'[data-line="{DAP}"]'
GAP_PX = f"""(() => {{
    const number = document.createRange();
    number.selectNodeContents(document.querySelector('{LINE} .oee-figure b'));
    const bar = document.querySelector('{LINE} .oee-bar').getBoundingClientRect();
    return number.getBoundingClientRect().left - bar.right;
}})()"""
"""Between the bar of a line in the list and its number."""
READ = "document.querySelector('.oee-depth h3') && !document.querySelector('.oee-reading')"


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory, scenes: Path) -> Iterator[RunningTwin]:
    """A twin that knows what its lines did yesterday."""
    with running_twin(tmp_path_factory.mktemp("board"), scenes=scenes, park=WORKS) as running:
        running.plant.settle()
        tell_yesterday(running.plant, midnight())
        with Heartbeats(running.plant):
            wait_for_scene(running.url)
            wait_for(lambda: known(running.url), "yesterday in the history")
            yield running


def known(url: str) -> bool:
    """Whether the history has taken in the last of yesterday."""
    day = midnight()
    asked = {"place": DAP, "from": to_iso(day), "to": to_iso(day + 86_400_000_000_000)}
    answer = httpx.get(f"{url}/api/kpi", params=asked, timeout=30.0)
    return answer.status_code == 200 and answer.json()["rows"][0]["good"] >= 88 * 24


def yesterday(viewer: Viewer) -> None:
    """Open the board and look at the press line's yesterday."""
    page = viewer.page
    page.locator("#tab-oee").click()
    page.locator("[data-period=day]").click()
    page.locator(".oee-earlier").click()
    viewer.until(f"document.querySelector('{LINE} button')")
    page.locator(f"{LINE} button").click()
    viewer.until("document.querySelector('.oee-depth h3').textContent.endsWith('Chuyền dập 1')")
    viewer.until("!document.querySelector('.oee-reading')")


def test_a_day_of_a_line_with_its_holes(open_page: Open) -> None:
    viewer = open_page()
    viewer.ready()
    yesterday(viewer)
    row = viewer.text(LINE)
    assert "88,0 %" in row, "88 good panels an hour at 36 s each, in every hour that is known"
    figures = viewer.text(".oee-figures")
    assert "93,0 %" in figures
    assert "Đạt mục tiêu 80 %" in figures
    assert "Không có số liệu của 8,3 % trong 1 ngày kế hoạch" in " ".join(figures.split())
    assert [part.strip() for part in viewer.text(".spent-list").split("\n") if part.strip()] == [
        "Sản xuất", "20 giờ 28 phút", "Tạm giữ", "2 phút", "Hỏng máy", "30 phút", "Dừng", "1 giờ",
        "Không có số liệu", "2 giờ",
    ]  # fmt: skip
    assert viewer.page.locator(".timeline-picture .use-failed").count() == 1
    assert viewer.page.locator(".timeline-picture .use-unknown").count() == 1
    facts = [" ".join(text.split()) for text in viewer.page.locator(".oee-facts > div").all_inner_texts()]
    assert "Dừng ngắn 1 · 2 phút" in facts, "how often and how long are told apart"
    losses = [" ".join(text.split()) for text in viewer.page.locator(".pareto-row").all_inner_texts()]
    assert losses[0].startswith("Dừng trong giờ kế hoạch 1 giờ 65 %")
    assert losses[1].startswith("Hỏng máy 30 phút 33 %")
    for width, height in ((1366, 768), (1920, 1080), (820, 1180)):
        viewer.page.set_viewport_size({"width": width, "height": height})
        viewer.rest()
        assert overflowing(viewer, width) == [], f"{width} x {height}"
    viewer.page.set_viewport_size({"width": 1366, "height": 768})
    viewer.keep_both("twin-board", READ)


def test_more_than_the_whole_says_why_and_keeps_off_its_bar(open_page: Open) -> None:
    """A cycle that was given too long makes an OEE of more than 100 %, one digit wider than any other."""

    def told(route: Route) -> None:
        answer = route.fetch()
        rows = answer.json()["rows"]
        for row in rows:
            row |= {"effectiveness": 1.21, "oee": 1.052} if row["oee"] else {}
        route.fulfill(response=answer, json={"rows": rows})

    viewer = open_page(service_workers="block")  # what a worker has taken over is not routed
    viewer.page.route("**/api/kpi?*", told)
    viewer.ready()
    yesterday(viewer)
    said = {
        "vi": ("105,2 %", "máy chạy nhanh hơn chu kỳ lý tưởng đã khai"),
        "en": ("105.2 %", "the line ran faster than the ideal cycle"),
    }
    for language, (figure, why) in said.items():
        viewer.page.locator(f'.segment[lang="{language}"]').click()
        viewer.until(f"document.documentElement.lang === '{language}'")
        viewer.until(
            "document.querySelector('.oee-figures .oee-gap') && document.querySelector('.oee-above')"
        )
        assert figure in viewer.text(LINE)
        assert why in viewer.text(".oee-figures .oee-gap")
        assert why in (viewer.page.locator(f"{LINE} .oee-above").get_attribute("title") or "")
        for width, height in ((1366, 768), (1920, 1080), (820, 1180)):
            viewer.page.set_viewport_size({"width": width, "height": height})
            assert viewer.ask(GAP_PX) >= 6, f"{language} {width} x {height}"


def test_a_line_that_does_not_work_says_so_and_not_zero(open_page: Open) -> None:
    viewer = open_page("/?lang=en")
    viewer.ready()
    page = viewer.page
    page.locator("#tab-oee").click()
    page.locator("[data-period=month]").click()
    for _ in range(3):
        page.locator(".oee-earlier").click()
    viewer.until("document.querySelector('.oee-withheld') && !document.querySelector('.oee-reading')")
    assert "Only 0 s of" in viewer.text(".oee-withheld")
    assert "%" not in viewer.text(f"{LINE} .oee-none")


def test_a_person_corrects_the_first_guess_by_the_keyboard(open_page: Open, twin: RunningTwin) -> None:
    viewer = open_page()
    viewer.ready()
    yesterday(viewer)
    page = viewer.page
    broken = page.locator(".stops-table tbody tr", has_text="Hỏng máy")
    assert "Hệ thống đoán" in broken.inner_text()
    assert "Máy dập 2" in broken.inner_text()
    broken.locator(".button").focus()
    page.keyboard.press("Enter")
    page.locator(".dialog select").select_option("tooling")
    page.locator(".dialog textarea").fill("Vỡ chày dập")
    page.locator(".dialog input").fill("Trần Văn Hải")
    page.keyboard.press("Enter")
    viewer.until("document.querySelector('.stops-table').textContent.includes('Trần Văn Hải đã sửa')")
    assert "Khuôn, dao, đồ gá" in viewer.text(".stops-table")
    day = midnight()
    asked = {"place": DAP, "from": to_iso(day), "to": to_iso(day + 86_400_000_000_000)}
    stops = httpx.get(f"{twin.url}/api/kpi/stops", params=asked, timeout=30.0).json()["stops"]
    assert {(stop["station"], stop["reason"], stop["comment"]) for stop in stops if stop["corrected_by"]} == {
        (PACE, "tooling", "Vỡ chày dập")
    }
    viewer.keep_both("twin-board-corrected", READ)
    page.locator(".pareto-row", has_text="Khuôn, dao, đồ gá").click()
    assert page.locator(".stops-table tbody tr").count() == 1
    page.locator(".stop-station").click()
    viewer.until(f"parktwin.selected === '{PACE}'")
