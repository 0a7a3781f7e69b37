"""A person makes the first account, sees who is signed in, and is out when the account is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.twin.api.running_twin import OVEN, RunningTwin, running_twin
from tests.twin.web.axe import violations
from tests.twin.web.conftest import Viewer, watch
from tests.twin.web.screens import misfits
from twin.contract.clock import system_clock
from twin.identity.identities import Identities

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.slow, pytest.mark.timeout(400)]

PASSWORD = "bốn chữ dài đủ rồi"
TOKEN = "a-token-of-some-length"
SCHEMES: tuple[Literal["dark"], Literal["light"]] = ("dark", "light")


@pytest.fixture(scope="module")
def identities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Identities]:
    made = Identities(f"sqlite:///{tmp_path_factory.mktemp('who') / 'identity.sqlite3'}", clock=system_clock)
    yield made
    made.close()


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, identities: Identities) -> Iterator[RunningTwin]:
    """A twin that listens on every address and knows its people; the token is a service's."""
    folder: Path = tmp_path_factory.mktemp("secured")
    with running_twin(
        folder,
        PARKTWIN_IDENTITY=identities.store.url,
        PARKTWIN_ACCESS_TOKEN=TOKEN,
        PARKTWIN_HOST="0.0.0.0",
        PARKTWIN_PLAIN_HTTP="true",
    ) as running:
        running.plant.beat()
        yield running


@pytest.fixture
def viewer(chromium: Browser, secured: RunningTwin) -> Iterator[Viewer]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="vi")
    yield watch(context.new_page(), secured.url.replace("0.0.0.0", "127.0.0.1"))
    context.close()


def fill(viewer: Viewer, **fields: str) -> None:
    for name, text in fields.items():
        viewer.page.locator(f"[name={name}]").fill(text)
    viewer.page.locator("button[type=submit]").click()


def breaks_of_wcag(viewer: Viewer) -> list[str]:
    """What axe finds, in the dark and in the light."""
    found: list[str] = []
    for scheme in SCHEMES:
        viewer.page.emulate_media(color_scheme=scheme)
        viewer.keep(f"sign-in-{scheme}")
        found += [f"{scheme}: {one}" for one in violations(viewer)]
    return found


def comes_to(viewer: Viewer, path: str, selector: str, timeout_s: float = 60.0) -> None:
    """Wait until the page of a path shows something; on the way it is another page."""
    deadline = time.monotonic() + timeout_s
    while urlsplit(viewer.page.url).path != path or not viewer.page.locator(selector).count():
        assert time.monotonic() < deadline, (viewer.page.url, viewer.complaints)
        viewer.page.wait_for_timeout(100)


def test_from_the_first_link_to_the_way_out(
    viewer: Viewer, secured: RunningTwin, identities: Identities
) -> None:
    page, base = viewer.page, viewer.origin
    page.goto(base + "/")
    assert page.url == base + "/sign-in"
    assert page.locator("h1").inner_text() == "Đăng nhập Sign in"
    assert (
        page.locator("button").evaluate("one => getComputedStyle(one).backgroundColor") != "rgba(0, 0, 0, 0)"
    )
    assert breaks_of_wcag(viewer) == []
    page.goto(base + identities.links.first(anew=True))
    fill(viewer, name="lan", display="Trần Thị Lan", new="ngắn quá")
    assert page.locator("[role=alert]").count() == 1, "a short password is refused, the link is still good"
    assert breaks_of_wcag(viewer) == []
    fill(viewer, new=PASSWORD)
    comes_to(viewer, "/", ".session")
    assert viewer.text(".session") == "Trần Thị Lan"
    assert page.locator(".demo-more").count() == 0, "nothing is unsecured here"
    session = next(one for one in page.context.cookies() if one["name"] == "parktwin_session")
    assert session["httpOnly"]
    assert session["sameSite"] == "Lax"
    assert "parktwin_session" not in viewer.ask("document.cookie")

    identities.accounts.set_roles("lan", ["operator"], by="test")
    comes_to(viewer, "/sign-in", "form")
    fill(viewer, name="lan", password="wrong wrong wrong")
    assert page.locator("[role=alert]").count() == 1
    fill(viewer, name="lan", password=PASSWORD)
    comes_to(viewer, "/", ".session")

    secured.plant.tell([(0, system_clock(), 350.0)])
    alarm = f"{OVEN}:temperature:high_high"
    act = (
        "fetch('/api/alarms/comment', {method: 'POST', headers: {'content-type': 'application/json'}, body: "
    )
    body = f"JSON.stringify({{alarms: ['{alarm}'], by: 'Somebody Else', reason: 'x'}})"
    told = viewer.ask(f"{act}{body}}}).then((answer) => answer.json())")
    assert told["entries"][0]["by"] == "Trần Thị Lan (lan)"

    viewer.page.locator(".session button").click(no_wait_after=True)
    comes_to(viewer, "/sign-in", "form")
    page.goto(base + "/")
    assert page.url == base + "/sign-in"
    allowed = ("401", "400", "403", "WebSocket", "Failed to load resource")
    assert [one for one in viewer.complaints if not any(part in one for part in allowed)] == []
    assert viewer.elsewhere == []


