"""Commands are followed to their end, whatever the connector says, and however often."""

from __future__ import annotations

import pytest

from tests.twin.commands.hall import Hall
from twin.bus.base import Message
from twin.bus.log_consumer import LogConsumer
from twin.commands.queries import list_lines
from twin.commands.request import RequestState
from twin.commands.texts import text_of
from twin.contract.command import CommandState
from twin.contract.topics import COMMAND_OUTCOMES


def test_each_step_is_taken_and_noted(hall_anywhere: Hall) -> None:
    hall = hall_anywhere
    made = hall.desk.request(hall.wish())
    hall.answer(made, CommandState.ACCEPTED)
    assert hall.found(made).state is RequestState.ACCEPTED
    hall.answer(made, CommandState.WRITTEN, first=1, before=1000.0)
    hall.answer(
        made, CommandState.HELD, first=2, value=1500.2, value_time=hall.now, params={"value": "1500.2"}
    )
    found = hall.found(made)
    assert (found.state, found.before, found.read_back) == (RequestState.HELD, 1000.0, 1500.2)
    assert found.is_final
    assert text_of(found).vi == "Đã thực hiện; đọc lại được 1500.2."
    assert text_of(found).en == "Carried out; read back 1500.2."
    events = [line.event for line in list_lines(hall.engine, after=0, limit=100)]
    assert events == ["requested", "issued", "outcome", "outcome", "outcome"]


@pytest.mark.parametrize("state", [state for state in CommandState if state not in ("accepted", "written")])
def test_every_end_is_an_end(hall: Hall, state: CommandState) -> None:
    made = hall.desk.request(hall.wish())
    hall.answer(made, CommandState.ACCEPTED, state)
    found = hall.found(made)
    assert found.state.value == state.value
    assert found.is_final
    assert text_of(found).vi
    hall.desk.request(hall.wish())


def test_what_is_told_twice_or_late_changes_nothing(hall: Hall) -> None:
    made = hall.desk.request(hall.wish())
    hall.answer(made, CommandState.ACCEPTED, CommandState.HELD)
    before = hall.found(made)
    hall.answer(made, CommandState.ACCEPTED, CommandState.HELD)
    assert hall.found(made) == before


def test_no_connector_answers(hall: Hall) -> None:
    made = hall.desk.request(hall.wish())
    hall.now = made.overdue - 1
    hall.follower.step(0.0)
    assert hall.found(made).state is RequestState.ISSUED
    hall.now += 1
    hall.follower.step(0.0)
    found = hall.found(made)
    assert found.state is RequestState.UNANSWERED
    assert "look at the machine" in text_of(found).en
    hall.answer(made, CommandState.ACCEPTED, CommandState.HELD)
    assert hall.found(made).state is RequestState.HELD


def test_outcomes_of_others_and_of_what_was_never_let_through_are_left_alone(hall: Hall) -> None:
    waiting = hall.desk.request(hall.wish("open", None))
    hall.answer(waiting, CommandState.HELD)
    assert hall.found(waiting).state is RequestState.WAITING
    other = hall.desk.request(hall.wish())
    hall.bus.publish([Message(COMMAND_OUTCOMES.name, "x", b"not json")])
    hall.follower.step(0.0)
    hall.answer(other, CommandState.HELD)
    assert hall.found(other).state is RequestState.HELD


def test_a_new_follower_goes_on_where_the_last_one_was_killed(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = hall.desk.request(hall.wish())

    def killed(_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(LogConsumer, "commit", killed)
        with pytest.raises(SystemExit):
            hall.answer(made, CommandState.ACCEPTED, CommandState.HELD)
    hall.follower.close()
    hall.follower.step(0.0)
    outcomes = [line for line in list_lines(hall.engine, after=0, limit=100) if line.event == "outcome"]
    assert len(outcomes) == 2
    assert hall.found(made).state is RequestState.HELD
