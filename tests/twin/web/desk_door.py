"""A twin before the desks' services that knows its people, and somebody who signs in there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from tests.support.services import ServiceProcess
from tests.twin.web.conftest import Viewer, watch
from twin.contract.clock import system_clock
from twin.identity.identities import Identities

PASSWORD = "bốn chữ dài đủ rồi"
PEOPLE = ("viewer", "quality", "administrator")
"""An account for each role, named like it."""


@contextmanager
def guarded_twin(open_twin: ServiceProcess, folder: Path) -> Iterator[str]:
    """Start one before the same services as a twin that asks nobody who they are, on a bus of its own; its
    URL."""
    identities = Identities(f"sqlite:///{folder / 'identity.sqlite3'}", clock=system_clock)
    for role in PEOPLE:
        identities.accounts.add(role, display=role.title(), roles=[role], by="test")
        identities.accounts.set_password(role, PASSWORD, by="test")
    settings = dict(open_twin.environment) | {
        "PARKTWIN_BUS": f"embedded:{folder / 'bus'}",
        "PARKTWIN_IDENTITY": identities.store.url,
        "PARKTWIN_ACCESS_TOKEN": "a-token-of-some-length",
    }
    front = ServiceProcess("twin", folder / "twin", settings)
    front.start()
    try:
        yield front.url()
    finally:
        front.stop()
        identities.close()


def signed_in(chromium: Browser, url: str, name: str, path: str) -> Viewer:
    """The page of somebody who signed in, at a path."""
    viewer = watch(chromium.new_context(viewport={"width": 1366, "height": 768}).new_page(), url)
    viewer.page.goto(f"{url}/sign-in")
    viewer.page.locator("[name=name]").fill(name)
    viewer.page.locator("[name=password]").fill(PASSWORD)
    viewer.page.locator("button[type=submit]").click()
    viewer.until("location.pathname === '/' && document.querySelector('.session')")
    viewer.page.goto(f"{url}{path}")
    return viewer
