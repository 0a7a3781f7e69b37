"""Hours of the outfall against its permit, and balances of water."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.kpi.small_park import BAD, DAY, HOUR, Kept, moments, small_plan
from twin.kpi.environment import Hours
from twin.kpi.report import balances_of, permits_of
from twin.kpi.series import Series

Q1 = "nho/a/f1/q1"


def cod(series: Series, calibrating: Series | None = None, hours: int = 3) -> Hours:
    readings = {f"{Q1}:cod": series, f"{Q1}:calibrating": calibrating or moments((-60, 0))}
    ((_, (found,)),) = permits_of(small_plan(), Kept(readings), "nho", DAY, DAY + hours * HOUR)
    return found


def test_the_mean_of_a_clock_hour_is_weighted_by_time() -> None:
    found = cod(moments((-60, 40.0), (30, 80.0), (60, 100.0), (75, 60.0), (120, 30.0)))
    assert found.mean.tolist() == [60.0, 70.0, 30.0]
    assert found.exceeded.tolist() == [False, False, False], "100 for a quarter of an hour is allowed"
    assert cod(moments((-60, 75.1))).exceeded.all()
    assert not cod(moments((-60, 75.0))).exceeded.any()


def test_calibration_is_left_out() -> None:
    found = cod(moments((-60, 40.0), (10, 500.0), (20, 40.0)), moments((-60, 0), (10, 1), (20, 0)))
    assert found.mean.tolist() == [40.0, 40.0, 40.0]
    assert found.share.tolist() == [pytest.approx(50 / 60), 1.0, 1.0]
    assert found.completeness == 1.0


def test_an_hour_with_too_little_has_no_mean_and_is_not_met() -> None:
    found = cod(moments((-60, 40.0), (62, 40.0, BAD), (100, 40.0), gaps=[(130, 150)]))
    assert np.isnan(found.mean).tolist() == [False, True, True]
    assert found.share.tolist() == [1.0, pytest.approx(22 / 60), pytest.approx(40 / 60)]
    assert found.completeness == pytest.approx(1 / 3)
    assert not found.exceeded[1]


def test_nothing_told_is_no_hour() -> None:
    found = cod(moments())
    assert found.completeness == 0.0
    assert cod(moments((-60, 1.0)), hours=3).completeness == 1.0


def test_a_water_balance() -> None:
    """What goes in less what is metered is lost: 1,000 m³ in, 850 m³ out are 150 m³, 15 %."""
    series = {
        f"{Q1}:total": moments((-60, 5_000.0), (20, 5_400.0), (50, 6_000.0)),
        "nho/a/f1/q2:total": moments((-60, 100.0), (30, 600.0)),
        "nho/a/f1/q3:total": moments((-60, 0.0), (40, 350.0)),
    }
    ((rule, found),) = balances_of(small_plan(), Kept(series), "nho", DAY, DAY + HOUR)
    assert rule.id == "main"
    assert (found.inputs, found.outputs, found.loss, found.loss_share) == (1000.0, 850.0, 150.0, 0.15)
    assert found.gap_share == 0.0
