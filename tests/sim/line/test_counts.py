"""Whatever a line is told, every piece is somewhere, and the size of the steps changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kind import ABORTED, EXECUTE, HELD, PACKML_STATES, STOPPED, SUSPENDED
from sim.line.rows import MicroStopRow, OrderRow, ProductRow, StationRow
from tests.sim.line.lines import SHIFT, Runner, at, check_counts, line_of

PRODUCTS = (ProductRow("a"), ProductRow("b", cycle=1.3, changeover_s=45.0))
ORDERS = (OrderRow("a", 7), OrderRow("b", 5, wait_s=20.0), OrderRow("a", 3))


@st.composite
def stations(draw: st.DrawFn) -> list[StationRow]:
    made: list[StationRow] = []
    for number in range(draw(st.integers(1, 4))):
        name = f"s{number}x{{1..{draw(st.integers(1, 3))}}}" if draw(st.booleans()) else f"s{number}"
        room = draw(st.integers(1, 4))
        made.append(
            StationRow(
                name,
                cycle_s=draw(st.sampled_from([0.5, 4.0, 11.0, 30.0])),
                spread=draw(st.sampled_from([0.0, 0.1, 1.0])),
                room=room,
                spacing_s=0.25 if room > 1 else 0.0,
                buffer=draw(st.integers(0, 3)),
                reject=draw(st.sampled_from([0.0, 0.1])),
                defects=draw(st.sampled_from([{}, {"burr": 0.1}])),
                finds={"burr": 0.7} if number and made[0].defects else {},
                inspects=draw(st.booleans()),
                setup=draw(st.sampled_from([0.0, 1.0])),
                micro_stops=draw(st.sampled_from([None, MicroStopRow(60.0, 20.0, "jam")])),
            )
        )
    return made


lines = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 999),
        "at_end": st.sampled_from(["stop", "empty"]),
        "at_break": st.sampled_from(["stop", "empty", "run"]),
        "start_ns": st.sampled_from(
            [at(2026, 11, 25, 9, 55), at(2026, 11, 25, 13, 55), at(2026, 11, 25, 5, 58)]
        ),
        "head_start_s": st.sampled_from([0.0, 300.0]),
    }
)


def runner_of(rows: list[StationRow], fields: dict[str, Any]) -> Runner:
    return Runner(line_of(*rows, products=PRODUCTS, orders=ORDERS, calendar=SHIFT, **fields))


@settings(max_examples=80, deadline=None)
@given(rows=stations(), fields=lines, chance=st.integers(0, 999))
def test_every_piece_is_somewhere_whatever_the_line_is_told(
    rows: list[StationRow], fields: dict[str, Any], chance: int
) -> None:
    runner = runner_of(rows, fields)
    line, columns = runner.line, runner.line.columns
    n = len(line.stations)
    rng = np.random.default_rng(chance)
    check_counts(line)
    before = columns.entered.copy()
    for _ in range(60):
        runner.controls.available[:] = rng.random(n) < 0.8
        runner.controls.pace[:] = rng.choice([0.0, 0.3, 0.9, 1.0], n)
        runner.controls.reject[:] = rng.choice([0.0, 0.4], n)
        runner.controls.shown[:] = rng.choice([ABORTED, HELD, STOPPED], n)
        runner.go(float(rng.choice([0.001, 1.0, 17.3, 300.0])))
        check_counts(line)
        assert (columns.begun == columns.entered - before).all()
        assert ((columns.work >= 0) & (columns.work <= 1)).all()
        assert ((columns.state >= 0) & (columns.state < len(PACKML_STATES))).all()
        waits = columns.state == SUSPENDED
        assert (waits == (columns.starved | columns.blocked)).all()
        assert not (columns.starved & columns.blocked).any()
        down = ~(runner.controls.available & (runner.controls.pace > 0))
        assert (columns.state[down] == runner.controls.shown[down]).all()
        assert (columns.work[down] == 0).all()
        assert not ((columns.state == EXECUTE) & (columns.wip == 0)).any()
        before = columns.entered.copy()


@settings(max_examples=60, deadline=None)
@given(rows=stations(), fields=lines, step_s=st.sampled_from([0.7, 1.0, 60.0]))
def test_the_size_of_the_step_changes_nothing(
    rows: list[StationRow], fields: dict[str, Any], step_s: float
) -> None:
    once, often = runner_of(rows, fields), runner_of(rows, fields)
    once.go(900.0)
    often.go(900.0, step_s)
    for name in (
        "state",
        "starved",
        "blocked",
        "cycle_s",
        "entered",
        "good",
        "reject",
        "wip",
        "waiting",
        "micro_stops",
    ):
        assert (getattr(once.line.columns, name) == getattr(often.line.columns, name)).all(), name
    assert once.line.inspected == often.line.inspected


@settings(max_examples=30, deadline=None)
@given(rows=stations(), fields=lines)
def test_the_steps_worked_add_up_to_the_whole(rows: list[StationRow], fields: dict[str, Any]) -> None:
    once, often = runner_of(rows, fields), runner_of(rows, fields)
    once.go(600.0)
    worked_s = np.zeros(len(once.line.stations))
    begun = np.zeros(len(once.line.stations))
    for _ in range(200):
        often.go(3.0)
        worked_s += 3.0 * often.line.columns.work
        begun += often.line.columns.begun
    np.testing.assert_allclose(worked_s, 600.0 * once.line.columns.work, atol=1e-6)
    assert (begun == once.line.columns.begun).all()
