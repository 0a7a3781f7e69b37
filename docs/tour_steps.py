"""The stops of the tour: which page is opened, what is done there, and what its picture shows.

Each step is one picture of ``docs/images`` and one passage of ``docs/tour.md``, which a test holds together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.twin.web.conftest import Viewer

FEEDER = "yenphong/park/utilities/substation/f3"
SPINDLE = "yenphong/dongho-mechanical/f1/cnc/cell1/m2"
TRIP = ("feeder_trip", FEEDER, "--for", "4m")
BAD_LOT = (
    "quality_excursion",
    "yenphong/anphat-electronics/f1/smt/line1/aoi1",
    "--strength",
    "0.5",
    "--for",
    "30m",
)
TABLET = (820, 1180)
SIGNAL = f"/#{SPINDLE}:spindle_vibration"
PATIENCE_S = 300.0
TOLD_S = 900.0

TELL_WEAR = (
    ("spindle_bearing", SPINDLE),
    ("condenser_fouling", "yenphong/anphat-electronics/f1/utilities/chiller1"),
    ("separator_clogging", "yenphong/anphat-electronics/f1/utilities/comp2"),
    ("relay_nozzle_wear", "yenphong/kinhbac-textile/f1/weaving/hall1/lm05"),
    ("tube_scaling", "yenphong/songcau-food/f1/coldstore/cond1"),
)
"""Wear that is hurried once maintenance knows how the machines are when healthy."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stop of the tour.

    Args:
        name: of the picture, ``tour-<name>.webp``.
        alt: what the picture shows, as ``docs/tour.md`` says it.
        path: of the page.
        act: what a visitor does there; ends when the picture can be taken.
        language: of the page, ``vi`` or ``en``.
        theme: ``dark`` or ``light``.
        size: of the window [px].
        fault: what the simulator is told before, as arguments of ``parktwin sim inject``; empty = nothing.
    """

    name: str
    alt: str
    path: str
    act: Callable[[Viewer], None]
    language: str = "vi"
    theme: str = "dark"
    size: tuple[int, int] = (1440, 900)
    fault: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Name of the picture's file."""
        return f"tour-{self.name}.webp"


def click(viewer: Viewer, selector: str) -> None:
    """Click as soon as it is there; not by the pointer, which waits for a picture that stands still."""
    there = f"document.querySelector({selector!r})"
    viewer.until(there, PATIENCE_S)
    viewer.ask(f"{there}.click()")


def scene(viewer: Viewer) -> None:
    """Wait for the scene, and for the alarms that its badges show."""
    viewer.until("window.parktwin && parktwin.sceneState === 'ready' && parktwin.frames > 1", PATIENCE_S)
    viewer.until("parktwin.pictures > 0 && parktwin.badges > 0", PATIENCE_S)
    viewer.until("!parktwin.drawing", PATIENCE_S)


def select(viewer: Viewer, equipment: str) -> None:
    """Open a machine, or one of its signals over time."""
    viewer.ask(f"location.hash = {equipment!r}")
    viewer.until(f"parktwin.selected === {equipment.partition(':')[0]!r}", PATIENCE_S)


def network(viewer: Viewer) -> None:
    scene(viewer)
    click(viewer, "[data-layer=wastewater]")
    viewer.until("parktwin.layer?.most > 0")


def machine(viewer: Viewer) -> None:
    scene(viewer)
    viewer.until("document.querySelector('.trend-chart canvas')", PATIENCE_S)
    viewer.page.wait_for_timeout(4_000)


def alarms(viewer: Viewer) -> None:
    scene(viewer)
    click(viewer, "#tab-alarms")
    viewer.until("document.querySelectorAll('.alarms .alarm').length > 3", PATIENCE_S)
    viewer.page.wait_for_timeout(15_000)


def board(viewer: Viewer) -> None:
    scene(viewer)
    click(viewer, "#tab-oee")
    click(viewer, ".oee-name")
    viewer.until("document.querySelector('.timeline-picture')?.childElementCount > 0", PATIENCE_S)
    # of less than ten minutes no ratio is told
    viewer.until(
        "document.querySelector('.oee-figure') && !document.querySelector('.oee-reading, .oee-state-failed')",
        TOLD_S,
    )


def what_if(viewer: Viewer) -> None:
    scene(viewer)
    select(viewer, FEEDER)
    click(viewer, "#tab-whatif")
    click(viewer, ".what-open")
    viewer.until("document.querySelector('.what-sum')", PATIENCE_S)
    viewer.until("parktwin.marks > 0", PATIENCE_S)


def past(viewer: Viewer) -> None:
    scene(viewer)
    click(viewer, ".review-button")
    click(viewer, ".time-tools .icon-button")
    viewer.until("!document.querySelector('.past-strip').hidden", PATIENCE_S)
    viewer.page.wait_for_timeout(3_000)


def station(viewer: Viewer) -> None:
    viewer.until("document.querySelectorAll('.strip-item').length >= 12", PATIENCE_S)
    click(viewer, ".strip-item:not(.verdict-of-pass)")
    viewer.until("document.querySelector('.verdict-reject, .verdict-review')", PATIENCE_S)
    viewer.until(
        "document.querySelector('.product-svg') && !document.querySelector('.product-note')", PATIENCE_S
    )
    viewer.page.wait_for_timeout(4_000)


def reviews(viewer: Viewer) -> None:
    viewer.until("document.querySelector('.queue-item')", PATIENCE_S)
    viewer.page.wait_for_timeout(3_000)


def charts(viewer: Viewer) -> None:
    viewer.until("document.querySelectorAll('.chart canvas').length >= 2", PATIENCE_S)


def forecasts(viewer: Viewer) -> None:
    viewer.until("document.querySelector('.forecast .band')", PATIENCE_S)
    click(viewer, ".forecast")
    viewer.until("document.querySelector('.detail-reasons li')", PATIENCE_S)


def plan(viewer: Viewer) -> None:
    click(viewer, ".job")
    viewer.until("document.querySelector('.order')", PATIENCE_S)


def report(viewer: Viewer) -> None:
    viewer.until("document.querySelector('.desk-body h2')", PATIENCE_S)
    viewer.page.wait_for_timeout(2_000)


STEPS: tuple[Step, ...] = (
    Step("park", "The park in 3D, its machines by condition, its alarms", "/", scene),
    Step("networks", "Where the wastewater flows, and how much", "/", network, "en", "light", fault=BAD_LOT),
    Step("machine", "A machine tool: every signal against its limits, and one over time", SIGNAL, machine),
    Step("what-if", "What would happen if a feeder opened", "/", what_if),
    Step("past", "The park as it was a minute ago, and the way back", "/", past),
    Step("alarms", "A tripped feeder, and everything that hangs on it", "/", alarms, fault=TRIP),
    Step("station", "A verdict to be read from three metres", "/quality", station),
    Step("tablet", "The same station on a tablet, in daylight", "/quality", station, "en", "light", TABLET),
    Step("reviews", "What the camera left to a person", "/quality#view=reviews", reviews, "en"),
    Step("charts", "Charts that say what they rest on", "/quality#view=charts", charts),
    Step("forecasts", "What will fail, when, and why", "/maintenance", forecasts),
    Step("plan", "The week of each crew, and what jobs save", "/maintenance#view=plan", plan, "en", "light"),
    Step("report", "The week for who was not there", "/maintenance#view=report", report),
    Step("board", "OEE of a line, and why it stood", "/", board, "en", "light"),
)  # fmt: skip
