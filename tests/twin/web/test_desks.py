"""The quality and the maintenance desk in Chromium, with their services: a product is taught, judged, looked
at again by a person through a break of the network; machines are forecast, work is planned, a permit kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.cable import cable
from tests.support.services import wait_for
from tests.twin.web.axe import violations
from tests.twin.web.conftest import Heartbeats, Open, watch
from tests.twin.web.desk_door import guarded_twin, signed_in
from tests.twin.web.desk_services import (
    CAMERA,
    COLD,
    PRODUCT,
    DeskServices,
    desk_services,
    wait_until_forecast,
)
from tests.twin.web.desk_teaching import fill_form, teach_plate
from tests.twin.web.desk_walks import VIEWS, views, walked_by_keyboard
from tests.twin.web.plant import RunningTwin
from tests.twin.web.screens import misfits, too_small_to_touch
from tests.vision_qc.products import bad, good
from tests.vision_qc.service.plates import encode

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

LONG_S = 240.0
DARK = encode((good(1) * 0.05).astype(good(1).dtype))
"""Too dark to be judged: a person must look."""


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, scenes: Path) -> Iterator[DeskServices]:
    with desk_services(tmp_path_factory.mktemp("desks"), scenes) as running, Heartbeats(running.twin.plant):
        yield running


@pytest.fixture(scope="module")
def twin(services: DeskServices) -> RunningTwin:
    """What ``open_page`` opens the page of."""
    return services.twin


@pytest.fixture(scope="module")
def taught(
    services: DeskServices, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> DeskServices:
    """The plate, taught on the page itself as a person would: pictures, teach, try, put in force."""
    folder = tmp_path_factory.mktemp("pictures")
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    viewer = watch(context.new_page(), services.twin.url)
    teach_plate(viewer, folder)
    assert services.ask_qc("/api/stations") == {"stations": {CAMERA: {PRODUCT: 1}}}
    assert (viewer.complaints, viewer.elsewhere) == ([], [])
    context.close()
    for number in range(4):
        services.send(encode(good(100 + number)), f"PL-{number:04d}")
    for number in range(3):
        services.send(DARK if number == 0 else encode((good(number) * 0.05).astype("uint8")), f"PL-D{number}")
    services.send(encode(bad(3)), "PL-0099")
    # what was sent is judged at once, and found a moment later
    wait_for(lambda: found(services, "PL-0099") is not None, "the index has it")
    return services


def found(services: DeskServices, serial: str) -> Any:
    rows: Any = services.ask_qc("/api/inspections", serial=serial)["inspections"]
    return rows[0] if rows else None


def shown(serial: str) -> str:
    return f"document.querySelector('.verdict-serial b')?.textContent === '{serial}'"


def test_a_verdict_from_three_metres_and_the_way_back(open_page: Open, taught: DeskServices) -> None:
    viewer = open_page("/quality")
    viewer.until(shown("PL-0099"))
    page = viewer.page
    assert viewer.text(".verdict-word") == "KHÔNG ĐẠT"
    assert "Lấy ra" in viewer.text(".verdict-next")
    assert page.locator(".product-box rect").count() >= 2, "where it is unlike good ones"
    viewer.until("document.querySelector('.product-heat')")
    height = viewer.ask("parseFloat(getComputedStyle(document.querySelector('.verdict-word')).fontSize)")
    assert height >= 76, "a letter of three metres: 20 mm on a window of 1366 px of 15 inches"
    small = viewer.ask(
        "[...document.querySelectorAll('.station .big-button')]"
        ".filter((b) => b.offsetParent && b.offsetHeight < 48).length"
    )
    assert small == 0, "big enough for gloves"

    # a new product takes its place at once; the arrow keys look back, Esc returns
    taught.send(encode(good(200)), "PL-0200")
    viewer.until(shown("PL-0200"))
    assert viewer.text(".verdict-word") == "ĐẠT"
    page.keyboard.press("ArrowRight")
    viewer.until(shown("PL-0099"))
    assert "Đang xem lại" in viewer.text(".verdict-age")
    page.keyboard.press("Escape")
    viewer.until(shown("PL-0200"))
    for language in ("en", "vi"):
        page.locator(f'.segment[lang="{language}"]').click()
        viewer.until(f"document.documentElement.lang === '{language}' && {shown('PL-0200')}")
        viewer.keep(f"quality-station-{language}")
        assert misfits(viewer, f"quality-station-{language}") == []
        assert too_small_to_touch(viewer) == []


def test_a_break_is_told_since_when_and_what_was_said_meanwhile_arrives(
    open_page: Open, taught: DeskServices
) -> None:
    viewer = open_page("/quality?lang=en")
    viewer.until("document.querySelector('.strip-item')")
    page = viewer.page
    page.locator(".strip-item", has_text="PL-D0").click()
    viewer.until(shown("PL-D0"))
    assert viewer.text(".verdict-word") == "NOT JUDGED"
    page.context.set_offline(True)
    viewer.until("!document.querySelector('.desk-banner').hidden")
    assert "No connection to the server since" in viewer.text(".desk-banner")
    viewer.until("document.querySelector('.station-old')")
    assert "before the connection was lost" in viewer.text(".verdict-age")
    page.locator('[lang="vi"]').first.click()  # words are there without the network
    viewer.until("document.querySelector('.desk-banner').textContent.includes('Mất mạng tới máy chủ từ')")
    viewer.keep("quality-break-vi")
    page.locator('[lang="en"]').first.click()

    page.locator(".strip-item", has_text="PL-D0").click()
    page.locator(".verdict [data-truth=defective]").click()
    fill_form(viewer, defect="scratch", by="Lê Thị Hoa")
    viewer.until("document.querySelector('.said-waiting')?.textContent.includes('to be sent')")
    viewer.keep("quality-break-en")
    assert found(taught, "PL-D0")["reviews"] == []
    viewer.complaints.clear()  # the browser's own words about the network that is away
    page.context.set_offline(False)
    viewer.until("document.querySelector('.desk-banner').hidden")
    wait_for(lambda: bool(found(taught, "PL-D0")["reviews"]), "what was said meanwhile has arrived")
    (review,) = found(taught, "PL-D0")["reviews"]
    assert (review["truth"], review["defect"], review["by"]) == ("defective", "scratch", "Lê Thị Hoa")
    viewer.complaints.clear()

    # the service alone goes away: another word, and it heals as well
    taught.qc.stop()
    viewer.until(
        "document.querySelector('.desk-banner').textContent.includes('inspection service has not answered')"
    )
    taught.qc.start()
    viewer.until("document.querySelector('.desk-banner').hidden", LONG_S)
    viewer.complaints.clear()  # of the answers 503 meanwhile


def test_the_queue_by_keyboard_alone_and_a_word_taken_back(open_page: Open, taught: DeskServices) -> None:
    viewer = open_page("/quality#view=reviews")
    page = viewer.page
    viewer.until("document.querySelectorAll('.queue-item').length === 2")
    viewer.keep_both("quality-queue", "document.querySelectorAll('.queue-item').length === 2")
    page.keyboard.press("ArrowDown")
    serial = viewer.text(".queue-side .verdict-serial b")
    page.locator(".queue-work .review-good").focus()
    page.keyboard.press("Enter")
    fill_form(viewer, by="Lê Thị Hoa")
    viewer.until("document.querySelectorAll('.queue-item').length === 1")
    wait_for(lambda: bool(found(taught, serial)["reviews"]), "the service knows")

    # with the verdict hidden it measures agreement
    page.get_by_text("Ẩn kết quả của camera").click()
    assert page.locator(".queue-side .verdict-why").count() == 0
    other = viewer.text(".queue-side .verdict-serial b")
    page.locator(".queue-work .review-good").click()
    viewer.until("document.querySelector('.queue .product-nothing')")
    wait_for(lambda: bool(found(taught, other)["reviews"]), "the service knows")
    assert found(taught, other)["reviews"][0]["blind"] is True

    # a product by its serial number: another word about it, and the same verdict bit by bit
    page.locator("#view-find").click()
    page.locator("input[name=serial]").fill(serial)
    page.keyboard.press("Enter")
    viewer.until("document.querySelector('.found-one .said')")
    assert "Lê Thị Hoa đã kết luận: Đạt" in viewer.text(".found-one .said")
    page.locator(".found-one [data-truth=defective]").click()
    fill_form(viewer, defect="vết xước")
    wait_for(lambda: len(found(taught, serial)["reviews"]) == 2, "the second word")
    page.locator("input[name=serial]").fill("PL-0099")
    page.keyboard.press("Enter")
    viewer.until("document.querySelector('.found-one h2')?.textContent.includes('PL-0099')")
    page.get_by_text("Chấm lại để đối chứng").click()
    viewer.until("document.querySelector('.found-again').textContent.includes('giống hệt')")
    viewer.keep("quality-found-vi")
    assert misfits(viewer) == []
    assert too_small_to_touch(viewer) == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_charts_say_what_they_rest_on(open_page: Open, taught: DeskServices, language: str) -> None:
    viewer = open_page(f"/quality?lang={language}#view=charts", width=1920, height=1080)
    viewer.until("document.querySelectorAll('.cards .card').length === 5")
    text = viewer.text(".cards")
    assert ("95 % interval" if language == "en" else "khoảng 95 %") in text
    assert ("version 1" if language == "en" else "bản 1") in text
    viewer.until("document.querySelector('.chart canvas')")
    assert misfits(viewer, f"quality-charts-{language}") == []


@pytest.fixture(scope="module")
def forecast(services: DeskServices) -> DeskServices:
    wait_until_forecast(services)
    return services


def row(number: int) -> str:
    return f'.forecast[data-machine="{COLD}/condenser{number}"]'


@pytest.mark.parametrize("language", ["vi", "en"])
def test_forecasts_are_bands_with_reasons_and_honest_where_there_is_none(
    open_page: Open, forecast: DeskServices, language: str
) -> None:
    viewer = open_page(f"/maintenance?lang={language}")
    viewer.until(f"document.querySelector('{row(4)}')", LONG_S)
    viewer.until("document.querySelectorAll('.forecast-summary .figure').length === 5", LONG_S)
    page = viewer.page
    well, begun = viewer.text(row(2)), viewer.text(row(4))
    assert ("healthy, more than" if language == "en" else "khỏe, hơn") in well
    assert page.locator(f"{row(2)} .band").count() == 0, "no date of failure is told of a healthy machine"
    assert ("Not enough data" if language == "en" else "Chưa đủ dữ liệu") in begun
    order = viewer.ask("[...document.querySelectorAll('.forecast')].map((e) => e.dataset.machine.slice(-1))")
    assert order.index("1") < order.index("2") < order.index("4"), "the most urgent first, the unknown last"

    page.locator(row(1)).click()
    viewer.until("document.querySelector('.detail-reasons li')")
    detail = viewer.text(".detail")
    for word in ("Why", "10 % by (P10)") if language == "en" else ("Vì sao", "10 % đã hỏng (P10)"):
        assert word in detail
    viewer.keep(f"maintenance-forecast-{language}")
    assert misfits(viewer, f"maintenance-forecast-{language}") == []


def test_work_is_accepted_moved_and_refused_under_a_name(open_page: Open, forecast: DeskServices) -> None:
    viewer = open_page("/maintenance#view=plan")
    page = viewer.page
    viewer.until("document.querySelector('.job')", LONG_S)
    page.locator(".job").first.click()
    machine = viewer.ask("document.querySelector('.order').dataset.order")
    assert "triệu đồng" in viewer.text(".order")
    page.locator("[data-decision=accept]").click()
    fill_form(viewer, decided_by="Phạm Minh Đức")
    viewer.until("document.querySelector('.job-accepted')", LONG_S)
    decisions = forecast.maintenance.get("/api/maintenance/work-orders/decisions").json()
    assert [(one["machine"], one["what"], one["decided_by"]) for one in decisions] == [
        (machine, "accept", "Phạm Minh Đức")
    ]

    # a shift whose crew has not the skill cannot take it: said, and nothing changes
    page.locator("[data-decision=move]").click()
    viewer.until("document.querySelector('dialog[open] select')")
    wrong = viewer.ask(
        "[...document.querySelector('dialog select').options]"
        ".find((o) => o.value.endsWith(' electric')).value"
    )
    page.locator("dialog select").select_option(wrong)
    fill_form(viewer)
    viewer.until("document.querySelector('.order-refused')?.textContent.includes('Không xếp được')", LONG_S)
    viewer.complaints.clear()  # the browser's own word about the refusal
    assert page.locator(".job-accepted").count() == 1
    viewer.keep("maintenance-plan-accepted-vi")

    page.locator("[data-decision=withdraw]").click()
    fill_form(viewer)
    viewer.until("!document.querySelector('.job-accepted')", LONG_S)
    page.locator("[data-decision=reject]").click()
    fill_form(viewer, reason="Chờ đợt dừng máy")
    viewer.until(
        f"![...document.querySelectorAll('.job')].some((e) => e.dataset.machine === '{machine}')", LONG_S
    )
    assert misfits(viewer, "maintenance-plan") == []
    viewer.keep_both("maintenance-plan", "document.querySelector('.week-row')")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_permit_the_energy_the_record_and_the_report(
    open_page: Open, forecast: DeskServices, language: str
) -> None:
    viewer = open_page(f"/maintenance?lang={language}#view=resources")
    english = language == "en"
    viewer.until("document.querySelector('.finding-critical')", LONG_S)
    assert viewer.text(".finding-critical") == (
        "Limits exceeded in 1 hour" if english else "Vượt giới hạn 1 giờ"
    )
    assert "QCVN 40:2011" in viewer.text(".cards")
    assert ("0.6592" if english else "0,6592") in viewer.text(".cards")
    viewer.keep(f"maintenance-resources-{language}")
    assert misfits(viewer, f"maintenance-resources-{language}") == []
    viewer.page.locator("#view-record").click()
    viewer.until("document.querySelector('.cards .card')")
    assert ("could be scored" if english else "chưa có gì để chấm") in viewer.text(".cards")

    viewer.page.locator("#view-report").click()
    viewer.until("document.querySelector('.paper h1')", LONG_S)
    assert viewer.text(".paper h1") == ("Weekly maintenance report" if english else "Báo cáo bảo trì tuần")
    assert ("Condenser 1" if english else "Dàn ngưng 1") in viewer.text(".paper"), "by its name, not its id"
    viewer.keep(f"maintenance-report-{language}")
    viewer.page.emulate_media(media="print")
    assert viewer.ask("document.querySelector('.header').offsetHeight") == 0, (
        "on paper stands the report alone"
    )


@pytest.mark.node
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_view_of_a_desk_breaks_wcag(
    open_page: Open, taught: DeskServices, forecast: DeskServices, language: str, theme: str
) -> None:
    found = {}
    for desk, its_views in VIEWS.items():
        viewer = open_page(f"/{desk}?lang={language}&theme={theme}")
        viewer.until("document.querySelector('.desk-tab')")
        for view in views(viewer, desk, its_views):
            viewer.keep(f"desk-{view.replace(', ', '-')}-{language}-{theme}")
            if broken := violations(viewer):
                found[view] = broken
    assert found == {}


@pytest.mark.parametrize("desk", list(VIEWS))
def test_everything_on_a_desk_is_reached_by_the_keyboard_and_seen_to_be(
    open_page: Open, taught: DeskServices, forecast: DeskServices, desk: str
) -> None:
    viewer = open_page(f"/{desk}?lang=en")
    viewer.until("document.querySelector('.desk-tab')")
    wrong = {view: walked_by_keyboard(viewer) for view in views(viewer, desk, VIEWS[desk])}
    assert {view: what for view, what in wrong.items() if what} == {}


@pytest.fixture(scope="module")
def guarded(services: DeskServices, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another twin before the same services that knows its people; its URL."""
    with guarded_twin(services.front, tmp_path_factory.mktemp("guarded")) as url:
        yield url


