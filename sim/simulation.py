"""The simulation: all machines of a plant, stepped together, read through their sensors into columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from sim.degradation.wear import Wear
from sim.faults.board import FaultBoard
from sim.faults.plant_view import PlantView
from sim.fleet_pace import FleetPaces
from sim.fleets import Fleets, PlacedFleet
from sim.kind import F64, U32, Bools, Signal, Tick
from sim.line.piece import OnInspected
from sim.operation import Operation
from sim.plant import Plant
from sim.sensors.bank import SensorBank
from sim.sensors.calibration import CalibrationRow, Calibrations
from sim.truth.hourly import FlowTruth, ReplayTruth, WearTruth
from sim.truth.log import TruthLog
from sim.wiring import Rows
from twin.contract.clock import NS_PER_S
from twin.contract.tag import make_tag

LONGEST_STEP_S = 60.0
"""A longer step is parted: supply, interlocks and lines act one step late, so long at most."""
MOST_STEPS = 60
"""Into so many at most: a step of a day is coarse, and still a step."""


_UNSEEN = {"leak": ("leak_m3_h", "m³/h"), "spill": ("spill_kg_h", "kg/h")}


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


class Simulation:
    """Steps every machine of a plant on one grid of time.

    Args:
        plant: what to simulate.
        seed: of all randomness; the same seed, start and steps give the same columns, byte for byte.
        start_ns: simulated time at the start, ns since the epoch.
        truth: where what is true is written; in memory unless given.
        on_inspected: told of every piece that an inspection station of a line has looked at.
        on_entered: told of every piece as it comes before a camera, when its picture is taken.
        set_camera_fault: told of cameras that fail (:class:`sim.faults.board.FaultBoard`).
        new: every machine is as new at the start.

    Attributes:
        board: faults: what is the matter, and what is to be.
        tags: what is served, in the order of the plant.
        true: ``float64[N]``, what is, in the order of the tags.
        value, status: ``float64[N]`` and ``uint32[N]``, what the instruments show of it.

    Raises:
        PlantError: the links make a circle, or a line does not hold together.
    """

    def __init__(
        self,
        plant: Plant,
        *,
        seed: int,
        start_ns: int,
        truth: TruthLog | None = None,
        on_inspected: OnInspected | None = None,
        on_entered: OnInspected | None = None,
        set_camera_fault: Callable[[str, str, float], None] | None = None,
        new: bool = False,
    ) -> None:
        self.now_ns = start_ns
        self.steps = 0
        self.plant = plant
        self.fleets = Fleets(plant, seed)
        self.wear = Wear(
            [(placed.kind, placed.equipment) for placed in self.fleets.placed], seed=seed, new=new
        )
        self.operation = Operation(
            plant,
            self.fleets,
            seed=seed,
            start_ns=start_ns,
            on_inspected=on_inspected,
            on_entered=on_entered,
        )
        self.outputs: F64 = np.zeros(self.fleets.size)
        placed = self.fleets.placed
        self._paces = FleetPaces([one.kind.every_s for one in placed], [one.units.start for one in placed])
        self._views = [_Views(one, self.wear, self.operation) for one in placed]
        self.tags: tuple[SimulatedTag, ...] = tuple(
            SimulatedTag(make_tag(unit.equipment, signal.name), unit.equipment, signal, unit.server)
            for unit in plant.units
            for signal in self.fleets.kind_of[unit.equipment].all_signals
        )
        rows = [self.fleets.row_of[tag.equipment, tag.signal.name] for tag in self.tags]
        self._rows = np.array(rows, np.intp)
        self.sensors = SensorBank([tag.signal for tag in self.tags], seed=seed)
        self.truth = truth or TruthLog(None, run="memory", clock=lambda: self.now_ns)
        self.board = self._make_board(set_camera_fault)
        replays, self._replay_rows = self._units_with("rul_h")
        self._replay_truth = ReplayTruth(replays, self.truth)
        self._leaks = self._flow_truth("leak")
        self._spills = self._flow_truth("spill")
        self.true: F64 = np.full(len(self.tags), np.nan)
        self.value: F64 = np.full(len(self.tags), np.nan)
        self.status: U32 = np.zeros(len(self.tags), np.uint32)
        self._texts = [
            (number, tag.signal.texts)
            for number, tag in enumerate(self.tags)
            if tag.signal.data_type == "String"
        ]
        self.text: list[str | None] = [None] * len(self.tags)

    def failed_modes(self, equipment: str) -> list[str]:
        """The failure modes of a machine that keep it standing."""
        wear = self.wear
        return [
            mode.name
            for mode in self.fleets.kind_of[equipment].modes
            if mode.stops and wear.severity[wear.number[equipment, mode.name]] >= 1.0
        ]

    def _make_board(self, set_camera_fault: Callable[[str, str, float], None] | None) -> FaultBoard:
        names = tuple(tag.tag for tag in self.tags)
        row = {name: number for number, name in enumerate(names)}
        calibrations = [
            CalibrationRow(row[one.tag], one.hour, one.minutes, one.reference)
            for one in self.plant.calibrations
        ]
        offset_h = self.plant.utc_offset_h
        return FaultBoard(
            PlantView(
                self.fleets.kind_of,
                names,
                offset_h,
                frozenset(camera.station for camera in self.plant.cameras),
            ),
            self.wear,
            self.sensors,
            self.truth,
            WearTruth(self.wear, self.truth),
            Calibrations(calibrations, self.sensors, offset_h),
            set_camera_fault,
        )

    def _flow_truth(self, event: Literal["leak", "spill"]) -> tuple[Rows, FlowTruth]:
        """What flows away unseen: every machine's flow of the name ``leak_m3_h`` or ``spill_kg_h``."""
        name, unit = _UNSEEN[event]
        equipment, rows = self._units_with(name)
        return rows, FlowTruth(event, unit, equipment, self.truth)

    def _units_with(self, output: str) -> tuple[list[str], Rows]:
        """The machines that have an output, and its rows."""
        row_of = self.fleets.row_of
        equipment = [unit.equipment for unit in self.fleets.units if (unit.equipment, output) in row_of]
        return equipment, np.array([row_of[one, output] for one in equipment], np.intp)

    def step(self, dt_s: float) -> None:
        """Go forward by ``dt_s`` [s] and read everything into ``value``, ``status`` and ``text``."""
        parts = min(max(ceil(dt_s / LONGEST_STEP_S), 1), MOST_STEPS)
        end_ns = self.now_ns + round(dt_s * NS_PER_S)
        for part in range(1, parts + 1):
            self._step(end_ns - round(dt_s * NS_PER_S * (parts - part) / parts), dt_s / parts)
        self.true = self.outputs[self._rows]
        self.value, self.status = self.sensors.measure(self.true, dt_s)
        for number, texts in self._texts:
            self.text[number] = texts[int(self.value[number])]
        self.truth.tick()

    def _step(self, now_ns: int, dt_s: float) -> None:
        first, self.now_ns = self.steps == 0, now_ns
        self.steps += 1
        operation = self.operation
        self.board.due(now_ns)
        self.board.after(now_ns, self.wear.advance(now_ns, dt_s, operation.running))
        operation.advance(now_ns, self.outputs, ~self.wear.stopped, self.board.disturbances, first=first)
        operation.show(self.outputs)
        self._step_machines(now_ns, dt_s, first=first)
        for rows, flow_truth in (self._leaks, self._spills):
            flow_truth.step(now_ns, self.outputs[rows])
        self._replay_truth.step(now_ns, self.outputs[self._replay_rows])

    def _step_machines(self, now_ns: int, dt_s: float, *, first: bool) -> None:
        operation, outputs = self.operation, self.outputs
        hour = (now_ns / NS_PER_S / 3600.0 + self.plant.utc_offset_h) % 24.0
        since = self._paces.due(dt_s, operation.running, operation.powered)
        due: list[tuple[PlacedFleet, _Views, float, dict[str, F64]]] = []
        for placed, views, since_s in zip(self.fleets.placed, self._views, since, strict=True):
            if since_s is not None:
                before = placed.before
                inputs = {one.wanted.name: one.nothing() if first else one.take(outputs) for one in before}
                due.append((placed, views, since_s, inputs))
        for placed, views, since_s, inputs in due:
            for one in placed.now:
                inputs[one.wanted.name] = one.take(outputs)
            tick = Tick(
                now_ns,
                since_s,
                hour,
                placed.rng,
                inputs,
                views.severity,
                placed.setpoints,
                views.running,
                views.powered,
                views.work,
                views.begun,
                views.wip,
                views.made,
            )
            read = placed.fleet.step(tick)
            names, run = placed.given
            if placed.shown_setpoints:
                read = {**placed.setpoints, **read}
            np.concatenate([read[name] for name in names], out=outputs[run])


class _Views:
    """What a fleet is told of wear and operation: its parts of their columns, which they change in place."""

    __slots__ = ("begun", "made", "powered", "running", "severity", "wip", "work")

    def __init__(self, placed: PlacedFleet, wear: Wear, operation: Operation) -> None:
        units = placed.units
        self.severity = {name: wear.severity[where] for name, where in placed.modes.items()}
        self.running: Bools = operation.running[units]
        self.powered: Bools = operation.powered[units]
        self.work: F64 = operation.work[units]
        self.begun: F64 = operation.begun[units]
        self.wip: F64 = operation.wip[units]
        self.made: F64 = operation.made[units]
