"""The account of what a source was asked for: requested = monitored + failed by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from twin.contract.messages import FailedItem, SourceItem


@dataclass(slots=True)
class Items:
    """What was asked for and what came of it.

    Args:
        requested: how many signals the configuration names.
        monitored: handles the source reports.
        failed: the others, by handle.
    """

    requested: int
    monitored: set[int] = field(default_factory=set)
    failed: dict[int, FailedItem] = field(default_factory=dict)


def failed_item(item: SourceItem, status: int, reason: str) -> FailedItem:
    """Say that a signal is not monitored, and why."""
    return FailedItem(tag=item.tag, node=item.node, status=status, reason=reason)
