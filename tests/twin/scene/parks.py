"""A small park with one of everything the scene can draw."""

from __future__ import annotations

from collections.abc import Sequence

from twin.park.model import Equipment, EquipmentKind, Name, Park, SiteElement, SiteKind

Corners = tuple[tuple[float, float], ...]


def rectangle(west: float, south: float, east: float, north: float) -> Corners:
    return ((west, south), (east, south), (east, north), (west, north))


def machine(shape: str, x: float, y: float) -> Equipment:
    kind = EquipmentKind(shape, Name(shape, shape), shape, ())
    return Equipment(f"p/e/s/a/l/{shape}-{x:g}", kind, kind.display, (x, y, 0.0), (2.0, 1.0, 2.0))


def element(
    name: str, kind: SiteKind, points: Corners, height: float = 0.0, width: float = 0.0
) -> SiteElement:
    return SiteElement(name, kind, None, points, height, width)


SITE = (
    element("plot", "plot", rectangle(0, 0, 90, 60)),
    element("hall", "hall", rectangle(10, 10, 50, 40), height=8),
    element("warehouse", "hall", rectangle(100, 0, 150, 30), height=9),
    element("office", "hall", ((60, 10), (80, 10), (80, 30), (70, 30), (70, 20), (60, 20)), height=12),
    element("road", "road", ((-10, 65), (160, 65)), width=8),
    element("lane", "road", ((95, -10), (95, 90)), width=4),
    element("lawn", "lawn", rectangle(0, 75, 80, 110)),
    element("yard", "yard", rectangle(100, 75, 140, 110)),
    element("pond", "water", ((20, 85), (40, 82), (45, 95), (25, 100))),
)


def park(shapes: Sequence[str] = ("pump", "tank"), site: tuple[SiteElement, ...] = SITE) -> Park:
    name = Name("Khu thử", "Test park")
    equipment = tuple(machine(shape, 15.0 + 3 * i, 20.0) for i, shape in enumerate(shapes))
    return Park("p", name, "Asia/Ho_Chi_Minh", "0" * 16, (), equipment, (), (), (), site)
