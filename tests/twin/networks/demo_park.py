"""The demo park and its simulation, side by side: what the twin reads of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from sim.plant import SHIPPED, Plant, read_plant
from sim.simulation import Simulation
from twin.contract.clock import NS_PER_S
from twin.networks.readings import Readings
from twin.park.model import Park
from twin.park.park_file import load_park
from twin.state.tag_table import TagTable, build_tag_table

PARK_FILE = SHIPPED.parent / "park.yaml"
THURSDAY_MORNING_NS = 1_790_212_800 * NS_PER_S
"""2026-09-24T01:20:00Z, 08:20 in Vietnam."""
BASE = "yenphong/park/utilities"
F3 = f"{BASE}/substation/f3"


@cache
def demo_park() -> Park:
    return load_park(Path(PARK_FILE), environment={})


@cache
def demo_table() -> TagTable:
    return build_tag_table(demo_park())


@cache
def demo_plant() -> Plant:
    return read_plant()


def simulation(seed: int = 3, minutes: int = 6) -> Simulation:
    """The park some minutes after the start of a day of work."""
    park = Simulation(demo_plant(), seed=seed, start_ns=THURSDAY_MORNING_NS)
    park.step(0.0)
    for _ in range(2 * minutes):
        park.step(30.0)
    return park


def readings(park: Simulation) -> Readings:
    """What the instruments show now."""
    table = demo_table()
    value = np.full(len(table), np.nan)
    usable = np.zeros(len(table), np.bool_)
    for tag, shown, status in zip(park.tags, park.value.tolist(), park.status.tolist(), strict=True):
        number = table.number.get(tag.tag)
        if number is not None:
            value[number], usable[number] = shown, status < 0x80000000
    return Readings(table, value, usable)


def dark(park: Simulation) -> set[str]:
    """The equipment that has no electricity in the simulation."""
    powered = park.operation.powered.tolist()
    return {unit.equipment for unit, on in zip(park.fleets.units, powered, strict=True) if not on}
