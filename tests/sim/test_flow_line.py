from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.flow_line import FlowLine, StationParameters


def line_of(*cycles_s: float, room: int = 1) -> FlowLine:
    return FlowLine([StationParameters(f"m{n}", cycle_s, room=room) for n, cycle_s in enumerate(cycles_s)])


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def test_the_slowest_station_sets_the_pace() -> None:
    """Without spread the n-th board leaves at the sum of the cycles plus (n-1) times the slowest one."""
    line = line_of(3.0, 10.0, 4.0)
    line.advance(17.0 - 1e-6, rng())
    assert line.stations[-1].good == 0
    line.advance(2e-6, rng())
    assert line.stations[-1].good == 1
    line.advance(1000.0, rng())
    assert line.stations[-1].good == 101


def test_a_faster_station_before_the_slowest_is_blocked_and_one_behind_it_starves() -> None:
    line = line_of(3.0, 10.0, 4.0)
    line.advance(108.0, rng())  # the slow one works on its board from 103 to 113, the last had its until 107
    first, slow, last = line.stations
    assert (first.blocked(line.now_s), first.state(line.now_s)) == (True, "Suspended")
    assert (slow.blocked(line.now_s), slow.state(line.now_s)) == (False, "Execute")
    assert (last.starved(line.now_s), last.state(line.now_s)) == (True, "Suspended")


def test_an_oven_holds_many_boards_at_once_and_keeps_their_distance() -> None:
    """Little's law: boards inside = rate times time inside."""
    oven = StationParameters("oven", 300.0, room=40, spacing_s=20.0)
    line = FlowLine([StationParameters("feed", 1.0), oven])
    line.advance(3000.0, rng())
    assert len(line.stations[1].boards) == 300 / 20
    assert line.stations[1].good == pytest.approx((3000 - 300 - 1) / 20, abs=1)


def test_a_stop_is_shown_and_delays_its_board() -> None:
    line = FlowLine([StationParameters("m", 10.0, stop=1.0, repair_s=50.0)])
    generator = rng()
    line.advance(0.0, generator)
    (board,) = line.stations[0].boards
    repair_s = board.stop_to_s - board.stop_from_s
    assert board.ready_s == pytest.approx(10.0 + repair_s)
    line.advance((board.stop_from_s + board.stop_to_s) / 2, generator)
    assert line.stations[0].state(line.now_s) == "Aborted"


parameters = st.builds(
    StationParameters,
    name=st.just("m"),
    cycle_s=st.floats(1, 30),
    spread=st.sampled_from([0.0, 0.05, 0.4]),
    room=st.integers(1, 5),
    spacing_s=st.sampled_from([0.0, 2.0]),
    reject=st.sampled_from([0.0, 0.1]),
    stop=st.sampled_from([0.0, 0.1]),
    repair_s=st.floats(1, 100),
)


@settings(max_examples=60, deadline=None)
@given(stations=st.lists(parameters, min_size=1, max_size=5), seed=st.integers(0, 999))
def test_every_board_is_somewhere(stations: list[StationParameters], seed: int) -> None:
    line = FlowLine(stations)
    generator = np.random.default_rng(seed)
    for dt_s in (0.0, 0.3, 60.0, 900.0):
        line.advance(dt_s, generator)
        for station in line.stations:
            assert station.entered == station.good + station.reject + len(station.boards)
            assert len(station.boards) <= station.parameters.room
        for before, after in zip(line.stations, line.stations[1:], strict=False):
            assert before.good == after.entered


@settings(max_examples=40, deadline=None)
@given(stations=st.lists(parameters, min_size=1, max_size=4), seed=st.integers(0, 999))
def test_the_size_of_the_step_changes_nothing(stations: list[StationParameters], seed: int) -> None:
    once, often = FlowLine(stations), FlowLine(stations)
    once.advance(400.0, np.random.default_rng(seed))
    generator = np.random.default_rng(seed)
    for _ in range(800):
        often.advance(0.5, generator)
    assert [(s.entered, s.good, s.reject) for s in once.stations] == [
        (s.entered, s.good, s.reject) for s in often.stations
    ]
