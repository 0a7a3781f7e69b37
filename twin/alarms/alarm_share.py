"""The alarms of one partition of the readings, as a park of their own: what one evaluator takes care of.

An alarm belongs to the partition of the source that feeds the tag it is about (or of the source it is about).
What it is worked out of besides (a set-point, the signals of an expression, what suppresses it) may come from
sources of other partitions: those are read too, whoever evaluates them, and only these sources of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np

from twin.alarms.alarm_table import AlarmTable, Bools, Conditions, ExpressionRows, Rows
from twin.contract.frame import I64
from twin.park.bound import Bound
from twin.state.tag_table import I32, restrict


@dataclass(frozen=True, slots=True, eq=False)
class AlarmShare:
    """Some alarms of a park and all they are worked out of.

    Args:
        table: those alarms.
        slot: ``intp[n + 1]``, tag number in ``table`` by tag number of the park, -1 = not needed; the last
            one is that of number -1.
        partition: of which the alarms are; None = all alarms of the park.
        partitions: that must be read; None = all.
        sources: whose frames are needed.
        own_sources: numbers of the sources of which it keeps the outages.
        leads: it does what only one may: publish the journal, end shelvings.
    """

    table: AlarmTable
    slot: Rows
    partition: int | None
    partitions: frozenset[int] | None
    sources: frozenset[str]
    own_sources: frozenset[int]
    leads: bool

    @property
    def name(self) -> str:
        """What it is counted under."""
        return "all" if self.partition is None else str(self.partition)


def whole(table: AlarmTable) -> AlarmShare:
    """Return all alarms of a park as one share."""
    slot = np.append(np.arange(len(table.tags), dtype=np.intp), -1)
    sources = table.tags.sources
    every = frozenset(range(len(sources)))
    return AlarmShare(table, slot, None, None, frozenset(sources), every, leads=True)


def share_of(table: AlarmTable, homes: Sequence[int], partition: int, leader: int) -> AlarmShare:
    """Cut out the alarms of one partition.

    Args:
        table: all alarms.
        homes: partition by number of source.
        partition: whose alarms.
        leader: the partition whose evaluator leads; alarms of tags that no source feeds are there, too.
    """
    home = np.append(np.array(homes, np.int64), leader)  # of source -1 the last one
    mine: Bools = home[table.source] == partition
    conditions = table.conditions
    rows = np.flatnonzero(mine[conditions.alarm])
    number = np.full(len(mine), -1, np.int64)
    number[mine] = np.arange(int(np.count_nonzero(mine)))
    n = len(table.tags)
    used = np.zeros(n + 1, np.bool_)
    used[conditions.tag[rows]] = True
    used[table.tag[mine]] = True  # the tag of an alarm on a source is -1, the place that is cleared
    others = conditions.other[rows]
    used[others[others >= 0]] = True
    groups = [_places(group, mine, conditions) for group in table.expressions]
    for group, places in zip(table.expressions, groups, strict=True):
        for place in places:
            used[group.bound.all_tags(place)] = True
        used[group.shown[places]] = True
    used[n] = False
    kept = np.flatnonzero(used)
    slot = np.full(n + 1, -1, np.intp)
    slot[kept] = np.arange(len(kept))
    tags = restrict(table.tags, [table.tag_names[tag] for tag in kept.tolist()])
    layout = crc32(repr(list(homes)).encode())  # sources that have moved make another park of it
    tags = replace(tags, revision=f"{table.tags.revision}/{partition}/{layout:08x}")
    new_row = np.full(len(conditions), -1, np.int64)
    new_row[rows] = np.arange(len(rows))
    tag_of_alarm = slot[table.tag[mine]].astype(np.int32)
    cut = AlarmTable(
        tags=tags,
        specs=table.specs,
        spec=table.spec[mine],
        tag=tag_of_alarm,
        source=table.source[mine],
        tag_names=tuple(tags.number),
        conditions=_conditions(conditions, rows, number, slot, len(kept)),
        first=_first(np.where(tag_of_alarm < 0, len(kept), tag_of_alarm).astype(np.int32), len(kept) + 1),
        expressions=tuple(
            ExpressionRows(
                _moved(group.bound.some(places), slot), new_row[group.rows[places]], slot[group.shown[places]]
            )
            for group, places in zip(table.expressions, groups, strict=True)
            if places
        ),
    )
    own = frozenset(source for source, at in enumerate(homes) if at == partition)
    sources = own | {source for source in tags.source.tolist() if source >= 0}
    return AlarmShare(
        table=cut,
        slot=slot,
        partition=partition,
        partitions=frozenset(homes[source] for source in sources) | {partition},
        sources=frozenset(table.tags.sources[source] for source in sources),
        own_sources=own,
        leads=partition == leader,
    )


def _places(group: ExpressionRows, mine: Bools, conditions: Conditions) -> list[int]:
    return [int(place) for place in np.flatnonzero(mine[conditions.alarm[group.rows]])]


def _conditions(conditions: Conditions, rows: Rows, number: I64, slot: Rows, tags: int) -> Conditions:
    watched, other = conditions.tag[rows], conditions.other[rows]
    tag = np.where(watched == len(slot) - 1, tags, slot[watched]).astype(np.int32)
    return Conditions(
        alarm=number[conditions.alarm[rows]].astype(np.int32),
        tag=tag,
        other=slot[other].astype(np.int32),
        first=_first(tag, tags + 2),
        **{
            name: getattr(conditions, name)[rows]
            for name in (
                *("source", "design", "watch", "sign", "set_at", "clear_at"),
                *("on_delay", "off_delay", "after"),
            )
        },
    )


def _first(tags: I32, count: int) -> I64:
    """Where the rows of each tag begin; they stand in the order of their tags."""
    return np.searchsorted(tags, np.arange(count)).astype(np.int64)


def _moved(bound: Bound, slot: Rows) -> Bound:
    return replace(bound, tags={name: slot[numbers] for name, numbers in bound.tags.items()})
