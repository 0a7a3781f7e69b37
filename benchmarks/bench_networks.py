"""Networks: power flow, hydraulics, what-if and N-1 at their sizes; what is found in 50 seeded cases each.

The finding takes minutes; ``PARKTWIN_BENCH_CASES`` takes fewer cases.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from time import perf_counter, process_time

import numpy as np

from benchmarks.network_cases import (
    START_NS,
    Instruments,
    demo_park,
    leak_cases,
    meter_cases,
    sound_meters,
    spill_cases,
)
from benchmarks.table import Row, median_seconds
from sim.plant import read_plant
from sim.simulation import Simulation
from twin.networks.changes import Change
from twin.networks.contingency import contingencies
from twin.networks.power_flow import PowerModel
from twin.networks.power_network import Bus, Grid, Line, Load, PowerNetwork, TwoWinding
from twin.networks.water_flow import WaterModel
from twin.networks.water_network import Junction, Pipe, Pump, Reservoir, Tank, WaterNetwork
from twin.networks.what_if import WhatIf

AREA = "networks"
CASES = 50
MOMENTS = 20
"""Ten minutes, half a minute apart."""
FEEDERS, BOARDS = 20, 14
"""20 feeders with 14 transformers and boards each: 301 buses, 300 branches."""
ROWS, COLUMNS = 14, 14
"""Streets of the water network: 196 nodes and the water works."""


def big_park() -> PowerNetwork:
    """A substation, feeders, and behind each a chain of cable joints that feeds transformers."""
    buses, lines, trafos, loads = [Bus("grid", 22.0)], [], [], []
    for feeder in range(FEEDERS):
        last = "grid"
        for number in range(BOARDS // 2):
            joint, board = f"f{feeder}j{number}", f"f{feeder}b{number}"
            buses += [Bus(joint, 22.0), Bus(board, 0.4)]
            lines.append(Line(f"to {joint}", last, joint, 0.3, 0.125, 0.105, 0.4))
            trafos.append(TwoWinding(f"to {board}", joint, board, 1.0, 22.0, 0.4, 6.0, 1.05, 0.77, 0.8))
            loads.append(Load(board, board, 0.4, 0.15))
            last = joint
        buses.append(Bus(f"f{feeder}end", 22.0))
        lines.append(Line(f"to f{feeder}end", last, f"f{feeder}end", 0.3, 0.125, 0.105, 0.4))
    return PowerNetwork(tuple(buses), (Grid("grid"),), tuple(lines), tuple(trafos), loads=tuple(loads))


def big_town() -> WaterNetwork:
    """A reservoir, a pump, a grid of streets with a tank at its end; demands go through a day."""
    rng = np.random.default_rng(5)
    junctions, pipes = [], []
    for row in range(ROWS):
        for column in range(COLUMNS):
            here = f"{row}-{column}"
            junctions.append(Junction(here, float(rng.uniform(0, 8)), float(rng.uniform(1, 4)), "day"))
            if row:
                pipes.append(Pipe(f"s{here}", f"{row - 1}-{column}", here, 120.0, 200.0, 120.0))
            if column:
                pipes.append(Pipe(f"e{here}", f"{row}-{column - 1}", here, 120.0, 200.0, 120.0))
    pipes.append(Pipe("to tank", f"{ROWS - 1}-{COLUMNS - 1}", "tank", 200.0, 300.0, 120.0))
    day = tuple((1.0 + 0.5 * np.sin(np.arange(24) / 24 * 2 * np.pi)).tolist())
    return WaterNetwork(
        tuple(junctions),
        (Reservoir("works", 5.0),),
        (Tank("tank", 40.0, 3.0, 0.5, 6.0, 20.0),),
        tuple(pipes),
        (Pump("pump", "works", "0-0", ((450.0, 50.0),)),),
        patterns={"day": day},
    )


def speed() -> list[Row]:
    """How long a question takes."""
    power = PowerModel(big_park())
    power.solve()
    whole = power.network
    loads = tuple(Load(one.id, one.bus, one.mw * 1.01, one.mvar) for one in whole.loads)
    flow_s = median_seconds(lambda: power.solve(loads=loads), 9)
    begin = process_time()
    power.solve(loads=loads)
    cpu_s = process_time() - begin
    names = [one.id for one in whole.lines] + [one.id for one in whole.transformers]
    begin, begin_cpu = perf_counter(), process_time()
    for name in names:
        power.solve(out={name})
    all_s, all_cpu_s = perf_counter() - begin, process_time() - begin_cpu
    town = WaterModel(big_town())
    town_s = median_seconds(lambda: town.solve(hours=24.0), 3)
    park = demo_park()
    simulation = Simulation(read_plant(), seed=2, start_ns=START_NS)
    simulation.step(0.0)
    for _ in range(10):
        simulation.step(30.0)
    readings = Instruments(park, simulation).read()
    what_if = WhatIf(park)
    trip = [Change("open", "yenphong/park/utilities/substation/f3")]
    what_if.ask(readings, trip)
    ask_s = median_seconds(lambda: what_if.ask(readings, trip, 2.0), 5)
    begin = perf_counter()
    contingencies(what_if, park, readings)
    park_s = perf_counter() - begin
    sizes = f"{len(whole.buses)} buses, {len(names)} branches"
    return [
        Row(AREA, "power flow of a park", 1000 * flow_s, "ms", "under 150", flow_s < 0.15,
            f"{sizes}; {1000 * cpu_s:.0f} ms of CPU"),
        Row(AREA, "N-1: every branch lost once", all_s, "s", "under 60", all_s < 60.0, 
            f"{sizes}; one core, {all_cpu_s:.0f} s of CPU"),
        Row(AREA, "24 h of hydraulics", town_s, "s", "under 3", town_s < 3.0,
            f"{ROWS * COLUMNS + 2} nodes, hourly"),
        Row(AREA, "what-if: a feeder of the demo park trips", ask_s, "s", "in seconds", ask_s < 5.0),
        Row(AREA, "N-1 of the demo park", park_s, "s", "", None,
            f"{len(park.equipment)} elements, all networks"),
    ]  # fmt: skip


def _meters(cases: int, moments: int) -> list[Row]:
    found = list(meter_cases(cases, moments=moments))
    hits = sum(one.hit for one in found)
    wrong = sum(bool(one.named) and not one.hit for one in found)
    steps = [one.steps for one in found if one.named]
    off = [abs(one.corrected) for one in found if one.corrected == one.corrected]
    missed = [f"{one.meter.split('/', 1)[1]} {100 * one.error:+.0f} %" for one in found if not one.named]
    note = (
        f"of {cases} with errors of 3 to 25 %; another blamed in {wrong}; mean distance "
        f"{np.mean(steps) if steps else 0.0:.2f} links; corrected to {100 * np.median(off):.1f} % (median); "
        f"not noticed: {', '.join(missed) or 'none'}"
    )
    false = sound_meters(cases, moments=moments)
    seen = "at one moment" if moments == 1 else f"in the mean of {moments} moments"
    return [
        Row(AREA, f"wrong meter named {seen}", hits, "cases", "", None, note),
        Row(AREA, f"a right meter suspected {seen}", false, "times", "", None, f"of {cases}, none wrong"),
    ]


def _leaks(cases: int) -> list[Row]:
    found = list(leak_cases(cases))
    metres = [one.metres for one in found if one.named]
    off = [abs(one.found_m3_h - one.true_m3_h) for one in found if one.named]
    unseen = sum(not one.named for one in found)
    note = (
        f"of {cases}, 2 to 60 m³/h in mains and service pipes; not noticed {unseen}; "
        f"distance {np.mean(metres):.0f} m (mean), {max(metres):.0f} m (most); size off by "
        f"{np.median(off):.2f} m³/h (median)"
    )
    return [Row(AREA, "leak put in its pipe", sum(one.hit for one in found), "cases", "", None, note)]


def _spills(cases: int) -> list[Row]:
    found = list(spill_cases(cases))
    hits = sum(one.hit for one in found)
    wanted = round(0.9 * cases)
    unseen = sum(not one.named for one in found)
    rise, share = np.median([one.rise for one in found]), np.median([one.share for one in found])
    note = f"of {cases}; no rise seen in {unseen}; rise {rise:.0f} mg/L, share {share:.2f} (medians)"
    name, target = "tenant that spoiled the outfall named", f"at least {wanted}"
    return [Row(AREA, name, hits, "cases", target, hits >= wanted, note)]


def run() -> Sequence[Row]:
    """Measure all of it."""
    cases = int(os.environ.get("PARKTWIN_BENCH_CASES", CASES))
    return [*speed(), *_meters(cases, 1), *_meters(cases, MOMENTS), *_leaks(cases), *_spills(cases)]
