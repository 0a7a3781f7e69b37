"""A fleet of some kind on a bench: fed with what its inputs usually are, in any state a test wants."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.kind import F64, Bools, MachineKind, Site, Tick
from twin.contract.clock import NS_PER_S

START_NS = 1_790_000_000 * NS_PER_S
UTC_OFFSET_H = 7.0


class FleetRig:
    """``n`` units of a kind with its default parameters, from one seed.

    Args:
        kind: of the fleet.
        n: how many.
        seed: of their spread and of all steps.
    """

    def __init__(self, kind: MachineKind, n: int = 3, seed: int = 1) -> None:
        self.kind = kind
        self.n = n
        equipment = tuple(f"rig/plant/{kind.name.replace('_', '-')}{number}" for number in range(n))
        self._rng = np.random.default_rng([seed, 1])
        self.fleet = kind.create([kind.parameters()] * n, Site(UTC_OFFSET_H, equipment, (seed,)))
        self.now_ns = START_NS
        self.made = np.zeros(n)
        self.inputs: dict[str, F64] = {
            one.name: np.full(n, one.default if one.usual is None else one.usual) for one in kind.inputs
        }
        self.severity: dict[str, F64] = {mode.name: np.zeros(n) for mode in kind.modes}
        self.setpoints: dict[str, F64] = {point.name: np.full(n, point.default) for point in kind.setpoints}
        self.running: Bools = np.ones(n, np.bool_)
        self.powered: Bools = np.ones(n, np.bool_)

    def step(self, dt_s: float) -> Mapping[str, F64]:
        """Go forward; a station makes a piece every ten seconds while it runs."""
        self.now_ns += round(dt_s * NS_PER_S)
        running = self.running & self.powered
        pieces = np.floor(self.made + running * dt_s / 10.0) - np.floor(self.made)
        self.made = self.made + running * dt_s / 10.0
        station = float(self.kind.station)
        tick = Tick(
            self.now_ns,
            dt_s,
            (self.now_ns / NS_PER_S / 3600.0 + UTC_OFFSET_H) % 24.0,
            self._rng,
            dict(self.inputs),
            {name: one.copy() for name, one in self.severity.items()},
            {name: one.copy() for name, one in self.setpoints.items()},
            running.copy(),
            self.powered.copy(),
            running.astype(np.float64),
            station * pieces,
            station * running.astype(np.float64),
            station * np.floor(self.made),
        )
        return self.fleet.step(tick)

    def run(self, steps: int, dt_s: float) -> list[Mapping[str, F64]]:
        """Take the first reading and then ``steps`` steps; each output is copied, as the next step may change
        it."""
        read = [self.step(0.0), *(self.step(dt_s) for _ in range(steps))]
        return [{name: np.array(values) for name, values in one.items()} for one in read]
