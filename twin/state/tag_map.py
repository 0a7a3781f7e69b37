"""From the tag sets that sources announce to the park's dense tag numbers."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import numpy as np

from twin.contract.clock import NS_PER_S, Clock
from twin.contract.errors import UnknownTagSetError
from twin.contract.messages import TagSet
from twin.state.last_values import TagNumbers
from twin.state.tag_table import TagTable

_LOG = logging.getLogger(__name__)

MAX_LISTED = 1000
"""Unknown tags are counted without end but listed only up to this many a source."""

_FORGET_MISS_NS = 5 * NS_PER_S


@dataclass(frozen=True, slots=True, eq=False)
class TagMapping:
    """How the frames of one tag set reach the park's tags.

    Args:
        numbers: ``intp[m]``, dense tag number by index, -1 = unknown.
        simulated: True if a simulator stands behind the tag set.
        source: whose frames may use it; "" = anybody's.
    """

    numbers: TagNumbers
    simulated: bool
    source: str = ""


class TagMap:
    """Maps tag sets, remembers the maps, and lists what the park does not know.

    Args:
        table: the park's tags.
        lookup: finds a tag set by its id; raises UnknownTagSetError.
        clock: ns since the epoch.
    """

    def __init__(self, table: TagTable, lookup: Callable[[str], TagSet], clock: Clock) -> None:
        self._table = table
        self._lookup = lookup
        self._clock = clock
        self._known: dict[str, TagMapping] = {}
        self._missed: dict[str, int] = {}
        self._unknown: dict[str, dict[str, str]] = {}
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def mapping(self, tag_set: str) -> TagMapping:
        """Return the map of a tag set; one that is not announced is asked for again after a few seconds, so
        that frames without their tag set do not hold up the others.

        Raises:
            UnknownTagSetError: nobody has announced it.
        """
        found = self._known.get(tag_set)
        if found is None:
            missed = self._missed.get(tag_set)
            if missed is not None and 0 <= self._clock() - missed < _FORGET_MISS_NS:
                raise UnknownTagSetError(f"tag set {tag_set}: not announced on 'tag_sets'; asked just before")
            try:
                announced = self._lookup(tag_set)
            except UnknownTagSetError:
                self._missed[tag_set] = self._clock()
                raise
            self._missed.pop(tag_set, None)
            found = self._known[tag_set] = self._map(announced)
        return found

    def unknown(self, source: str) -> tuple[int, dict[str, str]]:
        """Return how many tags of a source the park does not take, and (a bounded number of) them with the
        reason."""
        with self._lock:
            return self._counts[source], dict(self._unknown.get(source, {}))

    def _map(self, announced: TagSet) -> TagMapping:
        numbers = np.full(len(announced.tags), -1, np.intp)
        refused: dict[str, str] = {}
        for index, (tag, unit) in enumerate(zip(announced.tags, announced.units, strict=True)):
            number = self._table.number.get(tag)
            if number is None:
                refused[tag] = "not in the park file"
            elif unit and self._table.unit[number] and unit != self._table.unit[number]:
                # Readings from before a change of unit in the park file come out of the log like this.
                refused[tag] = f"comes in {unit}, the park file says {self._table.unit[number]}"
            else:
                numbers[index] = number
        with self._lock:
            listed = self._unknown.setdefault(announced.source, {})
            fresh = [tag for tag in refused if tag not in listed]
            self._counts[announced.source] += len(fresh)
            for tag in fresh[: max(0, MAX_LISTED - len(listed))]:
                listed[tag] = refused[tag]
        if fresh:
            _LOG.warning(
                "source %s: %d of its %d tags are left out, the first is %s (%s); add them to the park "
                "file or stop sending them",
                announced.source, len(refused), len(announced.tags), fresh[0], refused[fresh[0]],
            )  # fmt: skip
        return TagMapping(numbers, announced.simulated, announced.source)
