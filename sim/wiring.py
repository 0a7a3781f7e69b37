"""What flows between machines: inputs gathered from neighbours along the links, and the order in which that
works.

Fleets are groups of units of one kind and one *level*: whoever feeds on the same step's outputs of another
stands on a higher level, so that a board knows what its machines draw, a transformer what its boards draw,
and balances close in every step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import connected_components

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
    kind_name = {unit.equipment: unit.kind for unit in units}
    return _gathered(level, needs, kind_name)


def _gathered(
    level: dict[str, int], needs: Mapping[str, Sequence[str]], kind_of: Mapping[str, str]
) -> dict[str, int]:
    """Lift units to the highest level of their kind, so that a kind is one fleet and not one a level; kinds
    that need each other, or themselves, stay as they are."""
    lifted = set(kind_of.values()) - _circular(
        {(kind_of[one], kind_of[n]) for one in needs for n in needs[one]}
    )
    order = sorted(level, key=level.__getitem__)
    while True:
        top: dict[str, int] = defaultdict(int)
        for one, its_level in level.items():
            top[kind_of[one]] = max(top[kind_of[one]], its_level)
        new: dict[str, int] = {}
        for one in order:
            least = max((new[other] + 1 for other in needs[one]), default=0)
            new[one] = max(least, top[kind_of[one]]) if kind_of[one] in lifted else least
        if new == level:
            return level
        level = new


def _circular(needs: AbstractSet[tuple[str, str]]) -> set[str]:
    """The names that need themselves, directly or through others."""
    names = sorted({name for pair in needs for name in pair})
    index = {name: number for number, name in enumerate(names)}
    table = np.zeros((len(names), len(names)), np.int8)
    for one, other in needs:
        table[index[one], index[other]] = 1
    _, group = connected_components(table, connection="strong")
    size = np.bincount(group, minlength=1)
    return {name for name in names if size[group[index[name]]] > 1 or table[index[name], index[name]]}


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


class Gather:
    """How one input of a fleet is made of the outputs of all machines.

    Args:
        wanted: the input.
        rows: ``intp[m]``, rows of the outputs, ordered by the unit they are for.
        unit: ``intp[m]``, index in the fleet of the unit each is for.
        n: units of the fleet.
    """

    def __init__(self, wanted: Input, rows: Rows, unit: Rows, n: int) -> None:
        self.wanted = wanted
        self._rows = rows
        self._unit = unit
        self._nothing: F64 = np.full(n, wanted.default)
        self._nothing.flags.writeable = False
        counts = np.bincount(unit, minlength=n)
        self._one_each = len(rows) == n and bool((counts == 1).all())
        self._counts: F64 = np.maximum(counts, 1).astype(np.float64)
        self._without = np.flatnonzero(counts == 0)
        self._firsts = np.flatnonzero(np.diff(unit, prepend=-1))
        self._having = unit[self._firsts]

    def take(self, outputs: F64) -> F64:
        """The input of every unit, ``float64[n]``."""
        if self._one_each:
            return outputs[self._rows]
        if not len(self._rows):
            return self._nothing
        read = outputs[self._rows]
        made: F64 = np.zeros(len(self._nothing))
        if self.wanted.combine == "min":
            made[self._having] = np.minimum.reduceat(read, self._firsts)
        elif self.wanted.combine == "max":
            made[self._having] = np.maximum.reduceat(read, self._firsts)
        else:
            made[self._having] = np.add.reduceat(read, self._firsts)
            if self.wanted.combine == "mean":
                made /= self._counts
        if len(self._without):
            made[self._without] = self.wanted.default
        return made

    def nothing(self) -> F64:
        """The input before anything was put out: its default."""
        return self._nothing


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
    return Gather(wanted, rows, unit, len(units))


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
