"""What a person does to alarms, checked before anything happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from twin.alarms.alarm_table import AlarmTable
from twin.alarms.errors import AlarmActionError
from twin.alarms.standing import NEVER, SYSTEM, Happening
from twin.alarms.state_machine import Event
from twin.contract.clock import NS_PER_S

Action = Literal[
    "acknowledge", "reset", "shelve", "unshelve", "out-of-service", "return-to-service", "comment"
]
_EVENTS: dict[str, Event | None] = {
    "acknowledge": Event.ACKNOWLEDGE,
    "reset": Event.RESET,
    "shelve": Event.SHELVE,
    "unshelve": Event.UNSHELVE,
    "out-of-service": Event.REMOVE,
    "return-to-service": Event.RESTORE,
    "comment": None,
}
_REASONED = ("shelve", "out-of-service", "comment")
"""Nobody hides an alarm, or says something of it, without saying what."""
MAX_SHELVE_MIN = 7 * 24 * 60
"""ISA-18.2 wants shelving to end by itself; longer than a week is out of service."""
MAX_AT_ONCE = 1000


def make_happenings(
    table: AlarmTable,
    action: Action,
    alarms: Sequence[str],
    *,
    by: str,
    time: int,
    reason: str = "",
    minutes: float | None = None,
) -> list[Happening]:
    """Return what is to happen.

    Args:
        table: the park's alarms.
        action: what a person asks for.
        alarms: at which.
        by: who.
        time: when, ns.
        reason: why; the text of a comment.
        minutes: of a shelving.

    Raises:
        AlarmActionError: something is missing, or makes no sense.
        UnknownAlarmError: the park has no such alarm.
    """
    who, why = by.strip(), reason.strip()
    if not who or who == SYSTEM:
        raise AlarmActionError(f"by={by!r}: an action needs the name of a person; say who does it")
    if "\x00" in who + why:
        raise AlarmActionError("a text has a NUL character, which no database keeps; leave it out")
    if not alarms or len(alarms) > MAX_AT_ONCE:
        raise AlarmActionError(f"{len(alarms)} alarms named; name 1 to {MAX_AT_ONCE}")
    if action in _REASONED and not why:
        raise AlarmActionError(f"{action}: it needs a reason in words; say why")
    until = NEVER
    if action == "shelve":
        if minutes is None or not 0 < minutes <= MAX_SHELVE_MIN:
            raise AlarmActionError(
                f"shelve for {minutes} minutes: above 0 to {MAX_SHELVE_MIN}; what is to be silent for longer "
                "goes out of service"
            )
        until = time + round(minutes * 60 * NS_PER_S)
    numbers = [table.number(name) for name in dict.fromkeys(alarms)]
    return [
        Happening(
            table.name(number),
            _EVENTS[action],
            time,
            by=who,
            reason=why,
            until=until,
            latching=table.spec_of(number).latch,
        )
        for number in numbers
    ]
