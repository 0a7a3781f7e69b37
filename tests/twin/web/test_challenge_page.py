"""Golden samples on the quality desk: a station is blocked, proves itself to a real service, and is free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from tests.support.services import ServiceProcess, wait_for
from tests.twin.web.axe import breaches
from tests.twin.web.conftest import Heartbeats, Open, Viewer
from tests.twin.web.desk_door import guarded_twin, signed_in
from tests.twin.web.desk_services import CAMERA, DESKS
from tests.twin.web.desk_teaching import fill_form
from tests.twin.web.desk_walks import walked_by_keyboard
from tests.twin.web.plant import Plant, RunningTwin
from tests.twin.web.screens import misfits, too_small_to_touch
from tests.vision_qc.service.conftest import recipe
from tests.vision_qc.service.plates import PRODUCT, bad_file, good_file, install, send
from twin.bus.connect import open_bus
from twin.park.park_file import load_park

__all__ = ["recipe"]

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.slow, pytest.mark.timeout(600)]

LONG_S = 240.0
NOTE = "document.querySelector('.challenge-note')?.textContent"


@dataclass
class Line:
    """A twin and the inspection service behind its quality desk."""

    twin: RunningTwin
    qc: ServiceProcess
    front: ServiceProcess
    shots: int = 0

    def camera(self, picture: bytes) -> str:
        """The camera sends the next product; its verdict."""
        self.shots += 1
        with httpx.Client(base_url=self.qc.url(), timeout=60, trust_env=False) as client:
            answer = send(client, picture, f"S-{self.shots:03d}", CAMERA)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["verdict"])


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory, scenes: Path, recipe: Path) -> Iterator[Line]:
    folder = tmp_path_factory.mktemp("challenge")
    bus = open_bus(f"embedded:{folder / 'bus'}")
    common = {"PARKTWIN_BUS": f"embedded:{folder / 'bus'}", "PARKTWIN_PORT": "0", "OMP_NUM_THREADS": "1"}
    qc = ServiceProcess("vision_qc.service", folder / "qc", common, name="qc")
    of_twin = {"PARKTWIN_PARK": str(DESKS), "PARKTWIN_QUALITY_SERVICE": str(folder / "qc" / "qc.url")}
    twin = ServiceProcess("twin", folder / "twin", common | of_twin)
    (folder / "twin").mkdir()
    (folder / "twin" / "scene").symlink_to(scenes)
    try:
        qc.start()
        twin.start()
        plant = Plant(bus, load_park(DESKS, environment={}))
        with httpx.Client(base_url=qc.url(), timeout=120, trust_env=False) as client:
            install(client, recipe, CAMERA, PRODUCT, activate=True)
        url = twin.url()
        assert twin.process is not None
        with Heartbeats(plant):
            yield Line(RunningTwin(url, twin.process, plant), qc, twin)
    finally:
        twin.stop()
        qc.stop()
        bus.close()


@pytest.fixture(scope="module")
def twin(line: Line) -> RunningTwin:
    """What ``open_page`` opens the page of."""
    return line.twin


def headline(viewer: Viewer, words: str) -> None:
    viewer.until(f"document.querySelector('.challenge-state h2')?.textContent === '{words}'", LONG_S)


def looks_right(viewer: Viewer, name: str) -> None:
    """Nothing is cut, everything is reached by the keyboard, and buttons are big enough for gloves."""
    assert misfits(viewer, name) == []
    assert breaches(viewer) == []
    assert walked_by_keyboard(viewer) == []
    small = (
        "[...document.querySelectorAll('.challenge button')].filter((one) => one.offsetHeight < 48).length"
    )
    assert viewer.ask(small) == 0
    assert too_small_to_touch(viewer) == []


def show(viewer: Viewer, piece: str, file: Path, picture: bytes) -> None:
    file.write_bytes(picture)
    viewer.page.locator(f"[name=piece-{piece}]").set_input_files([file])


def test_a_station_is_blocked_until_every_sample_was_judged_right(
    open_page: Open, line: Line, tmp_path: Path
) -> None:
    assert line.camera(good_file(1)) == "pass"
    viewer = open_page("/quality#view=challenge")
    page = viewer.page
    headline(viewer, f"{PRODUCT}: không yêu cầu thử mẫu chuẩn")
    page.locator("[data-focus=plan]").click()
    fill_form(viewer, good="G-1", defective="", reason="ca 1", by="Lê Thị Hoa")
    viewer.until("document.querySelector('dialog[open] .dialog-detail')?.textContent.includes('name a good')")
    viewer.complaints.clear()  # the browser's own word of the plan that was refused
    fill_form(viewer, defective="D-1, D-2")
    headline(viewer, f"Trạm bị khóa: {PRODUCT}")
    assert "vừa đổi yêu cầu" in viewer.text(".challenge-why")
    viewer.until("document.querySelector('.tab-blocked')?.textContent === 'Bị khóa'")
    looks_right(viewer, "challenge-blocked-vi")

    # the station's own view says so of the next product, and shows the way
    assert line.camera(good_file(2)) == "cannot_judge"
    page.locator("#view-station").click()
    viewer.until("document.querySelector('.verdict-why')?.textContent.includes('phải thử các mẫu chuẩn')")
    page.get_by_role("button", name="Thử mẫu chuẩn").click()
    headline(viewer, f"Trạm bị khóa: {PRODUCT}")

    # one by one from pictures: a defective one that passes ends the check
    show(viewer, "G-1", tmp_path / "g1.png", good_file(20))
    viewer.until("document.querySelector('[data-piece=G-1]').classList.contains('piece-right')", LONG_S)
    show(viewer, "D-1", tmp_path / "d1.png", good_file(11))
    viewer.until("document.querySelector('[data-piece=D-1]').classList.contains('piece-wrong')", LONG_S)
    viewer.until("document.querySelector('.challenge-why')?.textContent.startsWith('Thử không đạt: D-1')")
    assert "mẫu lỗi nhưng bị chấm ĐẠT" in viewer.text(".challenge-why")
    assert "đã đúng 0/3" in viewer.text(".challenge .card h2")
    viewer.keep("challenge-failed-vi")
    show(viewer, "G-1", tmp_path / "g1.png", good_file(20))
    viewer.until(f"{NOTE}.includes('Ảnh này đã dùng')", LONG_S)
    viewer.complaints.clear()  # of the picture that was refused

    # by keyboard alone: the camera's next three products are the samples
    follow = page.locator("[data-focus=camera]")
    follow.focus()
    page.keyboard.press("Enter")
    for piece, picture in (("G-1", good_file(41)), ("D-1", bad_file(41)), ("D-2", bad_file(42))):
        viewer.until(f"{NOTE}.includes('Đặt mẫu {piece}')")
        assert line.camera(picture) == "cannot_judge"
    headline(viewer, f"Được phép chạy: {PRODUCT}")
    viewer.until("document.querySelectorAll('.piece-right').length === 3")
    assert "Tất cả các mẫu được chấm đúng" in viewer.text(".challenge-note")
    viewer.until("document.querySelector('tbody tr')?.textContent.includes('Đạt, mở khóa')")
    assert "Lê Thị Hoa" in viewer.text("tbody tr")
    looks_right(viewer, "challenge-free-vi")
    assert line.camera(good_file(3)) == "pass"


def test_after_a_restart_it_has_to_prove_itself_anew(open_page: Open, line: Line) -> None:
    viewer = open_page("/quality?lang=en#view=challenge")
    page = viewer.page
    headline(viewer, f"Free to run: {PRODUCT}")
    line.qc.stop()
    line.qc.start()
    headline(viewer, f"Station blocked: {PRODUCT}")
    viewer.complaints.clear()  # of the answers 503 meanwhile
    assert viewer.text(".challenge-why") == "Samples are due: the system has just started."
    page.locator("[data-focus=camera]").click()
    fill_form(viewer, by="Hoa")
    viewer.until(f"{NOTE} === 'Lay sample G-1 under the camera. 3 to go.'")
    page.keyboard.press("Escape")
    viewer.until(
        "document.querySelector('[data-focus=camera]').textContent === \"Take the camera's next 3 products\""
    )
    page.locator("[data-focus=camera]").click()
    for piece, picture in (("G-1", good_file(42)), ("D-1", bad_file(43)), ("D-2", bad_file(44))):
        viewer.until(f"{NOTE}.includes('Lay sample {piece}')")
        viewer.keep(f"challenge-camera-{piece}-en")
        line.camera(picture)
    headline(viewer, f"Free to run: {PRODUCT}")
    page.set_viewport_size({"width": 1366, "height": 768})
    looks_right(viewer, "challenge-free-en")

    # nobody needs to prove anything once the plan is empty; by name and with a reason
    page.locator("[data-focus=plan]").click()
    fill_form(viewer, good="", defective="", reason="the samples are worn", by="Hoa")
    headline(viewer, f"{PRODUCT}: no check samples are asked for")
    journal = line.qc.get(f"/api/stations/{CAMERA}/challenge/journal", {"product": PRODUCT})
    wait_for(lambda: journal.status_code == 200, "the journal")
    assert (journal.json()[-1]["kind"], journal.json()[-1]["why"]) == ("plan", "the samples are worn")


CHECKS = '.challenge button, .challenge input, [data-focus="to-challenge"]'
"""Whatever of the check one can press."""


def test_who_may_not_check_sees_how_the_station_stands_and_no_button(
    chromium: Browser, line: Line, tmp_path: Path
) -> None:
    plan = {"pieces": [{"piece": "G-7", "truth": "good"}, {"piece": "D-7", "truth": "defective"}]}
    answer = httpx.post(
        f"{line.qc.url()}/api/stations/{CAMERA}/challenge/plan",
        params={"product": PRODUCT}, json={**plan, "by": "Hoa", "reason": "ca 2"}, timeout=60,
        trust_env=False,
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert line.camera(good_file(50)) == "cannot_judge"
    with guarded_twin(line.front, tmp_path) as url:
        for role, buttons in (("viewer", 0), ("quality", 1)):
            viewer = signed_in(chromium, url, role, "/quality#view=challenge")
            headline(viewer, f"Trạm bị khóa: {PRODUCT}")
            viewer.until("document.querySelectorAll('.challenge .piece').length === 2")
            # to change the plan, to follow the camera, a button and its field for each piece
            assert viewer.page.locator(CHECKS).count() == 6 * buttons
            viewer.page.locator("#view-station").click()
            viewer.until("document.querySelector('.verdict-why')?.textContent.includes('mẫu chuẩn')")
            assert viewer.page.locator(CHECKS).count() == buttons
            viewer.page.context.close()
