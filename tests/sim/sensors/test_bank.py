from __future__ import annotations

import numpy as np
import pytest

from sim.kind import F64, STATE, U32, Sensor, Signal
from sim.sensors.bank import SensorBank
from sim.sensors.calibration import CalibrationRow, Calibrations
from sim.sensors.status import (
    BAD_NO_COMMUNICATION,
    BAD_OUT_OF_SERVICE,
    BAD_SENSOR_FAILURE,
    GOOD,
    UNCERTAIN_LAST_USABLE_VALUE,
    UNCERTAIN_SENSOR_NOT_ACCURATE,
)
from sim.sensors.trouble import TROUBLES
from twin.contract.clock import NS_PER_S

FLOW = Signal("flow", "Flow", "m³/h", 0.0, 100.0, sensor=Sensor(noise=0.5, resolution=0.1))
EXACT = Signal("set_point", "Set point", "m³/h", 0.0, 100.0)
COUNT = Signal("good_count", "Pieces", "pcs", 0, 4e9, "UInt32")
TRUE = np.array([40.0, 40.0, 2.0, 12_345.0])
ROWS = (FLOW, EXACT, STATE, COUNT)


def bank(seed: int = 1) -> SensorBank:
    return SensorBank(ROWS, seed=seed)


def read(bank: SensorBank, steps: int, true: F64 = TRUE, dt_s: float = 1.0) -> tuple[F64, U32]:
    """Columns ``[steps, N]``."""
    values, statuses = zip(*(bank.measure(true, dt_s) for _ in range(steps)), strict=True)
    return np.array(values), np.array(statuses)


def test_noise_has_the_standard_deviation_of_the_instrument_and_no_bias() -> None:
    value, status = read(bank(), 20_000)
    # 3.9 standard errors of each; rounding to 0.1 adds its own variance of 0.1^2 / 12
    assert value[:, 0].mean() == pytest.approx(40.0, abs=3.9 * 0.5 / np.sqrt(20_000))
    assert value[:, 0].std() == pytest.approx(np.sqrt(0.5**2 + 0.1**2 / 12), rel=0.02)
    assert not status.any()


def test_a_reading_is_a_whole_number_of_last_digits() -> None:
    digits = read(bank(), 200)[0][:, 0] / 0.1
    assert np.abs(digits - np.rint(digits)).max() < 1e-9


def test_set_points_counts_and_texts_are_shown_as_they_are() -> None:
    value, _ = read(bank(), 50)
    assert np.all(value[:, 1:] == TRUE[1:])


def test_what_is_true_is_not_changed() -> None:
    true = TRUE.copy()
    bank().measure(true, 1.0)
    assert np.array_equal(true, TRUE)


def test_at_the_end_of_the_range_noise_is_clipped_and_good() -> None:
    """A pump that stands shows 0, not a flapping status."""
    value, status = read(bank(), 2000, np.array([0.0, 0.0, 2.0, 0.0]))
    assert value.min() == 0.0
    assert not status.any()


def test_beyond_its_range_it_shows_the_limit_and_says_so() -> None:
    value, status = read(bank(), 100, np.array([130.0, -1.0, 2.0, 0.0]))
    assert np.all(value[:, 0] == 100.0)
    assert np.all(value[:, 1] == 0.0)
    assert np.all(status[:, :2] == UNCERTAIN_SENSOR_NOT_ACCURATE)
    assert np.all(status[:, 2:] == GOOD)


def test_where_nothing_is_known_the_last_value_is_bad() -> None:
    instruments = bank()
    before, _ = instruments.measure(TRUE, 1.0)
    value, status = instruments.measure(np.array([np.nan, 40.0, 2.0, 0.0]), 1.0)
    assert value[0] == before[0]
    assert status.tolist() == [BAD_SENSOR_FAILURE, GOOD, GOOD, GOOD]


def test_the_same_seed_reads_the_same_and_another_does_not() -> None:
    first, second, other = (read(bank(seed), 100)[0] for seed in (1, 1, 2))
    assert first.tobytes() == second.tobytes() != other.tobytes()


@pytest.mark.parametrize("kind", TROUBLES.values(), ids=list(TROUBLES))
def test_a_trouble_of_one_tag_changes_no_other_and_ends_when_mended(kind: object) -> None:
    trouble = TROUBLES[getattr(kind, "id", "")]
    twice = SensorBank((FLOW, FLOW), seed=4)
    plain = SensorBank((FLOW, FLOW), seed=4)
    true = np.array([30.0, 60.0])
    handle = twice.begin(0, trouble, trouble.strength)
    touched = False
    for _ in range(300):
        (value, status), (undisturbed, _) = twice.measure(true, 1.0), plain.measure(true, 1.0)
        assert value[1] == undisturbed[1]
        assert status[1] == GOOD
        touched |= bool(value[0] != undisturbed[0] or status[0] != GOOD)
    assert touched
    twice.end(handle)
    twice.end(handle)
    assert twice.measure(true, 1.0)[0].tolist() == plain.measure(true, 1.0)[0].tolist()


def test_bias_moves_the_mean_by_a_share_of_the_range() -> None:
    instruments = bank()
    instruments.begin(0, TROUBLES["sensor_bias"], -0.2)
    assert read(instruments, 5000)[0][:, 0].mean() == pytest.approx(20.0, abs=0.05)


