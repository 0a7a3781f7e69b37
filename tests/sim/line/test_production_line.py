from __future__ import annotations

import numpy as np
import pytest

from sim.kind import ABORTED, EXECUTE, HELD, IDLE, STOPPED, SUSPENDED
from sim.line.piece import Piece
from sim.line.production_line import KEPT_PIECES, ProductionLine
from sim.line.rows import MicroStopRow, OrderRow, ProductRow, StationRow
from tests.sim.line.lines import SHIFT, Runner, at, check_counts, line_of, park_calendars, unfolded


def steady(name: str, cycle_s: float, **fields: object) -> StationRow:
    return StationRow(name, cycle_s, spread=0.0, **fields)  # type: ignore[arg-type]


# --- flow ---


def test_the_slowest_station_sets_the_pace() -> None:
    """Without spread the n-th piece leaves at the sum of the cycles plus (n-1) times the slowest one."""
    runner = Runner(line_of(steady("a", 3), steady("b", 10), steady("c", 4)))
    runner.go(17 - 1e-3)
    assert runner.line.columns.good[-1] == 0
    runner.go(2e-3)
    assert runner.line.columns.good[-1] == 1
    runner.go(1000)
    assert runner.line.columns.good[-1] == 101
    check_counts(runner.line)


def test_before_the_slowest_it_is_blocked_and_behind_it_starves() -> None:
    runner = Runner(line_of(steady("a", 3), steady("b", 10), steady("c", 4)))
    runner.go(108)  # the slow one works on its piece from 103 to 113, the last had its until 107
    columns = runner.line.columns
    assert columns.state.tolist() == [SUSPENDED, EXECUTE, SUSPENDED]
    assert columns.blocked.tolist() == [True, False, False]
    assert columns.starved.tolist() == [False, False, True]


def test_a_buffer_lets_the_station_before_work_ahead() -> None:
    runner = Runner(line_of(steady("a", 3), steady("b", 10, buffer=4)))
    runner.go(50)
    columns = runner.line.columns
    assert columns.waiting.tolist() == [0, 4]
    assert columns.blocked.tolist() == [True, False]
    assert columns.entered[1] == 5  # at 3, 13, 23, 33, 43
    check_counts(runner.line)


def test_parallel_stations_take_turns_and_merge() -> None:
    runner = Runner(line_of(steady("m{1..3}", 30), steady("wash", 4, buffer=3)))
    runner.go(62)
    columns = runner.line.columns
    assert columns.good.tolist() == [2, 2, 2, 3]
    runner.go(6)
    assert columns.good.tolist() == [2, 2, 2, 5]
    check_counts(runner.line)


def test_pieces_keep_their_distance_and_their_order() -> None:
    runner = Runner(line_of(steady("feed", 1), steady("oven", 60, room=10, spacing_s=10), steady("out", 1)))
    runner.go(61)
    assert runner.line.columns.wip[1] == 6
    runner.go(1)
    assert runner.line.columns.good.tolist() == [7, 1, 1]  # one enters the oven as one leaves it
    check_counts(runner.line)


def test_work_begun_and_made_are_of_the_last_step() -> None:
    runner = Runner(line_of(steady("a", 4), steady("b", 10)))
    runner.go(14)
    runner.go(20)
    columns = runner.line.columns  # a: works 4 of 10 s, blocked 6; two pieces a step
    assert columns.begun.tolist() == [2, 2]
    assert columns.work == pytest.approx([0.4, 1.0])
    runner.go(1)
    assert columns.begun.tolist() == [0, 0]
    assert columns.made.tolist() == columns.good.tolist()


# --- what the outside tells ---


def test_a_breakdown_interrupts_a_piece_that_is_finished_afterwards() -> None:
    runner = Runner(line_of(steady("a", 10), steady("b", 2)))
    runner.go(5)
    runner.controls.available[0] = False
    runner.go(100)
    columns = runner.line.columns
    assert columns.state.tolist() == [ABORTED, SUSPENDED]
    assert columns.wip[0] == 1
    assert columns.work[0] == 0
    runner.controls.available[0] = True
    runner.go(4.9)
    assert columns.good[0] == 0
    runner.go(0.2)
    assert columns.good[0] == 1
    assert columns.cycle_s[0] == pytest.approx(10)  # the time it stood is not the piece's


