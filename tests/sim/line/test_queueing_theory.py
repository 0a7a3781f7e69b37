"""Lines against closed forms.

Two exponential stations and a buffer of B pieces, the first never starved, the second never blocked: the
pieces that the first has passed on or holds done are a birth-death chain on 0..K, K = B + 2, with rates mu1
up and mu2 down, an M/M/1/K queue whose arrivals stop while it is full (G. C. Hunt, Sequential arrays of
waiting lines, Operations Research 4(6), 1956; J. A. Buzacott and J. G. Shanthikumar, Stochastic Models of
Manufacturing Systems, 1993). So the second station starves a share p0 of the time, the
first is blocked a share pK, and

    throughput = mu2 (1 - p0) = mu1 (1 - pK),   pn = r^n (1 - r) / (1 - r^(K+1)),   r = mu1 / mu2.
"""

from __future__ import annotations

import numpy as np
import pytest

from sim.line.rows import MicroStopRow, StationRow
from tests.sim.line.lines import Runner, check_counts, line_of


def shares(mu1: float, mu2: float, capacity: int) -> tuple[float, float]:
    """p0 and pK."""
    p = (mu1 / mu2) ** np.arange(capacity + 1)
    p /= p.sum()
    return float(p[0]), float(p[-1])


def test_hunts_two_stations_without_a_buffer_work_two_thirds_of_the_time() -> None:
    assert 1 - shares(1.0, 1.0, 2)[0] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("cycle1_s", "cycle2_s", "buffer"), [(10, 10, 0), (10, 10, 4), (8, 10, 2), (13, 10, 3)]
)
def test_two_exponential_stations_with_a_buffer(cycle1_s: float, cycle2_s: float, buffer: int) -> None:
    runner = Runner(
        line_of(StationRow("a", cycle1_s, spread=1.0), StationRow("b", cycle2_s, spread=1.0, buffer=buffer))
    )
    runner.go(1000.0)  # empty at first: leave that out
    made, started_s = runner.line.columns.good[-1], runner.now_s
    runner.go(400_000.0)
    p0, pk = shares(1 / cycle1_s, 1 / cycle2_s, buffer + 2)
    throughput = (runner.line.columns.good[-1] - made) / (runner.now_s - started_s)
    assert throughput == pytest.approx((1 - p0) / cycle2_s, rel=0.02)
    assert runner.line.columns.work == pytest.approx([1 - pk, 1 - p0], abs=0.012)


@pytest.mark.parametrize("spread", [0.0, 0.3, 1.0])
def test_one_station_makes_a_piece_a_cycle(spread: float) -> None:
    """A renewal process: the count has standard deviation spread * sqrt(n)."""
    runner = Runner(line_of(StationRow("a", 10.0, spread=spread)))
    runner.go(100_000.0)
    assert runner.line.columns.good[0] == pytest.approx(10_000, abs=max(4 * spread * 100, 0.5))


def test_short_stops_take_their_share_of_the_time() -> None:
    """Work and stops alternate: availability every / (every + mean)."""
    runner = Runner(line_of(StationRow("a", 5.0, spread=0.2, micro_stops=MicroStopRow(600, 150, "jam"))))
    runner.go(1_500_000.0)
    stops = runner.line.columns.micro_stops[0]
    assert runner.line.columns.work[0] == pytest.approx(600 / 750, abs=0.015)
    assert runner.line.columns.good[0] == pytest.approx(1_500_000 / 5 * 600 / 750, rel=0.02)
    assert stops == pytest.approx(1_500_000 / 750, rel=0.08)


def test_a_machine_that_is_available_a_share_of_the_time_makes_that_share() -> None:
    runner = Runner(line_of(StationRow("a", 7.0, spread=0.3)))
    for _ in range(250):
        runner.controls.available[:] = True
        runner.go(300.0)
        runner.controls.available[:] = False
        runner.go(100.0)
    assert runner.line.columns.good[0] == pytest.approx(250 * 300 / 7, rel=0.01)


def test_parallel_stations_add_up() -> None:
    runner = Runner(line_of(StationRow("m{1..4}", 180.0, spread=0.2), StationRow("wash", 20.0, buffer=30)))
    runner.go(400_000.0)
    assert runner.line.columns.good[-1] == pytest.approx(400_000 * 4 / 180, rel=0.01)
    assert runner.line.columns.good[:4] == pytest.approx(400_000 / 180, rel=0.03)


def test_littles_law() -> None:
    """L = lambda W (J. D. C. Little, Operations Research 9(3), 1961), for the line as a whole."""
    line = line_of(
        StationRow("a", 11.0, spread=0.6),
        StationRow("belt", 60.0, spread=0.0, room=8, spacing_s=4.0),
        StationRow("m{1..2}", 21.0, spread=0.4, buffer=5),
        StationRow("last", 10.0, spread=0.5, buffer=6, inspects=True),
    )
    stays_s: list[float] = []
    line.on_inspected = lambda piece, _: stays_s.append((piece.time_ns - piece.entered_ns) * 1e-9)
    runner = Runner(line)
    held = []
    for _ in range(20_000):
        runner.go(10.0)
        held.append(sum(step.holds for step in line.steps))
    rate = len(stays_s) / runner.now_s
    assert np.mean(held) == pytest.approx(rate * np.mean(stays_s), rel=0.005)
    check_counts(line)


def test_an_oven_holds_its_rate_times_the_time_inside() -> None:
    oven = StationRow("oven", 300.0, spread=0.0, room=40, spacing_s=20.0)
    runner = Runner(line_of(StationRow("feed", 1.0, spread=0.0), oven))
    runner.go(3010.0)
    assert runner.line.columns.wip[1] == 300 / 20
    assert runner.line.columns.good[1] == pytest.approx((3010 - 300 - 1) / 20, abs=1)
