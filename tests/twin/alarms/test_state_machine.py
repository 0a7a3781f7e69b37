"""Every state and event of the standard's diagram, written down a second time and compared in full."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from twin.alarms.errors import AlarmRefusedError
from twin.alarms.standing import NEVER, Happening, Standing, happen
from twin.alarms.state_machine import (
    HIDDEN,
    NEEDS_ACKNOWLEDGEMENT,
    PRESENTED,
    TRANSITIONS,
    Event,
    State,
    next_state,
)

LETTERS = dict(zip("ABCDEFGHI", State, strict=True))

# Columns: the states A to I of ANSI/ISA-18.2-2016, figure 3. '-' = cannot happen; two letters = without and
# with latching; '*' = out of hiding: H if suppressed by design, else B if the condition holds, else A.
GRID = """
event                A  B  C  D  E  F  G  H  I
alarm                B  -  -  B  B  B  G  H  I
return               -  DE AF -  -  -  G  H  I
acknowledge          -  C  -  A  F  -  -  -  -
reset                -  -  -  -  -  A  -  -  -
shelve               G  G  G  G  G  G  G  G  -
unshelve             -  -  -  -  -  -  *  -  -
suppress             H  H  H  H  H  H  G  -  I
unsuppress           -  -  -  -  -  -  G  *  I
remove_from_service  I  I  I  I  I  I  I  I  -
return_to_service    -  -  -  -  -  -  -  -  *
"""


def cells() -> list[tuple[State, Event, str]]:
    rows = [line.split() for line in GRID.strip().splitlines()[1:]]
    return [
        (LETTERS[letter], Event(row[0]), cell)
        for row in rows
        for letter, cell in zip(LETTERS, row[1:], strict=True)
    ]


@pytest.mark.parametrize(("state", "event", "cell"), cells(), ids=lambda part: str(part))
def test_every_cell_of_the_standards_table(state: State, event: Event, cell: str) -> None:
    for latching, active, designed in product((False, True), repeat=3):
        wanted: State | None
        if cell == "-":
            wanted = None
        elif cell == "*":
            wanted = State.SUPPRESSED if designed else State.UNACKNOWLEDGED if active else State.NORMAL
        else:
            wanted = LETTERS[cell[-1] if latching else cell[0]]
        found = next_state(state, event, latching=latching, active=active, designed=designed)
        assert found is wanted, (latching, active, designed)


def test_the_grid_names_every_event_and_the_table_every_state() -> None:
    assert {event for _, event, _ in cells()} == set(Event)
    assert {row.state for row in TRANSITIONS} == {row.to for row in TRANSITIONS} == set(State)


def test_presented_hidden_and_normal_are_all_there_is() -> None:
    assert {State.NORMAL, *PRESENTED, *HIDDEN} == set(State)
    assert set(NEEDS_ACKNOWLEDGEMENT) < set(PRESENTED)


def test_what_a_person_may_not_do_is_refused_with_the_state() -> None:
    with pytest.raises(AlarmRefusedError, match=r"p:a:high: it is normal, and acknowledge"):
        happen(Standing("p:a:high"), Happening("p:a:high", Event.ACKNOWLEDGE, 1, by="Lan"))


def test_an_end_of_shelving_that_was_put_off_does_nothing() -> None:
    shelved = happen(Standing("a"), Happening("a", Event.SHELVE, 1, by="Lan", until=10))
    assert shelved is not None
    longer = happen(shelved, Happening("a", Event.SHELVE, 2, by="Lan", until=20))
    assert longer is not None
    assert happen(longer, Happening("a", Event.UNSHELVE, 10)) is None
    over = happen(longer, Happening("a", Event.UNSHELVE, 20))
    assert over is not None
    assert (over.state, over.shelved_until) == (State.NORMAL, NEVER)


class AlarmLife(RuleBasedStateMachine):
    """Any order of events, against facts that are kept apart."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.standing = Standing("a")
        self.active = False
        self.designed = False
        self.latching = False
        self.history: list[tuple[Event, State, State]] = []

    def do(self, event: Event, by: str) -> bool:
        self.now += 1
        happening = Happening("a", event, self.now, by=by, latching=self.latching, until=self.now + 100)
        before = self.standing
        try:
            after = happen(before, happening)
        except AlarmRefusedError:
            assert by != "system"
            return False
        if after is None:
            return False
        self.history.append((event, before.state, after.state))
        self.standing = after
        if by == "system":
            assert happen(after, happening) is None, "what is read again is known already"
        return True

    @precondition(lambda self: not self.history)
    @rule(latching=st.booleans())
    def choose(self, latching: bool) -> None:
        self.latching = latching

    @rule(on=st.booleans())
    def condition(self, on: bool) -> None:
        self.do(Event.ALARM if on else Event.RETURN, "system")
        self.active = on

    @rule(on=st.booleans())
    def design(self, on: bool) -> None:
        self.do(Event.SUPPRESS if on else Event.UNSUPPRESS, "system")
        self.designed = on

    @rule(
        event=st.sampled_from(
            [Event.ACKNOWLEDGE, Event.RESET, Event.SHELVE, Event.UNSHELVE, Event.REMOVE, Event.RESTORE]
        )
    )
    def person(self, event: Event) -> None:
        before = self.standing.state
        if self.do(event, "Lan") and event is Event.ACKNOWLEDGE:
            assert before in NEEDS_ACKNOWLEDGEMENT
            assert self.standing.acknowledged_by == "Lan"

    @invariant()
    def facts_are_kept_whatever_the_state(self) -> None:
        assert (self.standing.active, self.standing.designed) == (self.active, self.designed)

    @invariant()
    def a_person_knows_of_every_condition_that_is_not_hidden(self) -> None:
        state = self.standing.state
        if state not in HIDDEN:
            assert not self.designed
            assert self.active == (state in (State.UNACKNOWLEDGED, State.ACKNOWLEDGED))
        if state in (State.LATCHED, State.LATCHED_UNACKNOWLEDGED):
            assert self.latching
        if state is State.RETURNED:
            assert not self.latching
        assert (self.standing.shelved_until != NEVER) == (state is State.SHELVED)

    @invariant()
    def nothing_unacknowledged_goes_away_unless_a_person_or_the_design_hid_it(self) -> None:
        for event, before, after in self.history[-1:]:
            if before in NEEDS_ACKNOWLEDGEMENT and after not in NEEDS_ACKNOWLEDGEMENT:
                assert event in (Event.ACKNOWLEDGE, Event.SHELVE, Event.SUPPRESS, Event.REMOVE)


TestAlarmLife = AlarmLife.TestCase
TestAlarmLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
