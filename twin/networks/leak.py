"""Where water leaks: of all places at which what is missing could run out, the one that explains the measured
pressures best.

The residuals of pressures against a model without a leak are compared with what a leak of that size at each
place would make of them (Pudar and Liggett 1992, J. Hydraul. Eng. 118(7), 1031-1046). Far places are ruled
out by signatures that are solved once and scaled to the size of the leak; the best few are solved exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from twin.contract.frame import F64
from twin.networks.park_water import HEADER, LiveWater, ParkWater
from twin.networks.water_flow import WaterModel
from twin.networks.water_network import Junction, WaterNetwork

SIGMA_M: Final = 0.07
"""Standard deviation of a pressure's residual [m]: an instrument of 0.005 bar, and as much of the model."""
EXACT: Final = 10
"""So many places are solved exactly."""
LEAST_M3_H: Final = 1.5
"""What joints and meters make up without any leak."""
LEAST_SHARE: Final = 0.02
"""The same as a share of the flow."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place where it may leak.

    Args:
        id: of the node or pipe.
        misfit: sum of squared residuals, in standard deviations.
        chance: how likely against the other places, if one of them it is.
    """

    id: str
    misfit: float
    chance: float


@dataclass(frozen=True, slots=True)
class Leak:
    """A leak.

    Args:
        main: which main loses water.
        m3_h: how much.
        places: where, the likeliest first.
    """

    main: str
    m3_h: float
    places: tuple[Place, ...]


class LeakFinder:
    """Tells where a network leaks. Not thread-safe.

    Args:
        network: without a leak.
        candidates: nodes at which it may leak.
        sensors: nodes whose pressure is measured.
        sigma_m: standard deviation of a residual [m].
    """

    def __init__(
        self,
        network: WaterNetwork,
        candidates: Sequence[str],
        sensors: Sequence[str],
        *,
        sigma_m: float = SIGMA_M,
    ) -> None:
        # what leaks has a junction of its own kind of demand: no pattern, no multiplier
        plain = tuple(Junction(one.id, one.elevation_m) for one in network.junctions)
        self._base = {one.id: one.demand_m3_h for one in network.junctions}
        self._model = WaterModel(
            WaterNetwork(
                plain, network.reservoirs, network.tanks, network.pipes, network.pumps, network.valves
            )
        )
        self._candidates = tuple(candidates)
        self._sensors = tuple(sensors)
        self._sigma_m = sigma_m
        self._signatures: tuple[float, F64] | None = None

    def pressures(self, demands: Mapping[str, float], leak: Mapping[str, float] | None = None) -> F64:
        """Pressures at the sensors [m], ``float64[s]``, with a leak at a node [m³/h] or without."""
        drawn = dict(demands)
        for node, flow in (leak or {}).items():
            drawn[node] = drawn.get(node, 0.0) + flow
        self._model.set_demands({name: drawn.get(name, 0.0) for name in self._base})
        found = self._model.solve()
        columns = [found.nodes.index(name) for name in self._sensors]
        return found.pressure_m[0, columns]

    def set_heads(self, heads: Mapping[str, float]) -> None:
        """Set heads of reservoirs [m]."""
        self._model.set_heads(heads)
        self._signatures = None

    def find(
        self, demands: Mapping[str, float], measured: F64, leak_m3_h: float, *, anew: bool = False
    ) -> tuple[Place, ...]:
        """Say where a leak of a known size is, the likeliest place first.

        Args:
            demands: of all junctions [m³/h].
            measured: pressures at the sensors [m], ``float64[s]``.
            leak_m3_h: what is missing.
            anew: solve the signatures for this moment instead of keeping those there are.
        """
        calm = self.pressures(demands)
        residual = measured - calm
        if self._signatures is None or anew:
            rows = [self.pressures(demands, {name: leak_m3_h}) - calm for name in self._candidates]
            self._signatures = (leak_m3_h, np.array(rows))
        size, rows_m = self._signatures
        rough = np.square((residual - rows_m * (leak_m3_h / size)) / self._sigma_m).sum(axis=1)
        best = np.argsort(rough)[:EXACT]
        misfit = rough.copy()
        if size != leak_m3_h:
            for one in best.tolist():
                exact = self.pressures(demands, {self._candidates[one]: leak_m3_h}) - calm
                misfit[one] = np.square((residual - exact) / self._sigma_m).sum()
        chance = np.exp(-0.5 * (misfit - misfit.min()))
        chance /= chance.sum()
        order = np.argsort(misfit)
        return tuple(Place(self._candidates[one], float(misfit[one]), float(chance[one])) for one in order)


def leaks(water: ParkWater, live: LiveWater) -> tuple[Leak, ...]:
    """Look for leaks of a park at one moment: which main loses water, and where along it."""
    found = []
    missing = set(live.missing)
    for main, lost in water.unaccounted(live).items():
        users = water.behind(main)
        if missing & set(users):
            continue  # what a meter does not tell would look like a leak
        if lost < max(LEAST_M3_H, LEAST_SHARE * live.flows[main]):
            continue
        places = (main, *users)
        sensors = [name for name in places if name in live.pressures]
        finder = LeakFinder(water.network, places, sensors)
        finder.set_heads({HEADER: live.header_m})
        measured = np.array([live.pressures[name] for name in sensors])
        found.append(Leak(main, lost, finder.find(live.demands, measured, lost)))
    return tuple(sorted(found, key=lambda one: -one.m3_h))
