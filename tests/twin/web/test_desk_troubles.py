"""A desk that opens while its service refuses, fails or is gone: every view says in Vietnamese what is wrong
and what to do next, and none stays empty or keeps asking for ever."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import Route

from tests.twin.web.axe import violations
from tests.twin.web.conftest import Open, Viewer
from tests.twin.web.desk_walks import VIEWS
from tests.twin.web.screens import misfits, too_small_to_touch
from tests.twin.web.test_page import select

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.slow, pytest.mark.timeout(240)]

ASKED = ("**/api/qc/**", "**/api/maintenance/**", "**/api/kpi*", "**/api/kpi/**", "**/api/history*",
         "**/api/what-if*", "**/api/what-if/**", "**/api/networks/**")  # fmt: skip
"""What the views ask for; the page itself is there."""
ENGLISH = re.compile(r"Error|fetch|service|permission|answer|undefined|null|\[object", re.IGNORECASE)
COMPRESSOR = "thu/co-khi/nen/c02"


def problem(status: int, code: str, detail: str) -> Callable[[Route], None]:
    body = json.dumps({"type": "", "title": "", "status": status, "code": code, "detail": detail})
    return lambda route: route.fulfill(status=status, content_type="application/problem+json", body=body)


TROUBLES: dict[str, tuple[Callable[[Route], None], str]] = {
    "forbidden": (
        problem(403, "forbidden", "permission 'inspection.read' is none of 'lan'"),
        "hãy hỏi quản trị viên",
    ),
    "failing": (
        lambda route: route.fulfill(status=500, content_type="text/plain", body="Internal Server Error"),
        "Máy chủ gặp lỗi (500); thử lại sau",
    ),
    "away": (
        problem(503, "desk.away", "desk quality: its service does not answer (ConnectError); see its log"),
        "Dịch vụ của mục này chưa chạy",
    ),
    "gone": (lambda route: route.abort(), "Không liên lạc được với máy chủ; kiểm tra mạng"),
}
"""What becomes of every question, and what is to be read of it."""


def troubled(open_page: Open, trouble: str, path: str, asked_for: Sequence[str] = ASKED) -> Viewer:
    viewer = open_page("/sign-in", service_workers="block")
    for asked in asked_for:
        viewer.page.route(asked, TROUBLES[trouble][0])
    viewer.page.goto(f"{viewer.origin}{path}")
    return viewer


@pytest.mark.parametrize("desk", list(VIEWS))
@pytest.mark.parametrize("trouble", list(TROUBLES))
def test_every_view_of_a_desk_says_what_is_wrong_and_what_to_do(
    open_page: Open, trouble: str, desk: str
) -> None:
    viewer = troubled(open_page, trouble, f"/{desk}?lang=vi")
    said = TROUBLES[trouble][1]
    viewer.until("document.querySelector('.desk-banner:not([hidden])')")
    for view in VIEWS[desk]:
        viewer.page.locator(f"#view-{view}").click()
        if view == "find":
            viewer.page.locator("input[name=serial]").fill("PL-1")
            viewer.page.keyboard.press("Enter")
        viewer.until(f"document.querySelector('main').innerText.includes({json.dumps(said)})", 20.0)
        told = viewer.text("main").replace("English", "")  # a language of the report
        assert "…" not in told, f"{view} goes on asking"
        assert ENGLISH.findall(told) == [], f"{view}: {told}"
        if trouble == "failing":  # the longest words
            assert misfits(viewer) == []
            assert violations(viewer) == []
            assert desk != "quality" or too_small_to_touch(viewer) == []
    banner = viewer.text(".desk-banner")
    assert ENGLISH.findall(banner) == []
    assert "số liệu cũ" not in banner, "there were none yet"
    assert ("trang tự kết nối lại" in banner) != (trouble == "forbidden")
    viewer.complaints.clear()  # the browser's own words about what was refused


@pytest.mark.parametrize(("trouble", "word"), [("failing", "Máy chủ gặp sự cố"), ("gone", "Chưa có kết nối")])
def test_a_station_tells_a_server_in_trouble_from_one_it_cannot_reach(
    open_page: Open, trouble: str, word: str
) -> None:
    viewer = troubled(open_page, trouble, "/quality?lang=vi")
    viewer.until(f"document.querySelector('.verdict-word')?.textContent === {json.dumps(word)}", 20.0)
    viewer.complaints.clear()


@pytest.mark.parametrize("desk", ["", "quality"])
def test_a_page_that_cannot_start_says_why(open_page: Open, desk: str) -> None:
    viewer = troubled(open_page, "failing", f"/{desk}?lang=vi", ["**/api/park"])
    viewer.until(
        f"document.querySelector('.start')?.innerText.includes({json.dumps(TROUBLES['failing'][1])})"
    )
    assert ENGLISH.findall(viewer.text(".start")) == []
    viewer.complaints.clear()


def test_a_scene_that_is_refused_says_why(open_page: Open) -> None:
    viewer = troubled(open_page, "failing", "/?lang=vi", ["**/api/scene"])
    said = json.dumps(TROUBLES["failing"][1])
    viewer.until(f"document.querySelector('.scene-message')?.innerText.includes({said})")
    assert ENGLISH.findall(viewer.text(".scene-message")) == []
    viewer.complaints.clear()


@pytest.mark.parametrize("trouble", list(TROUBLES))
def test_the_panels_of_the_twin_say_so_too(open_page: Open, trouble: str) -> None:
    viewer = troubled(open_page, trouble, "/?lang=vi")
    viewer.until("window.parktwin && document.querySelector('.dock-tab')")
    select(viewer, COMPRESSOR)
    viewer.page.locator(".signal").first.click()
    said = TROUBLES[trouble][1]
    for tab in ("trend", "oee", "whatif"):
        viewer.page.locator(f"#tab-{tab}").click()
        body = f"document.querySelector('#dock-{tab}')"
        viewer.until(f"{body}.innerText.includes({json.dumps(said)})", 20.0)
        told = str(viewer.ask(f"{body}.innerText"))
        assert ENGLISH.findall(told) == [], f"{tab}: {told}"
    for view in ("losses", "overloads"):
        viewer.page.locator(f"[data-view={view}]").click()
        viewer.until(f"document.querySelector('.{view} .dock-note').textContent.includes({json.dumps(said)})")
        assert not viewer.page.locator(f".{view} table:visible").count(), "no heads of an empty table"
    viewer.complaints.clear()
