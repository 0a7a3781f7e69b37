from __future__ import annotations

import pytest

from tests.twin.kpi.small_park import BAD, DAY, HOUR, LINE1, LINE2, MINUTE, Kept, line1, moments, small_plan
from twin.kpi.counters import steps
from twin.kpi.errors import KpiIntervalError, UnknownPlaceError
from twin.kpi.packml import Use
from twin.kpi.report import Worked, worked
from twin.kpi.series import Series

FIRST_HOUR = DAY, DAY + HOUR


def first_hour(**series: Series) -> Worked:
    return worked(small_plan(), Kept(line1(**series)), LINE1, *FIRST_HOUR)[0]


def test_a_gap_is_neither_up_nor_down_and_stands_beside() -> None:
    state = moments((-60, "Execute"), (30, "Aborted"), (40, "Execute"), gaps=[(10, 22)])
    found = first_hour(m2_state=state)
    assert found.effort.unknown_ns == 12 * MINUTE
    assert found.oee.gap_share == pytest.approx(0.2)
    assert found.oee.availability == pytest.approx(38 / 48)


def test_a_bad_reading_is_unknown_until_the_next_good_one() -> None:
    found = first_hour(
        m2_state=moments((-60, "Execute"), (10, "Execute", BAD), (22, "Held"), (32, "Execute"))
    )
    assert found.oee.gap_share == pytest.approx(0.2)
    assert found.effort.use_ns[Use.HELD] == 10 * MINUTE
    assert found.oee.availability == pytest.approx(38 / 48)


def test_before_the_first_reading_nothing_is_known() -> None:
    found = first_hour(m2_state=moments((45, "Execute")))
    assert found.oee.gap_share == pytest.approx(0.75)
    assert found.oee.availability == 1.0


def test_without_any_reading_there_is_no_figure() -> None:
    found = worked(small_plan(), Kept({}), LINE1, *FIRST_HOUR)[0]
    assert found.oee.gap_share == 1.0
    assert found.oee.availability is None
    assert found.oee.oee is None


def test_a_state_that_nobody_knows_is_unknown() -> None:
    found = first_hour(m2_state=moments((-60, "Execute"), (30, 99.0), (36, "Execute")))
    assert found.oee.gap_share == pytest.approx(0.1)


def test_what_was_counted_over_a_gap_counts_and_is_in_no_ratio() -> None:
    state = moments((-60, "Execute"), gaps=[(10, 20)])
    good = moments((-60, 0), (5, 100), (21, 900), (30, 1000), gaps=[(10, 20)])
    found = first_hour(m2_state=state, m2_good=good)
    assert (found.effort.good.total, found.effort.good.seen, found.effort.good.unseen) == (1000, 200, 800)
    assert found.oee.effectiveness == pytest.approx(200 / (50 * 60))


def test_what_was_made_in_a_break_counts_and_is_in_no_ratio() -> None:
    series = line1(m2_good=moments((-60, 0), (125, 40), (140, 100)))
    found = worked(small_plan(), Kept(series), LINE1, DAY + 2 * HOUR, DAY + 3 * HOUR)[0]
    assert (found.effort.good.total, found.effort.good.seen) == (100, 60)
    assert found.effort.planned_ns == 45 * MINUTE


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((10, 14, 20), 10),
        ((10, 14, 0, 3), 7),  # set back
        ((10, 14, 2), 6),  # set back, and two made since
        ((4_294_967_290, 4), 10),  # overflown
        ((1000.0, 1000.2, 1000.1, 1000.5), 0.5),  # an instrument that trembles
    ],
)
def test_a_counter_goes_on_whatever_becomes_of_it(values: tuple[float, ...], wanted: float) -> None:
    found = steps(moments(*((float(minute), value) for minute, value in enumerate(values))))
    assert found.step.sum() == pytest.approx(wanted)


def test_a_bad_count_is_bridged() -> None:
    found = steps(moments((0, 10), (1, 0, BAD), (2, 14)))
    assert found.step.tolist() == [4.0]


