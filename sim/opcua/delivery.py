"""How notifications are delivered to subscriptions: as they should be, or twice, or in the wrong order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Delivery:
    """What all subscriptions of one server do wrong.

    Args:
        repeat_messages: send each notification message again, with the same sequence number.
        repeat_values: say each value twice in a message.
        swap_messages: send a later notification message before an earlier one.
        swap_values: say later values of an item before earlier ones.
    """

    repeat_messages: bool = False
    repeat_values: bool = False
    swap_messages: bool = False
    swap_values: bool = False

    @property
    def swaps(self) -> bool:
        """There must be two of something to have them in the wrong order."""
        return self.swap_messages or self.swap_values
