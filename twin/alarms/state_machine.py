"""The states of an alarm and the one table of how it moves between them.

After the alarm state transition diagram of ANSI/ISA-18.2-2016 (figure 3; IEC 62682:2022 has the same), whose
letters stand beside the states. Two facts are kept beside the state, because they go on while an alarm is
shelved or out of service: whether the condition holds now (*active*), and whether the design says that it
means nothing now (*designed*, e.g. low flow while the pump stands). They decide where an alarm goes when its
suppression ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product


class State(StrEnum):
    """Where an alarm is; the letter is the standard's."""

    NORMAL = "normal"  # A
    UNACKNOWLEDGED = "unacknowledged"  # B
    ACKNOWLEDGED = "acknowledged"  # C
    RETURNED = "returned_unacknowledged"  # D
    LATCHED_UNACKNOWLEDGED = "latched_unacknowledged"  # E
    LATCHED = "latched_acknowledged"  # F
    SHELVED = "shelved"  # G
    SUPPRESSED = "suppressed_by_design"  # H
    OUT_OF_SERVICE = "out_of_service"  # I


class Event(StrEnum):
    """What moves an alarm."""

    ALARM = "alarm"  # the condition begins to hold
    RETURN = "return"  # it no longer holds
    ACKNOWLEDGE = "acknowledge"
    RESET = "reset"  # a person lets go of a latched alarm
    SHELVE = "shelve"
    UNSHELVE = "unshelve"  # by a person, or because its time is over
    SUPPRESS = "suppress"  # by design
    UNSUPPRESS = "unsuppress"
    REMOVE = "remove_from_service"
    RESTORE = "return_to_service"


PRESENTED = (
    State.UNACKNOWLEDGED,
    State.ACKNOWLEDGED,
    State.RETURNED,
    State.LATCHED_UNACKNOWLEDGED,
    State.LATCHED,
)
"""B to F: what a person sees in the list of alarms."""
NEEDS_ACKNOWLEDGEMENT = (State.UNACKNOWLEDGED, State.RETURNED, State.LATCHED_UNACKNOWLEDGED)
HIDDEN = (State.SHELVED, State.SUPPRESSED, State.OUT_OF_SERVICE)
"""G to I: the condition is followed, and nobody is told."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    Args:
        state, event: from where, by what.
        to: where to.
        latching: only if the alarm latches (True), or does not (False); None = either.
        active: only if the condition holds after the event; None = either.
        designed: only if it is suppressed by design after the event; None = either.
    """

    state: State
    event: Event
    to: State
    latching: bool | None = None
    active: bool | None = None
    designed: bool | None = None


def _from(states: tuple[State, ...], event: Event, to: State) -> Iterator[Transition]:
    return (Transition(state, event, to) for state in states)


def _leaving(state: State, event: Event) -> tuple[Transition, ...]:
    """Where an alarm goes that is hidden no more."""
    return (
        Transition(state, event, State.SUPPRESSED, designed=True),
        Transition(state, event, State.UNACKNOWLEDGED, active=True, designed=False),
        Transition(state, event, State.NORMAL, active=False, designed=False),
    )


_SEEN = (State.NORMAL, *PRESENTED)

TRANSITIONS: tuple[Transition, ...] = (
    # the condition
    Transition(State.NORMAL, Event.ALARM, State.UNACKNOWLEDGED),
    Transition(State.RETURNED, Event.ALARM, State.UNACKNOWLEDGED),
    Transition(State.LATCHED_UNACKNOWLEDGED, Event.ALARM, State.UNACKNOWLEDGED),
    Transition(State.LATCHED, Event.ALARM, State.UNACKNOWLEDGED),
    Transition(State.UNACKNOWLEDGED, Event.RETURN, State.RETURNED, latching=False),
    Transition(State.UNACKNOWLEDGED, Event.RETURN, State.LATCHED_UNACKNOWLEDGED, latching=True),
    Transition(State.ACKNOWLEDGED, Event.RETURN, State.NORMAL, latching=False),
    Transition(State.ACKNOWLEDGED, Event.RETURN, State.LATCHED, latching=True),
    # the operator
    Transition(State.UNACKNOWLEDGED, Event.ACKNOWLEDGE, State.ACKNOWLEDGED),
    Transition(State.RETURNED, Event.ACKNOWLEDGE, State.NORMAL),
    Transition(State.LATCHED_UNACKNOWLEDGED, Event.ACKNOWLEDGE, State.LATCHED),
    Transition(State.LATCHED, Event.RESET, State.NORMAL),
    # hidden: the condition goes on, and is noted, without a change of state
    *(Transition(state, event, state) for state, event in product(HIDDEN, (Event.ALARM, Event.RETURN))),
    # shelved
    *_from((*_SEEN, State.SUPPRESSED), Event.SHELVE, State.SHELVED),
    Transition(State.SHELVED, Event.SHELVE, State.SHELVED),  # for another time
    *_leaving(State.SHELVED, Event.UNSHELVE),
    # suppressed by design; noted only while it is hidden for another reason
    *_from(_SEEN, Event.SUPPRESS, State.SUPPRESSED),
    *(
        Transition(state, event, state)
        for state, event in product((State.SHELVED, State.OUT_OF_SERVICE), (Event.SUPPRESS, Event.UNSUPPRESS))
    ),
    *_leaving(State.SUPPRESSED, Event.UNSUPPRESS),
    # out of service
    *_from((*_SEEN, State.SHELVED, State.SUPPRESSED), Event.REMOVE, State.OUT_OF_SERVICE),
    *_leaving(State.OUT_OF_SERVICE, Event.RESTORE),
)
"""Every transition there is; whatever does not stand here does not happen."""

_Key = tuple[State, Event, bool, bool, bool]


def _expand() -> dict[_Key, State]:
    table: dict[_Key, State] = {}
    for row in TRANSITIONS:
        either = [
            (False, True) if fact is None else (fact,) for fact in (row.latching, row.active, row.designed)
        ]
        for latching, active, designed in product(*either):
            key = (row.state, row.event, latching, active, designed)
            if key in table:
                raise AssertionError(f"two transitions for {key}")
            table[key] = row.to
    return table


_TABLE = _expand()


def next_state(state: State, event: Event, *, latching: bool, active: bool, designed: bool) -> State | None:
    """Return where an alarm goes, None if the event cannot happen to it in this state.

    Args:
        state: where it is.
        event: what happens.
        latching: the alarm latches.
        active, designed: the two facts as they are after the event.

    >>> next_state(State.UNACKNOWLEDGED, Event.RETURN, latching=True, active=False, designed=False).value
    'latched_unacknowledged'
    >>> next_state(State.NORMAL, Event.ACKNOWLEDGE, latching=False, active=False, designed=False) is None
    True
    """
    return _TABLE.get((state, event, latching, active, designed))
