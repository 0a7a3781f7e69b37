from __future__ import annotations

from sim.pace import Pace


class Wall:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.ns = 1_000

    def __call__(self) -> int:
        return self.ns


async def test_ticks_lie_on_a_grid_even_if_a_step_is_late() -> None:
    wall = Wall()
    ticks = Pace(wall, 0.5).ticks()
    seen = []
    for late_ns in (0, 500_000_000, 1_700_000_000, 0, 0):
        wall.ns += late_ns
        seen.append(await anext(ticks))
    assert [tick - 1_000 for tick in seen] == [step * 500_000_000 for step in range(5)]


async def test_a_long_sleep_is_skipped_and_counted() -> None:
    wall = Wall()
    pace = Pace(wall, 0.5)
    ticks = pace.ticks()
    await anext(ticks)
    wall.ns += 60_250_000_000
    assert await anext(ticks) == 1_000 + 60_000_000_000
    assert pace.skipped == 119
    wall.ns += 500_000_000
    assert await anext(ticks) == 1_000 + 60_500_000_000


async def test_a_clock_set_back_does_not_stop_it() -> None:
    wall = Wall()
    wall.ns = 10**18
    ticks = Pace(wall, 0.5).ticks()
    await anext(ticks)
    wall.ns -= 3600 * 10**9
    assert await anext(ticks) == 10**18 - 3600 * 10**9
