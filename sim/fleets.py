"""The fleets of a plant, and the one column of outputs that they share.

Units are in *fleet order* here: fleets by level, then kind; within a fleet in the order of the plant. All
outputs of all machines are one ``float64`` column, in which each output of a fleet is a run of as many
elements as it has units.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import msgspec
import numpy as np

from sim.kind import F64, Fleet, MachineKind, Site
from sim.kinds import machine_kinds
from sim.plant import Plant, Unit
from sim.wiring import Gather, Neighbours, gather_for, levels_of, outputs_of


@dataclass(frozen=True, slots=True, eq=False)
class PlacedFleet:
    """A fleet and where its things are in the columns of the plant.

    Args:
        kind: of all its units.
        fleet: what steps them.
        equipment: id of each unit.
        units: in fleet order.
        outputs: name -> where in the outputs.
        given: the outputs that the fleet gives itself, in their order, and where they are: one run, behind
            what the operation and the line fill in.
        modes: name of a failure mode -> where in the (unit, mode) pairs.
        setpoints: name -> ``float64[n]``, changed in place.
        shown_setpoints: those of them that are signals too.
        now, before: inputs made of this step's outputs, and of the last one's.
        rng: of its steps.
    """

    kind: MachineKind
    fleet: Fleet
    equipment: tuple[str, ...]
    units: slice
    outputs: Mapping[str, slice]
    given: tuple[tuple[str, ...], slice]
    modes: Mapping[str, slice]
    setpoints: Mapping[str, F64]
    shown_setpoints: tuple[str, ...]
    now: tuple[Gather, ...]
    before: tuple[Gather, ...]
    rng: np.random.Generator


class Fleets:
    """All fleets of a plant, in the order in which they are stepped.

    Args:
        plant: what to make.
        seed: of all randomness.

    Raises:
        PlantError: the links make a circle within one step.
    """

    def __init__(self, plant: Plant, seed: int) -> None:
        kinds = machine_kinds()
        neighbours = Neighbours(plant.links)
        level = levels_of(plant.units, kinds, neighbours)

        def place(unit: Unit) -> tuple[int, str]:
            return level[unit.equipment], unit.kind

        self.units: tuple[Unit, ...] = tuple(sorted(plant.units, key=place))
        self.position = {unit.equipment: number for number, unit in enumerate(self.units)}
        self.kind_of = {unit.equipment: kinds[unit.kind] for unit in self.units}
        self.row_of: dict[tuple[str, str], int] = {}
        groups = [(kinds[key[1]], key[0], tuple(group)) for key, group in groupby(self.units, place)]
        self.size = 0
        for kind, _, units in groups:
            self._lay_out(kind, units)
        self.placed: list[PlacedFleet] = []
        self.pairs: list[tuple[str, str]] = []
        first = 0
        for kind, at_level, units in groups:
            self.placed.append(
                self._place(kind, at_level, units, first, plant.utc_offset_h, seed, neighbours)
            )
            first += len(units)

    def _lay_out(self, kind: MachineKind, units: Sequence[Unit]) -> None:
        for output in outputs_of(kind):
            for unit in units:
                self.row_of[unit.equipment, output] = self.size
                self.size += 1

    def _place(
        self,
        kind: MachineKind,
        level: int,
        units: Sequence[Unit],
        first: int,
        utc_offset_h: float,
        seed: int,
        neighbours: Neighbours,
    ) -> PlacedFleet:
        n = len(units)
        equipment = tuple(unit.equipment for unit in units)
        seeds = (seed, zlib.crc32(kind.name.encode()), level)
        start = {output: self.row_of[equipment[0], output] for output in outputs_of(kind)}
        modes = {}
        for mode in kind.modes:
            modes[mode.name] = slice(len(self.pairs), len(self.pairs) + n)
            self.pairs += [(one, mode.name) for one in equipment]
        given = (*(signal.name for signal in kind.signals), *kind.flows)
        gathers = [gather_for(wanted, equipment, neighbours, self.row_of) for wanted in kind.inputs]
        return PlacedFleet(
            kind,
            kind.create([unit.parameters for unit in units], Site(utc_offset_h, equipment, seeds)),
            equipment,
            slice(first, first + n),
            {output: slice(row, row + n) for output, row in start.items()},
            (given, slice(start[given[0]], start[given[0]] + n * len(given))),
            modes,
            {point.name: _defaults(point.name, point.default, units) for point in kind.setpoints},
            tuple(point.name for point in kind.setpoints if point.name in start),
            tuple(gather for gather in gathers if not gather.wanted.lagged),
            tuple(gather for gather in gathers if gather.wanted.lagged),
            np.random.default_rng([*seeds, 1]),
        )

    def fleet_of(self, equipment: str) -> tuple[PlacedFleet, int]:
        """The fleet of an equipment and its place in it."""
        position = self.position[equipment]
        for placed in self.placed:
            if placed.units.start <= position < placed.units.stop:
                return placed, position - placed.units.start
        raise KeyError(equipment)


def _defaults(name: str, default: float, units: Sequence[Unit]) -> F64:
    given = [msgspec.structs.asdict(unit.parameters).get(name, default) for unit in units]
    return np.array(given, np.float64)


class OptionalOutput:
    """An output that some kinds have (``closed``, ``ready``, ``pace``), for every unit of the plant.

    Args:
        fleets: of the plant.
        name: of the output.
        default: what it is for the others, and for all before the first step.
    """

    def __init__(self, fleets: Fleets, name: str, default: float) -> None:
        having = [
            (number, fleets.row_of[unit.equipment, name])
            for number, unit in enumerate(fleets.units)
            if (unit.equipment, name) in fleets.row_of
        ]
        self._units = np.array([number for number, _ in having], np.intp)
        self._rows = np.array([row for _, row in having], np.intp)
        self.value: F64 = np.full(len(fleets.units), default)
        """For every unit, ``float64[n]``; changed by :meth:`read`."""

    def read(self, outputs: F64) -> None:
        """Take what the machines have put out."""
        self.value[self._units] = outputs[self._rows]
