"""The big transformers: losses, heat and tap changer against IEC 60076."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest

from sim.kind import F64
from sim.machines.hv_transformer import KIND, HvTransformerParameters
from sim.physics.weather import weather
from tests.sim.fleet_rig import UTC_OFFSET_H, FleetRig

RATIO = 230.0 / 35.0


def rig_at(load_kw: float, load_kvar: float, hv_kv: float = 115.0) -> FleetRig:
    rig = FleetRig(KIND, n=1)
    for name, value in (("load_kw", load_kw), ("load_kvar", load_kvar), ("hv_kv", hv_kv)):
        rig.inputs[name][:] = value
    return rig


def oil_rise_k(load: float) -> float:
    return 50.0 * math.pow((1 + RATIO * load**2) / (1 + RATIO), 0.8)


def test_at_no_load_only_the_core_loses() -> None:
    read = rig_at(0.0, 0.0).step(0.0)
    assert read["losses"][0] == pytest.approx(35.0)
    assert read["reactive_power"][0] == pytest.approx(63 * 0.002)


def test_high_side_is_low_side_and_losses() -> None:
    read = rig_at(37_800.0, 50_400.0).step(0.0)  # 63 MVA
    assert read["losses"][0] == pytest.approx(265.0)
    assert read["active_kw"][0] == pytest.approx(37_800.0 + 265.0)
    assert read["load"][0] == pytest.approx(100.0)
    kva = math.hypot(read["active_kw"][0], read["reactive_kvar"][0])
    assert read["hv_current"][0] == pytest.approx(kva / (math.sqrt(3) * 115.0))


def test_oil_follows_a_load_step_as_the_standard_says() -> None:
    """8.2.2: the rise is the last one plus the difference times 1 - exp(-t/(k11 tau)), k11 tau = 75 min."""
    rig = rig_at(0.4 * 63e3, 0.0)
    first = rig.step(0.0)["oil_temperature"][0]
    rig.inputs["load_kw"][:] = 63e3
    air_c = weather(rig.now_ns, UTC_OFFSET_H).air_c
    assert first == pytest.approx(air_c + oil_rise_k(0.4))
    for _ in range(60):
        read = rig.step(60.0)
    end_c = weather(rig.now_ns, UTC_OFFSET_H).air_c
    share = 1 - math.exp(-3600 / 4500)
    expected = first + share * (oil_rise_k(1.0) - oil_rise_k(0.4))
    assert read["oil_temperature"][0] == pytest.approx(expected, abs=abs(end_c - air_c) + 0.01)


def test_the_hot_spot_settles_at_the_sum_of_the_rises() -> None:
    rig = rig_at(0.8 * 63e3, 0.0)
    rig.step(0.0)
    read = rig.step(0.0)
    rise_k = read["hot_spot_temperature"][0] - read["ambient_temperature"][0]
    assert rise_k == pytest.approx(oil_rise_k(0.8) + 24 * 0.8**1.3)


def settle(rig: FleetRig, steps: int = 2000) -> Mapping[str, F64]:
    for _ in range(steps):
        read = rig.step(1.0)
    return read


def test_the_tap_moves_after_the_delay_towards_the_target_and_rests_there() -> None:
    rig = rig_at(20_000.0, 8000.0, hv_kv=105.0)
    rig.step(0.0)
    assert rig.step(39.0)["tap_position"][0] == 0.0
    rig.step(1.0)
    assert rig.step(0.0)["tap_position"][0] == 1.0
    settled = settle(rig)
    assert abs(settled["lv_voltage"][0] / 22.5 - 1) <= 0.012
    assert settle(rig, 300)["tap_position"][0] == settled["tap_position"][0]


def test_the_tap_ends_at_its_last_position_and_counts_its_moves() -> None:
    rig = rig_at(20_000.0, 8000.0, hv_kv=80.0)
    first = rig.step(0.0)["tap_operations"][0]
    read = settle(rig)
    assert read["tap_position"][0] == 9.0
    assert read["tap_operations"][0] == first + 9


def test_a_stuck_tap_changer_stays() -> None:
    rig = rig_at(20_000.0, 8000.0, hv_kv=105.0)
    rig.severity["tap_changer_stuck"][:] = 1.0
    assert settle(rig, 200)["tap_position"][0] == 0.0


def test_a_dead_band_within_a_tap_would_hunt() -> None:
    with pytest.raises(ValueError, match="hunts"):
        HvTransformerParameters(deadband=0.005)
