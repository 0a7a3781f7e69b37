"""The checks every machine kind passes; a file in ``sim/machines`` is found and put through all of them."""

from __future__ import annotations

import numpy as np
import pytest

from sim.degradation.never import NEVER
from sim.iso_14224 import FAILURE_MODES, MECHANISMS
from sim.kind import F64, MachineKind, Signal
from sim.kinds import machine_kinds
from sim.opcua.notification import WIRE_FORMATS
from tests.sim.fleet_rig import FleetRig
from twin.contract.tag import check_signal
from twin.park.units import UNITS

kinds = pytest.mark.parametrize("kind", machine_kinds().values(), ids=list(machine_kinds()))


def shown(kind: MachineKind) -> dict[str, Signal]:
    """The signals a fleet itself gives."""
    return {signal.name: signal for signal in kind.signals}


@kinds
def test_signals_are_described(kind: MachineKind) -> None:
    names = [check_signal(signal.name) for signal in kind.all_signals]
    assert len(set(names)) == len(names)
    assert not set(names) & set(kind.flows)
    for signal in kind.all_signals:
        assert signal.data_type in WIRE_FORMATS, signal
        assert signal.text, signal
        assert not signal.unit or signal.unit in UNITS, signal
        if signal.data_type == "String":
            assert signal.texts, signal
        else:
            assert signal.low < signal.high, signal
            assert signal.sensor.noise >= 0, signal


@kinds
def test_failure_modes_are_described(kind: MachineKind) -> None:
    names = [mode.name for mode in kind.modes]
    assert len(set(names)) == len(names)
    for mode in kind.modes:
        assert mode.iso14224 in FAILURE_MODES, mode
        assert mode.mechanism in MECHANISMS, mode
        assert mode.vi, mode
        assert mode.en, mode
        assert mode.repair_h > 0, mode
        signals = {signal.name for signal in kind.all_signals}
        assert mode.shows_in, mode
        assert set(mode.shows_in) <= signals, mode


@kinds
@pytest.mark.parametrize("dt_s", [0.5, 1.0, 60.0, 3600.0, 86_400.0])
def test_every_output_is_there_finite_and_within_reach_of_its_range(kind: MachineKind, dt_s: float) -> None:
    wanted = {*shown(kind), *kind.flows} - {point.name for point in kind.setpoints}
    for read in FleetRig(kind).run(40, dt_s):
        assert wanted <= set(read), wanted - set(read)
        for name, values in read.items():
            assert values.shape == (3,), name
        for name, signal in shown(kind).items():
            if name in read:
                values = read[name]
                assert np.isfinite(values).all(), (name, values)
                check_within(signal, values)


def check_within(signal: Signal, values: F64) -> None:
    if signal.data_type == "String":
        assert set(values.tolist()) <= set(range(len(signal.texts))), signal
    elif signal.data_type == "Boolean":
        assert set(values.tolist()) <= {0.0, 1.0}, signal
    else:
        assert (values >= signal.low).all(), (signal, values)
        assert (values <= signal.high).all(), (signal, values)


@kinds
def test_counts_are_whole(kind: MachineKind) -> None:
    for read in FleetRig(kind).run(30, 30.0):
        for name, signal in shown(kind).items():
            if signal.data_type not in {"Double", "Float"} and name in read:
                assert (read[name] == np.floor(read[name])).all(), name


@kinds
def test_the_same_seed_gives_the_same_bytes(kind: MachineKind) -> None:
    first, second = (FleetRig(kind, seed=7).run(60, 1.0) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert list(one) == list(other)
        assert all(one[name].tobytes() == other[name].tobytes() for name in one)


@kinds
def test_without_electricity_nothing_is_drawn(kind: MachineKind) -> None:
    if "active_kw" not in kind.flows or any(one.output == "active_kw" for one in kind.inputs):
        return  # it makes or passes on electricity: its own tests say how much
    rig = FleetRig(kind)
    rig.run(30, 1.0)
    rig.powered[:] = False
    for _ in range(3):
        read = rig.step(1.0)
        assert (read["active_kw"] == 0).all(), kind.name
        assert (read["reactive_kvar"] == 0).all(), kind.name


def worn_and_new(kind: MachineKind, mode: str) -> tuple[dict[str, F64], dict[str, F64]]:
    """What two fleets of one seed show over a quarter of an hour, one of them at the end of its life in one
    mode; ``float64[time, unit]`` by name."""
    tables = []
    for severity in (0.0, 1.0):
        rig = FleetRig(kind, seed=5)
        rig.severity[mode][:] = severity
        reads = rig.run(180, 5.0)
        tables.append({name: np.array([read[name] for read in reads]) for name in reads[0]})
    return tables[0], tables[1]


@kinds
def test_every_failure_mode_shows_where_it_says(kind: MachineKind) -> None:
    """Severity 1 moves each signal it is said to show in by more than the instrument's noise."""
    for mode in kind.modes:
        new, worn = worn_and_new(kind, mode.name)
        seen = []
        for name in mode.shows_in:
            if name not in new:  # what its line shows: its own tests
                continue
            signal = shown(kind)[name]
            least = max(3 * signal.sensor.noise / np.sqrt(len(new[name])), signal.sensor.resolution / 2, 1e-9)
            moved = np.abs(worn[name] - new[name]).max(axis=0)
            assert (moved > least).all(), (kind.name, mode.name, name, moved, least)
            seen.append(name)
        assert seen or kind.station, (kind.name, mode.name)


@kinds
def test_wear_ends_and_disturbances_do_not_come_by_themselves(kind: MachineKind) -> None:
    rng = np.random.default_rng(1)
    for mode in kind.modes:
        life_h = mode.law.life_h(mode.law.draw(rng, 50))
        assert (life_h > 0).all(), mode
        assert np.isinf(life_h).all() if mode.law is NEVER else np.isfinite(life_h).all(), mode


def test_there_are_kinds_of_every_trade() -> None:
    assert {"cnc_machine", "reflow_oven", "loom", "refrigeration_compressor", "feeder", "outfall"} <= set(
        machine_kinds()
    )
