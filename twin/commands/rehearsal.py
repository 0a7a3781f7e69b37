"""A dry run on the twin: what a command would do, and what stands against it; nothing leaves the twin."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from twin.commands.catalogue import Offer, value_of
from twin.commands.interlock import InterlockState, SeenValue, look, seen_of
from twin.contract.command import Scalar
from twin.park.model import Park
from twin.state.twin_state import TwinState

SUPPLIES: Final = frozenset({"electricity", "water", "gas", "air", "steam"})
"""Networks over which equipment hangs on another."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a command would do.

    Args:
        offer: the command.
        value: what would be written.
        now: what shows it, as it is; None if nothing does.
        wanted: what it should show afterwards.
        interlocks: how they stand; all must hold.
        hangs_on_it: equipment that the command's equipment supplies, directly or through others, nearest
            first.
    """

    offer: Offer
    value: Scalar | None
    now: SeenValue | None
    wanted: tuple[Scalar, ...]
    interlocks: tuple[InterlockState, ...]
    hangs_on_it: tuple[str, ...]

    @property
    def let_through(self) -> bool:
        """Whether every interlock holds."""
        return all(one.verdict == "holds" for one in self.interlocks)


class Rehearsals:
    """Dry runs over one park. Thread-safe.

    Args:
        park: for what hangs on what.
        state: live.
    """

    def __init__(self, park: Park, state: TwinState) -> None:
        self._state = state
        feeds: dict[str, list[str]] = {}
        for link in park.links:
            if link.network in SUPPLIES:
                feeds.setdefault(link.upstream, []).append(link.downstream)
        self._feeds: Mapping[str, Sequence[str]] = feeds

    def run(self, offer: Offer, given: Scalar | None) -> Rehearsal:
        """Try a command.

        Raises:
            CommandValueError: it does not take that value.
        """
        value = value_of(offer, given)
        read_back = offer.rule.read_back
        wanted: tuple[Scalar, ...] = ()
        if read_back is not None:
            wanted = read_back.values or (() if value is None else (value,))
        return Rehearsal(
            offer=offer,
            value=value,
            now=None if offer.shows is None else seen_of(self._state, [offer.shows])[0],
            wanted=wanted,
            interlocks=look(self._state, offer.guards),
            hangs_on_it=self.hangs_on(offer.equipment.id),
        )

    def hangs_on(self, equipment: str) -> tuple[str, ...]:
        """What a piece of equipment supplies, directly or through others, nearest first."""
        found: dict[str, None] = {}
        waiting = deque(self._feeds.get(equipment, ()))
        while waiting:
            one = waiting.popleft()
            if one not in found and one != equipment:
                found[one] = None
                waiting.extend(self._feeds.get(one, ()))
        return tuple(found)
