"""Names of machines, texts of devices and comments of people are shown as what they are in a real Chromium:
not one of them is run, and none makes an element."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from tests.support.services import wait_for
from tests.twin.web.conftest import Heartbeats, chromium, scenes, watch
from tests.twin.web.plant import PARK_FILE, RunningTwin, running_twin

__all__ = ["chromium", "scenes"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

HOSTILE = "<img src=x onerror=window.harm=1><script>window.harm=1</script><b class=harm>"
ATTRIBUTE = "'\\\" onmouseover=window.harm=1 x='"
NAMES = re.compile(r"name: \{vi: [^{}]*?, en: [^{}]*?\}")
MACHINE = "thu/co-khi/nen/c03"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, scenes: Path) -> Iterator[RunningTwin]:
    """A twin of a park in which every name of a machine, place and signal was made to do harm."""
    folder = tmp_path_factory.mktemp("hostile")
    park = folder / "park.yaml"
    spoilt, count = NAMES.subn(f"name: {{vi: '{HOSTILE}', en: '{HOSTILE}'}}", PARK_FILE.read_text())
    for name in ("Máy nén khí {n}", "Compressor {n}"):
        assert f'"{name}"' in spoilt
        spoilt = spoilt.replace(f'"{name}"', f"'{HOSTILE} {{n}}'")
    assert count > 10
    park.write_text(spoilt)
    with running_twin(folder, scenes=scenes, park=park) as running:
        running.plant.settle()
        with Heartbeats(running.plant):
            yield running


def test_no_word_of_the_park_a_device_or_a_person_is_run(chromium: Browser, hostile: RunningTwin) -> None:
    hostile.plant.tell({f"{MACHINE}:discharge_pressure": 11.2, f"{MACHINE}:state": HOSTILE})
    base = hostile.url

    def alarms() -> list[str]:
        answer = httpx.get(f"{base}/api/alarms", params={"equipment": MACHINE}, timeout=30)
        return [row["alarm"] for row in answer.json()["alarms"]] if answer.is_success else []

    wait_for(lambda: bool(alarms()), "an alarm of the machine", 60)
    for action in ("acknowledge", "comment"):
        body = {"alarms": alarms(), "by": f"{HOSTILE} {ATTRIBUTE}", "reason": f"{HOSTILE} {ATTRIBUTE}"}
        assert httpx.post(f"{base}/api/alarms/{action}", json=body, timeout=30).is_success
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    viewer = watch(context.new_page(), base)
    for path in ("/", "/quality", "/maintenance"):
        viewer.page.goto(base + path)
        viewer.until("document.body.innerText.length > 50")
        if path == "/":
            viewer.until(f"window.parktwin && document.body.innerText.includes({HOSTILE!r})")
            viewer.page.locator("#tab-alarms").click()
            viewer.until("document.querySelector('.alarms .alarm')")
            viewer.page.locator(".alarm-open").first.click()
            viewer.until(f"parktwin.selected === '{MACHINE}'")
            viewer.until(f"document.querySelector('.panel').innerText.includes({HOSTILE!r})")
        assert viewer.ask("window.harm === undefined"), path
        assert (
            viewer.ask("document.querySelectorAll('.harm, img[src=x], [onmouseover], [onerror]').length") == 0
        )
    assert viewer.elsewhere == []
    assert [one for one in viewer.complaints if "Content Security Policy" in one] == []
    context.close()
