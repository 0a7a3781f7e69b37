"""Where one alarm stands, and what becomes of it when something happens: pure, no clock, no database."""

from __future__ import annotations

from dataclasses import dataclass, replace

from twin.alarms.errors import AlarmRefusedError
from twin.alarms.state_machine import Event, State, next_state

NEVER = -(2**63)
SYSTEM = "system"
"""Who does what no person does."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that is remembered of an alarm.

    Args:
        alarm: which.
        state: of the table.
        active: its condition holds.
        designed: the design says that it means nothing now.
        since: when it came into this state.
        raised_at: when its condition began to hold last; NEVER = not yet.
        condition_time, design_time: of the last event of either kind; one that is not later is known already.
        value, limit: the reading that raised it, and what it passed.
        acknowledged_by, acknowledged_at: of this occurrence; "" and NEVER = nobody yet.
        shelved_until: NEVER unless it is shelved.
        reason: why it is shelved, or out of service.
        comment: the newest one.
    """

    alarm: str
    state: State = State.NORMAL
    active: bool = False
    designed: bool = False
    since: int = NEVER
    raised_at: int = NEVER
    condition_time: int = NEVER
    design_time: int = NEVER
    value: float | None = None
    limit: float | None = None
    acknowledged_by: str = ""
    acknowledged_at: int = NEVER
    shelved_until: int = NEVER
    reason: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens to an alarm.

    Args:
        alarm: which.
        event: what; None = only a comment.
        time: when: of the reading, or of the person's click.
        by: a person, or :data:`SYSTEM`.
        reason: in words; the text of a comment.
        value, limit: with ALARM and RETURN.
        until: with SHELVE, when it comes back by itself.
        latching: the alarm latches.
    """

    alarm: str
    event: Event | None
    time: int
    by: str = SYSTEM
    reason: str = ""
    value: float | None = None
    limit: float | None = None
    until: int = NEVER
    latching: bool = False


def happen(now: Standing, happening: Happening) -> Standing | None:
    """Return how an alarm stands after something happened; None if it was known already, so that what is read
    again after a crash is told once.

    Raises:
        AlarmRefusedError: a person asks for what cannot be done in this state.

    >>> raised = happen(Standing("pump1:flow:low"), Happening("pump1:flow:low", Event.ALARM, 10, value=2.0))
    >>> raised.state.value, raised.active
    ('unacknowledged', True)
    >>> happen(raised, Happening("pump1:flow:low", Event.ALARM, 10)) is None
    True
    """
    event = happening.event
    if event is None:
        return replace(now, comment=happening.reason)
    if _known_already(now, happening):
        return None
    facts = _facts(now, happening)
    to = next_state(
        now.state, event, latching=happening.latching, active=facts.active, designed=facts.designed
    )
    if to is None:
        if happening.by == SYSTEM:
            return None if facts == now else facts
        raise AlarmRefusedError(
            f"alarm {now.alarm}: it is {now.state}, and {event} is not possible from there; "
            "look at its state again"
        )
    moved = to is not now.state
    after = replace(facts, state=to, since=happening.time if moved else now.since)
    return _remember(after, happening, moved)


def _known_already(now: Standing, happening: Happening) -> bool:
    """A condition that is told again (a log read twice), or that is no news."""
    if happening.event in (Event.ALARM, Event.RETURN):
        return happening.time <= now.condition_time or now.active == (happening.event is Event.ALARM)
    if happening.event in (Event.SUPPRESS, Event.UNSUPPRESS):
        return happening.time <= now.design_time or now.designed == (happening.event is Event.SUPPRESS)
    if happening.event is Event.UNSHELVE and happening.by == SYSTEM:
        return now.state is not State.SHELVED or now.shelved_until > happening.time
    return False


def _facts(now: Standing, happening: Happening) -> Standing:
    time = happening.time
    match happening.event:
        case Event.ALARM:
            return replace(
                now, active=True, condition_time=time, raised_at=time, value=happening.value,
                limit=happening.limit, acknowledged_by="", acknowledged_at=NEVER,
            )  # fmt: skip
        case Event.RETURN:
            return replace(now, active=False, condition_time=time)
        case Event.SUPPRESS:
            return replace(now, designed=True, design_time=time)
        case Event.UNSUPPRESS:
            return replace(now, designed=False, design_time=time)
        case _:
            return now


def _remember(after: Standing, happening: Happening, moved: bool) -> Standing:
    match happening.event:
        case Event.ACKNOWLEDGE:
            return replace(after, acknowledged_by=happening.by, acknowledged_at=happening.time)
        case Event.SHELVE:
            return replace(after, shelved_until=happening.until, reason=happening.reason)
        case Event.REMOVE:
            return replace(after, shelved_until=NEVER, reason=happening.reason)
        case Event.UNSHELVE | Event.RESTORE if moved:
            return replace(after, shelved_until=NEVER, reason="")
        case _:
            return after
