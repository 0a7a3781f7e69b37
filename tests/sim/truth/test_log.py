from __future__ import annotations

import csv
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sim.degradation.wear import NS_PER_H, Wear
from sim.truth.event import COLUMNS, TruthEvent, shown_time
from sim.truth.hourly import FlowTruth, WearTruth
from sim.truth.labels import defect_label
from sim.truth.log import MOST_BUFFERED, VIEW, TruthLog, TruthLogError
from tests.sim.degradation.kinds import GROUPS, PUMPS
from twin.contract.clock import NS_PER_S

START_NS = 1_790_000_000 * NS_PER_S


class Wall:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.ns = START_NS

    def __call__(self) -> int:
        return self.ns


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def log(tmp_path: Path, wall: Wall) -> Iterator[TruthLog]:
    kept = TruthLog(tmp_path, run="7", clock=wall)
    yield kept
    kept.close()


def row(number: int, **more: str) -> TruthEvent:
    return TruthEvent(
        time=shown_time(START_NS + number * NS_PER_S), event="fault_begin", equipment=f"p/m{number}"
    )


def lines(path: Path) -> int:
    return len(path.read_bytes().splitlines())


def test_rows_are_on_disk_after_a_second_of_wall_time(log: TruthLog, wall: Wall) -> None:
    (path,) = log.parts
    log.write(row(1))
    log.tick()
    assert lines(path) == 0
    wall.ns += NS_PER_S
    log.tick()
    assert lines(path) == 1


def test_a_wall_clock_set_back_does_not_hold_rows_back(log: TruthLog, wall: Wall) -> None:
    log.write(row(1))
    wall.ns -= 3600 * NS_PER_S
    log.tick()
    assert lines(log.parts[0]) == 1


def test_csv_has_a_header_and_what_was_written(log: TruthLog) -> None:
    written = [row(1), defect_label(START_NS, "p/aoi", "SN, 12", ["scratch"])]
    for event in written:
        log.write(event)
    log.flush()
    read = list(csv.reader("".join(log.csv()).splitlines()))
    assert tuple(read[0]) == COLUMNS
    assert read[1][:3] == [row(1).time, "fault_begin", "p/m1"]
    assert read[2][COLUMNS.index("serial")] == "SN, 12"
    assert read[2][COLUMNS.index("label")] == "scratch"
    assert list(log.rows()) == written


def test_rows_are_chosen_by_kind_and_time(log: TruthLog) -> None:
    for number in range(4):
        log.write(row(number))
    log.write(TruthEvent(time=row(9).time, event="fault_end"))
    log.write(TruthEvent(time=row(9).time, event="rul"))
    log.flush()
    assert len(list(log.rows(kind="fault"))) == 5
    assert len(list(log.rows(kind="fault_begin", since=row(2).time))) == 2
    assert len(list(log.rows(kind="rul"))) == 1


def test_long_answers_come_in_pieces(log: TruthLog) -> None:
    for number in range(1200):
        log.write(row(number))
    log.flush()
    pieces = list(log.csv())
    assert len(pieces) == 3
    assert len("".join(pieces).splitlines()) == 1201


def test_files_are_bounded_and_the_oldest_goes(tmp_path: Path, wall: Wall) -> None:
    log = TruthLog(tmp_path, run="7", clock=wall, part_bytes=1000, most_parts=3)
    for number in range(200):
        log.write(row(number))
        if number % 7 == 0:
            log.flush()
    log.close()
    files = sorted(tmp_path.iterdir())
    assert set(files) == set(log.parts)
    assert len(files) == 3
    assert all(file.stat().st_size <= 1000 for file in files)
    kept = [event.equipment for event in log.rows()]
    assert kept == [f"p/m{number}" for number in range(200 - len(kept), 200)]


def test_a_row_longer_than_a_file_is_kept_all_the_same(tmp_path: Path, wall: Wall) -> None:
    log = TruthLog(tmp_path, run="7", clock=wall, part_bytes=10)
    for number in range(3):
        log.write(row(number))
    log.close()
    assert len(list(log.rows())) == 3


def test_how_rows_are_flushed_does_not_show_in_the_bytes(tmp_path: Path, wall: Wall) -> None:
    written = []
    for every in (1, 13):
        log = TruthLog(tmp_path / str(every), run="7", clock=wall, part_bytes=3000)
        for number in range(100):
            log.write(row(number))
            if number % every == 0:
                log.flush()
        log.close()
        written.append([path.read_bytes() for path in log.parts])
    assert written[0] == written[1]
    assert len(written[0]) > 1


def test_a_log_is_never_written_over(log: TruthLog, tmp_path: Path, wall: Wall) -> None:
    with pytest.raises(TruthLogError, match=r"is there already and is never written over; move it away"):
        TruthLog(tmp_path, run="7", clock=wall)


def test_where_no_folder_can_be_it_says_so(tmp_path: Path, wall: Wall) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TruthLogError, match="name a folder that can be written"):
        TruthLog(tmp_path / "file" / "truth", run="7", clock=wall)


