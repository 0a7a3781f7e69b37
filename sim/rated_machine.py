"""Machines that are described by what they read at rest and at full work: rows of quantities, and a fleet
of them.

Much of what a machine shows (motor temperatures, vibration, pressures of its own pumps, suction) moves
between a value at rest and one at work with a lag, wanders a little, and shifts as something wears. That is
one row here. A kind with physics of its own takes a :class:`QuantityBank` for the rest; a kind without is a
:class:`RatedMachine`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec
import numpy as np

from sim.kind import ELECTRIC, F64, FailureMode, Fleet, MachineKind, Setpoint, Signal, Site, Tick
from sim.physics.effluent import EFFLUENT, NO_EFFLUENT, Effluent
from sim.physics.lag import Lag
from sim.physics.wander import Wander

WANDER_TAU_S = 300.0
"""How long a process remembers a slow disturbance; minutes, as batches, draughts and operators change."""

WANDER_EVERY_S = 5.0
"""How often the slow disturbance is drawn anew: within so little of its memory it hardly moves."""

Drive = Literal["work", "powered", "always"]
_DRIVES: dict[Drive, int] = {"work": 0, "powered": 1, "always": 2}


@dataclass(frozen=True, slots=True)
class Quantity:
    """One signal that lies between a value at rest and one at work.

    Args:
        signal: the tag.
        rest, work: what it reads at rest and at full work [unit of the signal].
        tau_s: time constant of the way between [s].
        wander: standard deviation of its slow movement at work [unit of the signal].
        spread: standard deviation of ``work`` between units, as a share of it.
        worn: change at full work and severity 1, by failure mode [unit of the signal].
        follows: what counts as work: real work, electricity, or always.
    """

    signal: Signal
    rest: float
    work: float
    tau_s: float = 1.0
    wander: float = 0.0
    spread: float = 0.0
    worn: Mapping[str, float] = field(default_factory=dict)
    follows: Drive = "work"


def severities(tick: Tick, modes: Sequence[str], n: int) -> F64:
    """The severities as one array, ``float64[modes, n]``."""
    if not modes:
        return np.zeros((0, n))
    return np.array([tick.severity[mode] for mode in modes])


class QuantityBank:
    """The quantities of all units of a kind as one array.

    Args:
        rows: the quantities.
        modes: names of the kind's failure modes; ``worn`` may name only these.
        n: number of units.
        rng: for the spread between units.

    Raises:
        ValueError: a row names a failure mode that the kind has not.

    >>> row = Quantity(Signal("motor_temperature", "Motor", "°C", -20, 200), 30.0, 70.0, 900.0)
    >>> bank = QuantityBank((row,), (), 2, np.random.default_rng(1))
    >>> bank.names
    ('motor_temperature',)
    """

    def __init__(
        self, rows: Sequence[Quantity], modes: Sequence[str], n: int, rng: np.random.Generator
    ) -> None:
        self.names = tuple(row.signal.name for row in rows)
        for row in rows:
            if unknown := sorted(set(row.worn) - set(modes)):
                raise ValueError(f"quantity {row.signal.name!r}: {unknown[0]!r} is not one of {list(modes)}")
        self._modes = tuple(modes)
        spread = np.array([row.spread for row in rows])[:, None] * rng.standard_normal((len(rows), n))
        work = np.array([row.work for row in rows])[:, None] * (1.0 + np.clip(spread, -0.3, 0.3))
        self._rest = np.array([row.rest for row in rows])[:, None] + np.zeros((1, n))
        self._rise = work - self._rest
        self._worn = np.array([[row.worn.get(mode, 0.0) for mode in modes] for row in rows])
        self._drive = np.array([_DRIVES[row.follows] for row in rows])
        self._drives = np.ones((3, n))
        self._low = np.array([row.signal.low for row in rows])[:, None]
        self._high = np.array([row.signal.high for row in rows])[:, None]
        self._lag = Lag(np.array([row.tau_s for row in rows])[:, None])
        taus = tuple(max(row.tau_s, WANDER_TAU_S) for row in rows)
        self._wander = Wander(tuple(row.wander for row in rows), taus, n)
        self._since_wander_s = 0.0

    def step(
        self, tick: Tick, work: F64, shift: Mapping[str, F64] | None = None, severity: F64 | None = None
    ) -> dict[str, F64]:
        """Go forward by one step.

        Args:
            tick: of the fleet.
            work: ``float64[n]``, how hard each unit works, 0 to 1.
            shift: by quantity, what is to be added to where it goes [unit of the signal], ``float64[n]``.
            severity: :func:`severities` of its modes, if the caller has them already.
        """
        self._drives[0] = work
        self._drives[1] = tick.powered
        drive = self._drives[self._drive]
        rise = self._rise
        if self._modes:
            rise = rise + self._worn @ (
                severities(tick, self._modes, len(work)) if severity is None else severity
            )
        target = self._rest + drive * rise
        for name, change in (shift or {}).items():
            target[self.names.index(name)] += change
        self._since_wander_s += tick.dt_s
        if self._since_wander_s >= WANDER_EVERY_S:
            self._wander.step(tick.rng, self._since_wander_s)
            self._since_wander_s = 0.0
        value = self._lag.step(target, tick.dt_s) + drive * self._wander.value
        value = np.minimum(np.maximum(value, self._low), self._high)
        return dict(zip(self.names, value, strict=True))


POWER = Signal("active_power", "Active power", "kW", 0, 400)
ENERGY = Signal("energy", "Energy since commissioning", "kWh", 0, 1e9)


class Electrics:
    """What machines with one supply take: active and reactive power, and a counter of energy.

    Args:
        n: number of units.
        power_factor: at work.
    """

    def __init__(self, n: int, power_factor: float) -> None:
        self._tan_phi = math.tan(math.acos(power_factor))
        self._energy_kwh = np.zeros(n)

    def step(self, tick: Tick, wanted_kw: F64, energy: bool = False) -> dict[str, F64]:
        """What is taken when ``wanted_kw`` is wanted; nothing without supply."""
        active_kw = wanted_kw * tick.powered
        taken = {
            "active_power": active_kw,
            "active_kw": active_kw,
            "reactive_kvar": active_kw * self._tan_phi,
        }
        if energy:
            self._energy_kwh = self._energy_kwh + active_kw * (tick.dt_s / 3600.0)
            taken["energy"] = self._energy_kwh
        return taken


class RatedParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one unit.

    Args:
        scale: size of its drives and of what it uses, relative to the row of its kind.
    """

    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class RatedMachine:
    """A kind of machine without physics of its own.

    Args:
        name: of the kind.
        rated_kw, rest_kw: power at full work, and when it stands with its supply on [kW].
        quantities: what it shows, besides power.
        modes: how it fails.
        power_factor: at work.
        heavier: additional power at severity 1 as a share of ``rated_kw``, by failure mode.
        slows: share of the pace lost at severity 1, by failure mode; grows with its square.
        rejects: additional share of rejects at severity 1, by failure mode; grows with its square.
        uses: flows taken at full work (``air_nm3_h``, ``water_m3_h``, ``steam_kg_h``), by name.
        leaks: additional ``air_nm3_h`` at severity 1 while powered, by failure mode.
        effluent: what leaves it when it uses water.
        drained: share of its water that leaves as effluent.
        station: it stands in a line.
        setpoints: what an operator may set.
    """

    name: str
    rated_kw: float
    rest_kw: float
    quantities: tuple[Quantity, ...]
    modes: tuple[FailureMode, ...] = ()
    power_factor: float = 0.82
    heavier: Mapping[str, float] = field(default_factory=dict)
    slows: Mapping[str, float] = field(default_factory=dict)
    rejects: Mapping[str, float] = field(default_factory=dict)
    uses: Mapping[str, float] = field(default_factory=dict)
    leaks: Mapping[str, float] = field(default_factory=dict)
    effluent: Effluent = NO_EFFLUENT
    drained: float = 0.0
    station: bool = True
    setpoints: tuple[Setpoint, ...] = ()

    @property
    def flows(self) -> tuple[str, ...]:
        """Names of the flows it puts out."""
        line = ("pace", "reject_share") if self.station else ()
        sewage = EFFLUENT if self.drained else ()
        return (*ELECTRIC, *self.uses, *line, *sewage)

    @property
    def kind(self) -> MachineKind:
        """The row of the table of kinds."""

        def create(parameters: Sequence[RatedParameters], site: Site) -> Fleet:
            return RatedFleet(self, parameters, site)

        return MachineKind(
            self.name,
            RatedParameters,
            signals=(POWER, ENERGY, *(row.signal for row in self.quantities)),
            create=create,
            flows=self.flows,
            modes=self.modes,
            setpoints=self.setpoints,
            station=self.station,
            companion="PackML" if self.station else "Machinery",
        )


