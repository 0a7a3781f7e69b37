from __future__ import annotations

import numpy as np
import pytest

from sim.physics.battery import LEAD_ACID, LFP, Cell, charge_after, current_a


def test_power_at_the_poles_is_what_was_asked_for() -> None:
    open_v = np.array([51.2, 48.0])
    amps = current_a(np.array([1500.0, -900.0]), open_v, 0.02)
    np.testing.assert_allclose((open_v - 0.02 * amps) * amps, [1500.0, -900.0])
    assert amps[1] < 0


def test_more_than_the_matched_load_is_not_delivered() -> None:
    amps = current_a(np.array([1e6]), np.array([48.0]), 0.1)
    assert amps[0] == pytest.approx(48.0 / 0.2)


def test_ten_hours_at_the_ten_hour_current_empty_a_battery() -> None:
    charge = np.array([1.0])
    for _ in range(3600):
        charge = charge_after(charge, np.array([10.0]), 10.0, np.array([100.0]))
    assert charge[0] == pytest.approx(0.0, abs=1e-9)
    assert charge_after(charge, np.array([-1e9]), 10.0, np.array([100.0])).tolist() == [1.0]


@pytest.mark.parametrize("cell", [LFP, LEAD_ACID])
def test_voltage_at_rest_rises_with_charge(cell: Cell) -> None:
    volts = cell.at(np.linspace(0, 1, 50))
    assert np.all(np.diff(volts) >= 0)