def test_a_disk_that_takes_nothing_does_not_stop_the_park(
    log: TruthLog, caplog: pytest.LogCaptureFixture
) -> None:
    (path,) = log.parts
    path.unlink()
    path.mkdir()  # nobody can append to a folder, not even root
    for number in range(MOST_BUFFERED + 5):
        log.write(row(number))
    log.flush()
    assert log.dropped == 5
    path.rmdir()
    log.flush()
    assert lines(path) == MOST_BUFFERED
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.WARNING]
    assert "5 rows were lost" in caplog.text


def test_without_a_folder_the_newest_rows_are_in_memory(wall: Wall) -> None:
    log = TruthLog(None, run="7", clock=wall)
    for number in range(VIEW + 3):
        log.write(row(number))
    log.tick()
    assert len(list(log.rows())) == VIEW
    assert next(log.rows()).equipment == "p/m3"


def aged(log: TruthLog, hours: int, seed: int = 5) -> Wear:
    """A plant that runs, its truth written."""
    wear = Wear(GROUPS, seed=seed)
    truth = WearTruth(wear, log)
    for step in range(1, hours * 12 + 1):
        now_ns = START_NS + step * 300 * NS_PER_S
        running = ~wear.stopped
        truth.step(now_ns, wear.advance(now_ns, 300.0, running))
    return wear


def test_every_hour_the_true_life_of_what_is_running_down(log: TruthLog) -> None:
    wear = aged(log, 400)
    lives = [event for event in log.recent() if event.event == "rul"]
    strainer = [event for event in lives if (event.equipment, event.fault) == (PUMPS[0], "strainer_fouling")]
    assert {event.fault for event in lives} <= {"bearing_wear", "winding_short", "strainer_fouling"}
    assert all(event.severity is not None and event.severity >= 0.05 for event in lives)
    left = [event.rul_h for event in strainer if event.rul_h is not None]
    falls = -np.diff(left)
    # an hour of running is an hour of life, as long as it neither stood nor was cleaned
    assert np.count_nonzero(np.isclose(falls, 1.0)) > 0.9 * len(falls)
    said = next(
        event for event in lives[::-1] if event.equipment == PUMPS[0] and event.fault == "strainer_fouling"
    )
    pair = wear.number[PUMPS[0], "strainer_fouling"]
    assert said.rul_h == pytest.approx(wear.rul_h()[pair], abs=1.0)


def test_failures_and_repairs_are_told(tmp_path: Path, wall: Wall) -> None:
    log = TruthLog(tmp_path, run="7", clock=wall)
    wear = Wear(GROUPS, seed=5, new=True)
    truth = WearTruth(wear, log)
    wear.accelerate(wear.number[PUMPS[0], "bearing_wear"], 1.0, within_h=1.0)
    for hour in range(1, 24):
        now_ns = START_NS + hour * NS_PER_H
        truth.step(now_ns, wear.advance(now_ns, 3600.0, ~wear.stopped))
    told = [event for event in log.recent() if event.event in {"failure", "repair"}]
    assert [(event.event, event.equipment, event.fault) for event in told] == [
        ("failure", PUMPS[0], "bearing_wear"),
        ("repair", PUMPS[0], "bearing_wear"),
    ]
    assert told[0].time == shown_time(START_NS + NS_PER_H)


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path, wall: Wall) -> None:
    written = []
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        log = TruthLog(tmp_path / name, run="7", clock=wall)
        aged(log, 100, seed)
        log.close()
        written.append(log.parts[0].read_bytes())
    assert written[0] == written[1] != written[2]
    assert len(written[0].splitlines()) > 100


def test_a_leak_that_grows_is_told_in_steps_of_a_fifth(log: TruthLog) -> None:
    truth = FlowTruth("leak", "m³/h", ["p/main1"], log)
    for second in range(200):
        truth.step(START_NS + second * NS_PER_S, np.array([1.0 + second / 100]))
    told = [event.value for event in log.recent() if event.value is not None]
    assert told[:3] == [1.0, 1.26, 1.58]
    assert len(told) == 5


def test_a_leak_is_told_when_it_begins_once_an_hour_and_when_it_ends(log: TruthLog) -> None:
    truth = FlowTruth("leak", "m³/h", ["p/main1", "p/main2"], log)
    for minute in range(180):
        flowing = 30 <= minute < 150
        now_ns = (START_NS // NS_PER_H) * NS_PER_H + minute * 60 * NS_PER_S
        truth.step(now_ns, np.array([0.0, 2.5 if flowing else 0.0]))
    told = [(event.time[14:16], event.equipment, event.value, event.unit) for event in log.recent()]
    assert told == [
        ("30", "p/main2", 2.5, "m³/h"),
        ("00", "p/main2", 2.5, "m³/h"),
        ("00", "p/main2", 2.5, "m³/h"),
        ("30", "p/main2", 0.0, "m³/h"),
    ]
