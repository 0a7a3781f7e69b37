"""Watching machines: the same numbers as in training, honest where there is too little, and bounded."""

from __future__ import annotations

import numpy as np

from maintenance.health.deviation import BASELINE_WINDOWS
from maintenance.live.advice import health_of
from maintenance.live.machine_watch import MOST_KEPT, MachineWatch
from maintenance.live.park_watch import ParkWatch
from tests.maintenance.condenser import KIND, condenser_lives, condenser_model
from tests.maintenance.live.frames import WINDOW_S, frames, machine_id, tag_set
from twin.contract.health import HealthState, MachineHealth

LIVES = condenser_lives


def _watched(rows: int | None = None, *, unit: int = 0, hole: str = "") -> MachineWatch:
    lives, model = condenser_lives(11, 24), condenser_model()
    watch = MachineWatch("yenphong/x/condenser1", model, since_overhaul=True)
    value = lives.value[lives.rows(unit)].astype(np.float64)
    for number, row in enumerate(value[:rows]):
        seen = row.copy()
        if hole and number > BASELINE_WINDOWS:
            seen[lives.signals.index(hole)] = np.nan
        watch.take(number, seen, at_work=True, window_h=24.0)
    return watch


def _health(watch: MachineWatch) -> MachineHealth:
    return health_of(watch, time_ns=1, version="v", demoted=False, window_s=60.0)


def test_window_by_window_gives_what_training_saw_at_once() -> None:
    lives, model = condenser_lives(11, 24), condenser_model()
    value = lives.value[lives.rows(0)].astype(np.float64)
    at_once = model.signatures.severities(model.deviations(value))
    watch = _watched()
    assert np.allclose(watch.severities[-1], at_once[-1], atol=1e-9)
    assert watch.hours[-1] == 24.0 * len(value)


def test_too_little_data_is_never_a_number() -> None:
    health = _health(_watched(BASELINE_WINDOWS - 1))
    assert health.state is HealthState.NOT_ENOUGH_DATA
    assert (health.health, health.remaining, health.healthy_beyond_h, health.modes) == (None, None, None, ())
    assert "Not enough data: 1 min more of the 30 min of work" in health.note_en
    assert "cần thêm 1 phút chạy máy trong 30 phút" in health.note_vi


def test_a_young_machine_is_healthy_for_more_than_some_hours_and_gets_no_date() -> None:
    health = _health(_watched(BASELINE_WINDOWS + 5))
    assert health.state is HealthState.HEALTHY
    assert health.remaining is None
    assert health.healthy_beyond_h is not None
    assert health.healthy_beyond_h > 0


def test_a_machine_about_to_fail_is_called_failing_with_the_signals_that_say_so() -> None:
    lives, model = condenser_lives(11, 24), condenser_model()
    unit = next(
        unit for unit in range(lives.units) if lives.modes[int(lives.mode[unit])].name == "fan_bearing_wear"
    )
    health = _health(_watched(unit=unit))
    assert health.state is HealthState.FAILING
    assert health.remaining is not None
    assert health.remaining.p50 < 200.0
    assert health.modes[0].mode == "fan_bearing_wear"
    assert health.reasons
    assert {one.signal for one in health.reasons} <= set(model.deviation.condition_names)
    assert all(one.vi != one.en and one.signal in one.vi for one in health.reasons)
    assert abs(sum(one.probability for one in health.modes) - 1.0) < 1e-6


def test_a_lost_sensor_makes_it_indicative_and_is_named() -> None:
    name = condenser_model().deviation.condition_names[0]
    health = _health(_watched(hole=name))
    assert health.indicative
    assert name in health.note_en
    assert health.remaining is not None


def test_what_is_kept_of_a_long_life_is_bounded_and_reaches_back_to_its_beginning() -> None:
    watch = _watched()
    lives = condenser_lives(11, 24)
    last = lives.value[lives.rows(0)][-1].astype(np.float64)
    for number in range(5000):
        watch.take(10_000 + number, last, at_work=True, window_h=24.0)
    assert len(watch.hours) == len(watch.severities) <= MOST_KEPT
    assert watch.hours[-1] == watch.hour
    assert watch.hours == sorted(watch.hours)
    assert watch.hours[0] < 0.05 * watch.hour


def test_the_hash_tells_inputs_apart() -> None:
    assert _watched(40).digest == _watched(40).digest
    assert _watched(40).digest != _watched(41).digest
    assert _watched(40).digest != _watched(40, unit=1).digest


def test_a_machine_without_a_model_says_so() -> None:
    lives = condenser_lives(11, 24)
    announced = tag_set(lives, [0])
    watch = ParkWatch({}, lambda _: announced, window_s=WINDOW_S, every_windows=1)
    told = [one.health for frame in frames(lives, [0], list(range(5))) for one in watch.take(frame)]
    assert {one.state for one in told} == {HealthState.NOT_ENOUGH_DATA}
    assert {one.machine for one in told} == {machine_id(0)}
    assert "no model" in told[0].note_en


def test_a_kind_is_known_by_its_signals() -> None:
    lives = condenser_lives(11, 24)
    announced = tag_set(lives, [0, 1])
    watch = ParkWatch({KIND: condenser_model()}, lambda _: announced, window_s=WINDOW_S, every_windows=1)
    told = [one.health for frame in frames(lives, [0, 1], list(range(5))) for one in watch.take(frame)]
    assert {one.kind for one in told} == {KIND}
