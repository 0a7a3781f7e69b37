"""Every view of the quality and the maintenance desk in turn, and what of a view the keyboard reaches."""

from __future__ import annotations

from collections.abc import Iterator

from tests.twin.web.conftest import Viewer

VIEWS = {
    "quality": {
        "station": ".verdict-word",
        "reviews": ".queue",
        "challenge": ".challenge-state",
        "charts": ".chart canvas",
        "find": "input[name=serial]",
        "teach": ".teach .button-main",
    },
    "maintenance": {
        "forecasts": ".forecast",
        "plan": ".week-row",
        "record": ".cards .card",
        "resources": ".finding",
        "report": ".paper h1",
    },
}
"""Desk, view, and what is there once it is."""
LONG_S = 240.0
MOST_STOPS = 250

_REACHABLE = """
    window.stops = [...document.querySelectorAll(
      'a[href], button, input, select, textarea, summary, [tabindex]')]
      .filter((one) => one.tabIndex >= 0 && !one.disabled && one.getClientRects().length > 0
        && getComputedStyle(one).visibility !== 'hidden');
    window.met = new Set();
    window.stops.length"""
_HERE = """(() => {
    const one = document.activeElement;
    if (one === document.body) return 'out';
    const again = window.met.has(one);
    window.met.add(one);
    const style = getComputedStyle(one);
    const seen = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
    return again ? 'again' : seen ? 'seen' : `unseen: ${one.outerHTML.slice(0, 120)}`;
  })()"""
_MISSED = """window.stops.filter((one) => one.isConnected && !window.met.has(one))
    .map((one) => one.outerHTML.slice(0, 120))"""


def views(viewer: Viewer, desk: str, views: dict[str, str]) -> Iterator[str]:
    """Go through the views of a desk by its tabs; each is there when it is given out."""
    for view, there in views.items():
        viewer.page.locator(f"#view-{view}").click()
        viewer.until(f"document.documentElement.dataset.view === '{view}'")
        viewer.until(f"document.querySelector('{there}')?.getClientRects().length > 0", LONG_S)
        yield f"{desk}, {view}"


def walked_by_keyboard(viewer: Viewer) -> list[str]:
    """Press Tab until the walk is round; what cannot be reached, or not be seen to be there, by its HTML."""
    viewer.ask("document.activeElement?.blur()")
    assert viewer.ask(_REACHABLE) > 0
    wrong: list[str] = []
    for _ in range(MOST_STOPS):
        viewer.page.keyboard.press("Tab")
        here = str(viewer.ask(_HERE))
        if here.startswith("unseen"):
            wrong.append(here)
        if here in {"out", "again"} and viewer.ask(f"{_MISSED}.length") == 0:
            break
        if here == "again":
            break
    return [*wrong, *(f"missed: {one}" for one in viewer.ask(_MISSED))]
