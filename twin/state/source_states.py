"""What every source last said of itself, and whether it has fallen silent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.contract.clock import NS_PER_MS
from twin.contract.messages import Connection, SourceState
from twin.state.tag_table import TagTable

Bools = npt.NDArray[np.bool_]

MISSED_HEARTBEATS = 3
"""After so many heartbeats without a word, its connector is gone."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A source's newest word.

    Args:
        state: what it said.
        at: when this process heard it (of one that was on the bus before: when the bus took it), ns.
    """

    state: SourceState
    at: int

    def silent(self, now: int) -> bool:
        """Tell whether the next words are overdue at ``now`` [ns]."""
        # a word from the future is one from before our clock was set back: how old it is, nobody knows
        return abs(now - self.at) > MISSED_HEARTBEATS * self.state.heartbeat_ms * NS_PER_MS


class SourceStates:
    """The newest state of each source of the park. Not thread-safe.

    Args:
        table: the park's sources and tags.
    """

    def __init__(self, table: TagTable) -> None:
        self._table = table
        self._number = {source: number for number, source in enumerate(table.sources)}
        self._heard: dict[str, Heard] = {}
        self.failed: Bools = np.zeros(len(table), np.bool_)
        """``bool[n]``: tags whose source was asked for them in vain."""

    def note(self, state: SourceState, at: int) -> bool:
        """Take what a source says; False if the park has no such source."""
        if state.source not in self._number:
            return False
        before = self._heard.get(state.source)
        self._heard[state.source] = Heard(state, at)
        if before is None or before.state.failed != state.failed:
            self._mark_failed(before.state if before else None, state)
        return True

    def get(self, source: str) -> Heard | None:
        """Return what a source said last, None if nothing yet."""
        return self._heard.get(source)

    def stale(self, now: int) -> Bools:
        """Tell which sources cannot vouch for their values, ``bool[s]``: never heard, silent, or not
        connected."""
        stale = np.ones(len(self._number), np.bool_)
        for source, heard in self._heard.items():
            connected = heard.state.connection is Connection.CONNECTED
            stale[self._number[source]] = not connected or heard.silent(now)
        return stale

    def _mark_failed(self, before: SourceState | None, after: SourceState) -> None:
        for state, flag in ((before, False), (after, True)):
            for item in state.failed if state else ():
                number = self._table.number.get(item.tag)
                if number is not None:
                    self.failed[number] = flag
