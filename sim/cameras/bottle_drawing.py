"""A filled bottle before a lit panel, from the side: fill level, cap, label; in colour.

The bottle is a body of revolution. Light from behind passes walls and drink by Beer and Lambert's law, over a
path as long as the chord at that place; towards its edge the wall bends it away, which makes the dark outline
that every backlit bottle has. Cap and label are lit from the front as cylinders are.
"""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from sim.cameras.filled_bottle import DRINKS, PX_PER_MM, SIZE, Design, Filled
from sim.cameras.picture import U8, generator

F32 = npt.NDArray[np.float32]

_BASE_Y, _NECK_Y, _TOP_Y = 978, 210, 92  # belt, end of the shoulder, rim of the mouth
_NECK_PX = 52.0  # half width
_PANEL_DN = (238.0, 234.0, 228.0)


def draw(bottle: Filled, made: Design) -> U8:
    """Draw a bottle, ``uint8[height, width, 3]``."""
    rng = np.random.default_rng(bottle.grain)
    image = _panel().copy()
    reach = math.ceil(made.body_px + 4)
    x0, y0, y1 = round(bottle.x) - reach, _TOP_Y - 14, _BASE_Y + 4
    rows = np.arange(y0, y1, dtype=np.float32)[:, None] - np.float32(bottle.drop_px)
    columns = np.arange(x0, x0 + 2 * reach + 1, dtype=np.float32)
    offset = np.asarray(columns[None, :] - np.float32(bottle.x), np.float32)
    half = _half_width(rows[:, 0], made.body_px)[:, None]
    across = np.asarray(np.clip(offset / np.maximum(half, 1), -1, 1), np.float32)
    chord = np.asarray(np.sqrt(1 - across**2), np.float32)
    field = image[y0:y1, x0 : x0 + offset.shape[1]]
    # one plane a colour: what is the same for all three is then worked out once and spread over them
    part = np.stack(cv2.split(field)).astype(np.float32)
    glass = part * _through(rows, half, across, chord, bottle, made)
    glass += _glints(rows, across)
    _add_foam(glass, rows, chord, bottle, rng)
    glass -= part
    glass *= np.clip(half - np.abs(offset) + 0.5, 0, 1)
    part += glass
    _stick_label(part, rows, across, half, chord, bottle, made)
    if bottle.capped:
        _screw_cap(part, rows, offset, bottle, made)
    field[:] = cv2.merge(list(np.clip(part, 0, 255).astype(np.uint8)))
    return image


@lru_cache(maxsize=1)
def _panel() -> U8:
    """The lit panel, brightest in its middle, over a dark belt, ``uint8[height, width, 3]``."""
    x = np.linspace(-1, 1, SIZE[0], dtype=np.float32)
    y = np.linspace(-1, 1, SIZE[1], dtype=np.float32)[:, None]
    glow = (1 - 0.06 * x**2) * (1 - 0.07 * (y + 0.1) ** 2)
    panel = glow[..., None] * np.array(_PANEL_DN, np.float32)
    depth = np.arange(SIZE[1] - _BASE_Y, dtype=np.float32)[:, None]
    slats = 44 + 9 * np.sin(2 * math.pi * np.arange(SIZE[0]) / 46) + 50 * np.exp(-depth / 5)
    panel[_BASE_Y:] = slats[..., None] * np.array([1.0, 1.0, 0.97], np.float32)
    return np.asarray(np.clip(panel, 0, 255), np.uint8)


def _half_width(y: F32, body_px: float) -> F32:
    """Outline of the bottle: mouth with thread and support ring, neck, shoulder, body with grips, foot."""
    shoulder = np.clip((y - _NECK_Y) / 170, 0, 1)
    half = _NECK_PX + (body_px - _NECK_PX) * (0.5 - 0.5 * np.cos(math.pi * shoulder)) ** 0.85
    thread = (y < 148) * 2.2 * np.sin(2 * math.pi * (y - _TOP_Y) / 15).clip(0, 1)
    ring = 9.0 * np.clip(1 - ((y - 157) / 6.5) ** 4, 0, 1)
    grips = 5.0 * (np.abs(y - 850) < 54) * (0.5 - 0.5 * np.cos(2 * math.pi * (y - 796) / 36))
    foot = np.clip((y - (_BASE_Y - 24)) / 24, 0, 1)
    half = half - 1.5 * (y < 148) + thread + ring - grips - 20 * (1 - np.sqrt(np.clip(1 - foot**2, 0, 1)))
    half[(y < _TOP_Y) | (y > _BASE_Y)] = 0
    return np.asarray(half, np.float32)


