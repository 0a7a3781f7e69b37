"""Who made the outfall rise: every tenant's load followed through sewers and basins to the outfall.

A load that enters a sewer leaves it its travel time later; in a basin it is mixed with what is there
(completely, by the volume and flow measured) and a share of it passes. Because that is linear, each outlet is
followed alone, and the outfall's concentration is the sum of what each has given it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from twin.contract.frame import F64
from twin.park.model import Park
from twin.park.networks import Basin

LEAST_RISE: Final = 0.1
"""Share by which the outfall must have risen before somebody is named."""
SMOOTH_S: Final = 1800.0
"""Over which the outfall's concentration is averaged."""
LEAST_FLOW_M3_H: Final = 0.5


@dataclass(frozen=True, slots=True)
class History:
    """What was measured on a grid of time, oldest first.

    Args:
        step_s: of the grid [s].
        flow, load: of each outlet, ``float64[t]`` [m³/h, mg/L], by sewer.
        level_percent, outflow: of basins, where measured, by equipment.
        outfall_flow, outfall_load: ``float64[t]``.
    """

    step_s: float
    flow: Mapping[str, F64]
    load: Mapping[str, F64]
    level_percent: Mapping[str, F64]
    outflow: Mapping[str, F64]
    outfall_flow: F64
    outfall_load: F64


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one outlet has to do with it.

    Args:
        sewer: equipment id.
        outlet: equipment id of where it is measured.
        before, now: what it gives to the outfall's concentration [mg/L].
        share: of the whole rise, 0 to 1.
    """

    sewer: str
    outlet: str
    before: float
    now: float
    share: float


@dataclass(frozen=True, slots=True)
class Rise:
    """A rise of the outfall.

    Args:
        before, now: concentration [mg/L].
        before_s, now_s: when, from the start of the history [s].
        contributions: the greatest share first.
    """

    before: float
    now: float
    before_s: float
    now_s: float
    contributions: tuple[Contribution, ...]


class Wastewater:
    """The wastewater network of a park.

    Args:
        park: with rows of it.
    """

    def __init__(self, park: Park) -> None:
        self.park = park
        self.sewers = {one.equipment: one for one in park.networks.sewers}
        self.stages = _stages(park)

    def traces(self, history: History) -> dict[str, F64]:
        """What each outlet gives to the outfall's concentration, ``float64[t]`` [mg/L], by sewer."""
        flow = np.maximum(_whole(history.outfall_flow), LEAST_FLOW_M3_H)
        found: dict[str, F64] = {}
        hours = history.step_s / 3600.0
        volumes = [self._volume(stage, history, len(flow)) for stage in self.stages]
        through = [self._through(stage, history, flow) for stage in self.stages]
        for name, sewer in self.sewers.items():
            load = _whole(history.flow[name]) * _whole(history.load[name]) / 1000.0
            load = _later(load, sewer.travel_s / history.step_s)
            for stage, volume, passed in zip(self.stages, volumes, through, strict=True):
                share = sum(one.passes for one in stage) / len(stage)
                load = share * _mixed(load, passed, volume, hours)
            found[name] = 1000.0 * load / flow
        return found

    def rise(self, history: History) -> Rise | None:
        """Look for a rise of the outfall, and who made it; None while it has not risen.

        The moment before is the lowest since the history began, the moment of the rise the highest after it.
        """
        window = max(round(SMOOTH_S / history.step_s), 1)
        smooth = _smooth(_whole(history.outfall_load), window)
        if len(smooth) < 2:
            return None
        lowest = np.minimum.accumulate(smooth)
        now = int(np.argmax(smooth - lowest))
        before = int(np.argmin(smooth[: now + 1]))
        if smooth[now] < (1.0 + LEAST_RISE) * smooth[before]:
            return None
        traces = {name: _smooth(trace, window) for name, trace in self.traces(history).items()}
        grown = {name: float(trace[now] - trace[before]) for name, trace in traces.items()}
        whole = sum(max(more, 0.0) for more in grown.values())
        contributions = [
            Contribution(
                name,
                self.sewers[name].outlet,
                float(traces[name][before]),
                float(traces[name][now]),
                max(more, 0.0) / whole if whole > 0 else 0.0,
            )
            for name, more in grown.items()
        ]
        contributions.sort(key=lambda one: -(one.now - one.before))
        return Rise(
            float(smooth[before]),
            float(smooth[now]),
            before * history.step_s,
            now * history.step_s,
            tuple(contributions),
        )

    def _volume(self, stage: Sequence[Basin], history: History, n: int) -> F64:
        volume = np.zeros(n)
        for one in stage:
            percent = history.level_percent.get(one.equipment)
            if one.stores and percent is not None:
                volume += one.volume_m3 * np.clip(_whole(percent) / 100.0, 0.02, 1.0)
            else:
                volume += one.volume_m3
        return volume

    def _through(self, stage: Sequence[Basin], history: History, outfall: F64) -> F64:
        measured = [history.outflow.get(one.equipment) for one in stage]
        known = [one for one in measured if one is not None]
        if len(known) < len(stage):
            return outfall
        through: F64 = np.maximum(np.sum([_whole(one) for one in known], axis=0), LEAST_FLOW_M3_H)
        return through


