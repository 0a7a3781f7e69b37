"""What the networks find, on a few of the seeded cases of ``python -m benchmarks networks``."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.network_cases import leak_cases, meter_cases, sound_meters, spill_cases
from tests.twin.networks.demo_park import demo_park
from twin.networks.meters import Balances, judge
from twin.networks.wastewater import History, Wastewater


def test_wrong_meters_of_the_simulated_park_are_named_and_right_ones_are_not() -> None:
    cases = [case for case in meter_cases(10, seed=71) if abs(case.error) > 0.1]
    assert len(cases) >= 4
    assert sum(case.hit for case in cases) >= 0.7 * len(cases)
    assert all(case.hit or not case.named for case in cases)  # nobody else is blamed
    assert sound_meters(5, seed=72) == 0


@pytest.mark.slow
def test_leaks_of_the_simulated_park_are_placed() -> None:
    cases = list(leak_cases(4, seed=73))
    assert sum(case.hit for case in cases) >= 3
    for case in cases:
        assert case.found_m3_h == pytest.approx(case.true_m3_h, rel=0.2, abs=1.0)


@pytest.mark.slow
def test_the_tenant_that_spoiled_the_outfall_is_named() -> None:
    cases = list(spill_cases(1, seed=74))
    assert [case.named for case in cases] == [case.outlet for case in cases]


def test_two_wrong_meters_are_named_one_after_the_other() -> None:
    """A feeder of three boards, each measured machine by machine as well."""
    names = ("feeder", "b1", "b2", "b3", "m1", "m2", "m3")
    matrix = np.array(
        [[1, -1, -1, -1, 0, 0, 0], [0, 1, 0, 0, -1, 0, 0], [0, 0, 1, 0, 0, -1, 0], [0, 0, 0, 1, 0, 0, -1]],
        np.float64,
    )
    true = np.array([300.0, 100.0, 120.0, 80.0, 100.0, 120.0, 80.0])
    shown = true * np.array([1.0, 1.2, 0.85, 1.0, 1.0, 1.0, 1.0])
    report = judge(Balances(names, shown, np.full(7, 1.0), matrix, np.zeros(4)))
    assert {one.equipment[0] for one in report.suspects} == {"b1", "b2"}
    assert {round(one.expected_kw) for one in report.suspects} == {100, 120}


def test_a_meter_that_nothing_else_measures_is_not_judged() -> None:
    matrix = np.array([[1.0, -1.0, -1.0]])
    report = judge(Balances(("a", "b", "c"), np.array([9.0, 5.0, np.nan]), np.ones(3), matrix, np.zeros(1)))
    assert [one.score for one in report.checks] == [None, None]
    assert report.suspects == ()


def still(wastewater: Wastewater, hours: float = 20.0) -> History:
    """A day on which nothing happens."""
    n = round(hours * 12)
    basins = [one for stage in wastewater.stages for one in stage]
    return History(
        300.0,
        {name: np.full(n, 10.0) for name in wastewater.sewers},
        {name: np.full(n, 400.0) for name in wastewater.sewers},
        {one.equipment: np.full(n, 50.0) for one in basins if one.stores},
        {one.equipment: np.full(n, 50.0) for one in basins if one.stores},
        np.full(n, 50.0),
        np.full(n, 40.0),
    )


def test_a_load_that_was_let_in_comes_out_in_full_and_later() -> None:
    wastewater = Wastewater(demo_park())
    calm = still(wastewater, 240.0)
    sewer = next(iter(wastewater.sewers))
    calm.load[sewer][24:36] += 1000.0  # 10 kg/h for an hour
    traces = wastewater.traces(calm)
    other = traces[list(wastewater.sewers)[1]]
    np.testing.assert_allclose(other, other[0], rtol=1e-9)  # steady in, steady out
    passes = 0.1
    gained = (traces[sewer] - traces[sewer][0]) * 50.0 / 1000.0 * (300.0 / 3600.0)
    assert gained.sum() == pytest.approx(10.0 * passes, rel=0.01)
    assert gained[: 24 + 4] == pytest.approx(0.0)  # not before it has come through the sewer


def test_a_steady_outfall_has_not_risen() -> None:
    wastewater = Wastewater(demo_park())
    assert wastewater.rise(still(wastewater)) is None
