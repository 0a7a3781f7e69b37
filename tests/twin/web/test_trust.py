"""A page that stays open while what feeds it dies: it says what is old, since when, and heals by itself."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.support.ports import free_port
from tests.twin.web.conftest import QUIET, SWIFTSHADER, Heartbeats, Viewer, chromium_path, watch
from tests.twin.web.plant import RunningTwin, running_twin
from twin.contract.messages import FailedItem

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(500)]

OVEN = "thu/dien-tu/smt/lo1"
MISSING = FailedItem(
    tag="thu/dien-tu/smt/gan2:rate",
    node="nsu=urn:x;s=thu/dien-tu/smt/gan2:rate",
    status=0x80340000,
    reason="BadNodeIdUnknown: the server has no such node; correct 'node' in the park file",
)


@pytest.fixture(scope="module")
def viewer() -> Iterator[Viewer]:
    """One browser page; each test sends it to a twin of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=[*QUIET, *SWIFTSHADER])
        yield watch(browser.new_page(viewport={"width": 1366, "height": 768}), "")
        browser.close()


def test_a_dead_twin_is_told_and_a_new_one_heals_the_page(
    viewer: Viewer, tmp_path: Path, scenes: Path
) -> None:
    port = free_port()
    with running_twin(tmp_path, port, scenes) as twin, Heartbeats(twin.plant):
        twin.plant.settle()
        viewer.page.goto(f"{twin.url}/#{OVEN}")
        viewer.ready()
        viewer.until("document.documentElement.dataset.picture === 'live'")
        assert viewer.page.locator(".banner").is_hidden()
        twin.process.send_signal(signal.SIGKILL)
        viewer.until("document.documentElement.dataset.picture === 'offline'")
        assert "Mất kết nối" in viewer.text(".picture-chip")
        viewer.until("/cách đây \\d+ s/.test(document.querySelector('.banner').innerText)")
        assert "grayscale" in viewer.ask("getComputedStyle(document.querySelector('.scene-canvas')).filter")
        viewer.keep("twin-away-vi")
        viewer.ask("window.notReloaded = true")
    with running_twin(tmp_path, port, scenes) as twin, Heartbeats(twin.plant):
        viewer.until("document.documentElement.dataset.picture === 'live'")
        assert viewer.page.locator(".banner").is_hidden()
        assert viewer.ask("window.notReloaded"), "it heals without a reload"
        twin.plant.tell({f"{OVEN}:zone1_temperature": 222.2})
        cell = f'.signal[data-tag="{OVEN}:zone1_temperature"] .signal-value'
        viewer.until(f"document.querySelector('{cell}').textContent === '222,2'")


def test_a_lost_source_makes_its_machines_stale_and_no_others(
    viewer: Viewer, tmp_path: Path, scenes: Path
) -> None:
    with running_twin(tmp_path, scenes=scenes) as twin, Heartbeats(twin.plant) as hearts:
        twin.plant.settle()
        viewer.page.goto(f"{twin.url}/#{OVEN}:zone1_temperature")
        viewer.ready()
        viewer.until("document.querySelector('.trend-readout').textContent.startsWith('Hiện tại')")
        viewer.until("document.querySelector('.chip-running .chip-count').textContent === '11'")
        hearts.failed, hearts.lost = (MISSING,), ("smt",)
        viewer.until("document.querySelector('.chip-stale .chip-count').textContent === '3'")
        assert viewer.text(".chip-running .chip-count") == "8"
        assert "Số liệu cũ" in viewer.text(".panel-condition")
        viewer.until("document.querySelectorAll('.signals .trust-stale').length === 6")
        viewer.until("parktwin.markers === 3")
        viewer.until(
            "/^Số liệu cũ từ \\d\\d:\\d\\d:\\d\\d/.test(document.querySelector('.trend-readout').textContent)"
        )
        assert "Giá trị cuối205" in viewer.text(".trend-readout").replace("\n", "").replace(" ", " ")
        viewer.page.locator("#tab-sources").click()
        row = viewer.page.locator(".sources-table tbody tr").nth(1)
        assert "Mất kết nối" in row.inner_text()
        assert "BadConnectionClosed" in row.inner_text()
        row.locator("summary").first.click()
        assert MISSING.tag in row.inner_text()
        assert "correct 'node'" in row.inner_text()
        assert viewer.page.locator(".banner").is_hidden(), "the other source still sends"
        hearts.lost = ("smt", "nen")
        viewer.until("document.querySelector('.chip-stale .chip-count').textContent === '11'")
        viewer.until("document.querySelector('.picture-chip').innerText.includes('Mất nguồn dữ liệu')")
        viewer.until(
            "document.querySelector('.banner').innerText.includes('Không còn nguồn nào gửi dữ liệu')"
        )
        viewer.keep_both("twin-no-source")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTwin]:
    """A twin that cannot build its scene: a file stands where its scenes would be kept."""
    directory = tmp_path_factory.mktemp("bare")
    in_the_way = directory / "file"
    in_the_way.touch()
    with running_twin(directory, scenes=in_the_way) as running, Heartbeats(running.plant):
        running.plant.settle()
        yield running


