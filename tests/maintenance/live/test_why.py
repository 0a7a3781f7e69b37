"""Why a machine is forecast as it is: trend, blocks, likes, in both languages; and overhauls nobody told."""

from __future__ import annotations

import re

import numpy as np
import pytest

from maintenance.live.advice import health_of
from maintenance.live.machine_watch import MachineWatch
from maintenance.live.snapshot import restore_watch, watch_row
from maintenance.live.step_back import LOOKED_AT, stepped_back
from tests.maintenance.condenser import condenser_lives, condenser_model
from twin.contract.health import HealthState, MachineHealth

WINDOW_H = 24.0
ONLY_VIETNAMESE = re.compile("[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")


def _unit(mode: str, seed: int = 12, units: int = 20) -> int:
    lives = condenser_lives(seed, units)
    return next(unit for unit in range(lives.units) if lives.modes[int(lives.mode[unit])].name == mode)


def _rows(unit: int) -> np.ndarray:
    lives = condenser_lives(12, 20)
    value: np.ndarray = lives.value[lives.rows(unit)].astype(np.float64)
    return value


def _watched(rows: np.ndarray, *, since_overhaul: bool = True) -> MachineWatch:
    watch = MachineWatch("yenphong/x/condenser1", condenser_model(), since_overhaul=since_overhaul)
    for number, row in enumerate(rows):
        watch.take(number, row, at_work=True, window_h=WINDOW_H)
    return watch


def _health(watch: MachineWatch) -> MachineHealth:
    return health_of(watch, time_ns=1, version="v", demoted=False, window_s=60.0)


@pytest.fixture(scope="module")
def worn() -> MachineHealth:
    return _health(_watched(_rows(_unit("fan_bearing_wear"))[:-2]))


def test_the_trend_is_told_with_its_size_and_its_span(worn: MachineHealth) -> None:
    found = re.search(
        r"rose from (?:under )?(\d+) % to (?:over )?(\d+) % of failure over the last", worn.trend_en
    )
    assert found is not None, worn.trend_en
    assert int(found[1]) < int(found[2])
    assert "tăng từ" in worn.trend_vi
    assert not ONLY_VIETNAMESE.search(worn.trend_en)


def test_the_blocks_end_at_the_forecast_itself(worn: MachineHealth) -> None:
    assert worn.remaining is not None
    assert [step.block for step in worn.steps] == ["age", "signals", "course"]
    assert worn.steps[-1].remaining_h == pytest.approx(worn.remaining.p50)
    # it is about to fail, and its signals say so where its age does not
    assert worn.steps[1].remaining_h < 0.5 * worn.steps[0].remaining_h


def test_likes_are_past_machines_of_the_same_end(worn: MachineHealth) -> None:
    past = condenser_model().past
    assert 1 <= len({one.life for one in worn.similar}) == len(worn.similar) <= 3
    assert [one.distance for one in worn.similar] == sorted(one.distance for one in worn.similar)
    assert worn.similar[0].mode == worn.modes[0].mode == "fan_bearing_wear"
    for one in worn.similar:
        mine = past.unit == int(one.life) - 1
        assert one.remaining_h in past.left_h[mine]
        assert one.remaining_h < 0.3 * past.left_h[mine].max()
        assert "showed the same" in one.en
        assert "từng ở mức này" in one.vi


def test_a_healthy_machine_is_compared_with_nobody() -> None:
    told = _health(_watched(_rows(0)[:35]))
    assert told.state is HealthState.HEALTHY
    assert (told.trend_en, told.steps, told.similar) == ("", (), ())


def test_an_overhaul_that_nobody_told_is_seen_and_the_way_before_is_forgotten() -> None:
    life = _rows(_unit("tube_scaling"))
    young = np.tile(life[30:50], (3, 1))
    machine = np.concatenate([life[:40], np.tile(life[-20:-8], (6, 1)), young])
    watch = _watched(machine)
    assert watch.mended
    assert watch.hour < len(young) * WINDOW_H
    told = _health(watch)
    assert told.indicative
    assert "no service on record" in told.note_en
    assert "không có ghi nhận sửa chữa" in told.note_vi
    assert told.health is not None
    assert told.health > 0.6
    untouched = _watched(life)
    assert not untouched.mended
    assert _health(untouched).state is not HealthState.HEALTHY


def test_no_machine_that_only_wears_is_taken_for_mended() -> None:
    lives = condenser_lives(12, 20)
    assert [unit for unit in range(lives.units) if _watched(_rows(unit)).mended] == []


def test_a_mode_that_takes_over_from_another_is_no_overhaul() -> None:
    first, second = np.array([0.8, 0.0]), np.array([0.0, 0.8])
    assert not stepped_back([first] * 60 + [second] * 40)
    assert stepped_back([first] * 60 + [np.zeros(2)] * 40)
    assert not stepped_back([first] * (LOOKED_AT - 40) + [np.zeros(2)] * 39)


def test_what_was_seen_of_an_overhaul_outlives_a_restart() -> None:
    life = _rows(_unit("tube_scaling"))
    machine = np.concatenate([life[:40], np.tile(life[-20:-8], (6, 1)), np.tile(life[30:50], (3, 1))])
    half = _watched(machine[:130])
    again = MachineWatch(half.machine, half.model)
    restore_watch(watch_row(half, source="s", version="v", applied=0), again)
    for number in range(130, len(machine)):
        for watch in (half, again):
            watch.take(number, machine[number], at_work=True, window_h=WINDOW_H)
    assert half.mended
    assert again.mended
    assert _health(half) == _health(again)


def test_a_level_of_less_than_a_day_is_named() -> None:
    watch = MachineWatch("yenphong/x/condenser1", condenser_model())
    for number, row in enumerate(_rows(0)[:40]):
        watch.take(number, row, at_work=True, window_h=0.1)
    assert "less than a day" in _health(watch).note_en
    assert "less than a day" not in _health(_watched(_rows(0)[:40])).note_en
