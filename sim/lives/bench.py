"""A bench: a fleet of one kind at varying work, looked at once in a window through its instruments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sim.kind import F64, MachineKind, Signal, Site, Tick
from sim.lives.drawn import DrawnLives
from sim.sensors.bank import SensorBank
from twin.contract.clock import NS_PER_S

F32 = npt.NDArray[np.float32]

START_NS = 1_790_000_000 * NS_PER_S
UTC_OFFSET_H = 7.0
SETTLE_S = (3600.0,)
READ_S = (300.0, 300.0, 300.0)
"""Steps of a window: in the first the machine comes to its work, those after are read."""
BATCHES = 4
"""So many groups of units begin at different times of the year."""
WORK = (0.7, 0.85, 1.0)
DEMANDS = ("_m3_h", "_kg_h", "_nm3_h", "_kw", "_kvar", "_mol_h", "_c_m3_h")
"""Inputs with such names are flows that neighbours want more or less of."""


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """What the instruments of one kind showed.

    Args:
        signals: their names.
        unit: ``intp[r]``, number of the unit.
        hour: ``float64[r]``, running time since new, at the end of the window [h].
        value: ``float32[r, s]``, mean of the readings of the window.
    """

    signals: tuple[str, ...]
    unit: npt.NDArray[np.intp]
    hour: F64
    value: F32


def measured(kind: MachineKind) -> tuple[Signal, ...]:
    """The signals of a kind that an instrument measures: no counts, states or texts."""
    return tuple(signal for signal in kind.signals if signal.data_type in {"Double", "Float"})


def observe(kind: MachineKind, lives: DrawnLives, *, seed: int, window_h: float) -> Observed:
    """Run every unit to its failure and look at it once in ``window_h`` [h] of running."""
    n = len(lives.target)
    parts = [np.arange(first, n, BATCHES) for first in range(min(BATCHES, n))]
    seen = [
        _observe(kind, lives.take(part), seed=seed + number, window_h=window_h)
        for number, part in enumerate(parts)
    ]
    return Observed(
        seen[0].signals,
        np.concatenate([part[one.unit] for part, one in zip(parts, seen, strict=True)]),
        np.concatenate([one.hour for one in seen]),
        np.concatenate([one.value for one in seen]),
    )


def _observe(kind: MachineKind, lives: DrawnLives, *, seed: int, window_h: float) -> Observed:
    n = len(lives.target)
    rng = np.random.default_rng([seed, 1])
    equipment = tuple(f"bench/lives/{kind.name.replace('_', '-')}{number}" for number in range(n))
    fleet = kind.create([kind.parameters()] * n, Site(UTC_OFFSET_H, equipment, (seed,)))
    shown = measured(kind)
    rows = [replace(one, name=f"{one.name}{unit}") for one in shown for unit in range(n)]
    sensors = SensorBank(rows, seed=seed)
    begin_ns = START_NS + int(rng.integers(0, 365 * 24)) * 3600 * NS_PER_S
    severity = {mode.name: np.zeros(n) for mode in kind.modes}
    setpoints = {point.name: np.full(n, point.default) for point in kind.setpoints}
    made = np.zeros(n)
    end_h = lives.end_h
    kept_unit, kept_hour, kept_value = [], [], []
    windows = int(np.ceil(end_h.max() / window_h))
    for window in range(windows):
        hour = (window + 1) * window_h
        now = dict(zip((mode.name for mode in lives.modes), lives.severity(np.full(n, hour)), strict=True))
        # a unit that has failed is off the bench; what it would show is not kept
        severity |= {name: np.minimum(one, 1.0) for name, one in now.items()}
        work = rng.choice(WORK, n)
        inputs = _inputs(kind, n, rng)
        at_ns = begin_ns + round(hour * 3600.0) * NS_PER_S
        total = np.zeros(len(rows))
        for number, dt_s in enumerate((*SETTLE_S, *READ_S)):
            at_ns += round(dt_s * NS_PER_S)
            pieces = np.floor(made + work * dt_s / 10.0) - np.floor(made)
            made = made + work * dt_s / 10.0
            read = fleet.step(
                _tick(kind, at_ns, dt_s, rng, inputs, severity, setpoints, work, pieces, np.floor(made))
            )
            if number >= len(SETTLE_S):
                true = np.concatenate([np.asarray(read[one.name], np.float64) for one in shown])
                total += sensors.measure(true, dt_s)[0]
        alive = np.flatnonzero(hour < end_h)
        mean = (total / len(READ_S)).reshape(len(shown), n).T[alive]
        kept_unit.append(alive)
        kept_hour.append(np.full(len(alive), hour))
        kept_value.append(mean.astype(np.float32))
    return Observed(
        tuple(one.name for one in shown),
        np.concatenate(kept_unit),
        np.concatenate(kept_hour),
        np.concatenate(kept_value),
    )


def _inputs(kind: MachineKind, n: int, rng: np.random.Generator) -> dict[str, F64]:
    """What neighbours want or give in a window: demands by a third more or less, the rest nearly steady."""
    inputs = {}
    for one in kind.inputs:
        usual = one.default if one.usual is None else one.usual
        demand = one.name.endswith(DEMANDS)
        inputs[one.name] = usual * (rng.uniform(0.7, 1.05, n) if demand else rng.uniform(0.99, 1.01, n))
    return inputs


def _tick(
    kind: MachineKind,
    now_ns: int,
    dt_s: float,
    rng: np.random.Generator,
    inputs: Mapping[str, F64],
    severity: Mapping[str, F64],
    setpoints: Mapping[str, F64],
    work: F64,
    pieces: F64,
    made: F64,
) -> Tick:
    station = float(kind.station)
    on = np.ones(len(work), np.bool_)
    return Tick(
        now_ns=now_ns,
        dt_s=dt_s,
        hour=(now_ns / NS_PER_S / 3600.0 + UTC_OFFSET_H) % 24.0,
        rng=rng,
        inputs=dict(inputs),
        severity=dict(severity),
        setpoints=dict(setpoints),
        running=on,
        powered=on,
        work=work,
        begun=station * pieces,
        wip=station * np.ones(len(work)),
        made=station * made,
    )
