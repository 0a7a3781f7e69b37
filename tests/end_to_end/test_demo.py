"""``parktwin demo`` as a newcomer runs it, and the page as a person uses it, in a real Chromium.

``PARKTWIN_PICTURES=FOLDER`` keeps pictures of it, as of all tests of the page.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil
import pytest
from playwright.sync_api import Browser

from tests.support.services import wait_for
from tests.twin.web.conftest import chromium, watch

__all__ = ["chromium"]

COMPRESSOR = "yenphong/dongho-mechanical/f1/compressor-house/train/c04"


@dataclass
class Demo:
    """A running demo and what it has printed."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The one URL it printed."""
        found = re.findall(r"http://\S+", "".join(self.lines))
        assert len(set(found)) == 1, self.lines
        return str(found[0])

    def said(self, text: str) -> bool:
        """Whether a line has this in it."""
        assert self.process.poll() is None or "stopped" in text, "".join(self.lines)
        return any(text in line for line in self.lines)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    process = subprocess.Popen(
        [sys.executable, "-m", "twin.cli", "demo", "--dir", str(folder / "run"), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    running = Demo(process)
    assert process.stdout is not None
    reader = threading.Thread(target=running.lines.extend, args=(process.stdout,), daemon=True)
    reader.start()
    try:
        wait_for(lambda: running.said("Ctrl-C"), "the demo is up", 120)
        yield running
        services = psutil.Process(process.pid).children(recursive=True)
        assert len(services) >= 3, "every service is a process of its own"
        process.send_signal(signal.SIGINT)
        assert process.wait(90) == 0
        reader.join(10)
        assert running.said("stopped")
        assert [service for service in services if service.is_running()] == []
    finally:
        for child in psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []:
            child.kill()
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_demo_says_one_url_and_every_source_is_read(demo: Demo) -> None:
    assert demo.said("first reading on the page after")
    wait_for(lambda: httpx.get(demo.url + "/api/health").is_success, "the twin is healthy", 30)

    def sources() -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = httpx.get(demo.url + "/api/sources").json()
        return rows

    wait_for(lambda: all(row["state"]["connection"] == "connected" for row in sources()), "all are read", 30)
    assert {row["id"] for row in sources()} == {"anphat", "dongho", "utilities", "detmay", "thucpham"}
    for row in sources():
        state = row["state"]
        assert (state["monitored"], state["failed"]) == (state["requested"], [])


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_demo_listens_on_this_machine_alone(demo: Demo) -> None:
    services = psutil.Process(demo.process.pid).children(recursive=True)
    listening = {
        line.laddr.ip
        for service in services
        for line in service.net_connections("inet")
        if line.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    assert httpx.get(demo.url + "/api/me", headers={"host": "park.example"}).status_code == 421


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(240)
def test_an_engineer_sees_the_park_and_opens_a_machine(demo: Demo, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    viewer = watch(context.new_page(), demo.url)
    viewer.page.goto(demo.url)
    viewer.ready()
    assert viewer.ask("parktwin.instances") >= 300
    viewer.keep("demo-park")

    assert "chưa bảo mật" in viewer.text(".demo-more"), "whoever sits here is told"

    # a machine, clicked in the scene where it stands
    place = viewer.ask(f"parktwin.equipmentScreenPosition('{COMPRESSOR}')")
    assert place["visible"]
    viewer.page.mouse.click(place["x"], place["y"])
    viewer.until(f"parktwin.selected === '{COMPRESSOR}'")
    panel = viewer.page.locator(".panel")
    assert "Máy nén khí 04" in panel.inner_text()

    # a value of the panel changes while one looks
    first = panel.inner_text()
    wait_for(lambda: panel.inner_text() != first, "a value on the panel changes", 30)
    viewer.keep("demo-machine")
    assert viewer.complaints == []
    assert viewer.elsewhere == []
    context.close()
