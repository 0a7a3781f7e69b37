"""True labels of products, and of the pictures that a camera took of them."""

from __future__ import annotations

from collections.abc import Iterable

from sim.truth.event import TruthEvent, shown_time

GOOD = "good"


def defect_label(time_ns: int, equipment: str, serial: str, defects: Iterable[str]) -> TruthEvent:
    """What is truly wrong with a product that an inspection station has looked at.

    >>> defect_label(0, "p/line/aoi1", "L1-20260921-00007", ["short", "spur"]).label
    'short+spur'
    """
    label = "+".join(defects) or GOOD
    return TruthEvent(
        time=shown_time(time_ns), event="defect", equipment=equipment, serial=serial, label=label
    )


def picture_label(
    time_ns: int, station: str, serial: str, defects: Iterable[tuple[str, tuple[int, int, int, int]]]
) -> TruthEvent:
    """Where it is in the picture of that product: type and box ``x0 y0 x1 y1`` [px] of each defect.

    >>> picture_label(0, "p/line/aoi1", "L1-20260921-00007", [("short", (10, 20, 18, 31))]).label
    'short 10 20 18 31'
    """
    label = "; ".join(" ".join((name, *map(str, box))) for name, box in defects) or GOOD
    return TruthEvent(
        time=shown_time(time_ns), event="picture", equipment=station, serial=serial, label=label
    )