class RatedFleet:
    """All units of one :class:`RatedMachine`."""

    def __init__(self, row: RatedMachine, parameters: Sequence[RatedParameters], site: Site) -> None:
        self._row = row
        n = len(parameters)
        rng = site.rng()
        names = tuple(mode.name for mode in row.modes)
        self._names = names
        self._scale = np.array([one.scale for one in parameters]) * (
            1.0 + 0.02 * np.clip(rng.standard_normal(n), -3, 3)
        )
        self._bank = QuantityBank(row.quantities, names, n, rng)
        self._electrics = Electrics(n, row.power_factor)
        self._heavier, self._slows, self._rejects, self._leaks = (
            np.array([table.get(name, 0.0) for name in names])
            for table in (row.heavier, row.slows, row.rejects, row.leaks)
        )

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        row, work = self._row, tick.work
        n = len(work)
        severity = severities(tick, self._names, n)
        out = self._bank.step(tick, work, severity=severity)
        load = row.rest_kw + work * (row.rated_kw - row.rest_kw + row.rated_kw * (self._heavier @ severity))
        out |= self._electrics.step(tick, self._scale * load, energy=True)
        if row.station:
            grown = severity * severity
            out["pace"] = np.maximum(1.0 - self._slows @ grown, 0.2)
            out["reject_share"] = np.minimum(self._rejects @ grown, 0.9)
        for name, amount in row.uses.items():
            out[name] = amount * self._scale * work
        if "air_nm3_h" in row.uses:
            out["air_nm3_h"] = out["air_nm3_h"] + tick.powered * (self._leaks @ severity)
        if row.drained:
            out |= row.effluent.flows(out["water_m3_h"] * row.drained)
        return out
