"""The network or the bus goes away while the page is open: it says what is old, since when, and heals.

The twin itself is killed in ``test_trust``, the services of the desks in ``test_desks``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.cable import Cable, cable
from tests.support.services import wait_for
from tests.twin.web.conftest import Heartbeats, Viewer, watch
from tests.twin.web.plant import RunningTwin, running_twin

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(700)]

OVEN = "thu/dien-tu/smt/lo1"
CELL = f"document.querySelector('.signal[data-tag=\"{OVEN}:zone1_temperature\"] .signal-value')?.textContent"
BANNER = "document.querySelector('.banner:not([hidden])')?.innerText"
PICTURE = "document.documentElement.dataset.picture"


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory, scenes: Path) -> Iterator[RunningTwin]:
    with running_twin(tmp_path_factory.mktemp("breaks"), scenes=scenes) as running:
        running.plant.settle()
        with Heartbeats(running.plant):
            yield running


@pytest.fixture(scope="module")
def line(twin: RunningTwin) -> Iterator[Cable]:
    with cable(twin.url) as made:
        yield made


@pytest.fixture
def viewer(chromium: Browser, line: Cable) -> Iterator[Viewer]:
    """The page of an oven behind the cable."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    viewer = watch(context.new_page(), line.url)
    viewer.page.goto(f"{line.url}/#{OVEN}")
    viewer.ready()
    viewer.until(f"{PICTURE} === 'live'")
    yield viewer
    line.mend()
    context.close()


LOADED = "performance.getEntriesByType('resource').map((one) => one.name)"


def kept(viewer: Viewer) -> list[str]:
    """The addresses of the files that the browser keeps."""
    keys = "caches.open('parktwin-shell-2').then((cache) => cache.keys())"
    return [str(one) for one in viewer.ask(f"{keys}.then((keys) => keys.map((one) => one.url))")]


def heals(viewer: Viewer, twin: RunningTwin, value: float) -> None:
    """A value told now comes to the page."""
    viewer.until(f"{PICTURE} === 'live'")
    assert viewer.page.locator(".banner").is_hidden()
    twin.plant.tell({f"{OVEN}:zone1_temperature": value})
    viewer.until(f"{CELL} === '{value:.1f}'.replace('.', ',')")


def test_a_cut_network_is_told_with_its_age_and_heals_without_a_reload(
    viewer: Viewer, line: Cable, twin: RunningTwin
) -> None:
    viewer.ask("window.notReloaded = true")
    line.cut()
    viewer.until(f"{PICTURE} === 'offline'")
    viewer.until(f"/Mất kết nối với máy chủ.*cách đây \\d+ s/s.test({BANNER})")
    aged = re.search(r"cách đây (\d+) s", viewer.text(".banner"))
    assert aged is not None
    viewer.until(f"Number({BANNER}.match(/cách đây (\\d+) s/)[1]) > {aged[1]}")
    twin.plant.tell({f"{OVEN}:zone1_temperature": 231.0})
    assert viewer.ask(CELL) != "231,0", "what nobody could bring is not shown"
    viewer.keep("network-cut-vi")
    line.mend()
    heals(viewer, twin, 232.0)
    assert viewer.ask("window.notReloaded")


def test_a_network_that_swallows_everything_is_late_and_then_away(
    viewer: Viewer, line: Cable, twin: RunningTwin
) -> None:
    line.die()
    viewer.until(f"{PICTURE} === 'late' && {BANNER}?.includes('Số liệu đến chậm')")
    viewer.until(f"{PICTURE} === 'offline'")
    assert "cách đây" in viewer.text(".banner")
    line.mend()
    heals(viewer, twin, 233.0)


def test_a_reload_during_a_break_shows_the_page_that_says_so(
    viewer: Viewer, line: Cable, twin: RunningTwin
) -> None:
    files = [one for one in viewer.ask(LOADED) if re.search(r"/(src|vendor|style|locales)/", one)]
    assert any(one.endswith("/src/twin.pack.js") for one in files)
    wait_for(lambda: set(files) | {f"{line.url}/"} <= set(kept(viewer)), "the page is kept")
    assert [one for one in kept(viewer) if "/api/" in one] == [], "no number of a plant is kept"
    line.cut()
    viewer.until(f"{PICTURE} === 'offline'")
    viewer.page.reload()
    viewer.until("document.querySelector('.start h1')?.textContent.includes('Chưa kết nối được')")
    heard = viewer.text(".start-heard")
    assert re.search(r"Lần cuối nhận được số liệu: .*\d\d:\d\d:\d\d.*cách đây \d+ s", heard), heard
    line.mend()
    viewer.ready()
    heals(viewer, twin, 234.0)


def test_a_bus_that_brings_nothing_is_told_and_heals(chromium: Browser, tmp_path: Path, scenes: Path) -> None:
    """Nothing comes over the bus any more: neither values nor what the connectors say of themselves."""
    with running_twin(tmp_path, scenes=scenes) as quiet:
        quiet.plant.settle()
        context = chromium.new_context(viewport={"width": 1366, "height": 768})
        viewer = watch(context.new_page(), quiet.url)
        with Heartbeats(quiet.plant):
            viewer.page.goto(f"{quiet.url}/#{OVEN}")
            viewer.ready()
            viewer.until(f"{PICTURE} === 'live'")
            viewer.until("document.querySelector('.banner').hidden")
        viewer.until("document.querySelector('.picture-chip').innerText.includes('Mất nguồn dữ liệu')", 120.0)
        viewer.until(f"/Không còn nguồn nào.*\\d\\d:\\d\\d:\\d\\d/s.test({BANNER})")
        viewer.until("document.querySelector('.chip-stale .chip-count').textContent === '11'")
        quiet.plant.settle()
        with Heartbeats(quiet.plant):
            viewer.until("document.querySelector('.banner').hidden")
            heals(viewer, quiet, 235.0)
        context.close()
