"""The newest of what calculated tags are worked out of, and the tags themselves, as columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from twin.contract.frame import F64, I64, U32, Frame
from twin.contract.messages import Connection, SourceState
from twin.expressions.column import Column, Texts, worst
from twin.park.bound import Bound
from twin.park.calculated import calculated_source
from twin.park.calculation_order import in_order
from twin.park.model import Park
from twin.state.source_states import SourceStates
from twin.state.staleness import Bools, stale_tags
from twin.state.tag_map import TagMapping
from twin.state.tag_table import TagTable, restrict
from twin.state.twin_state import TwinState

UNCERTAIN_LAST_USABLE = np.uint32(0x40900000)
"""UncertainLastUsableValue (OPC 10000-8, A.4.3): an input is stale, whatever updated it has stopped."""
_NO_TAG_SET = "0" * 32
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Worked:
    """Readings that were worked out, in columns; of one tag at most one.

    Args:
        tag: ``intp[n]``, place among the calculated tags.
        time, value, status: of the readings.
    """

    tag: Rows
    time: I64
    value: F64
    status: U32

    def __len__(self) -> int:
        return len(self.tag)

    def take(self, rows: Bools) -> Worked:
        """Return some rows."""
        return Worked(self.tag[rows], self.time[rows], self.value[rows], self.status[rows])


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Tags of one expression: ``bound`` asks for slots, ``own`` are theirs, ``inputs`` those of each in runs
    that begin at ``first``."""

    bound: Bound
    own: Rows
    inputs: Rows
    first: Rows


