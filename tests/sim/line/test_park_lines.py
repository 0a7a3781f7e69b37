"""The park's lines, over days."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import yaml

from sim.calendar.calendar import Phase
from sim.kind import ABORTED
from sim.line.columns import Controls
from sim.line.piece import Piece
from sim.line.rows import LineRow
from sim.line.shop_floor import ShopFloor
from tests.sim.line.lines import PARK, S, at, check_counts, park_calendars, park_lines
from twin.contract.pattern import unfold

ROWS = park_lines()
CALENDARS = park_calendars()
START_NS = at(2026, 11, 25)


def floor_of(seed: int = 1, start_ns: int = START_NS) -> tuple[ShopFloor, list[Piece]]:
    seen: list[Piece] = []
    floor = ShopFloor(
        ROWS, CALENDARS, seed=seed, start_ns=start_ns, on_inspected=lambda piece, _: seen.append(piece)
    )
    return floor, seen


def breakdowns(
    n: int, seed: int, steps: int, step_s: float
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """``bool[steps, n]``: stations that break down every 60 h of running for an hour and a half."""
    rng = np.random.default_rng(seed)
    down = np.zeros(n, np.bool_)
    found = []
    for _ in range(steps):
        fails, mended = rng.random(n) < step_s / 216_000, rng.random(n) < step_s / 5400
        down = np.where(down, ~mended, fails)
        found.append(down)
    return np.array(found)


def ideal_s(row: LineRow) -> float:
    """Shortest time between two pieces, by the slowest step and the mix of products."""
    steps = sorted({station.step for station in row.stations if station.step is not None})
    slowest_s = max(
        1 / sum(station.room / station.cycle_s for station in row.stations if station.step == step)
        for step in steps
    )
    factor = {product.id: product.cycle for product in row.products}
    pieces = sum(order.pieces for order in row.orders)
    return slowest_s * sum(factor[order.product] * order.pieces for order in row.orders) / pieces


def runs_at(row: LineRow, now_ns: int) -> bool:
    """Whether a line is planned to run: on shift, and through breaks where people relieve each other."""
    phase = CALENDARS[row.calendar].phase(now_ns)
    return phase is Phase.WORKING or (phase is Phase.BREAK and row.at_break == "run")


def test_the_park_has_the_lines_it_is_to_have() -> None:
    shape = Counter((row.id.split("/")[1], row.id.split("/")[3], len(row.stations)) for row in ROWS)
    assert shape == {
        ("anphat-electronics", "smt", 10): 2,
        ("dongho-mechanical", "cnc", 6): 6,
        ("dongho-mechanical", "press", 5): 2,
        ("kinhbac-textile", "dyeing", 1): 6,
        ("kinhbac-textile", "finishing", 2): 1,
        ("songcau-food", "bottling", 8): 2,
        ("songcau-food", "packing", 4): 1,
    }
    assert len({row.code for row in ROWS}) == len(ROWS)


def test_material_links_lead_along_every_line() -> None:
    links = yaml.safe_load((PARK / "links" / "lines.yaml").read_text(encoding="utf-8"))["links"]
    linked = {
        (up, down)
        for link in links
        for up, _ in unfold(link["upstream"])
        for down, _ in unfold(link["downstream"])
    }
    assert {link["network"] for link in links} == {"material"}
    wanted = {
        (one.equipment, other.equipment)
        for row in ROWS
        for one in row.stations
        for other in row.stations
        if one.step is not None and other.step == one.step + 1
    }
    dyed = {
        (station.equipment, "yenphong/kinhbac-textile/f1/finishing/line1/stenter1")
        for row in ROWS
        if "/dyeing/" in row.id
        for station in row.stations
    }
    assert linked == wanted | dyed


@pytest.mark.slow
def test_a_day_with_breakdowns_closes_and_is_a_plausible_one() -> None:
    floor, seen = floor_of()
    n = len(floor.equipment)
    before = floor.columns.good.copy()
    for step, down in enumerate(breakdowns(n, 5, 1440, 60.0), start=1):
        controls = Controls.all_well(n)
        controls.available[:] = ~down
        floor.advance(START_NS + step * 60 * S, controls)
        if step % 180 == 0:
            for line in floor.lines:
                check_counts(line)
    good = floor.columns.good - before
    number, oees = 0, []
    for row in ROWS:
        last = [place for place, station in enumerate(row.stations) if station.step == row.stations[-1].step]
        pieces = good[number + last[0] : number + last[-1] + 1].sum()
        planned_s = 60.0 * sum(runs_at(row, START_NS + minute * 60 * S) for minute in range(1440))
        if "/dyeing/" in row.id:  # a handful of batches a day
            assert 3 <= pieces <= 6
        else:
            oee = pieces * ideal_s(row) / planned_s
            assert 0.45 < oee < 0.9, f"{row.id}: {oee:.2f}"
            oees.append(oee)
        number += len(row.stations)
    assert 0.6 < np.mean(oees) < 0.85
    serials = [piece.serial for piece in seen]
    # A board is looked at by one camera only.
    assert len(set(serials)) == len(serials) > 20_000
    assert (floor.columns.state != ABORTED).sum() > 0.8 * n


def test_a_bottling_line_fills_twelve_thousand_bottles_an_hour_while_it_runs() -> None:
    row = next(row for row in ROWS if row.code == "BOT1")
    filler = next(station for station in row.stations if station.equipment.endswith("/filler1"))
    assert row.units * 3600 / filler.cycle_s == pytest.approx(12_000)


@pytest.mark.slow
def test_defects_come_at_their_rates_and_cameras_find_most() -> None:
    floor, seen = floor_of(seed=9)
    floor.advance(START_NS + 48 * 3600 * S, Controls.all_well(len(floor.equipment)))
    bottles = [piece for piece in seen if piece.serial.startswith("BOT")]
    for name, rate in {"low_fill": 0.003 * 1.19, "missing_cap": 0.0015, "label_skew": 0.004}.items():
        found = np.mean([name in piece.defects for piece in bottles])
        assert found == pytest.approx(rate, rel=0.2)
    flawed = [piece for piece in seen if piece.defects]
    assert {name for piece in flawed for name in piece.defects} == {
        *("open", "short", "mousebite", "spur", "copper", "pinhole"),
        *("dimension", "burr", "scratch"),
        *("hole", "stain", "broken_end", "weft_bar"),
        *("low_fill", "missing_cap", "label_skew"),
    }
    assert 0.85 < 1 - np.mean([piece.accepted for piece in flawed]) < 0.995


def test_steps_of_a_second_and_of_a_minute_make_the_same_pieces() -> None:
    start_ns = at(2026, 11, 25, 9, 30)  # over a break, and a change of shift in the packing hall
    by_second, _ = floor_of(start_ns=start_ns)
    by_minute, _ = floor_of(start_ns=start_ns)
    well = Controls.all_well(len(by_second.equipment))
    for second in range(1, 7201):
        by_second.advance(start_ns + second * S, well)
    for minute in range(1, 121):
        by_minute.advance(start_ns + minute * 60 * S, well)
    for name in ("state", "entered", "good", "reject", "wip", "waiting", "cycle_s", "micro_stops", "product"):
        assert (getattr(by_second.columns, name) == getattr(by_minute.columns, name)).all(), name
    assert [line.inspected for line in by_second.lines] == [line.inspected for line in by_minute.lines]


@pytest.mark.slow
def test_the_park_stands_over_tet_and_dye_batches_are_finished_before() -> None:
    eve_ns = at(2026, 2, 13, 20)
    floor, _ = floor_of(start_ns=eve_ns)
    well = Controls.all_well(len(floor.equipment))
    floor.advance(
        eve_ns + 24 * 3600 * S, well
    )  # the night shift of the 13th, and what it left in the machines
    made = floor.columns.made.copy()
    dyeing = np.array(["/dyeing/" in equipment for equipment in floor.equipment])
    assert floor.columns.wip[dyeing].sum() == 0
    floor.advance(eve_ns + 9 * 24 * 3600 * S, well)
    assert (floor.columns.made == made).all()
    assert (floor.columns.work == 0).all()
    floor.advance(eve_ns + (9 * 24 + 22) * 3600 * S, well)
    assert (floor.columns.made > made).all()