def _stages(park: Park) -> tuple[tuple[Basin, ...], ...]:
    """Basins one behind the other; those side by side are one stage."""
    basins = {one.equipment: one for one in park.networks.basins}
    down: dict[str, list[str]] = {}
    for link in park.links:
        if link.network == "wastewater":
            down.setdefault(link.upstream, []).append(link.downstream)
    stages: list[tuple[Basin, ...]] = []
    here = [one.equipment for one in park.networks.sewers]
    seen: set[str] = set()
    while here:
        behind = list(dict.fromkeys(end for one in here for end in down.get(one, ()) if end in basins))
        here = [one for one in behind if one not in seen]
        seen.update(here)
        if here:
            stages.append(tuple(basins[one] for one in here))
    return tuple(stages)


def _mixed(load: F64, flow: F64, volume: F64, hours: float) -> F64:
    """What leaves a mixed volume [kg/h]; it is as if it had always been fed like in the beginning.

    >>> import numpy as np
    >>> out = _mixed(np.array([0.0, 100.0, 0.0, 0.0]), np.full(4, 10.0), np.full(4, 10.0), 1.0)
    >>> out.round(1).tolist()
    [0.0, 36.8, 40.0, 14.7]
    """
    rate = flow / volume
    content = float(load[0] / rate[0])
    left = np.empty_like(load)
    for number, (gain, leave) in enumerate(zip(load.tolist(), rate.tolist(), strict=True)):
        fade = float(np.exp(-leave * hours))
        after = content * fade + gain / leave * (1.0 - fade)
        left[number] = gain + (content - after) / hours
        content = after
    return left


def _later(load: F64, steps: float) -> F64:
    """Shift by a number of steps, not necessarily a whole one; before the beginning it was as in it.

    >>> import numpy as np
    >>> _later(np.array([0.0, 4.0, 8.0, 8.0]), 1.5).tolist()
    [0.0, 0.0, 2.0, 6.0]
    """
    at = np.arange(len(load)) - steps
    shifted: F64 = np.interp(at, np.arange(len(load)), load)
    return shifted


def _smooth(column: F64, window: int) -> F64:
    """Mean of the last ``window`` values."""
    padded = np.concatenate([np.full(window - 1, column[0]), column]) if len(column) else column
    smooth: F64 = np.convolve(padded, np.full(window, 1.0 / window), "valid")
    return smooth


def _whole(column: F64) -> F64:
    """A column whose gaps are filled by straight lines.

    Raises:
        ValueError: nothing was measured at all.
    """
    known = np.flatnonzero(~np.isnan(column))
    if not len(known):
        raise ValueError("a column without a single value; ask for a time in which it was measured")
    whole: F64 = np.interp(np.arange(len(column)), known, column[known])
    return whole
