"""The page in a real Chromium, before a real twin: what a person does with it."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.twin.web.conftest import Open, Viewer
from tests.twin.web.plant import Plant, RunningTwin

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(500)]

NEN = "thu/co-khi/nen"
OVEN = "thu/dien-tu/smt/lo1"
STATUS = "0x80310000"
CHIP = ".chip-{} .chip-count"


@pytest.fixture
def plant(twin: RunningTwin) -> Plant:
    """The plant, all calm."""
    twin.plant.settle()
    return twin.plant


def select(viewer: Viewer, equipment: str) -> None:
    viewer.page.locator(f'.tree-row[data-id="{equipment}"]').click()
    viewer.until(f"parktwin.selected === '{equipment}'")


def signal(equipment: str, name: str) -> str:
    return f'.signal[data-tag="{equipment}:{name}"]'


def test_shows_every_machine_in_few_draw_calls(open_page: Open, plant: Plant) -> None:
    viewer = open_page()
    viewer.ready()
    assert viewer.ask("parktwin.instances") == len(plant.park.equipment) == 11
    assert viewer.ask("parktwin.missingShapes") == []
    assert 0 < viewer.ask("parktwin.drawCalls") <= 40
    assert viewer.ask("parktwin.triangles") > 10_000
    assert viewer.page.title() == "Khu công nghiệp Thử Nghiệm · ParkTwin"
    viewer.rest()
    before = viewer.ask("[parktwin.pictures, parktwin.frames]")
    viewer.until(f"parktwin.frames >= {before[1] + 5}")
    assert viewer.ask("parktwin.pictures") - before[0] <= 1, "an idle page draws nothing"
    viewer.page.locator("#tab-sources").click()
    rows = viewer.page.locator(".sources-table tbody tr")
    assert rows.count() == 2
    assert "Đã kết nối" in rows.first.inner_text()
    assert "34/34" in rows.first.inner_text()
    assert "2/2" in viewer.text("#tab-sources")
    viewer.keep_both("twin-sources")


def test_answers_have_a_strict_policy(twin: RunningTwin) -> None:
    policy = httpx.get(twin.url).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_value_changes_before_the_eyes(open_page: Open, plant: Plant) -> None:
    viewer = open_page(f"/#{NEN}/c02")
    viewer.ready()
    value = signal(f"{NEN}/c02", "discharge_pressure") + " .signal-value"
    viewer.until(f"document.querySelector('{value}')?.textContent === '7,42'")
    plant.tell({f"{NEN}/c02:discharge_pressure": 8.05})
    viewer.until(f"document.querySelector('{value}').textContent === '8,05'")
    big = signal(OVEN, "good_count") + " .signal-value"
    select(viewer, OVEN)
    assert viewer.text(big) == "20.000.001", "a count beyond a float32 keeps its last digit"


def test_a_click_in_the_scene_opens_the_machine(open_page: Open, plant: Plant) -> None:
    viewer = open_page()
    viewer.ready()
    for equipment in (f"{NEN}/c04", OVEN):
        viewer.page.locator('[aria-label="Về toàn cảnh"]').click()
        viewer.rest()
        place = viewer.ask(f"parktwin.equipmentScreenPosition('{equipment}')")
        assert place["visible"]
        viewer.page.mouse.move(place["x"], place["y"])
        viewer.until("document.querySelector('.scene-tip').offsetParent")
        viewer.page.mouse.click(place["x"], place["y"])
        viewer.until(f"parktwin.selected === '{equipment}'")
        assert viewer.page.locator(".scene-tip").is_hidden(), "the picture moves away from under it"
        assert viewer.page.url.endswith(f"#{equipment}")
    assert viewer.text(".panel h2") == "Lò hàn 1"
    assert "Điện tử An Phát" in viewer.text(".panel-path")


def test_conditions_are_counted_marked_and_filtered(open_page: Open, plant: Plant) -> None:
    viewer = open_page()
    viewer.ready()
    viewer.until(f"document.querySelector('{CHIP.format('running')}').textContent === '11'")
    assert viewer.ask("parktwin.markers") == 0, "what is normal is not marked"
    plant.tell({f"{NEN}/c03:discharge_temperature": 110.0, "thu/ha-tang/tram/t1:oil_temperature": 99.0})
    plant.tell({"thu/dien-tu/smt/gan1:state": "Held"})
    plant.tell({f"{NEN}/c05:speed": 0.0}, status=0x80310000)
    plant.tell({f"{OVEN}:zone2_temperature": 201.0}, status=0x40900000)
    for name in ("warning", "critical", "stopped", "bad", "uncertain"):
        viewer.until(f"document.querySelector('{CHIP.format(name)}').textContent === '1'")
    viewer.until("parktwin.markers === 4")
    viewer.until("document.querySelector('.condition-bar [aria-live]').textContent.includes('Nguy cấp: 1')")
    row = f'.tree-row[data-id="{NEN}/c03"]'
    assert "Cảnh báo" in viewer.text(row)
    viewer.page.locator(".chip-critical").click()
    shown = viewer.page.locator(".tree-machine:visible")
    assert shown.count() == 1
    assert "Máy biến áp T1" in shown.first.inner_text()
    viewer.page.locator(".chip-critical").click()
    assert viewer.page.locator(".tree-machine:visible").count() == 11
    select(viewer, f"{NEN}/c05")
    speed = signal(f"{NEN}/c05", "speed")
    assert "Lỗi" in viewer.text(speed)
    assert "line-through" in viewer.ask(
        f"getComputedStyle(document.querySelector('{speed} .signal-value')).textDecoration"
    )
    assert STATUS in viewer.page.locator(f"{speed} .signal-trust").get_attribute("title", timeout=1000)  # type: ignore[operator]
    assert viewer.text(".panel-trouble").startswith("1/5")
    viewer.page.locator(".cause").click()
    assert viewer.page.url.endswith(f"#{NEN}/c05:speed"), "the signal that speaks is one click away"
    viewer.until("document.querySelector('.trend-readout .readout-bad')?.textContent.startsWith('0')")
    assert viewer.text(".readout-trust") == "Lỗi", "a value that is told is told with its trust"
    cut = "[...document.querySelectorAll('.chip-word')].filter((e) => e.scrollWidth > e.clientWidth + 1)"
    assert viewer.ask(f"{cut}.map((e) => e.textContent)") == []
    viewer.keep_both("twin-conditions")


def test_search_and_list_work_by_the_keyboard_alone(open_page: Open, plant: Plant) -> None:
    viewer = open_page()
    viewer.ready()
    keyboard = viewer.page.keyboard
    search = viewer.page.locator(".search-input")
    machines = viewer.page.locator(".tree-machine:visible")
    search.fill("lo han")
    assert [machines.nth(k).inner_text() for k in range(machines.count())] == ["Lò hàn 1"]
    assert viewer.page.locator(f'.tree-row[data-id="{OVEN}"]').get_attribute("aria-setsize") == "1"
    pictures = viewer.ask("parktwin.pictures")
    keyboard.press("Enter")
    viewer.until(f"parktwin.selected === '{OVEN}'")
    viewer.until(f"parktwin.pictures > {pictures}")
    viewer.rest()
    place = viewer.ask(f"parktwin.equipmentScreenPosition('{OVEN}')")
    canvas = viewer.page.locator(".scene-canvas").bounding_box()
    assert canvas is not None
    assert place["x"] == pytest.approx(canvas["x"] + canvas["width"] / 2, abs=60), "it flew there"
    search.fill("không có gì")
    assert "Không có thiết bị nào" in viewer.text(".tree-empty")
    keyboard.press("Enter")
    assert viewer.ask("parktwin.selected") == OVEN, "nothing found, nothing chosen"
    keyboard.press("Escape")
    assert (search.input_value(), machines.count()) == ("", 11)
    assert viewer.ask("parktwin.selected") == OVEN, "the first Escape only clears the search"
    keyboard.press("ArrowDown")
    for _ in range(4):
        keyboard.press("ArrowDown")
    third = viewer.page.locator(f'.tree-row[data-id="{NEN}/c03"]')
    assert viewer.ask("document.activeElement.dataset.id") == f"{NEN}/c03"
    assert [third.get_attribute(f"aria-{name}") for name in ("level", "posinset", "setsize")] == [
        "3",
        "3",
        "6",
    ]
    keyboard.press("Enter")
    viewer.until(f"parktwin.selected === '{NEN}/c03'")
    viewer.page.locator(signal(f"{NEN}/c03", "speed")).focus()
    keyboard.press("Enter")
    viewer.page.locator(".trend-chart canvas").wait_for()
    assert viewer.page.url.endswith(f"#{NEN}/c03:speed")
    keyboard.press("Escape")
    assert viewer.page.locator("#dock-trend").is_hidden()
    keyboard.press("Escape")
    viewer.until("parktwin.selected === null")


def wait_for_history(url: str, tag: str, value: float) -> None:
    """Wait until the history has recorded a reading; the page asks for it only once a minute."""
    deadline = time.monotonic() + 60
    while True:
        answer = httpx.get(f"{url}/api/history", params={"tag": tag, "from": "now-2h"})
        if answer.status_code == 200 and value in answer.json()["raw"]["value"]:
            return
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.05)


def test_a_trend_joins_history_and_stream(open_page: Open, plant: Plant, twin: RunningTwin) -> None:
    tag = f"{NEN}/c01:discharge_pressure"
    now = time.time_ns()
    for minute in range(14, 0, -1):
        plant.tell({tag: 6.5 + minute / 10}, time_ns=now - minute * 60_000_000_000)
    still = f"{NEN}/c01:discharge_temperature"
    plant.tell({still: 66.6}, time_ns=now - 40 * 60_000_000_000)
    wait_for_history(twin.url, still, 66.6)
    viewer = open_page(f"/#{tag}")
    viewer.ready()
    viewer.page.locator(".trend-chart canvas").wait_for()
    viewer.until("!document.querySelector('.trend-note').textContent")
    assert "Áp suất đầu đẩy" in viewer.text(".trend-title")
    frame = viewer.page.locator(".trend-chart .u-over").bounding_box()
    assert frame is not None
    eleven_minutes_ago = frame["x"] + frame["width"] * (1 - 10.5 / 15)
    viewer.page.mouse.move(eleven_minutes_ago, frame["y"] + 20)
    viewer.until("document.querySelector('.trend-readout').textContent.includes('7,60 bar')")
    viewer.page.mouse.move(5, 5)
    plant.tell({tag: 9.11})
    viewer.until("document.querySelector('.trend-readout').textContent.includes('9,11 bar')")
    viewer.page.locator(signal(f"{NEN}/c01", "discharge_temperature")).click()
    viewer.page.mouse.move(eleven_minutes_ago, frame["y"] + 20)
    viewer.until("document.querySelector('.trend-readout').textContent.includes('66,6 °C')")
    viewer.page.locator('.segment[data-range="3600"]').click()
    assert viewer.page.locator('.segment[data-range="3600"]').get_attribute("aria-pressed") == "true"
    viewer.keep_both("twin-trend", "document.querySelector('.trend-chart canvas')")


def test_language_and_theme_change_in_place_and_are_remembered(open_page: Open, plant: Plant) -> None:
    viewer = open_page(f"/#{NEN}/c01")
    viewer.ready()
    viewer.page.locator('.segment[lang="en"]').click()
    viewer.until("document.documentElement.lang === 'en'")
    assert viewer.text(".panel h2") == "Compressor 01"
    assert viewer.ask("parktwin.selected") == f"{NEN}/c01"
    before = viewer.ask("document.documentElement.dataset.theme")
    viewer.page.locator(".header > .icon-button").last.click()
    assert viewer.ask("document.documentElement.dataset.theme") != before
    viewer.page.reload()
    viewer.ready()
    assert viewer.text(".panel h2") == "Compressor 01"
    assert viewer.ask("document.documentElement.dataset.theme") != before


SIZES = ((1366, 768), (1920, 1080), (3840, 2160), (1024, 768), (768, 1024))
"""A laptop, a desk, a wall of 4K, a tablet either way round [px]."""


def test_nothing_overflows(open_page: Open, plant: Plant) -> None:
    viewer = open_page(f"/#{NEN}/c01:speed")
    viewer.ready()
    for language in ("en", "vi"):
        viewer.page.locator(f'.segment[lang="{language}"]').click()
        viewer.until(f"document.documentElement.lang === '{language}'")
        for width, height in SIZES:
            viewer.page.set_viewport_size({"width": width, "height": height})
            viewer.rest()
            assert overflowing(viewer, width) == [], f"{language} {width} x {height}"


def overflowing(viewer: Viewer, width: int) -> list[str]:
    """Name what is cut or reaches out of the window."""
    cut = viewer.ask(
        """[...document.querySelectorAll('button, h1, h2, .picture-chip, .clock, .signal-name, th')]
        .filter((e) => e.offsetParent && !e.closest('.tree') && e.scrollWidth > e.clientWidth + 1
          && getComputedStyle(e).display !== 'inline')
        .map((e) => 'cut ' + e.className + ': ' + e.textContent)"""
    )
    outside = viewer.ask(
        f"""[...document.querySelectorAll('.header > *, .condition-bar .chip, .panel-head *')]
        .filter((e) => e.offsetParent && e.getBoundingClientRect().right > {width} + 1)
        .map((e) => 'outside ' + e.className)"""
    )
    wide = viewer.ask("document.documentElement.scrollWidth")
    return [*cut, *outside, *(["the page is too wide"] if wide > width else [])]
