"""Forecasts of loads on days that are made up, so that what is right is known."""

from __future__ import annotations

import numpy as np
import pytest

from twin.networks.load_forecast import DAY, LoadPast, forecast, track_record, usual

STEPS = np.array([1, 4, 16, 96], np.int64)


def made_up(days: int, *, noise: float = 5.0, seed: int = 3, quarters: int = 0) -> LoadPast:
    """A works that rests on Sundays: 400 kW by day, 100 kW by night and on Sundays; its load wanders."""
    rng = np.random.default_rng(seed)
    t = days * DAY + quarters
    clock = np.arange(t + DAY) % DAY
    sunday = (np.arange(t + DAY) // DAY) % 7 == 6
    usual_kw = np.where((clock >= 28) & (clock < 72) & ~sunday, 400.0, 100.0)
    wander = np.zeros(t)
    for one in range(1, t):
        wander[one] = 0.97 * wander[one - 1] + rng.normal(0.0, noise)
    alike = clock * 2 + sunday
    return LoadPast((usual_kw[:t] + wander)[:, None], alike, alike, clock)


def test_a_forecast_is_better_than_as_now_and_as_yesterday_and_its_band_holds() -> None:
    record = track_record(made_up(28), STEPS)
    assert (record.count[:, 0] > 5 * DAY).all()
    assert (record.off < 0.9 * record.as_yesterday).all()
    assert record.off[0, 0] < record.as_now[0, 0]
    assert (record.off[2:] < 0.5 * record.as_now[2:]).all(), "four hours and a day ahead"
    assert record.within == pytest.approx(0.8, abs=0.12)


def test_the_kind_of_day_decides_what_is_usual() -> None:
    """On Saturday evening Sunday is not taken for another Saturday."""
    past = made_up(27, noise=0.0)
    found = forecast(past, np.array([40, 96], np.int64))
    assert found.quantile(0.5)[:, 0].tolist() == [100.0, 100.0]
    assert forecast(made_up(28, noise=0.0), np.array([40], np.int64)).quantile(0.5)[0, 0] == 400.0


def test_what_is_off_now_is_off_in_an_hour_and_less_so_tomorrow() -> None:
    past = made_up(28, noise=8.0, quarters=40)
    past.value[-6:] += 120.0
    calm = made_up(28, noise=8.0, quarters=40)
    more = (forecast(past, STEPS).middle - forecast(calm, STEPS).middle)[:, 0]
    assert more[0] > 80.0
    assert more[0] > more[1] > more[2] > more[3] >= 0.0


def test_nothing_of_the_future_goes_into_what_is_usual() -> None:
    past, other = made_up(20), made_up(20)
    other.value[10 * DAY :] = 1e6
    same = slice(0, 11 * DAY)
    np.testing.assert_array_equal(usual(past)[same], usual(other)[same])


def test_without_enough_past_nothing_is_told() -> None:
    for days in (0, 2, 4):
        found = forecast(made_up(days), STEPS)
        assert np.isnan(found.quantile(0.9)).all(), days
        assert np.isnan(found.chance(np.full((4, 1), 50.0))).all()
        assert (track_record(made_up(days), STEPS).count == 0).all()


def test_what_was_not_measured_is_left_out() -> None:
    past = made_up(28)
    past.value[21 * DAY : 23 * DAY] = np.nan
    whole, holed = forecast(made_up(28), STEPS), forecast(past, STEPS)
    np.testing.assert_allclose(holed.middle, whole.middle, atol=25.0)
    past.value[:] = np.nan
    assert np.isnan(forecast(past, STEPS).quantile(0.5)).all()


def test_the_chance_of_a_limit_falls_with_the_limit() -> None:
    found = forecast(made_up(28, quarters=40), STEPS)
    low, half, high = (found.quantile(share) for share in (0.1, 0.5, 0.9))
    assert (low < half).all()
    assert (half < high).all()
    chances = [float(found.chance(limit)[0, 0]) for limit in (low, half, high)]
    assert chances == pytest.approx([0.9, 0.5, 0.1], abs=0.02)
