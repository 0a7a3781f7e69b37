"""Examples that others have worked, number for number, through the whole way from readings."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.kpi.small_park import DAY, HOUR, LINE1, MINUTE, Kept, line1, moments, small_plan
from twin.contract.clock import from_iso
from twin.kpi.amounts import consumption, emission
from twin.kpi.packml import Use
from twin.kpi.report import energy_of, worked
from twin.kpi.series import in_order


def test_oee_com() -> None:
    """oee.com, "OEE calculation: definitions, formulas, and examples" (Vorne Industries): shift 480 min,
    breaks 2 x 15 and 30 min, down time 47 min, ideal cycle 1.0 s, 19,271 widgets of which 423 rejected."""
    good, rejected = 19_271 - 423, 423
    series = line1(
        m2_state=moments((-60, "Execute"), (433, "Aborted"), (480, "Execute")),
        m2_good=moments((-60, 0), (100, good // 2), (400, good)),
        m2_rejected=moments((-60, 0), (100, rejected // 2), (400, rejected)),
    )
    whole = worked(small_plan(), Kept(series), LINE1, DAY, DAY + 480 * MINUTE)[0]
    figures = whole.oee
    assert whole.effort.planned_ns / MINUTE == 420
    assert whole.effort.use_ns[Use.PRODUCING] / MINUTE == 373
    shown = [figures.availability, figures.effectiveness, figures.quality, figures.oee]
    assert [round(100 * (part or 0.0), 2) for part in shown] == [88.81, 86.11, 97.80, 74.79]


def test_nakajima() -> None:
    """S. Nakajima, Introduction to TPM (1988): loading time 460 min, stops 60 min (breakdown, setup,
    adjustment, 20 min each), 400 items at an ideal 0.5 min, 2 % defects: 87 % x 50 % x 98 % = 42.6 %.

    Reckoned over 460 planned minutes of two days; at an ideal cycle of 1 s the line makes 30 times as many.
    """
    stops = [
        (30, "Execute"),
        (40, "Aborted"),
        (60, "Execute"),
        (70, "Idle"),
        (90, "Execute"),
        (400, "Held"),
        (420, "Execute"),
    ]
    series = line1(
        m2_state=moments((-60, "Execute"), *stops),
        m2_good=moments((-60, 0), (300, 392 * 30)),
        m2_rejected=moments((-60, 0), (300, 8 * 30)),
    )
    next_day = DAY + 24 * HOUR
    whole = worked(small_plan(), Kept(series), LINE1, DAY, next_day + 40 * MINUTE)[0]
    assert whole.effort.planned_ns / MINUTE == 460
    figures = whole.oee
    assert figures.availability == pytest.approx(400 / 460)
    assert figures.effectiveness == pytest.approx(0.50)
    assert figures.quality == pytest.approx(0.98)
    assert round(100 * (figures.oee or 0.0), 1) == 42.6
    assert figures.setup_rate == pytest.approx(20 / 420)
    assert figures.nee == pytest.approx(420 / 460 * 0.50 * 0.98)


def test_the_grid_of_viet_nam_by_year() -> None:
    """Factors of the Department of Climate Change: 0.6766 (2022) and 0.6592 t/MWh (2023); 100 MWh drawn in
    each year's last and first hours emit 67.66 t and 65.92 t, and what a sun roof gives emits nothing."""
    plan = small_plan()
    turn = from_iso("2023-01-01T00:00:00+07:00")
    time = np.array([turn - 2 * HOUR, turn - HOUR, turn + HOUR], np.int64)
    good = np.zeros(3, np.uint32)
    series = {
        "nho/a/f1/q1:energy": in_order(time, np.array([500.0, 600.0, 700.0]), good),
        "nho/a/f1/q2:energy": in_order(time, np.array([0.0, 0.0, 5_000.0]), good),
    }
    found = emission(plan, series, "nho/a/f1", turn - 2 * HOUR + 1, turn + 2 * HOUR)
    assert found is not None
    assert found.kg == pytest.approx(67_660 + 65_920)
    assert [factor.year for factor in found.factors] == [2022, 2023]
    amount = consumption(plan, series, "nho/a/f1", "electricity", turn - 2 * HOUR + 1, turn + 2 * HOUR)
    assert (amount.value, amount.own) == (5_200_000.0, 5_000_000.0), "the meters count in MWh"


def test_a_year_without_a_factor_takes_the_newest_before_it_and_says_which() -> None:
    series = {
        "nho/a/f1/q1:energy": moments((0, 10.0), (30, 11.0)),
        "nho/a/f1/q2:energy": moments((0, 0.0)),
    }
    found = emission(small_plan(), series, "nho/a/f1", DAY, DAY + HOUR)
    assert found is not None
    assert found.kg == pytest.approx(659.2)
    assert [factor.year for factor in found.factors] == [2023]


def test_energy_by_good_piece() -> None:
    series = line1(m2_good=moments((-60, 0), (10, 50)))
    series |= {f"{LINE1}/m{n}:energy": moments((-60, 100.0), (20, 104.0 + n)) for n in (1, 2)}
    energy = energy_of(small_plan(), Kept(series), LINE1, DAY, DAY + HOUR)
    assert energy.electricity.value == pytest.approx(11.0)
    assert energy.kwh_per_good == pytest.approx(0.22)
    assert energy.water is None
