"""How the sources are doing, one row each: for ``GET /api/sources`` and for the stream's event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from twin.contract.clock import NS_PER_MS, Clock
from twin.contract.messages import SourceState
from twin.park.model import Park, Source
from twin.state.twin_state import TwinState

UnknownTags = Callable[[str], tuple[int, dict[str, str]]]
"""How many tags of a source the park does not take, and the listed ones with the reason."""


class SourceRows:
    """Makes the rows, and notices when one has changed in a way a person should see.

    Args:
        park: whose sources.
        state: what they said.
        unknown: asks for the tags that the park does not take.
        clock: ns since the epoch.
    """

    def __init__(self, park: Park, state: TwinState, unknown: UnknownTags, clock: Clock) -> None:
        self._sources = park.sources
        self._items = {source.id: 0 for source in park.sources}
        for tag in park.tags:
            if tag.source:
                self._items[tag.source] += 1
        self._state = state
        self._unknown = unknown
        self._clock = clock
        self._told: list[tuple[object, ...]] | None = None

    def rows(self) -> list[dict[str, Any]]:
        """Return every source of the park with its configuration and newest word."""
        return [self._row(source) for source in self._sources]

    def news(self) -> list[dict[str, Any]] | None:
        """Return the rows if one has changed since the last call in more than counters, else None."""
        lasting = [self._lasting(source.id) for source in self._sources]
        if lasting == self._told:
            return None
        self._told = lasting
        return self.rows()

    def _lasting(self, source: str) -> tuple[object, ...]:
        """What a person should be told about when it changes."""
        heard = self._state.source(source)
        unknown = self._unknown(source)[0]
        if heard is None:
            return (unknown,)
        state = msgspec.structs.replace(heard.state, time=0, last_heard=0, readings=0, unsent=0)
        return unknown, heard.silent(self._clock()), state

    def _row(self, source: Source) -> dict[str, Any]:
        heard = self._state.source(source.id)
        count, listed = self._unknown(source.id)
        return {
            "id": source.id,
            "display": {"vi": source.display.vi, "en": source.display.en},
            "simulated": source.simulated,
            "config": {
                "protocol": source.protocol,
                "endpoint": without_password(source.endpoint),
                "publishing_interval_ms": source.publishing_interval_ms,
                "sampling_interval_ms": source.sampling_interval_ms,
                "items": self._items[source.id],
            },
            "silent": heard is None or heard.silent(self._clock()),
            "heard_ms": None if heard is None else heard.at / NS_PER_MS,
            "state": None if heard is None else _state_row(heard.state),
            "unknown_tags": {"count": count, "listed": listed},
        }


def _state_row(state: SourceState) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(state)
    del row["source"]
    for name in ("since", "time", "last_heard"):
        row[f"{name}_ms"] = row.pop(name) / NS_PER_MS
    for condition in row["conditions"]:
        condition["since_ms"] = condition.pop("since") / NS_PER_MS
    return row


def without_password(endpoint: str) -> str:
    """Return an endpoint without the user and password a careless hand may have put into it.

    >>> without_password("opc.tcp://operator:secret@10.0.0.7:4840/line")
    'opc.tcp://10.0.0.7:4840/line'
    """
    parts = urlsplit(endpoint)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
