"""What a command must be before the device is asked: fresh, approved, for a source that takes commands, in
range.

The twin has checked all of it; here it is checked again, because between the twin and the machine lies a bus
that others can write to.
"""

from __future__ import annotations

import math
from typing import Final

from connectors.write_back.errors import CommandRefusedError
from twin.contract.clock import NS_PER_S
from twin.contract.command import MAX_LIFE_NS, Command
from twin.contract.messages import SourceConfig

CLOCK_AHEAD_NS: Final = 5 * NS_PER_S
"""How far the twin's clock may be ahead of ours."""


def check_fresh(command: Command, now_ns: int) -> None:
    """Check that it is not too late, and not from the future.

    Raises:
        CommandRefusedError: it is.
    """
    if now_ns >= command.expires:
        raise CommandRefusedError("expired", late_s=seconds(now_ns - command.expires))
    if command.issued > now_ns + CLOCK_AHEAD_NS:
        raise CommandRefusedError("from_the_future", ahead_s=seconds(command.issued - now_ns))
    if command.expires - command.issued > MAX_LIFE_NS:
        raise CommandRefusedError(
            "lives_too_long", life_s=seconds(command.expires - command.issued), most_s=seconds(MAX_LIFE_NS)
        )


def check_source(command: Command, config: SourceConfig | None) -> SourceConfig:
    """Check that its source is one of ours and takes commands; return how to reach it.

    Raises:
        CommandRefusedError: it is not, or does not.
    """
    if config is None or (command.park and config.park and config.park != command.park):
        raise CommandRefusedError("unknown_source", source=command.source)
    if not config.commands:
        raise CommandRefusedError("commands_not_allowed", source=command.source)
    return config


def check_people(command: Command) -> None:
    """Check that there is a reason, and for the high class a second person.

    Raises:
        CommandRefusedError: there is none.
    """
    if not command.reason.strip() or not command.requested_by.strip():
        raise CommandRefusedError("no_reason")
    if command.risk != "high":
        return
    if not command.approved_by.strip():
        raise CommandRefusedError("not_approved")
    if command.approved_by.strip().casefold() == command.requested_by.strip().casefold():
        raise CommandRefusedError("self_approved", person=command.approved_by)


def check_value(command: Command) -> None:
    """Check that a number is one, and within the bounds of the catalogue.

    Raises:
        CommandRefusedError: it is not.
    """
    value, target = command.value, command.target
    bounded = target.low is not None or target.high is not None
    if isinstance(value, float) and not math.isfinite(value):
        raise CommandRefusedError("not_a_number", value=value)
    if not bounded:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CommandRefusedError("wrong_type", value=value, data_type=target.data_type or "number")
    low = -math.inf if target.low is None else target.low
    high = math.inf if target.high is None else target.high
    if not low <= value <= high:
        raise CommandRefusedError(
            "out_of_range", value=f"{value:g}", low=f"{low:g}", high=f"{high:g}", unit=target.unit
        )


def seconds(duration_ns: int) -> str:
    """Show a duration as whole tenths of a second.

    >>> seconds(2_340_000_000)
    '2.3'
    """
    return f"{duration_ns / NS_PER_S:.1f}"