@pytest.mark.parametrize("shown", [ABORTED, STOPPED, HELD])
def test_what_stands_shows_the_reason_it_is_told(shown: int) -> None:
    runner = Runner(line_of(steady("a", 10)))
    runner.controls.available[0] = False
    runner.controls.shown[0] = shown
    runner.go(1)
    assert runner.line.columns.state[0] == shown


def test_a_broken_station_neither_takes_nor_gives() -> None:
    runner = Runner(line_of(steady("a", 3), steady("b", 10), steady("c", 1)))
    runner.go(12)
    runner.controls.available[1] = False
    runner.go(500)
    columns = runner.line.columns
    assert columns.good.tolist() == [1, 0, 0]
    assert columns.blocked.tolist() == [True, False, False]
    assert columns.starved.tolist() == [False, False, True]
    runner.controls.available[1] = True
    runner.go(1)
    assert columns.good.tolist() == [2, 1, 0]


def test_half_the_pace_takes_twice_as_long_from_that_moment_on() -> None:
    runner = Runner(line_of(steady("a", 10)))
    runner.go(5)
    runner.controls.pace[0] = 0.5
    runner.go(9.9)
    assert runner.line.columns.good[0] == 0
    runner.go(0.2)
    assert runner.line.columns.good[0] == 1
    assert runner.line.columns.cycle_s[0] == pytest.approx(20)
    runner.go(200)
    assert runner.line.columns.good[0] == 11
    runner.controls.pace[0] = 1.0  # from 0.1 s into a piece of 20 s on
    runner.go(9.9)
    assert runner.line.columns.good[0] == 11
    runner.go(0.2)
    assert runner.line.columns.good[0] == 12


def test_no_pace_is_standing() -> None:
    runner = Runner(line_of(steady("a", 10)))
    runner.controls.pace[0] = 0.0
    runner.go(100)
    assert runner.line.columns.state[0] == ABORTED
    assert runner.line.columns.good[0] == 0


def test_a_speed_that_trembles_changes_nothing() -> None:
    calm, trembling = Runner(line_of(steady("a", 10))), Runner(line_of(steady("a", 10)))
    calm.go(1000)
    for n in range(1000):
        trembling.controls.pace[0] = 1.0 - 0.004 * (n % 2)
        trembling.go(1)
    assert trembling.line.columns.good == calm.line.columns.good


def test_spoilt_pieces_are_taken_out_where_no_defect_is_known() -> None:
    runner = Runner(line_of(steady("a", 1, reject=0.1)))
    runner.controls.reject[0] = 0.2
    runner.go(20_000)
    assert runner.line.columns.reject[0] == pytest.approx(6000, rel=0.05)


# --- short stops ---


def test_a_short_stop_is_held_and_its_piece_is_finished() -> None:
    runner = Runner(line_of(steady("a", 10, micro_stops=MicroStopRow(50, 30, "jam"))))
    seen = []
    for _ in range(4000):
        runner.go(1)
        seen.append(int(runner.line.columns.state[0]))
    columns = runner.line.columns
    assert set(seen) == {EXECUTE, HELD}
    assert columns.micro_stops[0] > 20
    assert seen.count(HELD) == pytest.approx(4000 * 30 / 80, rel=0.25)
    assert columns.good[0] == pytest.approx(seen.count(EXECUTE) / 10, abs=6)


def test_no_short_stop_comes_while_a_station_waits() -> None:
    runner = Runner(line_of(steady("slow", 100), steady("b", 1, micro_stops=MicroStopRow(50, 5, "jam"))))
    runner.go(100_000)
    assert runner.line.columns.micro_stops[1] == pytest.approx(1000 / 50, abs=4 * 20**0.5)


# --- products and orders ---

TWO = (ProductRow("a"), ProductRow("b", cycle=2.0, changeover_s=60.0))


def test_a_changeover_is_idle_and_rolls_through_the_line() -> None:
    orders = (OrderRow("a", 3), OrderRow("b", 1000))
    runner = Runner(line_of(steady("x", 10), steady("y", 10, setup=0.5), products=TWO, orders=orders))
    columns = runner.line.columns
    runner.go(31)  # x made its third at 30 and changes over until 90; y makes the third until 40
    assert columns.state.tolist() == [IDLE, EXECUTE]
    assert columns.product.tolist() == [0, 0]
    runner.go(60)  # x began with b at 90
    assert columns.state.tolist() == [EXECUTE, SUSPENDED]
    assert columns.product.tolist() == [1, 0]
    runner.go(20)  # x is done at 110 and cannot pass on: y changes over until 140
    assert columns.state.tolist() == [SUSPENDED, IDLE]
    assert columns.blocked.tolist() == [True, False]
    runner.go(30)
    assert columns.product.tolist() == [1, 1]
    assert columns.entered.tolist() == [5, 4]
    assert columns.cycle_s[0] == pytest.approx(20)
    check_counts(runner.line)


