"""Machines of whose kind there is no model: never a number without failures, and what shows all the same."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from maintenance.histories import F64
from maintenance.live.age_lives import lives_of
from maintenance.live.bare_advice import bare_health
from maintenance.live.bare_watch import FIRST_DAY_H, BareWatch
from maintenance.live.ledger import KeptForecast, Outcome, What
from maintenance.live.park_watch import ParkWatch
from maintenance.live.snapshot import read_snapshot, write_snapshot
from tests.maintenance.condenser import condenser_lives
from tests.maintenance.live.frames import START_NS, WINDOW_S, frames, machine_id, tag_set
from twin.contract.clock import NS_PER_S
from twin.contract.health import HealthState, MachineHealth

SIGNALS = ("count", "level", "switch", "vibration")
UNITS = ("", "m", "", "mm/s")
UNIT_NUMBERS = [0, 1, 2, 3, 4]
WINDOWS = 60


def _day(hour: int) -> F64:
    """A count that only rises, a level that goes with the hour, a switch that stays on, and a vibration."""
    return np.array([100.0 * hour, 2.0 + np.sin(hour / 4.0), 1.0, 3.0 + 0.2 * np.cos(hour)])


def _watched(rows: Iterable[F64]) -> BareWatch:
    watch = BareWatch("park/a/chamber1", SIGNALS, UNITS)
    for number, row in enumerate(rows):
        watch.take(number, row, at_work=True, window_h=1.0)
    return watch


def _told(watch: BareWatch) -> MachineHealth:
    return bare_health(watch, time_ns=1, group="g", known=lives_of([], [watch.hour]), demoted=False)


def test_until_it_was_at_work_for_a_day_it_says_how_long_that_takes() -> None:
    told = _told(_watched(_day(hour) for hour in range(20)))
    assert told.state is HealthState.NOT_ENOUGH_DATA
    assert "no model of this kind of machine yet" in told.note_en
    assert "4 h more of work" in told.note_en
    assert "cần thêm 4 giờ chạy máy" in told.note_vi
    assert not told.reasons


def test_a_signal_that_left_its_first_day_is_named_and_a_count_or_a_switch_never_is() -> None:
    as_ever = [_day(hour) for hour in range(100)]
    high = [*as_ever, *(_day(hour) + np.array([0.0, 4.0, -1.0, 0.0]) for hour in range(100, 140))]
    calm, told = _told(_watched(as_ever)), _told(_watched(high))
    assert not calm.reasons
    assert "as in its first day" in calm.note_en
    assert [reason.signal for reason in told.reasons] == ["level"]
    assert "above everything of its first day" in told.reasons[0].en
    assert (told.health, told.remaining, told.healthy_beyond_h) == (None, None, None)
    assert "xem lý do" in told.note_vi


def test_a_vibration_that_is_too_much_on_any_foundation_is_told_on_the_first_day_too() -> None:
    told = _told(_watched(_day(hour) + np.array([0.0, 0.0, 0.0, 9.0]) for hour in range(10)))
    assert [reason.signal for reason in told.reasons] == ["vibration"]
    assert "zone D of ISO 20816-3" in told.reasons[0].en
    assert FIRST_DAY_H > 10


def _outcomes() -> list[Outcome]:
    """Each of four machines is overhauled after five minutes, and then fails at another age."""
    first: list[tuple[int, int, What]] = [(unit, 5, "serviced") for unit in UNIT_NUMBERS[:4]]
    failures: list[tuple[int, int, What]] = [(unit, 15 + 6 * unit, "failed") for unit in UNIT_NUMBERS[:4]]
    return [
        Outcome(
            machine_id(unit), START_NS + minute * 60 * NS_PER_S, what, "", True, "lan", START_NS, number + 1
        )
        for number, (unit, minute, what) in enumerate([*first, *failures])
    ]


def _watch() -> ParkWatch:
    announced = tag_set(condenser_lives(11, 24), UNIT_NUMBERS)
    return ParkWatch({}, lambda _: announced, window_s=WINDOW_S, every_windows=1, outcomes=_outcomes())


def test_three_failures_at_a_known_age_make_an_indicative_forecast_by_age_of_those_whose_age_is_known() -> (
    None
):
    sent = frames(condenser_lives(11, 24), UNIT_NUMBERS, list(range(WINDOWS)))
    watch = _watch()
    told = [one.health for frame in sent for one in watch.take(frame)]
    last = {one.machine: one for one in told}
    with_number = [one for one in told if one.remaining is not None]
    third = START_NS + 27 * 60 * NS_PER_S
    assert with_number
    assert min(one.time for one in with_number) > third
    assert all(one.indicative and one.state is HealthState.FAILING for one in with_number)
    assert all("by age alone" in one.note_en and one.model.startswith("age:") for one in with_number)
    known, unknown = last[machine_id(0)], last[machine_id(4)]
    assert known.remaining is not None
    assert 0.0 < known.remaining.p05 < known.remaining.p50 < known.remaining.p95
    assert known.steps[0].remaining_h == known.remaining.p50
    assert unknown.remaining is None
    assert "its age is not known" in unknown.note_en


def test_after_a_restart_it_says_the_same_to_the_bit(tmp_path: Path) -> None:
    sent = list(frames(condenser_lives(11, 24), UNIT_NUMBERS, list(range(WINDOWS))))
    through, before = _watch(), _watch()
    told: list[KeptForecast] = [one for frame in sent for one in through.take(frame)]
    half = len(sent) * 2 // 3  # after two of the failures
    resumed = [one for frame in sent[:half] for one in before.take(frame)]
    write_snapshot(tmp_path / "snapshot", before.snapshot([]))
    snapshot = read_snapshot(tmp_path / "snapshot")
    assert snapshot is not None
    after = _watch()
    assert after.restore(snapshot)
    resumed += [one for frame in sent[half:] for one in after.take(frame)]
    assert resumed == told
