from __future__ import annotations

from pathlib import Path

import pytest

from tests.twin.kpi.small_park import DAY, HOUR, LINE1, MINUTE, Kept, line1, moments, small_plan
from twin.kpi.corrections import TABLES, apply, correct, read_corrections
from twin.kpi.errors import ReasonError
from twin.kpi.packml import Use
from twin.kpi.pareto import pareto, reliability
from twin.kpi.reasons import REASONS
from twin.kpi.report import stops_of
from twin.kpi.series import Series
from twin.kpi.stops import Alarm, Stop
from twin.service.database import create_tables, open_database

M1, M2 = f"{LINE1}/m1", f"{LINE1}/m2"


def stops(*alarms: Alarm, **series: Series) -> list[Stop]:
    return stops_of(small_plan(), Kept(line1(**series)), LINE1, DAY, DAY + HOUR, alarms)


def alarm(equipment: str, begin: float, end: float) -> Alarm:
    return Alarm(f"{equipment}:trip", equipment, DAY + round(begin * MINUTE), DAY + round(end * MINUTE))


@pytest.mark.parametrize(
    ("state", "minutes", "reason"),
    [
        ("Aborted", 20.0, "breakdown"),
        ("Held", 2.0, "micro_stop"),
        ("Held", 20.0, "held"),
        ("Idle", 20.0, "setup"),
        ("Stopped", 20.0, "stopped"),
        ("Suspended", 20.0, "waiting"),
    ],
)
def test_the_state_gives_a_first_guess(state: str, minutes: float, reason: str) -> None:
    (stop,) = stops(m2_state=moments((-60, "Execute"), (10, state), (10 + minutes, "Execute")))
    assert (stop.station, stop.reason, stop.lost_ns) == (M2, reason, minutes * MINUTE)


def test_who_waits_for_the_one_before_says_for_whom() -> None:
    series: dict[str, Series] = {
        "m2_state": moments((-60, "Execute"), (12, "Suspended"), (25, "Execute")),
        "m2_starved": moments((-60, 0), (12, 1), (25, 0)),
        "m1_state": moments((-60, "Execute"), (8, "Aborted"), (24, "Execute")),
    }
    (stop,) = stops(alarm(M1, 8, 24), **series)
    assert (stop.reason, stop.because_of, stop.alarm) == ("upstream", M1, f"{M1}:trip")
    (alone,) = stops(**(series | {"m1_state": moments((-60, "Execute"))}))
    assert (alone.reason, alone.because_of) == ("starved", "")


def test_who_has_no_power_says_which_supply() -> None:
    state = moments((-60, "Execute"), (12, "Stopped"), (25, "Execute"))
    (stop,) = stops(alarm("nho/a/f1/q1", 11, 26), m2_state=state)
    assert (stop.reason, stop.because_of) == ("no_power", "nho/a/f1/q1")
    (long_ago,) = stops(alarm("nho/a/f1/q1", -50, -40), m2_state=state)
    assert long_ago.reason == "stopped"


def test_a_gap_costs_nothing_and_hides_no_stop() -> None:
    state = moments((-60, "Execute"), (10, "Aborted"), (40, "Execute"), gaps=[(20, 30)])
    (stop,) = stops(m2_state=state)
    assert stop.lost_ns == 20 * MINUTE
    assert (stop.start, stop.end) == (DAY + 10 * MINUTE, DAY + 40 * MINUTE)


def test_the_pareto_sums_from_cause_to_loss_the_costliest_first() -> None:
    state = moments(
        (-60, "Execute"), (5, "Held"), (7, "Execute"), (10, "Aborted"), (22, "Execute"), (30, "Held"),
        (33, "Execute"), (40, "Held"), (50, "Execute"),
    )  # fmt: skip
    found = stops(m2_state=state)
    rows = [(loss.reason, loss.lost_ns // MINUTE, loss.count) for loss in pareto(found)]
    assert rows == [("minor", 15, 3), ("held", 10, 1), ("micro_stop", 5, 2), ("breakdown", 12, 1)]
    once = reliability(found, 33 * MINUTE)
    assert (once.failures, once.micro_stops, once.micro_stop_ns) == (1, 2, 5 * MINUTE)
    assert once.mtbf_h == pytest.approx(0.55)
    assert once.mttr_h == pytest.approx(0.2)


def test_a_person_corrects_a_guess_and_the_last_word_counts(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'kpi.sqlite'}")
    create_tables(engine, TABLES)
    found = stops(m2_state=moments((-60, "Execute"), (10, "Aborted"), (30, "Execute"), (40, "Aborted")))
    first = found[0]
    for reason, by in (("tooling", "Lan"), ("electrical", "Minh")):
        correct(engine, M2, first.start, first.end, reason, by, "cháy cầu chì", lambda: 1)
    kept = read_corrections(engine, [M2], DAY, DAY + HOUR)
    one, two = apply(found, kept)
    assert (one.reason, one.by, one.comment) == ("electrical", "Minh", "cháy cầu chì")
    assert (two.reason, two.by) == ("breakdown", "")
    assert [row.by for row in kept] == ["Lan", "Minh"], "what was said before stays"
    assert one.use is Use.FAILED
    with pytest.raises(ReasonError, match="must be one of"):
        correct(engine, M2, first.start, first.end, "bad luck", "Lan", "", lambda: 1)
    engine.dispose()


def test_every_reason_hangs_on_one_that_stands_above_it() -> None:
    seen: set[str] = {""}
    for reason in REASONS.values():
        assert reason.parent in seen
        seen.add(reason.id)
