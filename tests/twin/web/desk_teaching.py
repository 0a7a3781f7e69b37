"""A product taught on the quality desk as a person would: pictures, teach, try, put in force."""

from __future__ import annotations

from pathlib import Path

from tests.twin.web.conftest import Viewer
from tests.twin.web.desk_services import CAMERA, PRODUCT
from tests.vision_qc.products import bad, good
from tests.vision_qc.service.plates import encode

LONG_S = 240.0


def teach_plate(viewer: Viewer, folder: Path) -> None:
    """Teach the plate; one of the pictures is broken, and said to be."""
    pictures = []
    for number in range(20):
        pictures.append(folder / f"good{number:02d}.png")
        pictures[-1].write_bytes(encode(good(number)))
    broken, scratched = folder / "broken.png", folder / "scratched.png"
    broken.write_bytes(b"no picture")
    scratched.write_bytes(encode(bad(3)))
    page = viewer.page
    page.goto(f"{viewer.origin}/quality#view=teach")
    page.locator(".teach .button-main").click()
    fill_form(viewer, station=CAMERA, product=PRODUCT, by="Trần Văn Nam")
    viewer.until("document.querySelectorAll('.teach-step').length === 4")
    assert page.locator("[data-step=teach]").is_disabled(), "nothing to teach from yet"
    page.locator("input[name=good]").set_input_files([broken, *pictures])
    viewer.until(
        "document.querySelector('.asked-note').textContent.includes('1 ảnh không nhận được')", LONG_S
    )
    assert "broken.png" in viewer.text(".asked-note")
    viewer.complaints.clear()  # the browser's own word about the picture that was refused
    assert "Đã có 20 ảnh tốt" in viewer.text(".teach-step")
    page.locator("[data-step=teach]").click()
    viewer.until("document.querySelector('.busy-bar')")
    viewer.until("!document.querySelector('[data-step=install]').disabled", LONG_S)
    page.locator("input[name=try]").set_input_files([scratched])
    viewer.until("document.querySelector('.tried-one img')?.complete", LONG_S)
    assert "KHÔNG ĐẠT" in viewer.text(".tried-one")
    viewer.keep("quality-teach-vi")
    page.locator("[data-step=install]").click()
    fill_form(viewer)
    viewer.until("document.querySelectorAll('.teach-done').length === 4", LONG_S)


def fill_form(viewer: Viewer, **fields: str) -> None:
    """Fill in the form that lies over the page, and send it by the keyboard."""
    viewer.until("document.querySelector('dialog[open]')")
    for name, text in fields.items():
        viewer.page.locator(f"dialog [name={name}]").fill(text)
    viewer.page.locator("dialog .button-main").focus()
    viewer.page.keyboard.press("Enter")
    viewer.until("!document.querySelector('dialog[open]')")
