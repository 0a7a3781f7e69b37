from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from sim.machine import Columns
from sim.machines.smt_line import SLOTS, SmtLine, SmtLineParameters

NONE = np.zeros(0)


def rows_of(line: SmtLine) -> dict[str, int]:
    return {f"{output.slot}:{output.signal.name}": row for row, output in enumerate(line.outputs)}


def steps(line: SmtLine, *, steps: int, dt_s: float = 0.5, seed: int = 3) -> Iterator[Columns]:
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        yield line.step(0, dt_s, rng, NONE)


def run(line: SmtLine, **how: float) -> list[Columns]:
    return list(steps(line, **how))  # type: ignore[arg-type]


def test_counts_add_up_exactly_along_the_line() -> None:
    line = SmtLine(SmtLineParameters(reject_spi=0.05, reject_aoi=0.05))
    row = rows_of(line)
    for read in steps(line, steps=2000, dt_s=20.0):

        def count(slot: str, name: str, value: np.ndarray = read.value) -> int:
            return int(value[row[f"{slot}:{name}"]])

        inside = sum(len(station.boards) for station in line.line.stations)
        rejected = sum(
            count(slot, "reject_count") for slot in ("printer", "spi", "placer1", "placer2", "aoi")
        )
        entered = line.line.stations[0].entered
        assert entered == inside + rejected + count("aoi", "good_count")
    assert count("aoi", "good_count") > 1000
    assert count("spi", "reject_count") / count("spi", "good_count") == pytest.approx(0.05, abs=0.02)


def test_the_line_makes_a_board_a_tact_less_what_stops_cost() -> None:
    parameters = SmtLineParameters(stop=0.0, reject_aoi=0.0, reject_spi=0.0)
    line = SmtLine(parameters)
    row = rows_of(line)["aoi:good_count"]
    read = run(line, steps=3, dt_s=36_000.0)
    made = read[2].value[row] - read[0].value[row]
    assert made == pytest.approx(72_000 / parameters.tact_s, rel=0.03)


def test_without_boards_a_zone_settles_at_its_set_point() -> None:
    line = SmtLine(SmtLineParameters(warm_up_s=0.0, board_dip_c=0.0))
    line.zone_c[:] = 25.0
    run(line, steps=90)
    target = np.array(line.parameters.zone_c)
    expected = target + (25.0 - target) * np.exp(-45.0 / line.parameters.zone_tau_s)
    np.testing.assert_allclose(line.zone_c, expected, rtol=1e-9)


def test_each_board_cools_each_zone_once_by_the_dip() -> None:
    """In steady flow the mean droop of a first-order lag is dip * tau / tact."""
    parameters = SmtLineParameters(stop=0.0, reject_spi=0.0)
    line = SmtLine(parameters)
    run(line, steps=2000)
    rng = np.random.default_rng(8)
    droop = []
    for _ in range(8000):
        line.step(0, 0.5, rng, NONE)
        droop.append(np.array(parameters.zone_c) - line.zone_c)
    expected = parameters.board_dip_c * parameters.zone_tau_s / parameters.tact_s
    np.testing.assert_allclose(np.mean(droop, axis=0), expected, rtol=0.05)


def test_a_rejected_board_has_defects_and_the_others_none() -> None:
    line = SmtLine(SmtLineParameters(reject_aoi=0.2))
    row = rows_of(line)
    rejected = good = 0
    for read in run(line, steps=4000, dt_s=4.0):
        now_rejected, now_good = (int(read.value[row[f"aoi:{name}_count"]]) for name in ("reject", "good"))
        if now_rejected > rejected and now_good == good:
            assert read.value[row["aoi:defects_last_board"]] >= 1
        elif now_good > good and now_rejected == rejected:
            assert read.value[row["aoi:defects_last_board"]] == 0
        rejected, good = now_rejected, now_good
    assert rejected > 20


def test_states_are_packml_and_all_of_them_happen() -> None:
    line = SmtLine(SmtLineParameters(stop=0.05))
    seen = {text for read in run(line, steps=4000, dt_s=5.0) for text in read.text.values()}
    assert seen == {"Execute", "Suspended", "Aborted"}


def test_the_oven_needs_eight_set_points() -> None:
    with pytest.raises(ValueError, match="8 zones"):
        SmtLineParameters(zone_c=(120.0, 240.0))


def test_slots_are_in_order_of_flow() -> None:
    assert [station.parameters.name for station in SmtLine(SmtLineParameters()).line.stations] == list(SLOTS)
