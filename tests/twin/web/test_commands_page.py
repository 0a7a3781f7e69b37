"""Commands on the page: interlocks, a dry run, a request, and the second person who decides."""

from __future__ import annotations

import httpx
import pytest

from tests.twin.web.conftest import Open
from tests.twin.web.plant import RunningTwin

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

C2 = "thu/co-khi/nen/c02"


def test_a_command_is_tried_asked_for_and_decided_by_another(open_page: Open, twin: RunningTwin) -> None:
    twin.plant.settle()
    twin.plant.tell({f"{C2}:discharge_temperature": 102.0})
    viewer = open_page(f"/#{C2}")
    viewer.ready()
    page = viewer.page
    viewer.until("document.querySelector('.panel-commands:not([hidden])')")
    page.locator(".panel-commands > summary").click()
    page.locator(".command-offer").click()
    viewer.until("document.querySelector('.interlock-fails')?.textContent.includes('Nhiệt độ đầu đẩy: 102')")

    # while the form is open the interlock is looked at again
    twin.plant.tell({f"{C2}:discharge_temperature": 82.5})
    viewer.until("document.querySelector('.interlock-holds')")
    value, reason = page.locator(".command-form .input").all()
    value.fill("2800")
    page.locator(".command-form .button").first.click()
    viewer.until("document.querySelector('.command-result').textContent.includes('chưa gửi gì tới máy')")
    assert "2.960 vòng/phút → 2.800 vòng/phút" in viewer.text(".command-result")
    assert httpx.get(f"{twin.url}/api/commands").json()["total"] == 0, "a dry run leaves nothing behind"

    reason.fill("Giảm tải ban đêm")
    page.keyboard.press("Enter")
    page.keyboard.type("Trần Văn Minh")
    page.keyboard.press("Enter")
    viewer.until("document.querySelector('.command-open')?.textContent.includes('Chờ người thứ hai')")
    assert "2.800" in viewer.text(".command-request b")
    viewer.keep("twin-command-asked-vi")

    # who asked cannot approve; somebody else can
    for person in ("Trần Văn Minh", "Lê Thị Hoa"):
        page.locator(".command-request .button-main").click()
        page.locator(".dialog input").fill(person)
        page.keyboard.press("Enter")
        viewer.until("!document.querySelector('.dialog')")
        if person == "Trần Văn Minh":
            viewer.until("!document.querySelector('.panel-commands .alarm-refusal').hidden")
            viewer.complaints.clear()  # the browser notes each 409
    viewer.until("document.querySelector('.command-request').textContent.includes('đang tới bộ kết nối')")
    (request,) = httpx.get(f"{twin.url}/api/commands").json()["requests"]
    assert (request["requested_by"], request["decided_by"]) == ("Trần Văn Minh", "Lê Thị Hoa")
    assert (request["state"], request["value"]) == ("issued", 2800.0)
    viewer.keep_both("twin-command-approved")
