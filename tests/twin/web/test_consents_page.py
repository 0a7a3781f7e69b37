"""What a tenant shares with the park, on the page: given and taken back by its manager, read by others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.services import ServiceProcess
from tests.twin.web.axe import breaches
from tests.twin.web.conftest import Viewer
from tests.twin.web.desk_door import PASSWORD, signed_in
from tests.twin.web.desk_teaching import fill_form
from tests.twin.web.plant import PARK_FILE
from tests.twin.web.screens import misfits
from twin.contract.clock import system_clock
from twin.identity.consents import GROUPS, PARTS, Consents
from twin.identity.identities import Identities

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.slow, pytest.mark.timeout(400)]

TENANT, OTHER = "thu/dien-tu", "thu/co-khi"
WHY = "Quyết toán tiền điện <b>quý 4</b>"
PEOPLE = {
    "nga": ("Ngô Thị Nga", "manager", TENANT),
    "khoa": ("Bùi Anh Khoa", "administrator", TENANT),
    "vinh": ("Đỗ Quang Vinh", "viewer", TENANT),
    "son": ("Lý Thái Sơn", "manager", ""),
}
"""By name: as it is shown, role, enterprise."""


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, scenes: Path) -> Iterator[str]:
    """A twin with people of a tenant and of the park; another tenant shares all but its alarms."""
    folder = tmp_path_factory.mktemp("consents")
    url = f"sqlite:///{folder / 'identity.sqlite3'}"
    with closing(Identities(url, clock=system_clock)) as identities:
        for name, (display, role, tenant) in PEOPLE.items():
            identities.accounts.add(name, display=display, roles=[role], tenant=tenant, by="test")
            identities.accounts.set_password(name, PASSWORD, by="test")
        shared = [one for one in GROUPS if one != "alarms"]
        Consents(identities.store).give(OTHER, shared, by="Trần Văn Bình (binh)", reason="Hợp đồng 12/2026")
    (folder / "twin").mkdir()
    (folder / "twin" / "scene").symlink_to(scenes)
    settings = {
        "PARKTWIN_BUS": f"embedded:{folder / 'bus'}",
        "PARKTWIN_PARK": str(PARK_FILE),
        "PARKTWIN_PORT": "0",
        "PARKTWIN_IDENTITY": url,
    }
    service = ServiceProcess("twin", folder / "twin", settings)
    service.start()
    try:
        yield service.url()
    finally:
        service.stop()


def state_of(group: str) -> str:
    return f"document.querySelector('[data-group={group}] .consent-state')?.textContent"


def settled(viewer: Viewer, name: str) -> None:
    assert misfits(viewer, name) == []
    assert breaches(viewer) == []


def test_a_manager_gives_and_takes_back_with_a_reason_and_reads_the_journal(
    chromium: Browser, secured: str
) -> None:
    viewer = signed_in(chromium, secured, "nga", "/")
    page = viewer.page
    viewer.until("document.querySelectorAll('.desk-link').length === 2")
    page.get_by_role("link", name="Chia sẻ dữ liệu").click()
    viewer.until(f"document.querySelectorAll('.consent').length === {len(GROUPS)}")
    assert f"chia sẻ 0/{len(GROUPS)} nhóm" in viewer.text(".asked-note")
    give = page.locator("[data-group=energy] button")
    give.focus()
    page.keyboard.press("Enter")
    viewer.until("document.querySelector('dialog[open]')")
    assert "điện, nước, khí của từng máy" in viewer.text("dialog .dialog-detail")
    page.locator("dialog .button-main").click()
    assert page.locator("dialog[open]").count() == 1, "nothing is shared without a reason"
    fill_form(viewer, reason=WHY)
    viewer.until(f"{state_of('energy')} === 'Đang chia sẻ'")
    told = viewer.text("[data-group=energy]")
    assert "Ngô Thị Nga (nga)" in told
    assert f"Lý do: {WHY}" in told
    assert page.evaluate("document.activeElement.closest('[data-group]')?.dataset.group") == "energy"
    settled(viewer, "consents-own-vi")

    page.locator('.segment[lang="en"]').click()
    viewer.until(f"{state_of('energy')} === 'Shared'")
    page.locator("[data-group=energy] button").click()
    viewer.until("document.querySelector('dialog h2')?.textContent === 'Take “Energy” back?'")
    page.get_by_role("button", name="Cancel").click()
    assert viewer.ask(state_of("energy")) == "Shared", "who thinks better of it changes nothing"
    page.locator("[data-group=energy] button").click()
    fill_form(viewer, reason="The contract is over")
    viewer.until(f"{state_of('energy')} === 'Not shared'")
    page.locator("#view-journal").click()
    viewer.until("document.querySelectorAll('tbody tr').length === 2")
    first, second = page.locator("tbody tr").all_inner_texts()
    assert all(
        word in first for word in ("Taken back", "Energy", "Ngô Thị Nga (nga)", "The contract is over")
    )
    assert all(word in second for word in ("Shared", WHY))
    assert "binh" not in viewer.text("body"), "of another tenant there is not a word"
    settled(viewer, "consents-journal-en")
    assert [one for one in viewer.complaints if "404" not in one] == [], "but of desks that a tenant has not"
    page.context.close()


def test_who_may_not_change_it_has_no_button(chromium: Browser, secured: str) -> None:
    viewer = signed_in(chromium, secured, "khoa", "/consents?lang=en")
    viewer.until(f"document.querySelectorAll('.consent').length === {len(GROUPS)}")
    assert viewer.page.locator(".consent button").count() == 0
    assert "Only a manager of the enterprise may change that" in viewer.text(".asked-note")
    viewer.page.context.close()

    viewer = signed_in(chromium, secured, "vinh", "/consents")
    viewer.until("document.querySelector('.start h1')?.textContent.includes('không có quyền')")
    viewer.page.context.close()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_people_of_the_park_read_what_they_lack_and_by_whose_word(
    chromium: Browser, secured: str, language: str
) -> None:
    viewer = signed_in(chromium, secured, "son", f"/consents?lang={language}")
    viewer.until("document.querySelectorAll('.consents-park tbody tr').length === 2")
    page = viewer.page
    assert page.locator(".consents-park button").count() == 0
    row = viewer.text(".consents-park tbody tr")
    assert ("Cơ khí Đông Hồ" if language == "vi" else "Dong Ho Mechanical") in row
    assert "“Hợp đồng 12/2026”" in row
    parts = page.locator("[data-part]").evaluate_all("all => all.map((one) => one.dataset.part)")
    assert parts == list(PARTS)
    closed = viewer.text("[data-part=alarm_figures]")
    assert closed.count("Cơ khí Đông Hồ" if language == "vi" else "Dong Ho Mechanical") == 1
    lacking = page.locator(f'[data-tenant="{OTHER}"] li').all_inner_texts()
    assert len(lacking) == 1
    assert lacking[0].startswith("Báo động" if language == "vi" else "Alarms")
    settled(viewer, f"consents-park-{language}")
    page.locator("#view-journal").click()
    viewer.until("[...document.querySelectorAll('tbody tr')].some((row) => row.innerText.includes('binh'))")
    settled(viewer, f"consents-journal-park-{language}")
    page.context.close()


def test_a_tenant_is_offered_no_forecast_of_the_loads_of_all(chromium: Browser, secured: str) -> None:
    viewer = signed_in(chromium, secured, "nga", "/")
    viewer.until("document.querySelector('#tab-whatif')")
    viewer.page.locator("#tab-whatif").click()
    views = "[...document.querySelectorAll('.what-head [data-view]')].map((one) => one.dataset.view)"
    assert viewer.ask(views) == ["answer", "losses"]
    viewer.page.context.close()
