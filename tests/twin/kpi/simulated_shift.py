"""A shift of the demo park, of some of its machines, or of its lines alone, in virtual time: what a connector
would have told of it, and the truth.

A value is told when it has changed since the last step, as a subscription tells it, and steps are those in
which the park's servers look at their machines: no state is known any finer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

import msgspec
import numpy as np

from sim.calendar.calendar import make_calendars
from sim.kind import PACKML_STATES
from sim.line.columns import Controls
from sim.line.shop_floor import ShopFloor
from sim.plant import Plant, read_plant
from sim.simulation import Simulation
from twin.contract.clock import NS_PER_S, from_iso
from twin.contract.frame import F64, I64
from twin.kpi.packml import STATES
from twin.kpi.series import Series, in_order

START = from_iso("2026-09-24T06:00:00+07:00") + 1
"""A Thursday, the begin of a morning shift, and a nanosecond: what is told at its first moment happened
before it."""
HOURS = 8
END = START + HOURS * 3600 * NS_PER_S
BEFORE_S = 1800.0
"""Run in before the shift."""

LINES = (
    "yenphong/songcau-food/f1/bottling/line1",
    "yenphong/songcau-food/f1/packing/line1",
)
"""The machines of these are simulated, where it is not the whole park."""
STOPS_H = 0.4
"""How long a station of the lines alone is whole between two stops from outside, on average [h of the
shift]."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What was told, and what is true.

    Args:
        series: by tag.
        worked_s: by station, time in which it worked on pieces [s].
        made: by station, good and rejected pieces.
        growth: by tag of a counter, growth of the true one.
        power_kwh: by tag of a power, its true integral.
        time: of the steps, ``int64[rows]`` [ns].
        true: by tag, what was true after each step, ``float64[rows]``.
    """

    series: Mapping[str, Series]
    worked_s: Mapping[str, float]
    made: Mapping[str, tuple[float, float]]
    growth: Mapping[str, float]
    power_kwh: Mapping[str, float]
    time: I64
    true: Mapping[str, F64]


def some_lines() -> Plant:
    """The lines, without the rest of the park."""
    plant = read_plant()
    units = tuple(unit for unit in plant.units if unit.equipment.rpartition("/")[0] in LINES)
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
def shift_of_lines() -> Shift:
    """Simulate all lines of the park without the machines behind them, once a process.

    Counts, states and the time worked are the lines' own; what machines would do to them is drawn: stops of
    minutes, and a pace that changes.
    """
    plant = read_plant()
    floor = ShopFloor(
        plant.lines,
        make_calendars(plant.calendars, plant.utc_offset_h),
        seed=7,
        start_ns=START - 1 - round(BEFORE_S * NS_PER_S),
    )
    n, rng = len(floor.equipment), np.random.default_rng(7)
    controls = Controls.all_well(n)
    floor.advance(START - 1, controls)
    begun = _known(floor)
    rows = round(HOURS * 3600 / plant.tick_s)
    time = START - 1 + np.arange(rows + 1) * round(plant.tick_s * NS_PER_S)
    state = np.zeros((n, rows + 1), np.int8)
    good, reject = np.zeros((n, rows + 1)), np.zeros((n, rows + 1))
    back = np.zeros(n)
    for number in range(rows + 1):
        if number:
            now_s = number * plant.tick_s
            stopped = rng.random(n) < plant.tick_s / (STOPS_H * 3600.0)
            back[stopped] = now_s + rng.exponential(90.0, n)[stopped]
            controls.available[:] = back <= now_s
            if number % 600 == 0:
                controls.pace[:] = rng.uniform(0.85, 1.0, n)
            floor.advance(int(time[number]), controls)
        columns = floor.columns
        state[:, number], good[:, number], reject[:, number] = columns.state, columns.good, columns.reject
    ended = _known(floor)
    numbers = np.array([STATES.index(text) for text in PACKML_STATES])
    series = {}
    for at, station in enumerate(floor.equipment):
        for name, column in (
            ("state", numbers[state[at]]),
            ("good_count", good[at]),
            ("reject_count", reject[at]),
        ):
            told = np.append(True, column[1:] != column[:-1])
            status = np.zeros(int(told.sum()), np.uint32)
            series[f"{station}:{name}"] = in_order(time[told], column[told].astype(np.float64), status)
    return Shift(series, *_grown(begun, ended), {}, {}, time, {})


@cache
def shift_of_machines() -> Shift:
    """Simulate the machines of some lines, once a process."""
    return simulated(some_lines(), None, START - 1, END - 1, 5.0)


def simulated(
    plant: Plant, wanted: Collection[str] | None, start_ns: int, end_ns: int, step_s: float = 0.0
) -> Shift:
    """Simulate ``plant``; only ``wanted`` tags are kept, all of them if None; ``step_s`` is the plant's own
    unless given [s]."""
    step_s = step_s or plant.tick_s
    simulation = Simulation(plant, seed=7, start_ns=start_ns - round(BEFORE_S * NS_PER_S))
    simulation.step(0.0)
    for _ in range(round(BEFORE_S / 30.0)):
        simulation.step(30.0)
    assert simulation.now_ns == start_ns
    tags = [(at, tag) for at, tag in enumerate(simulation.tags) if wanted is None or tag.tag in wanted]
    kept = np.array([at for at, _ in tags], np.intp)
    begun = _known(simulation.operation.lines)
    rows = round((end_ns - start_ns) / NS_PER_S / step_s)
    time = np.zeros(rows + 1, np.int64)
    value, true = np.zeros((len(kept), rows + 1)), np.zeros((len(kept), rows + 1))
    status = np.zeros((len(kept), rows + 1), np.uint32)
    for number in range(rows + 1):
        if number:
            simulation.step(step_s)
        time[number], value[:, number] = simulation.now_ns, simulation.value[kept]
        status[:, number], true[:, number] = simulation.status[kept], simulation.true[kept]
    ended = _known(simulation.operation.lines)
    series = {}
    for (_, tag), column, states in zip(tags, value, status, strict=True):
        told = np.append(True, (column[1:] != column[:-1]) | (states[1:] != states[:-1]))
        if tag.signal.name == "state":
            column = np.array([STATES.index(text) for text in tag.signal.texts])[column.astype(int)]
        series[tag.tag] = in_order(time[told], column[told].astype(np.float64), states[told])
    hours = np.diff(time) / NS_PER_S / 3600.0
    columns = {tag.tag: column for (_, tag), column in zip(tags, true, strict=True)}
    return Shift(
        series,
        *_grown(begun, ended),
        {tag: float(column[-1] - column[0]) for tag, column in columns.items()},
        {
            tag: float((column[1:] * hours).sum())
            for tag, column in columns.items()
            if tag.endswith(":active_power")
        },
        time,
        columns,
    )


_Known = dict[str, tuple[float, float, float]]


def _known(lines: ShopFloor) -> _Known:
    """By station: time worked until now [s], pieces good and rejected, as the line itself knows them.

    A station's own clock stands at the last thing that happened to it, which may be hours ago; the columns
    are brought up to each step.
    """
    columns = lines.columns
    known = zip(columns.worked_before_s, columns.good, columns.reject, strict=True)
    return {
        station: (float(worked), float(good), float(reject))
        for station, (worked, good, reject) in zip(lines.equipment, known, strict=True)
    }


def _grown(begun: _Known, ended: _Known) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    worked = {station: ended[station][0] - begun[station][0] for station in begun}
    made = {
        station: (ended[station][1] - begun[station][1], ended[station][2] - begun[station][2])
        for station in begun
    }
    return worked, made
