from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from sim.machines.substation import FED_BY, FEEDERS, Substation, SubstationParameters
from twin.contract.clock import NS_PER_S, from_iso

NOON_NS = from_iso("2026-03-02T12:00:00+07:00")


class Reader:
    """Steps a substation and reads it by name."""

    def __init__(self, **parameters: float) -> None:
        self.station = Substation(SubstationParameters(**parameters), 7.0)  # type: ignore[arg-type]
        self._rows = {f"{o.slot}:{o.signal.name}": row for row, o in enumerate(self.station.outputs)}
        self._rng = np.random.default_rng(4)
        self._now_ns = NOON_NS

    def step(self, dt_s: float, inputs: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)) -> Reader:
        self._now_ns += round(dt_s * NS_PER_S)
        self._read = self.station.step(self._now_ns, dt_s, self._rng, np.array(inputs)).value
        return self

    def __getitem__(self, name: str) -> float:
        return float(self._read[self._rows[name]])


@pytest.fixture
def reads() -> Iterator[Reader]:
    return (Reader().step(0.5 * n, (40.0, 0.0, 1000.0, 0.0)) for n in range(1, 200))


def test_balances_close_at_every_step(reads: Iterator[Reader]) -> None:
    for read in reads:
        for unit in ("t1", "t2"):
            fed = [feeder for feeder in FEEDERS if FED_BY[feeder] == unit]
            out_mw = sum(read[f"{feeder}:active_power"] for feeder in fed)
            assert read[f"{unit}:active_power"] == pytest.approx(out_mw + read[f"{unit}:losses"] / 1000)
            assert read[f"{unit}:reactive_power"] > sum(read[f"{feeder}:reactive_power"] for feeder in fed)
        for name in ("active_power", "reactive_power"):
            assert read[f"meter:{name}"] == pytest.approx(read[f"t1:{name}"] + read[f"t2:{name}"])


def test_currents_follow_from_power_and_voltage(reads: Iterator[Reader]) -> None:
    for read in reads:
        s_va = 1e6 * math.hypot(read["f2:active_power"], read["f2:reactive_power"])
        assert read["f2:current"] == pytest.approx(s_va / (math.sqrt(3) * 1e3 * read["f2:voltage"]))
        s_va = 1e6 * read["meter:apparent_power"]
        assert read["meter:current"] == pytest.approx(s_va / (math.sqrt(3) * 1e3 * read["meter:voltage"]))
        assert read["meter:power_factor"] == pytest.approx(
            read["meter:active_power"] / read["meter:apparent_power"]
        )


def test_what_a_line_draws_is_on_its_feeder_and_through_its_transformer() -> None:
    idle, busy = Reader(drift=0.0).step(1.0), Reader(drift=0.0).step(1.0, (2000.0, 0.0, 0.0, 0.0))
    assert busy["f1:active_power"] - idle["f1:active_power"] == pytest.approx(2.0)
    assert busy["f3:active_power"] == pytest.approx(idle["f3:active_power"])
    assert busy["t1:active_power"] - idle["t1:active_power"] == pytest.approx(2.0, rel=0.02)


def test_counters_hold_the_integral_of_power() -> None:
    reader = Reader()
    bought = fed = 0.0
    for _ in range(500):
        reader.step(30.0)
        bought += reader["meter:active_power"] * 30 / 3600
        fed += reader["f4:active_power"] * 30 / 3600
    assert reader["meter:energy_import"] == pytest.approx(bought)
    assert reader["f4:energy"] == pytest.approx(fed)


def test_a_feeder_follows_the_daily_curve() -> None:
    reader = Reader(drift=0.0)
    by_hour = {}
    for hour in range(12, 36):
        by_hour[hour % 24] = reader.step(0.0 if hour == 12 else 3600.0)["f1:active_power"]
    assert by_hour[9] == pytest.approx(11.0)
    assert by_hour[3] == pytest.approx(11.0 * 0.58)
    assert max(by_hour.values()) == pytest.approx(11.0)


def test_the_low_side_stays_near_its_target_all_day() -> None:
    reader = Reader()
    for _ in range(2880):
        reader.step(30.0)
        assert reader["t1:lv_voltage"] == pytest.approx(22.5, rel=0.05)
        assert 49.9 < reader["meter:frequency"] < 50.1


def test_a_power_factor_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="power_factor"):
        SubstationParameters(power_factor=0.0)
