"""Screw compressors and the receiver that they fill, closed to a loop as a plant does it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.machines.air_receiver import KIND as RECEIVER
from sim.machines.screw_compressor import IDLE_SHARE, STOP_AFTER_S
from sim.machines.screw_compressor import KIND as COMPRESSOR
from sim.physics.compressed_air import orifice_nm3_h, receiver_bar
from tests.sim.fleet_rig import FleetRig


def run(demand_nm3_h: float, seconds: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pressure [bar], load (0 or 1) and power [kW] of one compressor of 690 Nm³/h on one receiver of 6 m³."""
    compressor, receiver = FleetRig(COMPRESSOR, n=1), FleetRig(RECEIVER, n=1)
    receiver.inputs["air_demand_nm3_h"][:] = demand_nm3_h
    rows = []
    for _ in range(seconds):
        read = compressor.step(1.0)
        receiver.inputs["air_supply_nm3_h"] = read["air_supply_nm3_h"].copy()
        bar = receiver.step(1.0)["pressure"]
        compressor.inputs["receiver_bar"] = bar.copy()
        rows.append((bar[0], read["loaded"][0], read["active_kw"][0]))
    bars, loaded, power = np.array(rows).T
    return bars, loaded, power


def test_pressure_swings_between_loading_and_unloading() -> None:
    bars, loaded, power = run(300.0, 3600)
    assert 6.5 < bars[600:].min() < 6.65
    assert 7.35 < bars[600:].max() < 7.5
    # its share of time loaded is what is drawn over what it delivers
    assert loaded[600:].mean() == pytest.approx((300.0 + 97.0) / 660.0, abs=0.05)
    idle, full = power[600:].min(), power[600:].max()
    assert idle / full == pytest.approx(IDLE_SHARE, abs=0.06)


def test_it_stops_when_nobody_wants_air_for_long() -> None:
    compressor = FleetRig(COMPRESSOR, n=1)
    compressor.inputs["receiver_bar"][:] = 7.6
    reads = compressor.run(int(STOP_AFTER_S) + 60, 1.0)
    assert reads[100]["motor_speed"][0] > 1400.0
    assert reads[-1]["motor_speed"][0] == 0.0
    assert reads[-1]["active_kw"][0] < 1.0


def test_what_a_receiver_gains_is_what_came_less_what_went() -> None:
    receiver = FleetRig(RECEIVER, n=1)
    receiver.inputs["air_supply_nm3_h"][:] = 400.0
    receiver.inputs["air_demand_nm3_h"][:] = 900.0
    before = receiver.step(0.0)["pressure"].copy()
    for _ in range(60):
        read = receiver.step(1.0)
        net = read["inflow"] - read["outflow"]
        assert read["outflow"][0] == pytest.approx(900.0 + orifice_nm3_h(np.array([6.0]), before)[0])
        expected = receiver_bar(before, net, 1.0, np.array([6.0]), read["temperature"])
        assert read["pressure"][0] == pytest.approx(expected[0], rel=1e-12)
        before = read["pressure"].copy()


def test_an_empty_net_gives_no_more_than_comes_in() -> None:
    receiver = FleetRig(RECEIVER, n=1)
    receiver.inputs["air_supply_nm3_h"][:] = 200.0
    receiver.inputs["air_demand_nm3_h"][:] = 5000.0
    last = receiver.run(600, 1.0)[-1]
    assert last["pressure"][0] == pytest.approx(0.0, abs=1e-6)
    assert last["outflow"][0] == pytest.approx(200.0, rel=1e-6)


def test_the_safety_valve_blows_off_what_is_too_much() -> None:
    receiver = FleetRig(RECEIVER, n=1)
    receiver.inputs["air_supply_nm3_h"][:] = 3000.0
    receiver.inputs["air_demand_nm3_h"][:] = 0.0
    last = receiver.run(600, 1.0)[-1]
    assert last["pressure"][0] == pytest.approx(10.0)
    assert last["relief_open"][0] == 1.0
    assert last["relief_flow"][0] == pytest.approx(3000.0 - last["leakage"][0], rel=1e-6)
