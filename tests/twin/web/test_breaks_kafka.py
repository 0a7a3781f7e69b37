"""The real broker falls while the page is open: it says what is away and since when, and heals by itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.kafka import KafkaBroker, RunningBroker
from tests.support.require import missing
from tests.support.services import wait_for
from tests.twin.web.conftest import Heartbeats, Viewer, watch
from tests.twin.web.plant import RunningTwin, running_twin
from tests.twin.web.test_breaks import BANNER, CELL, OVEN, PICTURE
from twin.bus.base import BusUnavailableError

pytestmark = [pytest.mark.browser, pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(700)]

LONG_S = 240.0
WORDS = {
    "vi": (r"Máy chủ không đọc được bus dữ liệu.*\d\d:\d\d:\d\d.*cách đây (\d+) s", "Mất bus dữ liệu"),
    "en": (r"The server cannot read the data bus.*\d\d:\d\d:\d\d.*, (\d+) s ago", "No data bus"),
}
"""What the banner and the chip of the header say."""


def told(viewer: Viewer, language: str) -> None:
    """Wait until the break is told in a language, with an age that grows."""
    banner, chip = WORDS[language]
    viewer.until(f"/{banner}/s.test({BANNER})", LONG_S)
    viewer.until(f"document.querySelector('.picture-chip').innerText.includes('{chip}')")
    aged = re.search(banner, viewer.text(".banner"), re.DOTALL)
    assert aged is not None
    viewer.until(f"Number({BANNER}.match(/{banner}/s)[1]) > {aged[1]}")
    viewer.keep(f"bus-away-{language}")


def tells_again(twin: RunningTwin) -> bool:
    """Whether the broker takes what the plant tells."""
    try:
        twin.plant.settle()
    except BusUnavailableError:
        return False
    return True


def test_a_broker_that_is_killed_is_told_with_its_age_and_heals_without_a_reload(
    chromium: Browser, kafka_broker: KafkaBroker | RunningBroker, tmp_path: Path, scenes: Path
) -> None:
    if isinstance(kafka_broker, RunningBroker):
        missing("a broker that may be killed", "unset PARKTWIN_TEST_KAFKA")
    url = f"kafka://{kafka_broker.bootstrap}?timeout_s=4"
    with running_twin(tmp_path, scenes=scenes, bus_url=url) as twin:
        twin.plant.settle()
        context = chromium.new_context(viewport={"width": 1366, "height": 768})
        viewer = watch(context.new_page(), twin.url)
        with Heartbeats(twin.plant):
            viewer.page.goto(f"{twin.url}/#{OVEN}")
            viewer.ready()
            viewer.until(f"{PICTURE} === 'live' && document.querySelector('.banner').hidden", LONG_S)
            viewer.ask("window.notReloaded = true")
        kafka_broker.kill()
        try:
            told(viewer, "vi")
            viewer.page.locator('.segment[lang="en"]').click()
            told(viewer, "en")
            viewer.page.locator('.segment[lang="vi"]').click()
            viewer.until("document.querySelector('.chip-stale .chip-count').textContent === '11'", LONG_S)
        finally:
            kafka_broker.start()
        wait_for(lambda: tells_again(twin), "the broker takes readings")
        with Heartbeats(twin.plant):
            viewer.until("document.querySelector('.banner').hidden", LONG_S)
            viewer.until(f"{PICTURE} === 'live'")
            twin.plant.tell({f"{OVEN}:zone1_temperature": 236.0})
            viewer.until(f"{CELL} === '236,0'", LONG_S)
            viewer.until("document.querySelector('.chip-stale .chip-count').textContent === '0'", LONG_S)
        assert viewer.ask("window.notReloaded")
        assert (viewer.complaints, viewer.elsewhere) == ([], [])
        context.close()
