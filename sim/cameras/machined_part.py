"""The source ``machined_part``: parts off a machining cell, with wrong dimensions, burrs and scratches."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from sim.cameras.outlines import Points, fill, stroke, wandering_line, window
from sim.cameras.part_drawing import PX_PER_MM, SIZE, Part, clamp, design, draw, face_of, smooth
from sim.cameras.picture import U8, Mark, Piece, Scene, mark_changes


@dataclass(frozen=True, slots=True)
class MachinedPart:
    """The source ``machined_part``."""

    name: str = "machined_part"
    size: tuple[int, int] = SIZE
    colour: bool = False
    real: bool = False
    defects: tuple[str, ...] = ("dimension", "burr", "scratch")

    def scene(self, piece: Piece, base: np.random.Generator, flaws: np.random.Generator) -> Scene:
        """Draw a part, see :class:`sim.cameras.picture.PictureSource`."""
        part = clamp(design(piece.product), base)
        marks: dict[str, Mark] = {}
        if "dimension" in piece.defects:
            right = draw(part, piece.product)
            part = misshape(part, flaws)
            image = draw(part, piece.product)
            marks["dimension"] = mark_changes("dimension", right, image, (0, 0), origin=__name__)
        else:
            image = draw(part, piece.product)
        for type_, add in (("burr", _add_burr), ("scratch", _add_scratch)):
            if type_ in piece.defects:
                marks[type_] = add(image, part, flaws)
        return Scene(image, tuple(marks[type_] for type_ in piece.defects), __name__)


def misshape(part: Part, rng: np.random.Generator) -> Part:
    """Make one dimension wrong by 0.6 to 1.6 mm: bore, outer size, a bolt hole's size or its place."""
    sign = float(rng.choice((-1, 1)))
    off_px = float(rng.uniform(0.6, 1.2)) * PX_PER_MM
    which = int(rng.integers(4 if part.holes else 2))
    if which == 0:
        return replace(part, bore=part.bore + sign * off_px)
    if which == 1:
        return replace(part, outer=part.outer + sign * off_px)
    number = int(rng.integers(len(part.holes)))
    hole = part.holes[number]
    if which == 2:
        hole = replace(hole, radius=hole.radius + sign * off_px)
    else:
        angle, distance = float(rng.uniform(0, 2 * math.pi)), 1.35 * off_px
        hole = replace(hole, x=hole.x + distance * math.cos(angle), y=hole.y + distance * math.sin(angle))
    return replace(part, holes=(*part.holes[:number], hole, *part.holes[number + 1 :]))


def _add_burr(image: U8, part: Part, rng: np.random.Generator) -> Mark:
    """Leave a torn lip of metal on an edge, that reaches 0.8 to 2 mm over the gap beside it."""
    holes = [(part.x + h.x, part.y + h.y, h.radius, -1.0) for h in part.holes]
    edges = [(part.x, part.y, part.bore, -1.0), *holes]
    if not part.milled:
        edges.append((part.x, part.y, part.outer, 1.0))
    x, y, radius, outwards = edges[int(rng.integers(len(edges)))]
    length_px, height_px = float(rng.uniform(28, 70)), float(rng.uniform(0.8, 2.0)) * PX_PER_MM
    angles = float(rng.uniform(0, 2 * math.pi)) + np.linspace(-0.5, 0.5, 40) * min(length_px / radius, 1.8)
    teeth = np.abs(smooth(rng.standard_normal(40), 3)) * 1.1 + 0.25
    lip = radius + outwards * height_px * np.minimum(teeth, 1.2) * np.sin(np.linspace(0, math.pi, 40)) ** 0.5
    root = np.full(40, radius - outwards * 1.5)
    around = np.concatenate((angles, angles[::-1]))
    away = np.concatenate((lip, root))
    outline: Points = np.column_stack((x + away * np.cos(around), y + away * np.sin(around)))
    x0, y0, width, height = window(outline, 2, SIZE)
    field = image[y0 : y0 + height, x0 : x0 + width]
    before = field.copy()
    covered = fill((width, height), outline - (x0, y0)) / np.float32(255)
    shine = np.asarray(cv2.GaussianBlur(rng.normal(185, 90, (height, width)), (0, 0), 1.5))
    field[:] = np.clip(field + covered * (np.clip(shine, 110, 250) - field), 0, 255)
    return mark_changes("burr", before, field, (x0, y0), origin=__name__)


def _add_scratch(image: U8, part: Part, rng: np.random.Generator) -> Mark:
    """Draw a scratch over the face, a bright flank beside a dark one, 8 to 30 mm long."""
    while True:
        right, down = rng.uniform(-part.outer, part.outer, 2).tolist()
        start = (part.x + right, part.y + down)
        turn = float(rng.uniform(0, 2 * math.pi))
        length_px = float(rng.uniform(8, 30)) * PX_PER_MM
        line = wandering_line(rng, start, turn, length_px, bend=0.03)
        x0, y0, width, height = window(line, 4, SIZE)
        face = face_of(part, x0, y0, width, height)
        bright = stroke((width, height), line - (x0, y0), int(rng.integers(1, 4))) / np.float32(255)
        dark = stroke((width, height), line - (x0 - 1.6, y0 - 1.6), 1) / np.float32(255)
        # most of it must lie on the face, else it would be a scratch over holes
        if np.count_nonzero(bright * face) > 0.85 * np.count_nonzero(bright):
            break
    depth = np.asarray(cv2.resize(rng.uniform(0.6, 1.1, (3, 3)).astype(np.float32), (width, height)))
    field = image[y0 : y0 + height, x0 : x0 + width]
    before = field.copy()
    field[:] = np.clip(field + face * depth * (78 * bright - 46 * dark * (1 - bright)), 0, 255)
    return mark_changes("scratch", before, field, (x0, y0), origin=__name__)
