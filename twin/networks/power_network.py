"""An electricity network in plain rows: what :mod:`twin.networks.power_flow` builds its model from.

Ids are the caller's: of equipment, if it is a park's. Balanced three-phase, in steady state.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bus:
    """A node with a nominal voltage, line to line [kV]."""

    id: str
    kv: float


@dataclass(frozen=True, slots=True)
class Grid:
    """A stiff supply at a bus; voltage per unit, and its angle."""

    bus: str
    vm_pu: float = 1.0
    va_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """A cable or overhead line; resistance, reactance and capacitance per kilometre."""

    id: str
    begin: str
    end: str
    length_km: float
    r_ohm_km: float
    x_ohm_km: float
    rated_ka: float
    c_nf_km: float = 0.0


@dataclass(frozen=True, slots=True)
class TwoWinding:
    """A transformer: short-circuit voltage and its resistive part, iron losses, no-load current; a positive
    tap raises the low side if ``tap_side`` is ``lv``, and lowers it if ``hv``."""

    id: str
    high: str
    low: str
    rated_mva: float
    hv_kv: float
    lv_kv: float
    uk_percent: float
    ur_percent: float
    iron_kw: float = 0.0
    no_load_percent: float = 0.0
    shift_deg: float = 0.0
    tap_side: str = "lv"
    tap: float = 0.0
    tap_step_percent: float = 0.0
    tap_neutral: float = 0.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """A switch: between two buses, or of a bus to the line or transformer ``to``."""

    id: str
    bus: str
    to: str
    kind: str = "bus"
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Load:
    """What is drawn at a bus; less than nothing is fed in."""

    id: str
    bus: str
    mw: float = 0.0
    mvar: float = 0.0


@dataclass(frozen=True, slots=True)
class Generating:
    """A machine that keeps the voltage of its bus."""

    id: str
    bus: str
    mw: float
    vm_pu: float


@dataclass(frozen=True, slots=True)
class Shunt:
    """A shunt that draws this at nominal voltage; a capacitor less than nothing."""

    id: str
    bus: str
    mvar: float
    mw: float = 0.0


@dataclass(frozen=True, slots=True)
class PowerNetwork:
    """All of it; ``hz`` is the frequency."""

    buses: tuple[Bus, ...]
    grids: tuple[Grid, ...]
    lines: tuple[Line, ...] = ()
    transformers: tuple[TwoWinding, ...] = ()
    breakers: tuple[Breaker, ...] = ()
    loads: tuple[Load, ...] = ()
    generating: tuple[Generating, ...] = ()
    shunts: tuple[Shunt, ...] = ()
    hz: float = 50.0