def _through(rows: F32, half: F32, across: F32, chord: F32, bottle: Filled, made: Design) -> F32:
    """Share of the panel's light that comes through, ``float32[3, h, w]``."""
    edge_2 = across * across
    edge_4 = edge_2 * edge_2
    edge_6 = edge_4 * edge_2
    edge_14 = edge_6 * edge_6 * edge_2
    wall = np.float32(0.95) - np.float32(0.22) * edge_4 - np.float32(0.62) * edge_14
    # grips and thread bend the light up and down: dark where the outline slopes
    slope = np.clip(np.abs(np.gradient(half[:, 0]))[:, None] / 1.2, 0, 1) * ((rows < 170) | (rows > 780))
    wall *= 1 - np.asarray(0.55 * slope, np.float32) * (np.float32(0.25) + np.float32(0.75) * chord)
    filled = np.asarray(np.clip(rows - bottle.fill_y + 0.5, 0, 1), np.float32)
    # a full bottle is a strong lens: its outline is broader than that of an empty one
    wall *= 1 - filled * (np.float32(0.30) * edge_6 + np.float32(0.2) * edge_14 * edge_6)
    path_10mm = half * filled * np.float32(2 / (10 * PX_PER_MM)) * chord
    absorb = np.log(np.array(DRINKS[made.drink], np.float32))
    through = np.exp(path_10mm * absorb[:, None, None])
    through *= wall
    return np.asarray(through, np.float32)


def _glints(rows: F32, across: F32) -> F32:
    """Reflections of the front light on the wall, ``float32[h, w]``: two soft stripes along the body."""
    at = np.linspace(-1, 1, 1024)
    stripes = 42 * np.exp(-(((at + 0.62) / 0.045) ** 2)) + 18 * np.exp(-(((at - 0.7) / 0.03) ** 2))
    along = np.clip((rows - 190) / 60, 0, 1) * np.clip((_BASE_Y - 40 - rows) / 30, 0, 1)
    place = ((across + 1) * np.float32(511.5)).astype(np.int32)
    return np.asarray(stripes.astype(np.float32)[place] * along.astype(np.float32), np.float32)


def _add_foam(glass: F32, rows: F32, chord: F32, bottle: Filled, rng: np.random.Generator) -> None:
    """Draw the surface of the drink, a dark line that clings to the wall, and the bubbles on it."""
    top = round(bottle.fill_y + bottle.drop_px) - (_TOP_Y - 14) - 6
    surface = slice(top - 8, top + 14)
    level = bottle.fill_y - 3.0 * (1 - chord[surface])
    glass[:, surface] *= 1 - 0.55 * np.exp(-(((rows[surface] - level) / 1.6) ** 2))
    bubbles = rng.random((7, glass.shape[2])).astype(np.float32)
    foam = np.asarray(cv2.GaussianBlur(bubbles, (0, 0), 1.2), np.float32) - 0.5
    glass[:, top : top + 7] *= 1 + 0.5 * foam


