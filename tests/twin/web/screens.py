"""The screens a view must fit: a laptop, a desk, a wall of 4K, a tablet either way round; and fingers."""

from __future__ import annotations

from tests.twin.web.conftest import Viewer
from tests.twin.web.test_page import SIZES, overflowing

FINGER_PX = 44
"""Least height of what is touched (WCAG 2.5.5; gloves at a station)."""

_SMALL = f"""[...document.querySelectorAll(
    'button, select, summary, input:not([type=file], .unseen), a.button, a.desk-link')]
  .filter((one) => one.offsetParent && one.getBoundingClientRect().height < {FINGER_PX} - 0.5
    && getComputedStyle(one).clipPath === 'none')
  .map((one) => `${{one.tagName}} ${{one.className}}: ${{one.getBoundingClientRect().height}}`)"""


def misfits(viewer: Viewer, name: str = "") -> list[str]:
    """Name what is cut or reaches out of the window on any screen; a picture of each is kept under ``name``.
    The window is as large as it was in the end."""
    before = viewer.page.viewport_size
    found: list[str] = []
    for width, height in SIZES:
        viewer.page.set_viewport_size({"width": width, "height": height})
        # laid out, and what watches sizes has drawn
        viewer.page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        found += [f"{width} x {height}: {one}" for one in overflowing(viewer, width)]
        if name:
            viewer.keep(f"{name}-{width}")
    if before is not None:
        viewer.page.set_viewport_size(before)
    return found


def too_small_to_touch(viewer: Viewer) -> list[str]:
    """Name what is lower than a finger needs."""
    return [str(one) for one in viewer.ask(_SMALL)]