def test_drift_grows_with_time_whatever_the_step() -> None:
    for dt_s, steps in ((1.0, 7200), (600.0, 12)):
        instruments = SensorBank((EXACT,), seed=1)
        instruments.begin(0, TROUBLES["sensor_drift"], 0.03)
        assert read(instruments, steps, np.array([40.0]), dt_s)[0][-1, 0] == pytest.approx(46.0)


def test_drift_that_grows_stronger_keeps_what_it_has() -> None:
    instruments = SensorBank((EXACT,), seed=1)
    handle = instruments.begin(0, TROUBLES["sensor_drift"], 0.03)
    read(instruments, 1, np.array([40.0]), 3600.0)
    instruments.set_strength(handle, 0.0)
    assert read(instruments, 1, np.array([40.0]), 3600.0)[0][0, 0] == pytest.approx(43.0)


def test_a_wrong_meter_is_wrong_by_a_factor() -> None:
    instruments = bank()
    instruments.begin(1, TROUBLES["wrong_meter"], 0.25)
    assert instruments.measure(TRUE, 1.0)[0][1] == 50.0


def test_stuck_is_the_last_value_and_good_which_is_what_makes_it_nasty() -> None:
    instruments = bank()
    last, _ = instruments.measure(TRUE, 1.0)
    instruments.begin(0, TROUBLES["sensor_stuck"], 1.0)
    value, status = read(instruments, 50, np.array([80.0, 40.0, 2.0, 0.0]))
    assert np.all(value[:, 0] == last[0])
    assert not status.any()


def test_a_gateway_that_knows_says_that_the_value_is_old() -> None:
    instruments = bank()
    last, _ = instruments.measure(TRUE, 1.0)
    instruments.begin(3, TROUBLES["gateway_frozen"], 1.0)
    value, status = instruments.measure(TRUE + 5.0, 1.0)
    assert (value[3], status[3]) == (last[3], UNCERTAIN_LAST_USABLE_VALUE)


@pytest.mark.parametrize(("dt_s", "steps"), [(1.0, 40_000), (30.0, 8000)])
def test_a_dropout_is_away_for_its_share_of_the_time(dt_s: float, steps: int) -> None:
    instruments = SensorBank((EXACT,), seed=3)
    instruments.begin(0, TROUBLES["sensor_dropout"], 0.3)
    rising = np.arange(float(steps)) % 100.0
    shown = [instruments.measure(np.array([true]), dt_s) for true in rising]
    away = np.array([status[0] == BAD_NO_COMMUNICATION for _, status in shown])
    assert away.mean() == pytest.approx(0.3, abs=0.03)
    value = np.array([value[0] for value, _ in shown])
    assert np.array_equal(value[~away], rising[~away])
    first = int(np.flatnonzero(away)[0])
    assert value[first] == value[max(first - 1, 0)]


def test_gaps_of_a_dropout_last_as_long_as_is_usual() -> None:
    instruments = SensorBank((EXACT,), seed=3)
    instruments.begin(0, TROUBLES["sensor_dropout"], 0.3)
    away = read(instruments, 100_000, np.array([40.0]))[1][:, 0] != GOOD
    gaps = np.count_nonzero(np.diff(away.astype(int)) == 1)
    assert np.count_nonzero(away) / gaps == pytest.approx(20.5, rel=0.1)


def test_a_broken_sensor_is_bad() -> None:
    instruments = bank()
    instruments.begin(0, TROUBLES["sensor_failed"], 1.0)
    assert np.all(read(instruments, 5)[1][:, 0] == BAD_SENSOR_FAILURE)


def test_a_burst_adds_noise() -> None:
    instruments = bank()
    instruments.begin(0, TROUBLES["noise_burst"], 0.05)
    assert read(instruments, 5000)[0][:, 0].std() == pytest.approx(np.hypot(0.5, 5.0), rel=0.05)


def test_an_analyser_is_calibrated_at_its_hour_every_day() -> None:
    instruments = bank()
    calibrations = Calibrations(
        [CalibrationRow(0, hour=23.75, minutes=30.0, reference=0.8)], instruments, 7.0
    )
    midnight_ns = 20_000 * 86_400 * NS_PER_S - 7 * 3600 * NS_PER_S  # local
    statuses, changes = [], []
    for minute in range(2 * 24 * 60):
        changes += calibrations.due(midnight_ns + minute * 60 * NS_PER_S)
        value, status = instruments.measure(TRUE, 60.0)
        statuses.append(int(status[0]))
        assert status[0] == GOOD or value[0] == 80.0
    busy = [minute for minute, status in enumerate(statuses) if status == BAD_OUT_OF_SERVICE]
    assert busy == [*range(15), *range(1425, 1455), *range(2865, 2880)]
    assert [(change.begins, change.row) for change in changes] == [
        (True, 0),
        (False, 0),
        (True, 0),
        (False, 0),
        (True, 0),
    ]


def test_a_machine_that_reads_its_standards_itself_is_only_marked() -> None:
    instruments = bank()
    calibrations = Calibrations([CalibrationRow(1, hour=7.0, reference=None)], instruments, 7.0)
    for now_ns in (0, 1200 * NS_PER_S):
        calibrations.due(now_ns)
        value, status = instruments.measure(TRUE, 1.0)
        assert value[1] == 40.0
        assert status[1] == (BAD_OUT_OF_SERVICE if now_ns == 0 else GOOD)


def test_what_can_be_troubled_is_known_by_its_type() -> None:
    assert [bank().is_analogue(row) for row in range(4)] == [True, True, False, False]