def test_no_changeover_where_a_station_needs_none() -> None:
    orders = (OrderRow("a", 3), OrderRow("b", 3))
    line = line_of(steady("belt", 10, setup=0, room=3), products=TWO, orders=orders)
    runner = Runner(line)
    runner.go(600)
    assert IDLE not in line.columns.state
    assert line.columns.good[0] > 60


def test_parallel_stations_change_over_when_they_are_through() -> None:
    orders = (OrderRow("a", 4), OrderRow("b", 4))
    runner = Runner(line_of(steady("m{1..2}", 10), products=TWO, orders=orders))
    runner.go(21)
    assert runner.line.columns.state.tolist() == [IDLE, IDLE]
    runner.go(60)
    assert runner.line.columns.product.tolist() == [1, 1]
    check_counts(runner.line)


def test_between_orders_an_empty_line_is_idle() -> None:
    runner = Runner(
        line_of(
            steady("x", 10),
            steady("y", 5),
            orders=(OrderRow("p", 2, wait_s=100),),
            products=(ProductRow("p"),),
        )
    )
    columns = runner.line.columns
    runner.go(21)  # the second entered at 10, and the next order is there at 110
    assert columns.state.tolist() == [IDLE, EXECUTE]
    runner.go(10)
    assert columns.state.tolist() == [IDLE, IDLE]
    assert not columns.starved.any()
    runner.go(80)
    assert columns.state.tolist() == [EXECUTE, SUSPENDED]
    assert columns.entered[0] == 3


# --- shifts ---


def test_a_line_stands_where_it_is_at_the_end_of_the_shift_and_goes_on_with_the_next() -> None:
    runner = Runner(line_of(steady("a", 700), calendar=SHIFT, start_ns=at(2026, 11, 25, 13, 50)))
    columns = runner.line.columns
    runner.go(3600)
    assert columns.state[0] == STOPPED
    assert (columns.entered[0], columns.good[0]) == (1, 0)
    runner.go(15 * 3600 + 699)  # until 06:01:39: of the 700 s 600 were done on the day before
    assert columns.good[0] == 0
    runner.go(2)
    assert columns.good[0] == 1
    assert columns.wip[0] == 1


def test_a_shift_makes_what_its_working_time_gives() -> None:
    """7.5 h of pieces of 61 s a day; the piece that the night interrupts is finished in the morning."""
    runner = Runner(line_of(steady("a", 61), calendar=SHIFT, start_ns=at(2026, 11, 25, 6)))
    for day in range(1, 4):
        runner.go(86_400 - (1 if day == 1 else 0))
        assert runner.line.columns.good[0] == day * 27_000 // 61


def test_a_line_that_empties_finishes_what_is_in_it_and_stops_from_the_front() -> None:
    runner = Runner(
        line_of(
            steady("a", 50),
            steady("oven", 300, room=8, spacing_s=40),
            steady("c", 10, buffer=2),
            calendar=SHIFT,
            at_end="empty",
            start_ns=at(2026, 11, 25, 6),
        )
    )
    columns = runner.line.columns
    runner.go(8 * 3600 + 60)
    assert columns.state[0] == STOPPED
    assert columns.state[1] == EXECUTE
    runner.go(600)
    assert columns.state.tolist() == [STOPPED] * 3
    assert columns.wip.sum() == 0
    assert columns.entered[0] == columns.good[-1]
    made = columns.good[-1]
    runner.go(8 * 3600)
    assert columns.good[-1] == made
    runner.go(8 * 3600)
    assert columns.good[-1] > made
    assert columns.state[0] == EXECUTE


@pytest.mark.parametrize(("at_break", "more"), [("run", 30), ("stop", 0), ("empty", 1)])
def test_breaks(at_break: str, more: int) -> None:
    line = line_of(steady("a", 60), calendar=SHIFT, at_break=at_break, start_ns=at(2026, 11, 25, 9, 59, 30))
    runner = Runner(line)
    runner.go(15)
    runner.go(1810)  # until 10:29:55
    assert line.columns.good[0] == more
    assert line.columns.state[0] == (EXECUTE if at_break == "run" else STOPPED)


