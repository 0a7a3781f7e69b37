"""The checks every machine model passes; a model in the table is found and put through all of them."""

from __future__ import annotations

from time import process_time

import numpy as np
import pytest

from sim.machine import Columns, Machine, MachineModel, Output
from sim.models import MODELS
from sim.opcua.notification import WIRE_FORMATS
from twin.contract.clock import NS_PER_S
from twin.contract.tag import check_signal

START_NS = 1_790_000_000 * NS_PER_S
NO_INPUT = 250.0

models = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))


def make(model: MachineModel) -> Machine:
    return model.create(model.parameters(), 7.0)


def run(machine: Machine, *, steps: int, dt_s: float, seed: int = 1) -> list[Columns]:
    rng = np.random.default_rng(seed)
    inputs = np.full(len(machine.inputs), NO_INPUT)
    read = [machine.step(START_NS, 0.0, rng, inputs)]
    for step in range(1, steps + 1):
        read.append(machine.step(START_NS + round(step * dt_s * NS_PER_S), dt_s, rng, inputs))
    return read


def texts(outputs: tuple[Output, ...]) -> list[int]:
    return [row for row, output in enumerate(outputs) if output.signal.data_type == "String"]


@models
def test_outputs_are_described(model: MachineModel) -> None:
    outputs = make(model).outputs
    assert {output.slot for output in outputs} == set(model.slots)
    names = [(output.slot, check_signal(output.signal.name)) for output in outputs]
    assert len(set(names)) == len(names)
    for output in outputs:
        assert output.signal.data_type in WIRE_FORMATS
        assert output.signal.low < output.signal.high
        assert output.signal.text


@models
@pytest.mark.parametrize("dt_s", [0.5, 600.0])
def test_every_good_value_is_finite_and_in_its_range(model: MachineModel, dt_s: float) -> None:
    machine = make(model)
    text_rows = texts(machine.outputs)
    for read in run(machine, steps=300, dt_s=dt_s):
        assert read.value.shape == read.status.shape == (len(machine.outputs),)
        assert read.status.dtype == np.uint32
        assert sorted(read.text) == text_rows
        assert all(read.text.values())
        for row, output in enumerate(machine.outputs):
            if row not in text_rows and read.status[row] < 0x80000000:
                assert output.signal.low <= read.value[row] <= output.signal.high, output


@models
def test_counts_are_whole_and_booleans_are_zero_or_one(model: MachineModel) -> None:
    machine = make(model)
    for read in run(machine, steps=50, dt_s=30.0):
        for row, output in enumerate(machine.outputs):
            if output.signal.data_type not in {"Double", "Float", "String"}:
                assert read.value[row] == int(read.value[row])
            if output.signal.data_type == "Boolean":
                assert read.value[row] in (0.0, 1.0)


@models
def test_the_same_seed_gives_the_same_bytes(model: MachineModel) -> None:
    first, second = (run(make(model), steps=200, dt_s=0.5, seed=7) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert one.value.tobytes() == other.value.tobytes()
        assert one.status.tobytes() == other.status.tobytes()
        assert one.text == other.text


@models
def test_status_codes_are_known_severities(model: MachineModel) -> None:
    for read in run(make(model), steps=50, dt_s=10.0):
        assert set((read.status >> 30).tolist()) <= {0, 1, 2}


@models
def test_a_step_costs_milliseconds_at_most(model: MachineModel) -> None:
    machine = make(model)
    run(machine, steps=20, dt_s=0.5)
    started = process_time()
    run(machine, steps=200, dt_s=0.5)
    assert (process_time() - started) / 200 < 0.02


@models
def test_a_day_in_one_step_is_a_step(model: MachineModel) -> None:
    machine = make(model)
    (_, read) = run(machine, steps=1, dt_s=86_400.0)
    assert np.isnan(read.value).sum() == len(texts(machine.outputs))
