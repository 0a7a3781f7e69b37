"""The state of a past moment, as the live page would have shown it.

Values are those with a source time up to the moment, so what was still under way then counts. Stale is what
was older than its kind allows, what lay in a gap, and all of a source that was lost or silent then. The
answer is a :class:`~twin.state.twin_state.TwinState`, so that whatever reads the present reads the past.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import Engine

from twin.alarms.outages import lost_at
from twin.contract.frame import Frame
from twin.historian.base import NO_TIME, HistoryStore, LastReadings
from twin.park.model import Park
from twin.state.past_sources import PastSources
from twin.state.tag_table import TagTable
from twin.state.twin_state import TwinState

_NO_TAG_SET = "0" * 32


@dataclass(slots=True)
class Past:
    """A state of the past that can be moved on.

    Args:
        table: the park's tags.
        at: the moment [ns].
        state: how it was then.
        lost: the sources that could not vouch for their values.
    """

    table: TagTable
    at: int
    state: TwinState = field(init=False)
    lost: frozenset[str] = field(init=False, default=frozenset())
    _sources: PastSources = field(init=False)

    def __post_init__(self) -> None:
        self._sources = PastSources(self.table)
        self.state = TwinState(self.table, self._sources)

    def take(self, at: int, numbers: np.ndarray, last: LastReadings, lost: frozenset[str]) -> None:
        """Move on to a moment: ``last`` is of the tags ``numbers``."""
        known = np.flatnonzero(last.time != NO_TIME)
        frame = Frame(
            source="history",
            sequence=1,
            tag_set=_NO_TAG_SET,
            index=numbers[known].astype(np.uint32),
            source_time=last.time[known],
            status=last.status[known],
            value=last.value[known],
            text=tuple(last.text.get(row) for row in known.tolist()) if last.text else None,
        )
        in_gap = np.zeros(len(self.table), np.bool_)
        in_gap[numbers] = last.gap
        self.at, self.lost = at, lost
        state = self.state
        with state.lock:
            state.version += 1
            identity = np.arange(len(self.table), dtype=np.intp)
            state.values.apply(frame, identity, received=at, version=state.version, simulated=False)
            self._sources.turn_to(lost, in_gap)


class PastStates:
    """Answers how a park was.

    Args:
        park: as it is now; the past is told in its tags.
        table: the same in columns.
        history: opens the history.
        database: opens the tables.
    """

    def __init__(
        self,
        park: Park,
        table: TagTable,
        history: Callable[[], HistoryStore],
        database: Callable[[], Engine],
    ) -> None:
        self._table = table
        self._history = history
        self._database = database
        self._names = tuple(table.number)
        self._all = np.arange(len(table), dtype=np.intp)
        simulated = {source.id: source.simulated for source in park.sources}
        self._simulated = np.array([simulated.get(tag.source, False) for tag in park.tags], np.bool_)

    def at(self, tags: Sequence[int], at: int) -> TwinState:
        """Return the state of some tags at a moment [ns]; of others nothing is known in it, and the condition
        is right of equipment whose tags were all asked for.

        Raises:
            HistoryError, DatabaseError: it cannot be told now.
        """
        return self._begin(self._with_inputs(np.array(tags, np.intp)), at).state

    def whole(self, at: int) -> Past:
        """Return the state of all tags at a moment [ns].

        Raises: as :meth:`at`.
        """
        return self._begin(self._all, at)

    def move_on(self, past: Past, until: int) -> None:
        """Move a state of all tags on to a later moment [ns]; its sweep is the caller's.

        Raises: as :meth:`at`.
        """
        last = self._history().last_between(self._names, past.at, until)
        past.take(until, self._all, last, frozenset(lost_at(self._database(), until)))

    def _begin(self, numbers: np.ndarray, at: int) -> Past:
        whole = len(numbers) == len(self._names)
        names = self._names if whole else [self._names[number] for number in numbers.tolist()]
        last = self._history().last_readings(names, at)
        past = Past(self._table, at)
        past.take(at, numbers, last, frozenset(lost_at(self._database(), at)))
        values = past.state.values
        values.simulated[:] = self._simulated & values.valued()
        past.state.sweep(at)
        return past

    def _with_inputs(self, tags: np.ndarray) -> np.ndarray:
        """Add what calculated tags are worked out of: they are stale with it."""
        table = self._table
        ends = np.append(table.first_input[1:], len(table.inputs))
        rows = np.flatnonzero(np.isin(table.calculated, tags))
        parts = [table.inputs[table.first_input[row] : ends[row]] for row in rows.tolist()]
        return np.unique(np.concatenate([tags, *parts]).astype(np.intp))
