"""Which sources could vouch for their values at a moment of the past."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from twin.state.source_states import SourceStates
from twin.state.tag_table import TagTable

Bools = npt.NDArray[np.bool_]


class PastSources(SourceStates):
    """The place of :class:`~twin.state.source_states.SourceStates` in a state of the past: what was written
    down of the sources then, and of the tags that could not be had. Not thread-safe.

    Args:
        table: the park's sources and tags.
    """

    def __init__(self, table: TagTable) -> None:
        super().__init__(table)
        self._names = table.sources
        self._lost: Bools = np.ones(len(table.sources), np.bool_)

    def turn_to(self, lost: Collection[str], in_gap: Bools) -> None:
        """Take a moment: the sources that were lost or silent then, and ``bool[n]`` the tags in a gap."""
        self._lost = np.array([source in lost for source in self._names], np.bool_)
        self.failed = in_gap

    def stale(self, now: int) -> Bools:
        """Tell which sources could not vouch for their values, ``bool[s]``, whatever the time is now."""
        return self._lost
