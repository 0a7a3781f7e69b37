"""Seeded cases for what the networks find: a wrong meter, a leak, and the tenant that spoiled the outfall.

Each kind of case plays on the simulated park of the demo (:mod:`sim`); the finder sees what the instruments
show, never what is true. Nothing here is tuned on the cases: accuracies come from the park file, thresholds
from the text books that the modules name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from sim.faults.order import FaultOrder
from sim.plant import SHIPPED, Plant, read_plant
from sim.simulation import Simulation
from twin.contract.clock import NS_PER_S
from twin.contract.frame import F64
from twin.networks.electricity import Electricity
from twin.networks.leak import leaks
from twin.networks.meters import check_meters
from twin.networks.park_power import ParkPower
from twin.networks.park_water import HEADER, ParkWater
from twin.networks.readings import Readings
from twin.networks.wastewater import History, Wastewater
from twin.park.model import Park
from twin.park.park_file import load_park
from twin.state.tag_table import TagTable, build_tag_table

START_NS = 1_790_212_800 * NS_PER_S
"""2026-09-24T01:20:00Z, 08:20 in Vietnam, a Thursday."""
LEAST_ERROR, MOST_ERROR = 0.03, 0.25
"""Of a wrong meter: a share of its reading, either way."""
APART_S = 30.0
"""Between two moments at which meters are read."""


def demo_park() -> Park:
    """The park of the demo."""
    return load_park(Path(SHIPPED.parent / "park.yaml"), environment={})


class Instruments:
    """What the twin reads of a simulation.

    Args:
        park: whose tags.
        simulation: running.
    """

    def __init__(self, park: Park, simulation: Simulation) -> None:
        self.table: TagTable = build_tag_table(park)
        self._simulation = simulation
        pairs = [
            (self.table.number[tag.tag], index)
            for index, tag in enumerate(simulation.tags)
            if tag.tag in self.table.number
        ]
        self._number, self._index = (np.array(column, np.intp) for column in zip(*pairs, strict=True))

    def columns(self) -> tuple[F64, F64]:
        """Values and whether they are usable, by tag number."""
        value, usable = np.full(len(self.table), np.nan), np.zeros(len(self.table))
        value[self._number] = self._simulation.value[self._index]
        usable[self._number] = self._simulation.status[self._index] < 0x80000000
        return value, usable

    def read(self) -> Readings:
        """What is shown now."""
        value, usable = self.columns()
        return Readings(self.table, value, usable > 0.5)

    def mean(self, moments: int, step_s: float) -> Readings:
        """The mean of some moments, as a historian gives it."""
        value, usable = self.mean_columns(moments, step_s)
        return Readings(self.table, value, usable > 0.5)

    def mean_columns(self, moments: int, step_s: float) -> tuple[F64, F64]:
        """The same as columns."""
        values = []
        usable = np.ones(len(self.table))
        for _ in range(moments):
            self._simulation.step(step_s)
            value, good = self.columns()
            values.append(value)
            usable *= good
        mean: F64 = np.mean(values, axis=0)
        return mean, usable


@dataclass(frozen=True, slots=True)
class MeterCase:
    """A meter whose power reads wrong.

    Args:
        meter: which.
        error: by which share.
        named: suspects, the first first; those of one row cannot be told apart.
        corrected: what the twin makes of its power over what is true, less 1; NaN if it is not named.
        steps: links from the first suspect to it; -1 where none was named.
    """

    meter: str
    error: float
    named: tuple[tuple[str, ...], ...]
    corrected: float
    steps: int

    @property
    def hit(self) -> bool:
        """Named first, or not to be told apart from the first."""
        return bool(self.named) and self.meter in self.named[0]


def meter_cases(count: int, *, seed: int = 1, moments: int = 1) -> Iterator[MeterCase]:
    """Let the power of one meter after the other read wrong by 3 to 25 %; it is seen in the mean of so many
    moments."""
    rng = np.random.default_rng(seed)
    park = demo_park()
    simulation = _warm(read_plant(), seed)
    instruments = Instruments(park, simulation)
    power = ParkPower(park)
    electricity = Electricity(power)
    metered = sorted(power.metered)
    for _ in range(count):
        meter = metered[rng.integers(len(metered))]
        error = float(rng.uniform(LEAST_ERROR, MOST_ERROR) * rng.choice([-1.0, 1.0]))
        value, usable = instruments.mean_columns(moments, APART_S)
        number = instruments.table.number[f"{meter}:{power.metered[meter].power}"]
        true = float(value[number])
        value[number] = true * (1.0 + error)
        readings = Readings(instruments.table, value, usable > 0.5)
        report = check_meters(power, readings, electricity.solve(readings), moments)
        named = tuple(one.equipment for one in report.suspects)
        corrected = next(
            (one.expected_kw / true - 1.0 for one in report.suspects if meter in one.equipment), float("nan")
        )
        steps = _steps(power, meter, named[0][0]) if named else -1
        yield MeterCase(meter, error, named, corrected, steps)


def sound_meters(count: int, *, seed: int = 1, moments: int = 1) -> int:
    """Count the moments, of some in which all meters are right, in which one is named."""
    park = demo_park()
    simulation = _warm(read_plant(), seed)
    instruments = Instruments(park, simulation)
    power = ParkPower(park)
    electricity = Electricity(power)
    named = 0
    for _ in range(count):
        readings = instruments.mean(moments, APART_S)
        named += bool(check_meters(power, readings, electricity.solve(readings), moments).suspects)
    return named


@dataclass(frozen=True, slots=True)
class LeakCase:
    """A leak in the simulated park.

    Args:
        pipe: where.
        true_m3_h: how much, as the simulator knows.
        found_m3_h: as the twin makes it; 0 if it found none.
        named: the likeliest place, "" if it found none.
        metres: along the pipes from the middle of the one named to the middle of the true one.
    """

    pipe: str
    true_m3_h: float
    found_m3_h: float
    named: str
    metres: float

    @property
    def hit(self) -> bool:
        return self.named == self.pipe


def leak_cases(count: int, *, seed: int = 1) -> Iterator[LeakCase]:
    """Let one main or service pipe after the other leak, by a tenth of its worst leak to the whole."""
    rng = np.random.default_rng(seed)
    park = demo_park()
    simulation = _warm(read_plant(), seed)
    instruments = Instruments(park, simulation)
    sound = [instruments.mean(4, 15.0) for _ in range(5)]
    water = ParkWater(park).calibrated(sound)
    places = sorted([*water.pipes, *water.users])
    for _ in range(count):
        pipe = places[rng.integers(len(places))]
        fault = "leak" if pipe in water.pipes else "service_leak"
        order = FaultOrder(fault=fault, equipment=pipe, strength=float(rng.uniform(0.1, 1.0)), ramp=0)
        active = simulation.board.inject(order, simulation.now_ns)
        for _ in range(4):
            simulation.step(15.0)
        readings = instruments.mean(20, 15.0)
        true = float(simulation.outputs[simulation.fleets.row_of[pipe, "leak_m3_h"]])
        live = water.live(readings)
        assert live is not None
        found = leaks(water, live)
        named = found[0].places[0].id if found else ""
        metres = pipe_metres(water, pipe, named) if named else float("nan")
        yield LeakCase(pipe, true, found[0].m3_h if found else 0.0, named, metres)
        simulation.board.clear(active.number, simulation.now_ns)
        simulation.board.repair(pipe, simulation.now_ns)
        for _ in range(4):
            simulation.step(15.0)


@dataclass(frozen=True, slots=True)
class SpillCase:
    """A spill of strong effluent.

    Args:
        outlet: who let it go.
        strength: of the fault.
        named: the outlet named, "" if no rise was seen.
        share: of the rise that is put down to it.
        rise: of the outfall [mg/L].
    """

    outlet: str
    strength: float
    named: str
    share: float
    rise: float

    @property
    def hit(self) -> bool:
        return self.named == self.outlet


SPILL_STEP_S = 300.0
SPILL_BEFORE_H, SPILL_AFTER_H = 3, 12


def spill_cases(count: int, *, seed: int = 1) -> Iterator[SpillCase]:
    """Let one outlet after the other let go of half to one and a half times a strong bath, over 30 to 80
    minutes, at any hour; the wastewater part of the plant is simulated alone."""
    rng = np.random.default_rng(seed)
    park = demo_park()
    plant = wastewater_part(read_plant())
    wastewater = Wastewater(park)
    outlets = sorted(one.outlet for one in wastewater.sewers.values())
    for number in range(count):
        begin = START_NS + int(rng.integers(0, 72)) * 3600 * NS_PER_S
        simulation = Simulation(plant, seed=seed * 1000 + number, start_ns=begin)
        simulation.step(0.0)
        instruments = Instruments(park, simulation)
        outlet = outlets[rng.integers(len(outlets))]
        strength = float(rng.uniform(0.5, 1.5))
        order = FaultOrder(
            fault="cod_spill", equipment=outlet, strength=min(strength, 1.0), ramp=0,
            lasts=float(rng.uniform(30.0, 80.0)) * 60.0 * max(strength, 1.0),
        )  # fmt: skip
        rows: list[F64] = []
        for step in range(round((SPILL_BEFORE_H + SPILL_AFTER_H) * 3600 / SPILL_STEP_S)):
            if step * SPILL_STEP_S == SPILL_BEFORE_H * 3600:
                simulation.board.inject(order, simulation.now_ns)
            for _ in range(round(SPILL_STEP_S / 60.0)):
                simulation.step(60.0)
            value, usable = instruments.columns()
            rows.append(np.where(usable > 0.5, value, np.nan))
        found = wastewater.rise(_history(wastewater, instruments.table, np.array(rows)))
        best = None if found is None else found.contributions[0]
        yield SpillCase(
            outlet,
            strength,
            "" if best is None else best.outlet,
            0.0 if best is None else best.share,
            0.0 if found is None else found.now - found.before,
        )


def _history(wastewater: Wastewater, table: TagTable, rows: F64) -> History:
    def column(equipment: str, signal: str) -> F64:
        found: F64 = rows[:, table.number[f"{equipment}:{signal}"]]
        return found

    basins = [one for stage in wastewater.stages for one in stage]
    (outfall,) = wastewater.park.networks.outfalls
    return History(
        SPILL_STEP_S,
        {name: column(one.outlet, one.flow) for name, one in wastewater.sewers.items()},
        {name: column(one.outlet, one.load) for name, one in wastewater.sewers.items()},
        {one.equipment: column(one.equipment, one.level_percent) for one in basins if one.level_percent},
        {one.equipment: column(one.equipment, one.outflow) for one in basins if one.outflow},
        column(outfall.equipment, outfall.flow),
        column(outfall.equipment, outfall.load),
    )


def _warm(plant: Plant, seed: int) -> Simulation:
    simulation = Simulation(plant, seed=seed, start_ns=START_NS)
    simulation.step(0.0)
    for _ in range(30):
        simulation.step(30.0)
    return simulation


def wastewater_part(plant: Plant) -> Plant:
    """Sewers, works and outfall of a plant, without what drains into them."""
    sewage = [link for link in plant.links if link.network == "wastewater"]
    keep = {link.upstream for link in sewage} | {link.downstream for link in sewage}
    keep |= {link.upstream for link in plant.links if link.network == "air" and link.downstream in keep}
    return replace(
        plant,
        units=tuple(unit for unit in plant.units if unit.equipment in keep),
        links=tuple(link for link in plant.links if link.upstream in keep and link.downstream in keep),
        lines=(),
        cameras=(),
        meters="",
    )


def _steps(power: ParkPower, one: str, other: str) -> int:
    """Links between two elements."""
    near: dict[str, set[str]] = {}
    for upstream, below in power.below.items():
        for downstream in below:
            near.setdefault(upstream, set()).add(downstream)
            near.setdefault(downstream, set()).add(upstream)
    seen, here, steps = {one}, {one}, 0
    other = other.removesuffix("/unmetered")
    while here and other not in here:
        here = {name for at in here for name in near.get(at, ())} - seen
        seen |= here
        steps += 1
    return steps if other in here else -1


def pipe_metres(water: ParkWater, one: str, other: str) -> float:
    """From the middle of a pipe to the middle of another, along the network."""
    if one == other:
        return 0.0
    length = {pipe.id: pipe.length_m for pipe in water.network.pipes}

    def way(name: str) -> list[str]:
        found = [name]
        while water.above[found[-1]] != HEADER:
            found.append(water.above[found[-1]])
        return found

    first, second = way(one), way(other)
    between = set(first) ^ set(second)
    metres = sum(length[name] for name in between)
    for end, rest in ((one, second), (other, first)):
        # its own half counts only; the half nearer to the header if the way goes down from it
        metres += -length[end] / 2.0 if end in between else length[end] / 2.0 if end in rest else 0.0
    return metres
