"""The state of a past moment, as the live page would have shown it.

Values are those with a source time up to the moment, so what was still under way then counts. Stale is what
was older than its kind allows, what lay in a gap, and all of a source that was lost or silent then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Engine

from twin.alarms.outages import lost_at
from twin.contract.frame import Frame
from twin.historian.base import NO_TIME, HistoryStore
from twin.park.model import Park
from twin.state.condition import U8, equipment_conditions
from twin.state.last_values import LastValues
from twin.state.staleness import Bools, stale_tags
from twin.state.tag_table import TagTable

_NO_TAG_SET = "0" * 32


@dataclass(frozen=True, slots=True, eq=False)
class PastState:
    """A state of the past.

    Args:
        values: of the tags that were asked for, by tag number; others have none.
        stale: ``bool[n]``.
        simulated: ``bool[n]``.
        condition: of every equipment, right where all its tags were asked for.
    """

    values: LastValues
    stale: Bools
    simulated: Bools
    condition: U8


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
        simulated = {source.id: source.simulated for source in park.sources}
        self._simulated = np.array([simulated.get(tag.source, False) for tag in park.tags], np.bool_)

    def at(self, tags: Sequence[int], at: int) -> PastState:
        """Return the state of some tags at a moment [ns].

        Raises:
            HistoryError, DatabaseError: it cannot be told now.
        """
        table = self._table
        numbers = self._with_inputs(np.array(tags, np.intp))
        last = self._history().last_readings([self._names[number] for number in numbers.tolist()], at)
        known = np.flatnonzero(last.time != NO_TIME)
        values = LastValues(len(table))
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
        identity = np.arange(len(table), dtype=np.intp)
        values.apply(frame, identity, received=at, version=1, simulated=False)
        in_gap = np.zeros(len(table), np.bool_)
        in_gap[numbers] = last.gap
        lost = lost_at(self._database(), at)
        source_stale = np.array([source in lost for source in table.sources], np.bool_)
        stale = stale_tags(values, table, source_stale, in_gap, at)
        return PastState(values, stale, self._simulated, equipment_conditions(values, table, stale))

    def _with_inputs(self, tags: np.ndarray) -> np.ndarray:
        """Add what calculated tags are worked out of: they are stale with it."""
        table = self._table
        ends = np.append(table.first_input[1:], len(table.inputs))
        rows = np.flatnonzero(np.isin(table.calculated, tags))
        parts = [table.inputs[table.first_input[row] : ends[row]] for row in rows.tolist()]
        return np.unique(np.concatenate([tags, *parts]).astype(np.intp))
