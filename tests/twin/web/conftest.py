"""A real Chromium before a real twin with a plant behind it; both live as long as the test file."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.require import missing
from tests.twin.web.plant import Plant, RunningTwin, running_twin
from twin.contract.messages import FailedItem

SWIFTSHADER = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
"""WebGL drawn by the processor, so that no graphics card is needed."""
QUIET = ("--no-sandbox", "--headless=new", "--disable-background-networking", "--disable-component-update")
PATIENCE_S = 120.0


def chromium_path() -> str:
    """Find the browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("Chromium", "install the package chromium of Debian")
    return path


@dataclass
class Viewer:
    """A page that is open, and what it did wrong."""

    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def ask(self, expression: str) -> Any:
        """Evaluate an expression in the page."""
        return self.page.evaluate(expression)

    def until(self, expression: str, timeout_s: float = PATIENCE_S) -> None:
        """Wait until an expression is true in the page. Playwright's own waiting needs ``eval``, which the
        page's policy forbids."""
        deadline = time.monotonic() + timeout_s
        while not self.page.evaluate(f"Boolean({expression})"):
            if time.monotonic() > deadline:
                pytest.fail(f"not within {timeout_s} s: {expression}; complaints: {self.complaints}")
            self.page.wait_for_timeout(50)

    def text(self, selector: str) -> str:
        """Read what a person reads there."""
        return self.page.locator(selector).first.inner_text()

    def ready(self) -> None:
        """Wait for the scene and the first frames."""
        self.until("window.parktwin && parktwin.sceneState === 'ready' && parktwin.frames > 1")
        self.until("parktwin.pictures > 0 && parktwin.drawCalls > 0")

    def keep(self, name: str) -> None:
        """Save a picture of the page as it is seen now, where ``PARKTWIN_PICTURES`` says; else nowhere."""
        if folder := os.environ.get("PARKTWIN_PICTURES"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", timeout=120_000)

    def keep_both(self, name: str, there: str = "true") -> None:
        """Save it in both languages; the page is built anew for that, so nothing half done may be on it.

        Args:
            name: of the pictures, without the language.
            there: true once the page shows again what it showed.
        """
        if not os.environ.get("PARKTWIN_PICTURES"):
            return
        now = str(self.ask("document.documentElement.lang"))
        self.keep(f"{name}-{now}")
        other = "en" if now == "vi" else "vi"
        for language in (other, now):
            self.page.locator(f'.segment[lang="{language}"]').click()
            self.until(f"document.documentElement.lang === '{language}' && ({there})")
            if language == other:
                self.page.wait_for_timeout(1_000)  # what is drawn on a canvas
                self.keep(f"{name}-{other}")

    def rest(self) -> None:
        """Wait until the picture stands still."""
        self.until("!parktwin.drawing")


Open = Callable[..., Viewer]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser with WebGL."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET, *SWIFTSHADER])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the twins of these tests keep their scene, so that only the first has to build it."""
    return tmp_path_factory.mktemp("scenes")


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory, scenes: Path) -> Iterator[RunningTwin]:
    """A twin whose sources are well and whose machines are calm."""
    with running_twin(tmp_path_factory.mktemp("web"), scenes=scenes) as running:
        running.plant.settle()
        with Heartbeats(running.plant):
            yield running


class Heartbeats:
    """Keeps the sources of a plant alive in a thread; ``lost`` and ``failed`` may be set meanwhile."""

    def __init__(self, plant: Plant) -> None:
        self.lost: tuple[str, ...] = ()
        self.failed: tuple[FailedItem, ...] = ()
        self._plant = plant
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Heartbeats:
        self._plant.beat()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.7):
            self._plant.beat(lost=self.lost, failed=self.failed)


@pytest.fixture
def open_page(chromium: Browser, twin: RunningTwin) -> Iterator[Open]:
    """Opens the page: ``open_page(path="/", width=1366, height=768, **context)``; after the test no page may
    have complained or asked another host for anything.
    """
    viewers: list[Viewer] = []
    contexts = []

    def opened(path: str = "/", *, width: int = 1366, height: int = 768, **options: Any) -> Viewer:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        viewer = watch(context.new_page(), twin.url)
        viewers.append(viewer)
        viewer.page.goto(twin.url + path)
        return viewer

    yield opened
    for context in contexts:
        context.close()
    assert [viewer.complaints for viewer in viewers] == [[] for _ in viewers]
    assert [viewer.elsewhere for viewer in viewers] == [[] for _ in viewers]


def watch(page: Page, origin: str) -> Viewer:
    """Note what a page complains about and which other hosts it asks."""
    viewer = Viewer(page, origin)
    page.set_default_navigation_timeout(1_000 * PATIENCE_S)
    page.on("pageerror", lambda error: viewer.complaints.append(str(error)))
    page.on("console", lambda entry: _note(viewer, entry.type, entry.text))
    page.on("request", lambda request: _note_request(viewer, request.url))
    page.on("websocket", lambda socket: _note_request(viewer, socket.url.replace("ws", "http", 1)))
    return viewer


def _note(viewer: Viewer, kind: str, text: str) -> None:
    # the geometry takes a moment after the twin has started; the page asks again
    building = "503" in text
    ours = "registration blocked by Playwright" in text  # a test that answers in the server's place
    if kind in {"error", "warning"} and not building and not ours:
        viewer.complaints.append(text)


def _note_request(viewer: Viewer, url: str) -> None:
    if not url.startswith((viewer.origin, "data:", "blob:")):
        viewer.elsewhere.append(url)
