"""A shift of some lines of the demo park in virtual time: what a connector would have told of it, and the
truth.

A value is told when it has changed since the last step, as a subscription tells it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import msgspec
import numpy as np

from sim.plant import Plant, read_plant
from sim.simulation import Simulation
from twin.contract.clock import NS_PER_S, from_iso
from twin.kpi.packml import STATES
from twin.kpi.series import Series, in_order

START = from_iso("2026-09-24T06:00:00+07:00") + 1
"""A Thursday, the begin of a morning shift, and a nanosecond: what is told at its first moment happened
before it."""
HOURS = 8
END = START + HOURS * 3600 * NS_PER_S
STEP_S = 2.0
BEFORE_S = 1800.0
"""Run in before the shift."""

LINES = (
    "yenphong/anphat-electronics/f1/smt/line1",
    "yenphong/songcau-food/f1/packing/line1",
)
POWER = (
    "yenphong/anphat-electronics/f1/power/board1",
    "yenphong/songcau-food/f1/power/board2",
)


@dataclass(frozen=True, slots=True)
class Shift:
    """What was told, and what is true.

    Args:
        series: by tag.
        worked_s: by station, time in which it worked on pieces [s].
        made: by station, good and rejected pieces.
        energy: by tag, growth of the true counter.
        power_kwh: by tag of a power, its true integral.
    """

    series: Mapping[str, Series]
    worked_s: Mapping[str, float]
    made: Mapping[str, tuple[float, float]]
    energy: Mapping[str, float]
    power_kwh: Mapping[str, float]


def some_lines() -> Plant:
    """The lines and their switchboards, without the rest of the park."""
    plant = read_plant()

    def kept(equipment: str) -> bool:
        return equipment in POWER or equipment.rpartition("/")[0] in LINES

    units = tuple(unit for unit in plant.units if kept(unit.equipment))
    ids = {unit.equipment for unit in units}
    return msgspec.structs.replace(
        plant,
        units=units,
        lines=tuple(line for line in plant.lines if line.id in LINES),
        links=tuple(link for link in plant.links if link.upstream in ids and link.downstream in ids),
        calibrations=(),
        cameras=(),
    )


@cache
def simulated_shift() -> Shift:
    """Simulate it, once a process."""
    simulation = Simulation(some_lines(), seed=7, start_ns=START - 1 - round(BEFORE_S * NS_PER_S))
    simulation.step(0.0)
    for _ in range(round(BEFORE_S / 30.0)):
        simulation.step(30.0)
    assert simulation.now_ns == START - 1
    row = {tag.tag: number for number, tag in enumerate(simulation.tags)}
    begun = _truth(simulation)
    rows = round((END - START) / NS_PER_S / STEP_S)
    time = np.zeros(rows + 1, np.int64)
    value = np.zeros((rows + 1, len(row)))
    status = np.zeros((rows + 1, len(row)), np.uint32)
    true = np.zeros((rows + 1, len(row)))
    for number in range(rows + 1):
        if number:
            simulation.step(STEP_S)
        time[number], value[number] = simulation.now_ns, simulation.value
        status[number], true[number] = simulation.status, simulation.true
    ended = _truth(simulation)
    series = {}
    for tag in simulation.tags:
        column, states = value[:, row[tag.tag]], status[:, row[tag.tag]]
        told = np.append(True, (column[1:] != column[:-1]) | (states[1:] != states[:-1]))
        if tag.signal.name == "state":
            column = np.array([STATES.index(text) for text in tag.signal.texts])[column.astype(int)]
        series[tag.tag] = in_order(time[told], column[told].astype(np.float64), states[told])
    hours = np.diff(time) / NS_PER_S / 3600.0
    return Shift(
        series,
        {station: ended[station][0] - begun[station][0] for station in begun},
        {
            station: (ended[station][1] - begun[station][1], ended[station][2] - begun[station][2])
            for station in begun
        },
        {tag: float(true[-1, at] - true[0, at]) for tag, at in row.items() if tag.endswith(":energy")},
        {
            tag: float((true[1:, at] * hours).sum())
            for tag, at in row.items()
            if tag.endswith(":active_power")
        },
    )


def _truth(simulation: Simulation) -> dict[str, tuple[float, float, float]]:
    """By station: time worked [s], pieces good and rejected, as the line itself knows them."""
    found = {}
    for line in simulation.operation.lines.lines:
        for station in line.stations:
            station.sync()
            found[station.equipment] = (station.worked_s, float(station.good), float(station.reject))
    return found