def test_what_a_role_may_not_do_is_not_on_the_desks(
    chromium: Browser, guarded: str, taught: DeskServices, forecast: DeskServices
) -> None:
    viewer = signed_in(chromium, guarded, "viewer", "/quality?lang=en")
    viewer.until("document.querySelector('.strip-item')")
    page = viewer.page
    assert page.locator(".desk-tab").all_inner_texts() == [
        "Station",
        "Review queue",
        "Check samples",
        "Charts",
        "Find a product",
    ]
    viewer.until("document.querySelectorAll('.desk-link').length === 3")
    page.locator(".strip-item").last.click()
    assert page.locator("[data-truth]").count() == 0
    page.locator("#view-find").click()
    page.locator("input[name=serial]").fill("PL-0099")
    page.keyboard.press("Enter")
    viewer.until("document.querySelector('.found-one')")
    assert page.locator("[data-truth]").count() == 0
    page.goto(f"{guarded}/maintenance?lang=en#view=plan")
    viewer.until("document.querySelector('.job')", LONG_S)
    page.locator(".job").first.click()
    viewer.until("document.querySelector('.order')")
    assert page.locator("[data-decision]").count() == 0
    page.context.close()

    # who has no business at the desk is told so, and not that a service is away
    viewer = signed_in(chromium, guarded, "administrator", "/quality?lang=en")
    viewer.until(
        "document.querySelector('.start h1')?.textContent === 'This account may not sit at this desk'"
    )
    assert viewer.page.locator(".desk").count() == 0
    viewer.page.locator(".start .button").click()
    viewer.until("location.pathname === '/' && document.querySelector('.header')")
    viewer.until("document.querySelectorAll('.desk-link').length === 2")
    assert viewer.page.locator(".desk-link").last.inner_text() == "Chia sẻ dữ liệu", (
        "and no desk of the plant"
    )
    viewer.page.context.close()


