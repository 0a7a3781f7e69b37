"""Asking, approving, refusing: what is let through, once, and what is not, by name."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.twin.commands.hall import Hall
from twin.bus.base import BusUnavailableError
from twin.commands.catalogue import Catalogue
from twin.commands.desk import APPROVAL_NS
from twin.commands.errors import (
    ApprovalError,
    CommandError,
    CommandOpenError,
    CommandValueError,
    InterlockError,
    UnknownCommandError,
)
from twin.commands.interlock import look
from twin.commands.queries import RequestFilter, list_lines, list_requests
from twin.commands.rehearsal import Rehearsals
from twin.commands.request import RequestState
from twin.commands.texts import text_of
from twin.contract.clock import NS_PER_S
from twin.contract.command import CommandState

BAD = 0x80310000
UNCERTAIN = 0x40900000


def events(hall: Hall) -> list[str]:
    return [line.event for line in list_lines(hall.engine, after=0, limit=100)]


def test_a_command_of_the_low_class_goes_to_the_bus_as_the_catalogue_has_it(hall: Hall) -> None:
    made = hall.desk.request(hall.wish(by="  Trần Thị  Lan "))
    assert made.state is RequestState.ISSUED
    (command,) = hall.published()
    assert command.id == made.id
    assert (command.source, command.equipment, command.name) == ("s1", "p1/hall/p1", "set_speed")
    assert (command.value, command.requested_by, command.identity) == (1500.0, "Trần Thị Lan", "claimed")
    assert (command.issued, command.expires) == (hall.now, hall.now + 30 * NS_PER_S)
    target = command.target
    assert (target.action, target.node, target.data_type) == (
        "write",
        "nsu=urn:plc;s=p1/hall/p1:speed",
        "Double",
    )
    assert (target.low, target.high, target.unit) == (0.0, 2500.0, "rpm")
    assert target.read_back is not None
    assert target.read_back.node == target.node
    assert (target.read_back.tolerance, target.read_back.hold_ms, target.read_back.within_ms) == (
        5.0,
        1000,
        5000,
    )
    assert events(hall) == ["requested", "issued"]


def test_a_method_is_called_on_its_own_equipment(hall: Hall) -> None:
    hall.desk.request(hall.wish("stop", None, equipment="p1/hall/p2"))
    (command,) = hall.published()
    assert (command.target.action, command.target.node) == ("call", "nsu=urn:types;s=pump.Stop")
    assert (command.target.object, command.value) == ("nsu=urn:plc;s=p1/hall/p2", None)
    assert command.target.read_back is not None
    assert command.target.read_back.values == ("Stopped",)


def test_a_command_of_the_high_class_waits_for_a_second_person(hall_anywhere: Hall) -> None:
    hall = hall_anywhere
    made = hall.desk.request(hall.wish("open", None))
    assert made.state is RequestState.WAITING
    assert hall.published() == []
    hall.now += 60 * NS_PER_S
    hall.all_well()
    approved = hall.desk.approve(made.id, by="Minh", reason="đã kiểm tra")
    (command,) = hall.published()
    assert approved.state is RequestState.ISSUED
    assert (command.requested_by, command.approved_by, command.value) == ("Lan", "Minh", False)
    assert (command.issued, command.approved_at) == (hall.now, hall.now)
    assert events(hall) == ["requested", "approved", "issued"]


REFUSED: dict[str, tuple[dict[str, Any], type[CommandError], str]] = {
    "no equipment": ({"equipment": "p1/hall/x"}, UnknownCommandError, "not in park"),
    "no command": ({"command": "set_sped"}, UnknownCommandError, "did you mean 'set_speed'"),
    "no value": ({"value": None}, CommandValueError, "needs a value; give a number from 0 to 2500 rpm"),
    "a value too high": ({"value": 2500.5}, CommandValueError, "must be a number from 0 to 2500 rpm"),
    "not a number": ({"value": float("nan")}, CommandValueError, "must be a number"),
    "a text": ({"value": "fast"}, CommandValueError, "must be a number"),
    "true is no number": ({"value": True}, CommandValueError, "must be a number"),
    "none of the options": (
        {"command": "set_mode", "value": "off"},
        CommandValueError,
        "one of auto, manual",
    ),
    "a value that is not asked for": ({"command": "stop", "value": 1.0}, CommandValueError, "takes no value"),
    "no printable text": ({"command": "set_mode", "value": "au\ud800to"}, CommandValueError, "printable"),
    "no name": ({"by": "  "}, CommandValueError, "name of a person"),
    "no letters": ({"by": "\u200b"}, CommandValueError, "name of a person"),
    "no reason": ({"reason": " \n"}, CommandValueError, "say why"),
    "a reason that is no text": ({"reason": "a\x00b"}, CommandValueError, "must be text"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused_and_not_noted(hall: Hall, case: str) -> None:
    given, error, text = REFUSED[case]
    with pytest.raises(error, match=text):
        hall.desk.request(hall.wish(**given))
    assert hall.published() == []
    assert events(hall) == []


@pytest.mark.parametrize(
    ("shown", "verdict"),
    [
        ({"p1:level": 0.4}, "fails"),
        ({"p1:level": (2.0, BAD)}, "unknown"),
        ({"p1:level": (2.0, UNCERTAIN)}, "unknown"),
    ],
)
def test_an_interlock_that_does_not_hold_with_good_quality_blocks(
    hall: Hall, shown: dict[str, Any], verdict: str
) -> None:
    hall.now += NS_PER_S
    hall.show(shown)
    offer = hall.catalogue.find("p1/hall/p1", "set_speed")
    assert [one.verdict for one in look(hall.state, offer.guards)] == [verdict]
    with pytest.raises(InterlockError, match="interlock water"):
        hall.desk.request(hall.wish())
    assert hall.published() == []
    assert events(hall) == ["requested", "blocked"]
    (request,), _ = list_requests(hall.engine, RequestFilter(), limit=10)
    assert request.state is RequestState.BLOCKED


def test_a_stale_value_does_not_guard(hall: Hall) -> None:
    hall.now += 31 * NS_PER_S
    hall.sweep()
    with pytest.raises(InterlockError, match=r"cannot be seen to hold: p1/hall/p1:level = 2.0 m \(stale\)"):
        hall.desk.request(hall.wish())


def test_a_state_that_is_a_replay_does_not_guard(hall: Hall) -> None:
    hall.state.live = False
    with pytest.raises(InterlockError, match="cannot be seen to hold"):
        hall.desk.request(hall.wish())


def test_an_interlock_looks_at_what_stands_beside(hall: Hall) -> None:
    hall.now += NS_PER_S
    hall.show({"p2:state": "Execute"})
    with pytest.raises(InterlockError, match=r"interlock idle .* does not hold: p1/hall/p2:state = Execute"):
        hall.desk.request(hall.wish("open", None))


def test_interlocks_are_looked_at_again_when_it_is_approved(hall: Hall) -> None:
    made = hall.desk.request(hall.wish("open", None))
    hall.now += NS_PER_S
    hall.show({"p2:state": "Execute"})
    with pytest.raises(InterlockError, match="interlock idle"):
        hall.desk.approve(made.id, by="Minh")
    assert hall.found(made).state is RequestState.BLOCKED
    assert hall.published() == []
    hall.all_well()
    with pytest.raises(ApprovalError, match="is blocked"):
        hall.desk.approve(made.id, by="Minh")


@pytest.mark.parametrize("name", ["Lan", " lan", "ＬＡＮ"])
def test_nobody_approves_what_they_asked_for(hall: Hall, name: str) -> None:
    made = hall.desk.request(hall.wish("open", None))
    with pytest.raises(ApprovalError, match="ask a second person"):
        hall.desk.approve(made.id, by=name)
    assert hall.published() == []


def test_a_second_person_declines_with_a_reason(hall: Hall) -> None:
    made = hall.desk.request(hall.wish("open", None))
    with pytest.raises(CommandValueError, match="say why"):
        hall.desk.decline(made.id, by="Minh", reason="")
    with pytest.raises(ApprovalError, match="who asked withdraws it"):
        hall.desk.decline(made.id, by="Lan", reason="no")
    declined = hall.desk.decline(made.id, by="Minh", reason="ca đêm còn chạy")
    assert declined.state is RequestState.DECLINED
    assert text_of(declined).vi == "Minh đã từ chối: ca đêm còn chạy"
    with pytest.raises(ApprovalError, match="is declined"):
        hall.desk.approve(made.id, by="Minh")


def test_who_asked_withdraws(hall: Hall) -> None:
    made = hall.desk.request(hall.wish("open", None))
    with pytest.raises(ApprovalError, match="only who asked"):
        hall.desk.withdraw(made.id, by="Minh")
    assert hall.desk.withdraw(made.id, by="Lan").state is RequestState.WITHDRAWN
    with pytest.raises(UnknownCommandError):
        hall.desk.withdraw("nothing-like-it", by="Lan")


def test_an_approval_that_comes_too_late_is_refused(hall: Hall) -> None:
    made = hall.desk.request(hall.wish("open", None))
    hall.now += APPROVAL_NS
    hall.all_well()
    with pytest.raises(ApprovalError, match="waited longer than 15 min"):
        hall.desk.approve(made.id, by="Minh")
    hall.follower.step(0.0)
    assert hall.found(made).state is RequestState.LAPSED


def test_one_at_a_time(hall: Hall) -> None:
    made = hall.desk.request(hall.wish())
    with pytest.raises(CommandOpenError, match=f"command {made.id} of Lan is issued"):
        hall.desk.request(hall.wish(value=900.0, by="Minh"))
    assert hall.desk.request(hall.wish("stop", None)).state is RequestState.ISSUED
    assert hall.desk.request(hall.wish(equipment="p1/hall/p2")).state is RequestState.ISSUED
    hall.answer(made, CommandState.ACCEPTED, CommandState.WRITTEN, CommandState.HELD)
    assert hall.desk.request(hall.wish(value=900.0)).state is RequestState.ISSUED


def test_a_request_that_is_sent_twice_is_one(hall_anywhere: Hall) -> None:
    hall = hall_anywhere
    wish = hall.wish(id="from-the-page-1")
    first = hall.desk.request(wish)
    assert hall.desk.request(wish).id == first.id
    assert len(hall.published()) == 1
    with pytest.raises(CommandOpenError, match="another request's"):
        hall.desk.request(hall.wish(id="from-the-page-1", value=1.0))


def test_two_persons_at_once_let_it_through_once(hall_anywhere: Hall) -> None:
    hall = hall_anywhere
    made = hall.desk.request(hall.wish("open", None))
    done: list[str] = []

    def approve(name: str) -> None:
        try:
            done.append(hall.desk.approve(made.id, by=name).state)
        except ApprovalError:
            done.append("late")

    threads = [threading.Thread(target=approve, args=(f"person {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["issued", *["late"] * 5]
    assert len(hall.published()) == 1


def test_a_dry_run_needs_no_second_person_and_says_so_on_the_bus(hall: Hall) -> None:
    assert hall.desk.request(hall.wish("open", None, dry_run=True)).state is RequestState.ISSUED
    (command,) = hall.published()
    assert command.dry_run


def test_a_bus_that_is_away_leaves_it_unanswered(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: object) -> None:
        raise BusUnavailableError("away")

    with monkeypatch.context() as patch:
        patch.setattr(hall.bus, "publish", away)
        with pytest.raises(BusUnavailableError):
            hall.desk.request(hall.wish())
    (request,), _ = list_requests(hall.engine, RequestFilter(), limit=10)
    hall.now = request.overdue
    hall.follower.step(0.0)
    assert hall.found(request).state is RequestState.UNANSWERED
    assert hall.published() == []


def test_a_rehearsal_tells_what_would_change_and_sends_nothing(hall: Hall) -> None:
    rehearsals = Rehearsals(hall.park, hall.state)
    tried = rehearsals.run(hall.catalogue.find("p1/hall/q1", "open"), None)
    assert (tried.value, tried.wanted, tried.let_through) == (False, (False,), True)
    assert tried.now is not None
    assert (tried.now.value, tried.now.quality) == (1.0, "good")
    assert tried.hangs_on_it == ("p1/hall/p1", "p1/hall/p2")
    hall.now += NS_PER_S
    hall.show({"q1:closed": 0.0})
    again = rehearsals.run(hall.catalogue.find("p1/hall/q1", "open"), None)
    assert {one.interlock.id: one.verdict for one in again.interlocks} == {"closed": "fails", "idle": "holds"}
    assert not again.let_through
    assert events(hall) == []
    assert hall.published() == []


def test_the_catalogue_lists_what_there_is(hall: Hall) -> None:
    catalogue: Catalogue = hall.catalogue
    assert catalogue.equipment() == ("p1/hall/p1", "p1/hall/p2", "p1/hall/q1")
    assert [offer.rule.id for offer in catalogue.offers("p1/hall/p1")] == ["set_speed", "stop"]
    assert catalogue.name_of("p1/hall/p1", "gone") is None
