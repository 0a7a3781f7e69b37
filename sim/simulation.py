"""The simulation: all machines of a plant, stepped together, read into columns."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import msgspec
import numpy as np

from sim.errors import PlantError
from sim.machine import F64, U32, Columns, Machine, Signal
from sim.models import MODELS
from sim.plant import MachineRow, Plant
from twin.contract.clock import NS_PER_S
from twin.contract.tag import make_tag


@dataclass(frozen=True, slots=True)
class SimulatedTag:
    """One output of the simulation.

    Args:
        tag: ``<equipment id>:<signal>``.
        equipment: its equipment id.
        signal: what it is.
        server: which server shows it.
    """

    tag: str
    equipment: str
    signal: Signal
    server: str


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """A machine and the rows its outputs have in the simulation's columns."""

    machine: Machine
    rng: np.random.Generator
    rows: slice
    inputs: tuple[tuple[int, ...], ...]


class Simulation:
    """Steps every machine of a plant on one grid of time.

    Args:
        plant: what to simulate.
        seed: of all randomness; the same seed, start and steps give the same columns, byte for byte.
        start_ns: simulated time at the start, ns since the epoch.

    Raises:
        PlantError: parameters that a model refuses, or an input wired to a tag that is not there.
    """

    def __init__(self, plant: Plant, *, seed: int, start_ns: int) -> None:
        self.now_ns = start_ns
        self.steps = 0
        machines = [_create(row, plant.utc_offset_h) for row in plant.machines]
        self.tags: tuple[SimulatedTag, ...] = tuple(
            SimulatedTag(make_tag(equipment, output.signal.name), equipment, output.signal, row.server)
            for row, machine in zip(plant.machines, machines, strict=True)
            for output in machine.outputs
            for equipment in (row.equipment[output.slot],)
        )
        position = {tag.tag: row for row, tag in enumerate(self.tags)}
        self._placed = []
        first = 0
        for row, machine in zip(plant.machines, machines, strict=True):
            rows = slice(first, first + len(machine.outputs))
            rng = np.random.default_rng([seed, zlib.crc32(row.id.encode())])
            self._placed.append(_Placed(machine, rng, rows, _wire(row, machine, position)))
            first = rows.stop
        self.value: F64 = np.full(len(self.tags), np.nan)
        self.status: U32 = np.zeros(len(self.tags), np.uint32)
        self.text: list[str | None] = [None] * len(self.tags)

    def step(self, dt_s: float) -> None:
        """Go forward by ``dt_s`` [s] and read everything into ``value``, ``status`` and ``text``."""
        self.now_ns += round(dt_s * NS_PER_S)
        self.steps += 1
        for placed in self._placed:
            fed = np.array([np.nansum(self.value[list(rows)]) for rows in placed.inputs], np.float64)
            read = placed.machine.step(self.now_ns, dt_s, placed.rng, fed)
            self._place(placed.rows, read)

    def _place(self, rows: slice, read: Columns) -> None:
        self.value[rows] = read.value
        self.status[rows] = read.status
        for row, text in read.text.items():
            self.text[rows.start + row] = text


def _create(row: MachineRow, utc_offset_h: float) -> Machine:
    model = MODELS[row.model]
    try:
        parameters = msgspec.convert(row.parameters, model.parameters)
    except msgspec.ValidationError as error:
        raise PlantError(f"machine {row.id!r}: parameters of {row.model!r}: {error}") from error
    return model.create(parameters, utc_offset_h)


def _wire(row: MachineRow, machine: Machine, position: dict[str, int]) -> tuple[tuple[int, ...], ...]:
    if unknown := set(row.inputs) - set(machine.inputs):
        raise PlantError(f"machine {row.id!r}: model {row.model!r} has no input {min(unknown)!r}")
    for tag in (tag for tags in row.inputs.values() for tag in tags):
        if tag not in position:
            raise PlantError(f"machine {row.id!r}: input tag {tag!r} is simulated by no machine of the plant")
    return tuple(tuple(position[tag] for tag in row.inputs.get(name, ())) for name in machine.inputs)
