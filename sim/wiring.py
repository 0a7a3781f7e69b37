"""What flows between machines: inputs gathered from neighbours along the links, and the order in which that
works.

Fleets are groups of units of one kind and one *level*: whoever feeds on the same step's outputs of another
stands on a higher level, so that a board knows what its machines draw, a transformer what its boards draw,
and balances close in every step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.errors import PlantError
from sim.kind import F64, Bools, Input, MachineKind
from sim.plant import Link, Unit

Rows = npt.NDArray[np.intp]


class Neighbours:
    """Who feeds whom, by network.

    Args:
        links: between machines of the plant.
    """

    def __init__(self, links: Sequence[Link]) -> None:
        self._down: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._up: dict[tuple[str, str], list[str]] = defaultdict(list)
        for link in dict.fromkeys(links):
            self._down[link.network, link.upstream].append(link.downstream)
            self._up[link.network, link.downstream].append(link.upstream)

    def of(self, equipment: str, network: str, side: str) -> list[str]:
        """The neighbours of an equipment on one side, in the order of the links."""
        found = self._down if side == "downstream" else self._up
        return found.get((network, equipment), [])


def levels_of(
    units: Sequence[Unit], kinds: Mapping[str, MachineKind], neighbours: Neighbours
) -> dict[str, int]:
    """The level of each unit: 0 if none of its inputs needs another machine of the same step.

    Raises:
        PlantError: machines feed on each other in a circle.
    """
    kind_of = {unit.equipment: kinds[unit.kind] for unit in units}
    needs = {
        unit.equipment: [
            other
            for wanted in kinds[unit.kind].inputs
            if not wanted.lagged
            for other in neighbours.of(unit.equipment, wanted.network, wanted.side)
            if wanted.output in outputs_of(kind_of[other])
        ]
        for unit in units
    }
    level: dict[str, int] = {}
    for unit in units:
        _settle(unit.equipment, needs, level)
    return level


def _settle(start: str, needs: Mapping[str, Sequence[str]], level: dict[str, int]) -> None:
    """Depth first without recursion: a park's chains may be longer than Python's stack."""
    path = [start]
    on_path = {start}
    while path:
        here = path[-1]
        open_needs = [other for other in needs[here] if other not in level]
        if not open_needs:
            level[here] = max((level[other] + 1 for other in needs[here]), default=0)
            on_path.discard(path.pop())
        elif open_needs[0] in on_path:
            circle = " -> ".join([*path[path.index(open_needs[0]) :], open_needs[0]])
            raise PlantError(f"links: {circle} feed on each other in one step; make one input lagged")
        else:
            path.append(open_needs[0])
            on_path.add(open_needs[0])


def outputs_of(kind: MachineKind) -> tuple[str, ...]:
    """Names of everything a unit of a kind puts out: its tags, then its flows."""
    return (*(signal.name for signal in kind.all_signals), *kind.flows)


@dataclass(frozen=True, slots=True, eq=False)
class Gather:
    """How one input of a fleet is made of the outputs of all machines.

    Args:
        wanted: the input.
        rows: ``intp[m]``, rows of the outputs, ordered by the unit they are for.
        unit: ``intp[m]``, index in the fleet of the unit each is for.
        counts: ``float64[n]``, how many outputs each unit of the fleet has.
    """

    wanted: Input
    rows: Rows
    unit: Rows
    counts: F64

    def take(self, outputs: F64) -> F64:
        """The input of every unit, ``float64[n]``."""
        n = len(self.counts)
        if not len(self.rows):
            return np.full(n, self.wanted.default)
        read = outputs[self.rows]
        if self.wanted.combine in {"sum", "mean"}:
            made: F64 = np.asarray(np.bincount(self.unit, weights=read, minlength=n), np.float64)
            if self.wanted.combine == "mean":
                made /= np.maximum(self.counts, 1.0)
        else:
            made = np.zeros(n)
            reduce = np.minimum if self.wanted.combine == "min" else np.maximum
            firsts = np.flatnonzero(np.diff(self.unit, prepend=-1))
            made[self.unit[firsts]] = reduce.reduceat(read, firsts)
        made[self.counts == 0] = self.wanted.default
        return made

    def nothing(self) -> F64:
        """The input before anything was put out: its default."""
        return np.full(len(self.counts), self.wanted.default)


def gather_for(
    wanted: Input, units: Sequence[str], neighbours: Neighbours, row_of: Mapping[tuple[str, str], int]
) -> Gather:
    """Find the outputs an input of a fleet is made of.

    Args:
        wanted: the input.
        units: equipment ids of the fleet.
        neighbours: of the plant.
        row_of: (equipment id, output) -> row of the outputs.
    """
    found = [
        (row_of[other, wanted.output], number)
        for number, equipment in enumerate(units)
        for other in neighbours.of(equipment, wanted.network, wanted.side)
        if (other, wanted.output) in row_of
    ]
    rows = np.array([row for row, _ in found], np.intp)
    unit = np.array([number for _, number in found], np.intp)
    counts: F64 = np.bincount(unit, minlength=len(units)).astype(np.float64)
    return Gather(wanted, rows, unit, counts)


class Supply:
    """Which machines have electricity: those below closed switches all the way up.

    Args:
        units: equipment ids, in the order of the arrays.
        neighbours: of the plant.

    Raises:
        PlantError: machines supply each other in a circle.
    """

    def __init__(self, units: Sequence[str], neighbours: Neighbours) -> None:
        index = {equipment: number for number, equipment in enumerate(units)}
        depth: dict[str, int] = {}
        ups = {equipment: neighbours.of(equipment, "electricity", "upstream") for equipment in units}
        for equipment in units:
            _settle(equipment, ups, depth)
        self._levels: list[tuple[Rows, Rows]] = []
        for level in range(1, max(depth.values(), default=0) + 1):
            pairs = [(index[e], index[up]) for e in units if depth[e] == level for up in ups[e]]
            child, parent = (np.array(column, np.intp) for column in zip(*pairs, strict=True))
            self._levels.append((child, parent))

    def powered(self, closed: Bools) -> Bools:
        """Which units are supplied, ``bool[n]``, given which pass electricity on (``bool[n]``)."""
        live = np.ones(len(closed), np.bool_)
        for child, parent in self._levels:
            live[child] = False
            np.logical_or.at(live, child, live[parent] & closed[parent])
        return live
