"""The whole site as a few primitives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twin.park.model import Park, SiteElement
from twin.scene.glb import Primitive
from twin.scene.parts import Part, merge
from twin.scene.site import ground, halls, planting, roads

_BUILDERS: dict[str, Callable[[SiteElement], list[Part]]] = {
    "plot": ground.plot,
    "lawn": ground.lawn,
    "water": ground.pond,
    "yard": ground.yard,
    "hall": halls.hall,
}


def site_model(park: Park, seed: int) -> tuple[Primitive, ...]:
    """Build everything of the park that is no equipment, in park coordinates, z up.

    Args:
        seed: of the planting; the same seed gives the same trees.
    """
    parts = ground.ground(park)
    for element in park.site:
        if element.kind != "road":
            parts += _BUILDERS[element.kind](element)
    lines = [element for element in park.site if element.kind == "road"]
    for line in lines:
        parts += roads.road(line, [other for other in lines if other.id != line.id])
    parts += roads.street_lamps(lines)
    parts += planting.trees(park, np.random.default_rng(seed))
    return merge(parts, shade=False)