class Calculation:
    """Keeps the newest readings of all inputs, and works out what hangs on them. Not thread-safe.

    A slot is the place of a tag here: the measured inputs first, then the calculated tags.

    Args:
        park: whose tags.
        table: the same in columns.
    """

    def __init__(self, park: Park, table: TagTable) -> None:
        steps = in_order(park)
        calculated = [tag for step in steps for group in step for tag in group.tags]
        asked = [tags for step in steps for group in step for tags in group.bound.tags.values()]
        every = np.unique(np.concatenate(asked)) if asked else np.zeros(0, np.intp)
        measured = every[~np.isin(every, calculated)]
        slots = np.append(measured, np.array(calculated, np.intp)).astype(np.intp)
        self.measured = len(measured)
        """How many slots are measured."""
        self.source = calculated_source(park.id)
        self.tags = tuple(park.tags[tag] for tag in calculated)
        """The calculated tags, in their order here."""
        self.state = TwinState(restrict(table, [park.tags[tag].tag for tag in slots.tolist()]))
        self.sources = SourceStates(self.state.table)
        self.slot: Rows = np.full(len(table) + 1, -1, np.intp)
        """``intp[n + 1]``: slot by tag number, -1 = none; the last one is that of number -1."""
        self.slot[slots] = np.arange(len(slots))
        self._steps = [[self._group(group.bound, group.tags) for group in step] for step in steps]
        self.simulated: Bools = self._spread_simulated(park, slots)
        """``bool[c]``: calculated tags of which an input is simulated."""
        self._done = 0
        self._tainted: Bools = np.zeros(len(calculated), np.bool_)
        self._texts = any(
            one.signal.data_type == "String" for tag in measured.tolist() for one in (park.tags[tag],)
        )
        self._own = TagMapping(np.arange(len(slots), dtype=np.intp), simulated=False)

    def apply(self, frame: Frame, mapping: TagMapping, received: int) -> None:
        """Take in a frame; ``mapping`` leads to the park's tag numbers.

        Raises:
            FrameError: the frame and its tag set do not go together; nothing was taken.
        """
        here = TagMapping(self.slot[mapping.numbers], mapping.simulated, mapping.source)
        self.state.apply(frame, here, received)

    def note_source(self, state: SourceState, at: int) -> None:
        """Take in what a source says of itself."""
        self.sources.note(state, at)

    def take_up(self, *, changed: bool) -> None:
        """Begin with what the state holds now: nothing of it is news, or all of it where the park has
        changed."""
        self._done = 0 if changed else self.state.version
        status = self.state.values.status[self.measured :]
        self._tainted = status == UNCERTAIN_LAST_USABLE

    @property
    def pending(self) -> bool:
        """Whether an input has changed since the last evaluation."""
        return bool((self.state.values.changed > self._done).any())

    def evaluate(self, now: int, sequence: int, *, live: bool) -> Worked:
        """Work out every tag of which an input has changed since the last time.

        Args:
            now: ns, by the bus's clock; what is stale by then is.
            sequence: number of the frame that will carry it.
            live: False while the log is read later: then nobody knows how sources were.
        """
        values = self.state.values
        failed = self.sources.failed if live else np.zeros(len(values), np.bool_)
        silent = np.array([live and self._silent(one, now) for one in self.state.table.sources], np.bool_)
        stale = stale_tags(values, self.state.table, silent, failed, now)
        stale[self.measured :] = False
        parts = [
            part
            for step in self._steps
            for part in self._apply_step(
                [self._evaluate(group, stale, now, live=live) for group in step], now, sequence
            )
        ]
        self._done = self.state.version
        parts = [part for part in parts if len(part)]
        return _joined(parts)

    def _silent(self, source: str, now: int) -> bool:
        """Whether a source could not vouch for its values at ``now``; of one that was heard of later, because
        the log is read late, nobody can say so."""
        heard = self.sources.get(source)
        if heard is None or heard.state.connection is not Connection.CONNECTED:
            return True
        return now > heard.at and heard.silent(now)

    def _apply_step(self, parts: list[Worked], now: int, sequence: int) -> list[Worked]:
        """Let the next step see what this one has worked out."""
        made = _joined(parts)
        if len(made):
            frame = Frame(
                source=self.source,
                sequence=sequence,
                tag_set=_NO_TAG_SET,
                index=(made.tag + self.measured).astype(np.uint32),
                source_time=made.time,
                status=made.status,
                value=made.value,
            )
            self.state.apply(frame, self._own, now)
        return parts

    def _evaluate(self, group: _Group, stale: Bools, now: int, *, live: bool) -> Worked:
        values = self.state.values
        changed = np.logical_or.reduceat(values.changed[group.inputs] > self._done, group.first)
        of_stale = np.logical_or.reduceat(stale[group.inputs], group.first)
        own = group.own - self.measured
        cleared = self._tainted[own] & ~of_stale & ~changed & live
        which = np.flatnonzero(changed | cleared)
        found = group.bound.evaluate(partial_pick(self, stale), which)
        time = np.maximum.reduceat(values.source_time[group.inputs], group.first)[which]
        # trust that comes back without a reading is news of this moment, not of the reading's
        time = np.where(cleared[which], np.maximum(time, now), time)
        self._tainted[own[which]] = found.status == UNCERTAIN_LAST_USABLE
        value = np.where(found.status >> np.uint32(31) == 1, np.nan, found.value)
        return Worked(own[which], time, value, found.status)

    def _group(self, bound: Bound, tags: tuple[int, ...]) -> _Group:
        runs = [self.slot[bound.all_tags(place)] for place in range(len(tags))]
        first = np.cumsum([0, *(len(run) for run in runs[:-1])], dtype=np.intp)
        slots = {name: self.slot[numbers] for name, numbers in bound.tags.items()}
        own = self.slot[np.array(tags, np.intp)]
        return _Group(replace(bound, tags=slots), own, np.concatenate(runs), first)

    def _spread_simulated(self, park: Park, slots: Rows) -> Bools:
        by_source = {source.id: source.simulated for source in park.sources}
        simulated = np.array(
            [by_source.get(park.tags[tag].source, False) for tag in slots.tolist()], np.bool_
        )
        for group in (group for step in self._steps for group in step):
            simulated[group.own] = np.logical_or.reduceat(simulated[group.inputs], group.first)
        return simulated[self.measured :]

    def pick(self, slots: Rows, stale: Bools) -> Column:
        """Return values of slots, those of stale inputs no better than uncertain."""
        values = self.state.values
        status = values.status[slots]
        old = stale[slots]
        if old.any():
            status = np.where(old, worst(status, np.full(len(slots), UNCERTAIN_LAST_USABLE)), status)
        text: Texts | None = None
        if self._texts:
            text = np.empty(len(slots), np.object_)
            text[:] = [values.text.get(slot) for slot in slots.tolist()]
        return Column(values.value[slots], status, text)


def partial_pick(calculation: Calculation, stale: Bools) -> Callable[[Rows, Rows], Column]:
    """Make what a bound expression asks for values of slots."""
    return lambda slots, _: calculation.pick(slots, stale)


def _joined(parts: list[Worked]) -> Worked:
    if not parts:
        none = np.zeros(0, np.int64)
        return Worked(none.astype(np.intp), none, none.astype(np.float64), none.astype(np.uint32))
    return Worked(
        np.concatenate([part.tag for part in parts]),
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.status for part in parts]),
    )
