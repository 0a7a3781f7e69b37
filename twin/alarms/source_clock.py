"""What time it is for a source: delays run in the time of its readings, also while it has nothing to say.

Sources report changes, so a value that stays beyond its limit brings no reading that would tell that time
goes on. How far the newest readings lag behind the bus is seen at every frame; between frames the bus's clock
goes on with the least lag of the last one to two minutes. While a source is not connected, its time stands.
"""

from __future__ import annotations

import numpy as np

from twin.alarms.standing import NEVER
from twin.contract.clock import NS_PER_MS, NS_PER_S
from twin.contract.frame import I64
from twin.contract.messages import Connection, SourceState
from twin.state.source_states import MISSED_HEARTBEATS

_BUCKET = 60 * NS_PER_S
UNKNOWN_LAG = int(np.iinfo(np.int64).max)


class SourceClock:
    """Columns by source number. Not thread-safe.

    Args:
        sources: how many.
    """

    def __init__(self, sources: int) -> None:
        self.lag: I64 = np.full((2, sources), UNKNOWN_LAG, np.int64)
        """``int64[2, s]`` [ns]: least lag of this bucket and of the one before."""
        self._bucket: I64 = np.zeros(sources, np.int64)
        self._stopped: I64 = np.full(sources, NEVER, np.int64)
        self._heard: I64 = np.full(sources, NEVER, np.int64)
        self._patience: I64 = np.zeros(sources, np.int64)
        self.well_since: I64 = np.full(sources, NEVER, np.int64)
        """``int64[s]``: when each source last began to vouch for its values; NEVER = not yet."""

    def note_frame(self, source: int, newest: int, received: int) -> None:
        """Take in that a frame's newest reading is of ``newest`` and came at ``received``."""
        bucket = received // _BUCKET
        if bucket != self._bucket[source]:
            neighbour = bucket == self._bucket[source] + 1
            self.lag[1, source] = self.lag[0, source] if neighbour else UNKNOWN_LAG
            self.lag[0, source] = UNKNOWN_LAG
            self._bucket[source] = bucket
        self.lag[0, source] = min(int(self.lag[0, source]), received - newest)

    def note_state(self, source: int, state: SourceState, received: int) -> None:
        """Take in what a source says of itself."""
        silent = self._heard[source] == NEVER or self._heard[source] + self._patience[source] < received
        if state.connection is Connection.CONNECTED and (silent or self._stopped[source] != NEVER):
            self.well_since[source] = received
        self._heard[source] = received
        self._patience[source] = MISSED_HEARTBEATS * state.heartbeat_ms * NS_PER_MS
        if state.connection is Connection.CONNECTED:
            self._stopped[source] = NEVER
        elif self._stopped[source] == NEVER:
            self._stopped[source] = received

    def now(self, bus_now: int) -> I64:
        """Return the time of every source, ``int64[s]``, at a time of the bus; NEVER while nobody knows."""
        lag = self.lag.min(axis=0)
        until = np.full(len(lag), bus_now, np.int64)
        lost = self.lost_since(bus_now)
        np.minimum(until, lost, out=until, where=lost != NEVER)
        return np.where(lag == UNKNOWN_LAG, NEVER, until - np.where(lag == UNKNOWN_LAG, 0, lag))

    def lost_since(self, bus_now: int) -> I64:
        """Return since when each source cannot vouch for its values, ``int64[s]``; NEVER = it can, or has
        never said anything."""
        silent = (self._heard != NEVER) & (self._heard + self._patience < bus_now)
        since = np.where(silent, self._heard + self._patience, NEVER)
        stopped = self._stopped != NEVER
        return np.where(stopped & (~silent | (self._stopped < since)), self._stopped, since)