@pytest.mark.parametrize(
    ("role", "tabs"),
    [
        ("viewer", ["alarms", "trend", "oee", "sources"]),
        ("administrator", ["alarms", "trend", "sources"]),
        ("manager", ["alarms", "trend", "oee", "whatif", "sources"]),
    ],
)
def test_what_a_role_may_not_see_has_no_tab(
    viewer: Viewer, identities: Identities, role: str, tabs: list[str]
) -> None:
    identities.accounts.add(role, display=role.title(), roles=[role], by="test")
    identities.accounts.set_password(role, PASSWORD, by="test")
    viewer.page.goto(f"{viewer.origin}/sign-in")
    assert misfits(viewer, "sign-in") == []
    fill(viewer, name=role, password=PASSWORD)
    comes_to(viewer, "/", ".dock-tab")
    assert viewer.ask("[...document.querySelectorAll('.dock-tab')].map((one) => one.id)") == [
        f"tab-{name}" for name in tabs
    ]


ALARM_BUTTONS = (
    ".alarm-confirm, .alarm-buttons .button, .alarm-person, .panel-alarms .panel-part-head .button"
)


@pytest.mark.parametrize(("role", "acts"), [("quality", False), ("planner", False), ("operator", True)])
def test_who_may_not_act_on_alarms_is_offered_no_button(
    viewer: Viewer, secured: RunningTwin, identities: Identities, role: str, acts: bool
) -> None:
    """A manager pressed acknowledge and was told 403: what a role may not do is not there."""
    identities.accounts.add(role, display=role.title(), roles=[role], by="test")
    identities.accounts.set_password(role, PASSWORD, by="test")
    secured.plant.tell([(0, system_clock(), 350.0)])
    page = viewer.page
    page.goto(f"{viewer.origin}/sign-in")
    fill(viewer, name=role, password=PASSWORD)
    comes_to(viewer, "/", ".dock-tab")
    page.locator("#tab-alarms").click()
    page.locator(".alarms .alarm-members").first.click()  # a line of two alarms, unfolded
    page.locator(".alarms .alarm-nested .alarm-fold").first.click()
    page.locator(".alarms .alarm-open").first.click()  # its machine's panel
    viewer.until("document.querySelectorAll('.panel-alarm').length >= 2")
    shown = f"[...document.querySelectorAll('{ALARM_BUTTONS}')].filter((one) => one.checkVisibility())"
    offered = viewer.ask(f"{shown}.map((one) => one.className)")
    assert bool(offered) == acts, offered
    if acts:
        for there in (".alarm-line .alarm-confirm", ".alarms .alarm-buttons", ".panel-alarm .alarm-buttons",
                      ".panel-alarms .panel-part-head .button", ".alarm-person"):  # fmt: skip
            assert page.locator(there).first.is_visible(), there
