"""What a water network shows while all is well: roughness of its pipes, and by how much each pressure differs
from the model all the same, so that a leak is looked for in what is new.

It is learned from a stretch of the past, and kept with its dates. Nothing is learned from a stretch in which
a leak may have been: a main gave more than its users took, or, held against what was learned before, a
pressure has moved. A leak that is hidden by a drifting flow meter shows in the pressures, a drifting pressure
gauge does not in the flows; either way a person looks first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

import msgspec
import numpy as np

from twin.networks.errors import NetworkError, NotConvergedError
from twin.networks.park_water import HEADER, LiveWater, ParkWater
from twin.networks.readings import Readings
from twin.networks.water_flow import WaterModel
from twin.park.model import Park

LEAST_M3_H: Final = 1.5
"""What joints and meters make up without any leak."""
LEAST_SHARE: Final = 0.02
"""The same as a share of the flow."""
LEAST_MOMENTS: Final = 20
"""So many moments of a stretch must be usable."""
FITTED: Final = 12
"""So many of them, evenly spaced, fit the roughness."""
RUN: Final = 4
"""Over so many moments what a main loses is averaged before it counts as a leak."""
MODEL_M: Final = 0.05
"""Standard deviation of what the model makes of a pressure [m]; an instrument's own is learned."""
MOVED_M: Final = 0.25
"""A pressure that has moved by this [m] is looked at by a person before it is learned anew."""


class NotLearnedError(NetworkError, ValueError):
    """Nothing can be learned from a stretch of the past; says why."""

    code = "network.not_learned"


class WaterBaseline(msgspec.Struct, frozen=True):
    """How a network is while all is well.

    Args:
        drawing: of the network it was learned for; another drawing needs another.
        begin, end: of the stretch it was learned from [ns].
        moments: how many were usable.
        roughness: Hazen-Williams, by pipe, where it could be fitted.
        offset_m: measured less solved pressure, by node [m of water], median.
        noise_m: its standard deviation from moment to moment [m].
        unaccounted_m3_h: what a main gives and its users do not take, by main, mean.
    """

    drawing: str
    begin: int
    end: int
    moments: int
    roughness: dict[str, float]
    offset_m: dict[str, float]
    noise_m: dict[str, float]
    unaccounted_m3_h: dict[str, float]

    def sigma_m(self, node: str) -> float:
        """Standard deviation of a residual at a node [m]."""
        return float(np.hypot(self.noise_m.get(node, MODEL_M), MODEL_M))


def drawing_of(park: Park) -> str:
    """What the rows and links of a park's water network hash to, 16 hex digits."""
    rules = park.networks
    links = tuple(link for link in park.links if link.network == "water")
    rows = repr((rules.pipes, rules.water_users, rules.pumps, links))
    return sha256(rows.encode()).hexdigest()[:16]


def may_leak(lost_m3_h: float, flow_m3_h: float) -> bool:
    """Whether a main loses more than meters and joints make up."""
    return lost_m3_h >= max(LEAST_M3_H, LEAST_SHARE * flow_m3_h)


def learn(
    park: Park, moments: Sequence[Readings], begin: int, end: int, known: WaterBaseline | None = None
) -> WaterBaseline:
    """Learn from moments of a stretch ``[begin, end)`` [ns], in order.

    Args:
        known: what was learned before.

    Raises:
        NotLearnedError: too few moments, or a leak may have been.
    """
    plain = ParkWater(park)
    lives = [(one, live) for one in moments if (live := plain.live(one)) is not None and not live.missing]
    if len(lives) < LEAST_MOMENTS:
        raise NotLearnedError(
            f"water: {len(lives)} moments with all meters; {LEAST_MOMENTS} are needed to learn from"
        )
    lost = _lost(plain, [live for _, live in lives])
    if known is not None:
        _check_still(park, known, [live for _, live in lives])
    picked = np.unique(np.linspace(0, len(lives) - 1, FITTED).round().astype(int))
    water = plain.calibrated([lives[place][0] for place in picked.tolist()])
    residuals = _residuals(water, [live for _, live in lives])
    return WaterBaseline(
        drawing=drawing_of(park),
        begin=begin,
        end=end,
        moments=len(lives),
        roughness=dict(water.roughness),
        offset_m={name: float(np.median(some)) for name, some in residuals.items()},
        noise_m={name: float(np.std(some)) for name, some in residuals.items()},
        unaccounted_m3_h=lost,
    )


def _lost(water: ParkWater, lives: Sequence[LiveWater]) -> dict[str, float]:
    """What each main loses on average; a leak at any time of it is no lesson."""
    mains: dict[str, list[tuple[float, float]]] = {}
    for live in lives:
        for main, lost in water.unaccounted(live).items():
            mains.setdefault(main, []).append((lost, live.flows[main]))
    for main, rows in mains.items():
        for first in range(0, len(rows) - RUN + 1):
            lost, flow = np.mean(rows[first : first + RUN], axis=0).tolist()
            if may_leak(lost, flow):
                raise NotLearnedError(
                    f"water: {main} gave {lost:.1f} m³/h that its users did not take; nothing is learned "
                    "from a time in which it may have leaked"
                )
    return {main: float(np.mean([lost for lost, _ in rows])) for main, rows in mains.items()}


def _check_still(park: Park, known: WaterBaseline, lives: Sequence[LiveWater]) -> None:
    for name, some in _residuals(ParkWater(park, known.roughness), lives).items():
        moved = float(np.median(some)) - known.offset_m.get(name, 0.0)
        if name in known.offset_m and abs(moved) > max(MOVED_M, 4.0 * known.noise_m[name]):
            raise NotLearnedError(
                f"water: the pressure at {name} has moved by {moved:+.2f} m since it was learned; look for a "
                "leak or a drifting gauge, then remove the kept baseline to learn anew"
            )


def _residuals(water: ParkWater, lives: Sequence[LiveWater]) -> Mapping[str, list[float]]:
    """Measured less solved pressure at every node, moment by moment [m]."""
    model = WaterModel(water.network)
    found: dict[str, list[float]] = {}
    for live in lives:
        model.set_heads({HEADER: live.header_m})
        model.set_demands(live.demands)
        try:
            solved = model.solve()
        except NotConvergedError:
            continue
        at = dict(zip(solved.nodes, solved.pressure_m[0].tolist(), strict=True))
        for name, measured in live.pressures.items():
            found.setdefault(name, []).append(measured - at[name])
    return found
