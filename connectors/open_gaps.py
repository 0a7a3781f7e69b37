"""Gaps that a source may still fill from its own history: told already, and remembered until that is settled.

A gap is told first and filled afterwards. Until the filling is through, the outbox keeps on its disk what of
the gap is still to be asked for, in the same transaction as the readings that were fetched for it: a process
that dies in the middle leaves the gap told, and the next one goes on where this one ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from twin.contract.messages import Gap

MAX_OPEN: Final = 64
"""Of one source. Beyond it the oldest stay told and are no longer asked for: their history is the nearest to
being forgotten by the server, too."""


class OpenGap(msgspec.Struct, frozen=True, kw_only=True):
    """A gap and how far it is filled.

    Args:
        gap: as it was told.
        tag_set: id of the tag set that ``place`` counts in; "" = nothing is done yet.
        place: tags before this place are done.
        size: tags that are being done together; 0 = not begun.
        since: for them, everything up to here is done, ns; 0 = not begun.
        alive: spans in which the source is known to have run, from the values it has of them, ns.
        newest: the newest time of the source's readings when it was told, ns; 0 = not known.
        short: True if some tag's history did not cover the gap.
    """

    gap: Gap
    tag_set: str = ""
    place: int = 0
    size: int = 0
    since: int = 0
    alive: tuple[tuple[int, int], ...] = ()
    newest: int = 0
    short: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """What a delivery of fetched readings says about an open gap.

    Args:
        gap: its id.
        left: what is still to be asked for; None = it is settled.
    """

    gap: str
    left: OpenGap | None


_DECODER = msgspec.json.Decoder(tuple[OpenGap, ...])


def encode_open(gaps: Iterable[OpenGap]) -> bytes:
    """As the outbox keeps them."""
    return msgspec.json.encode(tuple(gaps))


def decode_open(raw: bytes | None) -> dict[str, OpenGap]:
    """Read what the outbox kept, by id; nothing if it kept nothing."""
    return {} if raw is None else {entry.gap.id: entry for entry in _DECODER.decode(raw)}


def opened(known: dict[str, OpenGap], gaps: Iterable[Gap], newest: int) -> dict[str, OpenGap]:
    """Return ``known`` with ``gaps`` added, the oldest left out beyond :data:`MAX_OPEN`."""
    told = [gap for gap in gaps if gap.id not in known and gap.end > gap.start]
    every = known | {gap.id: OpenGap(gap=gap, newest=newest) for gap in told}
    return dict(list(every.items())[-MAX_OPEN:])


def settled(known: dict[str, OpenGap], filled: Iterable[Filled]) -> dict[str, OpenGap]:
    """Return ``known`` after what was filled."""
    every = dict(known)
    for entry in filled:
        if entry.gap not in every:
            continue
        if entry.left is None:
            del every[entry.gap]
        else:
            every[entry.gap] = entry.left
    return every
