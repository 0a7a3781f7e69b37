from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from sim.plant import read_plant
from sim.simulation import Simulation

START_NS = 1_790_000_000 * 10**9


def history(seed: int, steps: int = 120) -> bytes:
    simulation = Simulation(read_plant(), seed=seed, start_ns=START_NS)
    parts = []
    for step in range(steps):
        simulation.step(0.0 if step == 0 else 0.5)
        parts += [simulation.value.tobytes(), simulation.status.tobytes(), repr(simulation.text).encode()]
    return b"".join(parts)


def test_the_same_seed_and_clock_give_the_same_bytes() -> None:
    assert history(3) == history(3)


def test_another_seed_gives_other_values() -> None:
    assert history(3) != history(4)


def test_time_goes_on_by_the_steps() -> None:
    simulation = Simulation(read_plant(), seed=1, start_ns=START_NS)
    for _ in range(4):
        simulation.step(0.25)
    assert (simulation.now_ns - START_NS, simulation.steps) == (10**9, 4)


def test_the_feeder_carries_what_the_line_draws() -> None:
    """The share of feeder 1 that is the SMT line's, to a tenth of a watt."""
    plant = read_plant()
    whole = Simulation(plant, seed=1, start_ns=START_NS)
    whole.step(0.0)
    row = {tag.tag: number for number, tag in enumerate(whole.tags)}
    line_kw = sum(
        whole.value[number]
        for tag, number in row.items()
        if "/line1/" in tag and tag.endswith(":active_power")
    )
    (substation,) = (machine for machine in plant.machines if machine.id == "substation")
    alone = Simulation(replace(plant, machines=(replace(substation, inputs={}),)), seed=1, start_ns=START_NS)
    alone.step(0.0)
    feeder = "yenphong/park/utilities/substation/f1:active_power"
    alone_mw = alone.value[[tag.tag for tag in alone.tags].index(feeder)]
    assert line_kw > 15
    assert 1000 * (whole.value[row[feeder]] - alone_mw) == pytest.approx(line_kw, abs=1e-4)


def test_all_but_texts_are_finite() -> None:
    simulation = Simulation(read_plant(), seed=1, start_ns=START_NS)
    simulation.step(0.0)
    for tag, value, text in zip(simulation.tags, simulation.value, simulation.text, strict=True):
        assert (text is not None) == (tag.signal.data_type == "String")
        assert np.isfinite(value) != (text is not None)
