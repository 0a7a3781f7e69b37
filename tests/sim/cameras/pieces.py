"""Pieces and cameras for tests."""

from __future__ import annotations

from dataclasses import dataclass

from sim.cameras.camera import Camera
from sim.cameras.sources import create_source

STATION = "yenphong/anphat-electronics/f1/smt/line1/aoi1"
START_NS = 1_790_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class Made:
    """A piece as a line makes it."""

    serial: str
    product: str = "mainboard-a3"
    defects: tuple[str, ...] = ()
    time_ns: int = START_NS


def camera(source: str, *, station: str = STATION, seed: int = 7) -> Camera:
    """A camera with shipped pictures only."""
    drawn, optics = create_source(source, None)
    return Camera(station, drawn, optics, seed=seed)