def _stick_label(
    part: F32, rows: F32, across: F32, half: F32, chord: F32, bottle: Filled, made: Design
) -> None:
    """Wrap the label around the body; askew, it runs around it like a screw thread."""
    top, bottom = made.label
    rise = math.tan(bottle.label_skew) * made.body_px * 1.6
    first = max(0, math.floor(top - abs(rise) - rows[0, 0]) - 2)
    last = math.ceil(bottom + abs(rise) - rows[0, 0]) + 3
    rows, half, across, chord = rows[first:last], half[first:last], across[first:last], chord[first:last]
    angle = np.arcsin(across)
    down = rows - np.float32(top) - np.float32(math.tan(bottle.label_skew)) * half * angle
    art = _label_art(made)
    turn = (angle + np.float32(bottle.label_turn)) * np.float32(made.body_px)
    columns = (turn + art.shape[1] / 2).astype(np.float32)
    printed = cv2.remap(
        art, columns, down.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    shade = 0.28 + 0.64 * chord + 0.10 * np.exp(-(((across + 0.4) / 0.16) ** 2))
    covered = np.clip(down + 0.5, 0, 1) * np.clip(np.float32(bottom - top) - down + 0.5, 0, 1)
    covered *= np.abs(across) < 1
    ink = np.stack(cv2.split(np.asarray(printed, np.uint8))) * shade.astype(np.float32)
    part[:, first:last] += covered * (ink - part[:, first:last])


@lru_cache(maxsize=8)
def _label_art(made: Design) -> U8:
    """Print the label flat, ``uint8[h, w, 3]``: brand, a wave, small print, a bar code."""
    width, height = round(2 * math.pi * made.body_px), math.ceil(made.label[1] - made.label[0])
    art = np.full((height, width, 3), made.paper, np.uint8)
    x = np.arange(width)
    wave = (0.70 + 0.07 * np.sin(2 * math.pi * x * 3 / width)) * height
    art[np.arange(height)[:, None] > wave] = made.ink
    art[6:12] = made.ink
    # to be read it must differ from the paper
    text = (245, 245, 245) if max(made.paper) < 200 else tuple(int(0.4 * channel) for channel in made.ink)
    middle = width // 2
    cv2.putText(art, "SONG CAU", (middle - 112, 78), cv2.FONT_HERSHEY_TRIPLEX, 1.35, text, 3, cv2.LINE_AA)
    name = made.drink.upper()
    cv2.putText(art, name, (middle - 70, 128), cv2.FONT_HERSHEY_DUPLEX, 1.1, text, 2, cv2.LINE_AA)
    cv2.putText(
        art,
        f"{made.volume_ml} ml",
        (middle - 40, height - 22),
        cv2.FONT_HERSHEY_DUPLEX,
        0.7,
        made.paper,
        1,
        cv2.LINE_AA,
    )
    rng = generator("print", made.drink)
    for row in range(30, int(0.6 * height), 11):
        for start in (middle + 165, middle - 330):
            end = start + int(rng.integers(70, 130))
            cv2.line(art, (start, row), (end, row), text, 2)
    bars = np.repeat(rng.integers(0, 2, 48), 2)
    code = np.where(bars[:, None], 25, 240).astype(np.uint8)
    left = middle - 440 if middle > 450 else 4
    art[30:110, left : left + 96] = code[None, :]
    return art


def _screw_cap(part: F32, rows: F32, offset: F32, bottle: Filled, made: Design) -> None:
    """Put the cap on: ribs for the grip, a round upper edge, a band that tears off."""
    top, band, bottom, half = _TOP_Y - 9.0, 134.0, 149.0, 61.0
    last = int(np.searchsorted(rows[:, 0], bottom + 2))
    rows = rows[:last]
    narrow = half - 7 * np.clip(1 - (rows - top) / 9, 0, 1) ** 2
    across = np.clip(offset / narrow, -1, 1)
    chord, angle = np.sqrt(1 - across**2), np.arcsin(across) + bottle.cap_turn
    ribs = 1 + 0.13 * np.clip(3 * np.sin(44 * angle), -1, 1) * (rows > top + 10) * (rows < band - 2)
    shade = (0.34 + 0.56 * chord) * ribs + 0.14 * np.exp(-(((across + 0.45) / 0.12) ** 2))
    shade = shade + 0.16 * np.exp(-(((rows - top - 4) / 3.5) ** 2))
    shade = shade * (1 - 0.6 * np.exp(-(((rows - band) / 1.3) ** 2)))
    covered = np.clip(rows - top + 0.5, 0, 1) * np.clip(bottom - rows + 0.5, 0, 1)
    covered = covered * np.clip(narrow - np.abs(offset) + 0.5, 0, 1)
    colour = np.array(made.cap, np.float32)[:, None, None]
    part[:, :last] += covered * (shade * colour - part[:, :last])
