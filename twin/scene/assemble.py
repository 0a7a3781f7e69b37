"""Putting a park's scene together: the site and one unit model per shape."""

from __future__ import annotations

import logging

from twin.park.model import Park
from twin.scene.glb import Node, encode_glb
from twin.scene.palette import SURFACES
from twin.scene.shapes.registry import FALL_BACK, SHAPES, unit_model
from twin.scene.site.ground import extent
from twin.scene.site.site import site_model

_LOG = logging.getLogger(__name__)


def assemble(park: Park, key: str) -> bytes:
    """Build the binary glTF of ``park``; ``key`` (hex) seeds the planting.

    Each node says in ``extras`` what it is, because viewers may clean ``:`` out of names.
    """
    wanted = sorted({machine.kind.shape for machine in park.equipment} | {FALL_BACK})
    drawn = {name: unit_model(SHAPES[name]) for name in wanted if name in SHAPES}
    low, high = extent(park)
    nodes = [Node("site", site_model(park, int(key, 16)), {"site": True, "bounds": [*low, *high]})]
    for name in wanted:
        extras = {"shape": name}
        if name not in SHAPES:
            extras["stands_in"] = FALL_BACK
            _LOG.warning(
                "shape %r: nobody has drawn it, shown as %r; known shapes: %s",
                name,
                FALL_BACK,
                ", ".join(sorted(SHAPES)),
            )
        nodes.append(Node(f"shape:{name}", drawn.get(name, drawn[FALL_BACK]), extras, unit=True))
    return encode_glb(park.id, nodes, SURFACES, {"park": park.id, "scene": key, "up": "y", "unit": "m"})
