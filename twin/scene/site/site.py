"""The whole site as a few primitives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twin.park.model import Park, SiteElement
from twin.scene.glb import Primitive
from twin.scene.parts import Part, merge
from twin.scene.site import buildings, ground, halls, planting, roads
from twin.scene.site.outline import inside

_BUILDERS: dict[str, Callable[[SiteElement], list[Part]]] = {
    "plot": ground.plot,
    "lawn": ground.lawn,
    "water": ground.pond,
    "yard": ground.yard,
}


def site_model(park: Park, seed: int) -> tuple[Primitive, ...]:
    """Build everything of the park that is no equipment, in park coordinates, z up.

    Args:
        seed: of the planting; the same seed gives the same trees.
    """
    machines = np.array([machine.position[:2] for machine in park.equipment]).reshape(-1, 2)
    parts = ground.ground(park)
    for element in park.site:
        if element.kind == "hall":
            occupied = inside(machines, element.points).any()
            parts += halls.hall(element) if occupied else buildings.building(element)
        elif element.kind != "road":
            parts += _BUILDERS[element.kind](element)
    lines = [element for element in park.site if element.kind == "road"]
    for line in lines:
        parts += roads.road(line, [other for other in lines if other.id != line.id])
    parts += roads.street_lamps(lines)
    parts += planting.trees(park, np.random.default_rng(seed))
    return merge(parts, shade=False)