def test_a_bad_count_at_the_turn_of_an_interval_loses_nothing() -> None:
    good = moments((-60, 0), (10, 30), (20, 0, BAD), (29, 0, BAD), (40, 90))
    parts = [
        worked(small_plan(), Kept(line1(m2_good=good)), LINE1, DAY + a * MINUTE, DAY + b * MINUTE)[0]
        for a, b in ((0, 30), (30, 60))
    ]
    assert [part.effort.good.total for part in parts] == [30, 60]


def test_machines_in_parallel_share_the_time_and_the_cycle() -> None:
    series = {
        f"{LINE2}/{machine}:{signal}": moments((-60, 0.0))
        for machine in ("m1", "m2")
        for signal in ("good", "rejected")
    }
    series[f"{LINE2}/m1:state"] = moments((-60, "Execute"))
    series[f"{LINE2}/m2:state"] = moments((-60, "Execute"), (30, "Aborted"))
    series[f"{LINE2}/m2:good"] = moments((-60, 0), (59, 120))
    found = worked(small_plan(), Kept(series), LINE2, *FIRST_HOUR)[0]
    assert found.oee.availability == pytest.approx(0.75)
    assert found.oee.effectiveness == pytest.approx(120 * 15 / (45 * 60))
    assert found.effort.machines_ns[Use.FAILED] == 30 * MINUTE


def test_lines_add_up_by_time_and_pieces_by_their_planned_time() -> None:
    series = line1(m2_good=moments((-60, 0), (59, 1800)))
    series |= {
        f"{LINE2}/{machine}:{signal}": moments((-60, 0.0))
        for machine in ("m1", "m2")
        for signal in ("good", "rejected")
    }
    series |= {f"{LINE2}/{machine}:state": moments((-60, "Execute")) for machine in ("m1", "m2")}
    series[f"{LINE2}/m2:good"] = moments((-60, 0), (59, 60))
    place, one, two = worked(small_plan(), Kept(series), "nho/a", *FIRST_HOUR)
    assert (place.id, one.id, two.id) == ("nho/a", LINE1, LINE2)
    assert one.oee.oee == pytest.approx(0.5)
    assert two.oee.oee == pytest.approx(0.25)
    assert place.oee.oee == pytest.approx((1800 * 1 + 60 * 15) / 7200)


def test_a_line_shows_its_stations_and_a_station_itself() -> None:
    rows = worked(small_plan(), Kept(line1()), LINE1, *FIRST_HOUR)
    assert [row.id for row in rows] == [LINE1, f"{LINE1}/m1", f"{LINE1}/m2"]
    (alone,) = worked(small_plan(), Kept(line1()), f"{LINE1}/m1", *FIRST_HOUR)
    assert alone.oee == rows[1].oee


def test_parts_of_an_interval_add_up() -> None:
    series = line1(
        m2_state=moments((-60, "Execute"), (13, "Held"), (29.5, "Execute"), gaps=[(40, 44)]),
        m2_good=moments((-60, 0), (10, 31), (30, 95), (55, 200)),
    )
    whole = worked(small_plan(), Kept(series), LINE1, *FIRST_HOUR)[0].effort
    parts = [
        worked(small_plan(), Kept(series), LINE1, DAY + a * MINUTE, DAY + b * MINUTE)[0].effort
        for a, b in ((0, 17), (17, 30), (30, 60))
    ]
    total = parts[0] + parts[1] + parts[2]
    assert total.use_ns == whole.use_ns
    assert total.good == whole.good
    assert (total.unknown_ns, total.planned_ns) == (whole.unknown_ns, whole.planned_ns)


def test_questions_without_sense_are_refused() -> None:
    plan, nothing = small_plan(), Kept({})
    with pytest.raises(UnknownPlaceError, match="nowhere"):
        worked(plan, nothing, "nho/nowhere", *FIRST_HOUR)
    with pytest.raises(UnknownPlaceError, match="q1"):
        worked(plan, nothing, "nho/a/f1/q1", *FIRST_HOUR)
    with pytest.raises(KpiIntervalError, match="empty"):
        worked(plan, nothing, LINE1, DAY, DAY)
    with pytest.raises(KpiIntervalError, match="93 days"):
        worked(plan, nothing, LINE1, DAY, DAY + 94 * 24 * HOUR)
