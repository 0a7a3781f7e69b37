"""A gate with barrier and induction loops: vehicles come and go by chance, more of them at shift changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.gamma_wear import GammaWear
from sim.degradation.never import NEVER
from sim.kind import ELECTRIC, F64, FailureMode, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import clip, column
from sim.physics.lag import Lag

KINDS_OF_VEHICLE = ("motorbikes", "cars", "trucks")
SERVED_PER_H = np.array([[1200.0], [420.0], [180.0]])
"""Vehicles that a lane passes an hour while the barrier works."""
ENTER = np.array([
    [
        0.02, 0.01, 0.01, 0.01, 0.02, 0.35, 0.9, 1.0, 0.35, 0.2, 0.18, 0.2,
        0.3, 0.75, 0.3, 0.2, 0.15, 0.15, 0.12, 0.1, 0.2, 0.6, 0.2, 0.04,
    ],
    [
        0.02, 0.01, 0.01, 0.01, 0.02, 0.1, 0.45, 1.0, 0.6, 0.45, 0.4, 0.3,
        0.35, 0.5, 0.4, 0.35, 0.3, 0.2, 0.12, 0.1, 0.1, 0.12, 0.06, 0.03,
    ],
    [
        0.3, 0.25, 0.2, 0.2, 0.25, 0.35, 0.5, 0.6, 0.9, 1.0, 0.95, 0.6,
        0.55, 0.85, 0.95, 0.9, 0.7, 0.5, 0.45, 0.5, 0.55, 0.5, 0.45, 0.35,
    ],
])  # fmt: skip
"""Arrivals at each hour as a share of the busiest, by kind of vehicle."""
STAY_H = np.array([[9.0], [8.0], [1.5]])
"""How long vehicles stay in the park, on the average [h]."""


class GateCounterParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One gate.

    Args:
        motorbikes_h, cars_h, trucks_h: arrivals in the busiest hour.
    """

    motorbikes_h: float = 600.0
    cars_h: float = 90.0
    trucks_h: float = 40.0

    def __post_init__(self) -> None:
        if min(self.motorbikes_h, self.cars_h, self.trucks_h) < 0:
            raise ValueError(
                f"motorbikes_h {self.motorbikes_h}, cars_h {self.cars_h}, "
                f"trucks_h {self.trucks_h}: must be at least 0"
            )


class _Fleet:
    def __init__(self, parameters: Sequence[GateCounterParameters], site: Site) -> None:
        n = len(parameters)
        self._busiest = np.array([column(parameters, f"{kind}_h") for kind in KINDS_OF_VEHICLE])
        self._inside = np.round(self._busiest * ENTER.mean(axis=1)[:, None] * STAY_H)
        self._start = self._inside.copy()
        self._waiting = np.zeros((3, n))
        self._entered = np.zeros((3, n))
        self._left = np.zeros((3, n))
        self._busy = Lag(30.0)
        self._cycles = np.round(site.rng().uniform(2e5, 9e5, n))

    def step(self, tick: Tick) -> Mapping[str, F64]:
        full = int(tick.hour) % 24
        part = tick.hour - int(tick.hour)
        share = ENTER[:, full] * (1.0 - part) + ENTER[:, (full + 1) % 24] * part
        hours = tick.dt_s / 3600.0
        arrived = tick.rng.poisson(self._busiest * share[:, None] * hours).astype(np.float64)
        # a vehicle leaves by chance after its stay: as many as the share of the stay that the step is
        leaving = tick.rng.binomial(self._inside.astype(np.int64), -np.expm1(-hours / STAY_H)).astype(
            np.float64
        )
        works = tick.running & (tick.severity["barrier_stuck"] < 0.5)
        slow = 1.0 - 0.6 * clip(tick.severity["barrier_wear"], 0.0, 1.0)
        room = np.floor(SERVED_PER_H * slow * hours + tick.rng.random(self._waiting.shape)) * works
        queue = self._waiting + arrived
        entered = np.minimum(queue, room)
        self._waiting = np.minimum(queue - entered, 60.0)  # who sees a longer queue takes another gate
        leaving = leaving * works
        self._inside = self._inside + entered - leaving
        self._entered += entered
        self._left += leaving
        passing = (entered + leaving).sum(axis=0)
        self._cycles += (entered + leaving)[1:].sum(axis=0)
        opened = self._busy.step(np.minimum(passing, 1.0), tick.dt_s)
        wait_s = 3600.0 * (self._waiting / (SERVED_PER_H * slow)).sum(axis=0)
        kw = tick.powered * (0.25 + 0.6 * opened * (1.0 + tick.severity["barrier_wear"]))
        counts = {}
        for row, kind in enumerate(KINDS_OF_VEHICLE):
            counts[f"{kind}_in"] = self._entered[row].copy()
            counts[f"{kind}_out"] = self._left[row].copy()
        return {
            **counts,
            "trucks_inside": self._inside[2].copy(),
            "cars_inside": self._inside[1].copy(),
            "queue": self._waiting.sum(axis=0),
            "waiting_time": np.minimum(wait_s, 3600.0),
            "barrier_open": (opened > 0.3).astype(np.float64),
            "opening_time": 1.6 / slow,
            "barrier_cycles": self._cycles.copy(),
            "active_power": kw,
            "active_kw": kw,
            "reactive_kvar": 0.5 * kw,
        }


KIND = MachineKind(
    name="gate_counter",
    parameters=GateCounterParameters,
    signals=(
        *(
            Signal(
                f"{kind}_{way}",
                f"{kind.capitalize()} {'in' if way == 'in' else 'out'}",
                "pcs",
                0,
                4e9,
                "UInt32",
            )
            for kind in KINDS_OF_VEHICLE
            for way in ("in", "out")
        ),
        Signal("trucks_inside", "Trucks that came in here and have not left", "pcs", 0, 100000, "UInt32"),
        Signal("cars_inside", "Cars that came in here and have not left", "pcs", 0, 100000, "UInt32"),
        Signal("queue", "Vehicles that wait", "pcs", 0, 1000, "UInt32"),
        Signal("waiting_time", "Waiting time", "s", 0, 3600, sensor=Sensor(0.0, 1.0)),
        Signal("barrier_open", "Barrier open", "", 0, 1, "Boolean"),
        Signal("opening_time", "Time the barrier takes to open", "s", 0, 30, sensor=Sensor(0.03, 0.01)),
        Signal("barrier_cycles", "Openings of the barrier", "", 0, 4e9, "UInt32"),
        Signal("active_power", "Active power", "kW", 0, 10, sensor=Sensor(0.003, 0.001)),
    ),
    create=_Fleet,
    every_s=5.0,
    flows=ELECTRIC,
    modes=(
        FailureMode(
            "barrier_wear",
            "FTO",
            "2.4 Wear",
            GammaWear(14_000.0),
            "Hộp số barie mòn",
            "Worn gear of the barrier",
            ("opening_time", "active_power", "waiting_time"),
            stops=False,
            repair_h=4.0,
        ),
        FailureMode(
            "barrier_stuck",
            "FTO",
            "1.6 Sticking",
            NEVER,
            "Barie kẹt không mở",
            "Barrier stuck shut",
            ("queue", "waiting_time", "barrier_open"),
            stops=False,
            repair_h=1.0,
        ),
    ),
)
"""See the module."""
