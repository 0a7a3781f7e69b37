"""The first day: what comes and goes with the hour is no wear, what came and stayed is not healthy."""

from __future__ import annotations

import numpy as np
import pytest

from maintenance.histories import F64
from maintenance.live.advice import health_of
from maintenance.live.first_day import DAY_H
from maintenance.live.machine_watch import MachineWatch
from maintenance.live.snapshot import restore_watch, watch_row
from tests.maintenance.condenser import condenser_lives, condenser_model
from twin.contract.health import HealthState, MachineHealth

WINDOW_H = 0.5  # thirty of them are fifteen hours, as a few hours are at five minutes
DAYS = round(3 * DAY_H / WINDOW_H)


def _healthy() -> F64:
    """A healthy window, as new."""
    lives = condenser_lives(12, 20)
    value: F64 = lives.value[lives.rows(0)][:20].astype(np.float64).mean(axis=0)
    return value


def _worn(share: float) -> F64:
    """What a worn fan bearing adds, of the way to failure."""
    lives = condenser_lives(12, 20)
    unit = next(
        one for one in range(lives.units) if lives.modes[int(lives.mode[one])].name == "fan_bearing_wear"
    )
    rows = lives.value[lives.rows(unit)].astype(np.float64)
    result: F64 = share * (rows[-10:].mean(axis=0) - rows[:20].mean(axis=0))
    return result


def _watched(shares: F64, begin: int = 0) -> MachineWatch:
    watch = MachineWatch("yenphong/x/condenser1", condenser_model())
    healthy, worn = _healthy(), _worn(1.0)
    for number, share in enumerate(shares):
        watch.take(begin + number, healthy + share * worn, at_work=True, window_h=WINDOW_H)
    return watch


def _health(watch: MachineWatch) -> MachineHealth:
    return health_of(watch, time_ns=1, version="v", demoted=False, window_s=3600 * WINDOW_H)


def _daily(days: int = DAYS) -> F64:
    """Low in the hours that it is first seen in, high in the others."""
    hour = np.arange(days) * WINDOW_H
    result: F64 = np.where((hour % DAY_H) < 15.0, 0.0, 0.5)
    return result


def test_what_comes_and_goes_with_the_hour_belongs_to_the_level_after_a_day() -> None:
    first_hours = _watched(_daily(round(DAY_H / WINDOW_H)))
    later = _watched(_daily())
    assert "less than a day" in _health(first_hours).note_en
    assert "less than a day" not in _health(later).note_en
    assert later.day.over
    assert not later.day.strayed
    assert not later.mended
    # the level lies in the middle of the day: at its worst hour it is less far off than from the first hours
    assert max(float(one.max()) for one in later.recent) < float(first_hours.severities[-1].max())


def test_what_came_on_the_first_day_and_stayed_is_not_learned_as_healthy() -> None:
    came = np.where(np.arange(DAYS) < 40, 0.0, 0.6)
    watch = _watched(came)
    assert watch.day.strayed
    told = _health(watch)
    assert told.state is not HealthState.HEALTHY
    assert told.indicative
    assert "have a look at it" in told.note_en


def test_a_day_hardly_worked_is_followed_by_another_first_day() -> None:
    watch = MachineWatch("yenphong/x/condenser1", condenser_model())
    worked = [*range(10), *range(1000, 1000 + DAYS)]  # begun late on a Friday
    for number in worked:
        watch.take(number, _healthy(), at_work=True, window_h=WINDOW_H)
    assert watch.day.over
    assert not watch.day.strayed
    assert watch.day.begun >= 1000


@pytest.mark.parametrize("cut", [20, 60, 100])
def test_a_restart_within_the_first_day_changes_nothing(cut: int) -> None:
    shares = _daily()
    through, before = _watched(shares), _watched(shares[:cut])
    after = MachineWatch(before.machine, before.model)
    restore_watch(watch_row(before, source="s", version="v", applied=0), after)
    healthy, worn = _healthy(), _worn(1.0)
    for number in range(cut, len(shares)):
        after.take(number, healthy + shares[number] * worn, at_work=True, window_h=WINDOW_H)
    assert _health(after) == _health(through)


def test_windows_that_span_a_day_by_themselves_know_it_from_the_start() -> None:
    watch = MachineWatch("yenphong/x/condenser1", condenser_model())
    for number in range(40):
        watch.take(number, _healthy(), at_work=True, window_h=1.0)
    assert watch.day.over
    assert not watch.day.rows


def test_an_overhaul_begins_a_first_day_anew() -> None:
    watch = _watched(_daily())
    watch.renew()
    assert not watch.day.over
    assert watch.day.begun == -1