def test_a_killed_service_and_a_killed_twin_are_told_apart_and_heal(
    chromium: Browser, services: DeskServices, forecast: DeskServices
) -> None:
    with cable(services.twin.url) as line:
        context = chromium.new_context(viewport={"width": 1366, "height": 768})
        viewer = watch(context.new_page(), line.url)
        viewer.page.goto(f"{line.url}/maintenance?lang=en")
        viewer.until("document.querySelector('.forecast')", LONG_S)
        viewer.ask("window.notReloaded = true")
        services.maintenance.kill()
        told = "document.querySelector('.desk-banner:not([hidden])')?.textContent"
        viewer.until(
            f"/maintenance service has not answered since \\d\\d:\\d\\d:\\d\\d/.test({told})", LONG_S
        )
        services.maintenance.start()
        viewer.until("document.querySelector('.desk-banner').hidden", LONG_S)
        services.front.kill()
        viewer.until(f"/No connection to the server since \\d\\d:\\d\\d:\\d\\d/.test({told})", LONG_S)
        assert viewer.page.locator(".forecast").count() > 0, "what was known stays, and is called old"
        services.front.start()
        line.mend(services.front.url())
        viewer.until("document.querySelector('.desk-banner').hidden", LONG_S)
        assert viewer.ask("window.notReloaded")
        context.close()
