"""What things are made of: a few PBR surfaces, and named colours on them.

Calm on purpose (ISA-101): light greys and muted blues, so that only the colour of an abnormal state draws the
eye. The colour of a part is carried by its vertices, so all parts on one surface are one draw call.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Surface:
    """A PBR material.

    Args:
        metallic, roughness: 0 to 1, as in glTF's metallic-roughness model.
        base: linear RGBA factor; 1 where the vertices carry the colour.
        tinted: False if the page gives it its colour, so its vertices carry none.
        blend: True if what is behind shines through.
        double_sided: True for sheets without thickness.
    """

    metallic: float
    roughness: float
    base: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    tinted: bool = True
    blend: bool = False
    double_sided: bool = False


SURFACES: dict[str, Surface] = {
    "paint": Surface(metallic=0.0, roughness=0.52),
    # a fully metallic surface is black where the page has no environment to mirror
    "metal": Surface(metallic=0.45, roughness=0.36),
    "glass": Surface(metallic=0.0, roughness=0.08, base=(1.0, 1.0, 1.0, 0.34), blend=True, double_sided=True),
    "state": Surface(metallic=0.0, roughness=0.45, base=(0.62, 0.66, 0.70, 1.0), tinted=False),
    "matte": Surface(metallic=0.0, roughness=0.95),
    "frame": Surface(metallic=0.0, roughness=0.5, base=(1.0, 1.0, 1.0, 0.5), blend=True),
    "water": Surface(metallic=0.1, roughness=0.12),
    "sheet": Surface(metallic=0.0, roughness=0.4, base=(1.0, 1.0, 1.0, 0.13), blend=True, double_sided=True),
    "fade": Surface(metallic=0.0, roughness=0.95, blend=True),
}
"""Materials of the glTF by name, in drawing order: ``state`` is the one the page tints by condition."""

COLOURS: dict[str, tuple[str, str]] = {
    # machines
    "shell": ("paint", "#dfe3e6"),
    "shell_dim": ("paint", "#c3cad0"),
    "panel": ("paint", "#aeb8c1"),
    "blue": ("paint", "#6f8da8"),
    "blue_dark": ("paint", "#4d6780"),
    "grey": ("paint", "#87919a"),
    "dark": ("paint", "#4b545c"),
    "black": ("paint", "#2b3035"),
    "screen": ("paint", "#1d2a36"),
    "glow": ("paint", "#9fc0d8"),
    "board": ("paint", "#6d8f83"),
    "porcelain": ("paint", "#a39a94"),
    "concrete": ("paint", "#bdbcb6"),
    "photovoltaic": ("paint", "#33475f"),
    "steel": ("metal", "#c5ccd2"),
    "steel_dark": ("metal", "#858f98"),
    "copper": ("metal", "#b59a84"),
    "pane": ("glass", "#a9c3d6"),
    "state": ("state", "#ffffff"),
    # the site
    "ground": ("matte", "#b9c1b8"),
    "plot": ("matte", "#c3c6c3"),
    "lawn": ("matte", "#9bac8b"),
    "lawn_edge": ("matte", "#b0b4b1"),
    "asphalt": ("matte", "#70777e"),
    "marking": ("matte", "#dcdfe0"),
    "kerb": ("matte", "#b4b8ba"),
    "yard": ("matte", "#a9aaa5"),
    "floor": ("matte", "#b3babf"),
    "aisle": ("matte", "#d3dade"),
    "wall": ("matte", "#d9dde0"),
    "plinth": ("matte", "#979fa5"),
    "roof": ("matte", "#bcc4ca"),
    "window": ("paint", "#8ea6ba"),
    "window_dark": ("paint", "#4f6579"),
    "frame": ("frame", "#a3b0bb"),
    "fence": ("paint", "#8f9aa3"),
    "pole": ("paint", "#98a2aa"),
    "trunk": ("matte", "#8c7d6e"),
    "leaf": ("matte", "#88a17c"),
    "leaf_light": ("matte", "#9db08d"),
    "pond": ("water", "#8fb2c4"),
    "roof_sheet": ("sheet", "#bccfdd"),
    "wall_sheet": ("sheet", "#cfdde7"),
    "mesh_sheet": ("sheet", "#a5b0b9"),
    "edge": ("fade", "#b9c1b8"),
}
"""Colours by name: surface, sRGB."""


def linear(colour: str) -> NDArray[np.float64]:
    """Turn ``#rrggbb`` (sRGB, IEC 61966-2-1) into linear RGB, as glTF wants vertex colours.

    >>> linear("#ff8000").round(3).tolist()
    [1.0, 0.216, 0.0]
    """
    encoded = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
