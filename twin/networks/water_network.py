"""A water network in plain rows: what :mod:`twin.networks.water_flow` builds its model from.

Elevations and heads in metres, demands and flows in m³/h, head loss by Hazen-Williams. Ids are the caller's:
of equipment, if it is a park's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Junction:
    """A node where water is drawn: ``demand`` times the multipliers of ``pattern``."""

    id: str
    elevation_m: float
    demand_m3_h: float = 0.0
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Reservoir:
    """A node whose head nothing changes."""

    id: str
    head_m: float


@dataclass(frozen=True, slots=True)
class Tank:
    """A node whose level follows from what goes in and out; levels over its floor."""

    id: str
    floor_m: float
    level_m: float
    least_m: float
    most_m: float
    diameter_m: float


@dataclass(frozen=True, slots=True)
class Pipe:
    """A pipe, open or closed; ``one_way`` has a check valve."""

    id: str
    begin: str
    end: str
    length_m: float
    diameter_mm: float
    roughness_c: float
    minor_k: float = 0.0
    open: bool = True
    one_way: bool = False


@dataclass(frozen=True, slots=True)
class Pump:
    """A pump from ``begin`` to ``end``; its curve is head [m] over flow [m³/h], one point or three."""

    id: str
    begin: str
    end: str
    curve: tuple[tuple[float, float], ...]
    speed: float = 1.0
    open: bool = True


@dataclass(frozen=True, slots=True)
class ReducingValve:
    """A valve that keeps the pressure at ``end`` at or below ``keeps_m`` [m of water]."""

    id: str
    begin: str
    end: str
    diameter_mm: float
    keeps_m: float


AnyNode = Junction | Reservoir | Tank
AnyLink = Pipe | Pump | ReducingValve


@dataclass(frozen=True, slots=True)
class Switching:
    """A link opens or closes: at a time, or when a tank's level passes a value.

    Args:
        link: id of the link.
        opens: else it closes.
        at_s: since the start [s]; -1 where a level decides.
        tank: whose level decides.
        above: above ``level_m``, else below.
    """

    link: str
    opens: bool
    at_s: int = -1
    tank: str = ""
    above: bool = False
    level_m: float = 0.0


@dataclass(frozen=True, slots=True)
class WaterNetwork:
    """All of it; ``patterns`` are multipliers, one for each ``pattern_step_s``."""

    junctions: tuple[Junction, ...]
    reservoirs: tuple[Reservoir, ...] = ()
    tanks: tuple[Tank, ...] = ()
    pipes: tuple[Pipe, ...] = ()
    pumps: tuple[Pump, ...] = ()
    valves: tuple[ReducingValve, ...] = ()
    switchings: tuple[Switching, ...] = ()
    patterns: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    pattern_step_s: int = 3600
    multiplier: float = 1.0