@pytest.mark.parametrize("name", ["three_shifts", "two_shifts", "day_shift"])
def test_nothing_is_made_over_tet(name: str) -> None:
    row = unfolded(StationRow("a", 30))
    line = ProductionLine(row, park_calendars()[name], seed=1, start_ns=at(2026, 2, 13))
    runner = Runner(line)
    runner.go(86_400 * 1.25)
    made = line.columns.good[0]
    assert made > 800
    runner.go(86_400 * 8.7)  # until 22 February, 22:48
    assert line.columns.good[0] == made
    assert line.columns.state[0] == STOPPED
    runner.go(86_400)
    assert line.columns.good[0] > made


# --- inspection ---

LOOK = StationRow(
    "look", 5.0, inspects=True, defects={"burr": 0.1}, finds={"burr": 0.8, "scratch": 1.0}, false_reject=0.05
)


def inspected(head_start_s: float = 0.0) -> tuple[Runner, list[Piece]]:
    line = line_of(StationRow("cut", 5.0, defects={"scratch": 0.2}), LOOK, head_start_s=head_start_s)
    seen: list[Piece] = []
    line.on_inspected = lambda piece, station: seen.append(piece)
    return Runner(line), seen


def test_a_camera_shows_every_piece_with_its_number_and_what_is_wrong_with_it() -> None:
    runner, seen = inspected()
    runner.go(20_000)
    columns = runner.line.columns
    assert len(seen) == columns.made[1]
    assert len({piece.serial for piece in seen}) == len(seen)
    assert seen[0].serial == "L-20261125-00001"
    assert [piece.time_ns for piece in seen] == sorted(piece.time_ns for piece in seen)
    assert all(piece.entered_ns < piece.time_ns for piece in seen)
    assert sum(piece.accepted for piece in seen) == columns.good[1]
    assert runner.line.inspected["plant/line/look"][-1] is seen[-1]
    assert len(runner.line.inspected["plant/line/look"]) == KEPT_PIECES
    scratched = [piece for piece in seen if "scratch" in piece.defects]
    assert len(scratched) / len(seen) == pytest.approx(0.2, abs=0.03)
    assert not any(piece.accepted for piece in scratched)
    burred = [piece for piece in seen if piece.defects == ("burr",)]
    assert np.mean([piece.accepted for piece in burred]) == pytest.approx(0.2 * 0.95, abs=0.08)
    whole = [piece for piece in seen if not piece.defects]
    assert np.mean([piece.accepted for piece in whole]) == pytest.approx(0.95, abs=0.02)


def test_a_verdict_from_outside_wins() -> None:
    runner, seen = inspected()
    asked: list[Piece] = []

    def only_odd(piece: Piece) -> bool:
        asked.append(piece)
        return int(piece.serial[-1]) % 2 == 1

    runner.line.verdict = only_odd
    runner.go(5000)
    assert [piece.serial for piece in asked] == [piece.serial for piece in seen]
    assert all(piece.accepted == (int(piece.serial[-1]) % 2 == 1) for piece in seen)
    assert runner.line.columns.good[1] == sum(piece.accepted for piece in seen)
    check_counts(runner.line)


def test_a_piece_that_waits_is_inspected_once() -> None:
    line = line_of(StationRow("look", 1.0, inspects=True), StationRow("slow", 20.0))
    seen: list[Piece] = []
    line.on_inspected = lambda piece, station: seen.append(piece)
    Runner(line).go(2000)
    assert len({piece.serial for piece in seen}) == len(seen)
    assert len(seen) == line.columns.made[0] + line.columns.blocked[0]


def test_what_is_spoilt_on_top_becomes_a_defect_that_the_camera_finds() -> None:
    runner, seen = inspected()
    runner.controls.reject[0] = 0.3
    runner.go(20_000)
    assert runner.line.columns.reject[0] == 0
    assert np.mean(["scratch" in piece.defects for piece in seen]) == pytest.approx(0.5, abs=0.04)


# --- head start ---


def test_after_a_head_start_a_line_is_in_the_middle_of_things() -> None:
    runner, seen = inspected(head_start_s=7200.0)
    columns = runner.line.columns
    assert columns.good[1] > 10
    assert columns.begun.sum() == 0
    assert not seen
    assert runner.line.inspected["plant/line/look"][-1].time_ns <= runner.line.start_ns
    runner.go(100)
    assert seen
    assert columns.begun[1] == pytest.approx(20, abs=4)
    check_counts(runner.line)