def test_without_a_scene_every_machine_is_a_box_in_its_condition(viewer: Viewer, bare: RunningTwin) -> None:
    bare.plant.tell({f"{OVEN}:zone1_temperature": 270.0})
    viewer.page.goto(f"{bare.url}/")
    viewer.ready()
    viewer.until("parktwin.markers === 1")
    assert viewer.ask("parktwin.instances") == 11
    assert "thiết bị tạm hiện dạng khối" in viewer.text(".scene-boxes")
    why = viewer.page.locator(".scene-boxes").get_attribute("title")
    assert why is not None
    assert "Not a directory" in why
    viewer.rest()
    place = viewer.ask(f"parktwin.equipmentScreenPosition('{OVEN}')")
    viewer.page.mouse.click(place["x"], place["y"])
    viewer.until(f"parktwin.selected === '{OVEN}'")


def test_without_webgl_the_list_still_works(viewer: Viewer, bare: RunningTwin) -> None:
    browser = viewer.page.context.browser
    assert browser is not None
    page = browser.new_page()
    # the browser of somebody whose graphics are blocked: no kind of WebGL context is given out
    page.add_init_script(
        "const given = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        "  return String(kind).startsWith('webgl') ? null : given.call(this, kind, ...rest); };"
    )
    blind = watch(page, bare.url)
    page.goto(f"{bare.url}/?lang=en")
    blind.until("window.parktwin && parktwin.sceneState === 'no_webgl'")
    assert "cannot draw in 3D" in blind.text(".scene-message")
    page.locator(f'.tree-row[data-id="{OVEN}"]').click()
    blind.until(
        f"document.querySelector('.signal[data-tag=\"{OVEN}:zone2_temperature\"] .signal-value')"
        "?.textContent.startsWith('205')"
    )
    page.close()


def test_a_server_that_is_not_there_yet_is_told_in_words(viewer: Viewer, bare: RunningTwin) -> None:
    viewer.page.route("**/api/park", lambda route: route.abort())
    viewer.page.goto(f"{bare.url}/?again")
    viewer.until("document.querySelector('.start h1')?.textContent.includes('Chưa kết nối được')")
    viewer.page.unroute("**/api/park")
    viewer.ready()


EARLY = """async () => {
  const { createBanner } = await import("/src/banner.js");
  const { Format } = await import("/src/format.js");
  const { loadMessages, translator } = await import("/src/i18n.js");
  const t = translator(await loadMessages("vi"), "vi");
  const banner = createBanner({
    t, format: new Format("vi", t, "Asia/Ho_Chi_Minh"), now: Date.now, serverNow: (now) => now,
    picture: () => ({ picture: "connecting", age: NaN }), sources: () => [], health: () => ({ bus: "away" }),
  });
  return [banner.element.hidden, banner.element.textContent];
}"""


def test_a_bus_that_is_away_before_the_first_picture_is_told(viewer: Viewer, bare: RunningTwin) -> None:
    viewer.page.goto(bare.url)
    hidden, text = viewer.ask(EARLY)
    assert not hidden
    assert "Kafka" in text or "bus" in text, text
