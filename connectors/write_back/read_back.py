"""Whether what is read back is what was wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twin.contract.command import Command, Scalar
from twin.contract.status import BAD_WAITING_FOR_INITIAL_DATA, Quality, quality

_RELATIVE: Final = 1e-6
"""A float32 keeps about seven digits of the number that was written."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A value as a device shows it.

    Args:
        value: null if there is none.
        status: OPC UA status code.
        time: source time [ns], or that of the answer where the protocol has none.
    """

    value: Scalar | None = None
    status: int = BAD_WAITING_FOR_INITIAL_DATA
    time: int = 0

    def __str__(self) -> str:
        if self.value is None or quality(self.status) is not Quality.GOOD:
            return f"status 0x{self.status:08X}"
        return show(self.value)


def show(value: Scalar | None) -> str:
    """Show a value to a person.

    >>> show(2.50), show(True), show(None)
    ('2.5', 'true', 'nothing')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def wanted_values(command: Command) -> tuple[Scalar, ...]:
    """The values that are right when read back; empty if nothing is to be read back."""
    read_back = command.target.read_back
    if read_back is None:
        return ()
    if read_back.values:
        return read_back.values
    return () if command.value is None else (command.value,)


def is_right(seen: Seen, wanted: tuple[Scalar, ...], tolerance: float) -> bool:
    """Whether a value was read with good quality and is one of the wanted ones.

    A Boolean is right for 0 and 1 and the other way round: devices show a switch as either.

    >>> is_right(Seen(2.0000001, 0), (2.0,), 0.0), is_right(Seen("Stopped", 0), ("Stopping", "Stopped"), 0.0)
    (True, True)
    >>> is_right(Seen(2.0, 0x80310000), (2.0,), 0.0)
    False
    """
    if seen.value is None or quality(seen.status) is not Quality.GOOD:
        return False
    return any(_same(seen.value, one, tolerance) for one in wanted)


def _same(found: Scalar, wanted: Scalar, tolerance: float) -> bool:
    if isinstance(found, str) or isinstance(wanted, str):
        return found == wanted
    return abs(float(found) - float(wanted)) <= max(tolerance, _RELATIVE * abs(float(wanted)))
