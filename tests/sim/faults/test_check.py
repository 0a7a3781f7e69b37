from __future__ import annotations

import pytest

from sim.faults.errors import FaultRefusedError, UnknownFaultError, UnknownTargetError
from sim.faults.moments import parse_duration_s, parse_moment_ns
from sim.faults.order import FaultOrder
from tests.sim.degradation.kinds import BREAKERS, PRESSES, PUMPS
from tests.sim.faults.park import START_NS, make_park
from twin.contract.clock import NS_PER_S

PUMP = PUMPS[0]


@pytest.mark.parametrize(
    ("order", "error", "says"),
    [
        (FaultOrder(fault="bearing_ware", equipment=PUMP), UnknownFaultError, "did you mean bearing_wear"),
        (FaultOrder(fault="zzz", equipment=PUMP), UnknownFaultError, "--list-faults' lists all"),
        (FaultOrder(fault="bearing_wear", equipment="park/works/pump9"), UnknownTargetError, "did you mean"),
        (FaultOrder(fault="bearing_wear", equipment=BREAKERS[0]), UnknownFaultError, "it has breaker_trip"),
        (FaultOrder(fault="sensor_bias", equipment=PUMP), UnknownFaultError, "name the tag"),
        (FaultOrder(fault="sensor_bias", equipment=f"{PUMP}:flaw"), UnknownTargetError, ":flow"),
        (
            FaultOrder(fault="bearing_wear", equipment=f"{PUMP}:flow"),
            FaultRefusedError,
            "the equipment alone",
        ),
        (FaultOrder(fault="sensor_bias", equipment=f"{PUMP}:starts"), FaultRefusedError, "not for counts"),
        (FaultOrder(fault="material_shortage", equipment=PUMP), UnknownFaultError, "does not have it"),
        (FaultOrder(fault="pipe_leak", equipment=PUMP, strength=2.0), FaultRefusedError, "from 0.01 to 1.5"),
        (FaultOrder(fault="pipe_leak", equipment=PUMP, strength=float("nan")), FaultRefusedError, "nan"),
        (
            FaultOrder(fault="pipe_leak", equipment=PUMP, ramp="soon"),
            FaultRefusedError,
            "'soon': must be from 0",
        ),
        (FaultOrder(fault="pipe_leak", equipment=PUMP, ramp=60, lasts=30), FaultRefusedError, "ramp faster"),
        (FaultOrder(fault="pipe_leak", equipment=PUMP, seed=-1), FaultRefusedError, "seed -1"),
    ],
    ids=lambda value: value.fault if isinstance(value, FaultOrder) else None,
)
def test_what_cannot_be_is_refused_with_the_next_step(
    order: FaultOrder, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        make_park().board.check(order)


def test_what_is_left_out_is_as_the_catalogue_says() -> None:
    checked = make_park().board.check(FaultOrder(fault="bearing_wear", equipment=PUMP))
    assert (checked.strength, checked.ramp_s, checked.duration_s) == (0.8, 600.0, 0.0)
    checked = make_park().board.check(FaultOrder(fault="pipe_leak", equipment=PUMP, ramp="5m", lasts="1h30m"))
    assert (checked.strength, checked.ramp_s, checked.duration_s) == (1.0, 300.0, 5400.0)
    checked = make_park().board.check(FaultOrder(fault="gateway_frozen", equipment=f"{PRESSES[0]}:state"))
    assert (checked.equipment, checked.signal) == (PRESSES[0], "state")


def test_the_catalogue_has_every_mode_once_and_the_general_rows() -> None:
    rows = make_park().board.catalogue.rows
    keys = [(row.id, row.kind) for row in rows]
    assert len(set(keys)) == len(keys)
    assert {
        ("bearing_wear", "pump"),
        ("bearing_wear", "press"),
        ("breaker_trip", "breaker"),
        ("trip", ""),
    } <= set(keys)
    by_key = dict(zip(keys, rows, strict=True))
    assert by_key["pipe_leak", "pump"].acts == "process"
    assert by_key["bearing_wear", "pump"].acts == "wear"
    for row in rows:
        assert row.vi
        assert row.en
        assert row.low <= row.strength <= row.high


@pytest.mark.parametrize("text", ["-5", "5 minutes", "", "1e9", "nan", -1.0, 4e8])
def test_a_duration_that_is_none_is_refused(text: str | float) -> None:
    with pytest.raises(FaultRefusedError, match="must be from 0 to a year"):
        parse_duration_s(text)


@pytest.mark.parametrize(
    ("text", "after_s"),
    [
        ("+0s", 0),
        ("+2h", 7200),
        ("21:13:20", 0),  # it is this time there now
        ("21:14", 40),
        ("21:13", 86_400 - 20),
        ("2026-09-21T14:14:00Z", 40),
        ("2026-09-21T21:14:00+07:00", 40),
    ],
)
def test_moments_are_read_by_the_clocks_of_the_park(text: str, after_s: int) -> None:
    assert (parse_moment_ns(text, START_NS, 7.0) - START_NS) / NS_PER_S == after_s


@pytest.mark.parametrize(
    ("text", "says"), [("25:00", "write"), ("2020-01-01T00:00:00Z", "past"), ("noon", "write")]
)
def test_a_moment_that_cannot_be_is_refused(text: str, says: str) -> None:
    with pytest.raises(FaultRefusedError, match=says):
        parse_moment_ns(text, START_NS, 7.0)
