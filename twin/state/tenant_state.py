"""The state of a part of the park: a window on the state of the whole, with numbers of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twin.park.model import Park
from twin.state.condition import Condition
from twin.state.source_states import Heard
from twin.state.tag_table import build_tag_table
from twin.state.twin_state import Changes, Tick, TwinState


class TenantState(TwinState):
    """Holds no values: every question goes to the whole, and what is not of the part is left out of the
    answer. The condition of a machine is told only where all its tags are shown: it comes from all of them.

    Args:
        whole: the state of the park.
        park: the whole park.
        own: the part of it.
    """

    def __init__(self, whole: TwinState, park: Park, own: Park) -> None:
        super().__init__(build_tag_table(own))
        self._whole = whole
        self._own_sources = frozenset(source.id for source in own.sources)
        self._rows = [whole.table.number[tag.tag] for tag in own.tags]
        machines = {machine.id: index for index, machine in enumerate(park.equipment)}
        self._machines = [machines[machine.id] for machine in own.equipment]
        shown = {tag.tag for tag in own.tags}
        partly = {tag.equipment for tag in park.tags if tag.tag not in shown}
        self._whole_machine = [number not in partly for number in self._machines]
        self._tag_number = _numbers(self._rows, len(whole.table))
        told = [number if number not in partly else -1 for number in self._machines]
        self._machine_number = _numbers(told, len(park.equipment))

    def source(self, source: str) -> Heard | None:
        """Return the newest word of a source that is the tenant's alone."""
        return self._whole.source(source) if source in self._own_sources else None

    def changes(self, since: int) -> Changes:
        """Return what changed of the tenant's after version ``since``, as the whole's last sweep found it."""
        return self._own(self._whole.changes(since))

    def advance(self, now: int, since: int) -> Tick:
        """Return what changed of the tenant's; the whole is swept by its own ticks, not by these."""
        changes = self.changes(since)
        return Tick(changes, int(np.count_nonzero(changes.stale)), np.zeros(0, np.int64))

    def pick(self, tags: list[int]) -> Changes:
        """Return these of the tenant's tags as they are now."""
        found = self._whole.pick([self._rows[tag] for tag in tags])
        return replace(found, index=np.array(tags, np.uint32))

    def condition(self, equipment: int) -> int:
        """Return the condition of one of the tenant's machines."""
        if not self._whole_machine[equipment]:
            return Condition.NO_DATA
        return self._whole.condition(self._machines[equipment])

    def _own(self, found: Changes) -> Changes:
        number = self._tag_number[found.index]
        mine = number >= 0
        place = np.cumsum(mine) - 1
        machine = self._machine_number[found.equipment]
        ours = machine >= 0
        return Changes(
            version=found.version,
            index=number[mine].astype(np.uint32),
            value=found.value[mine],
            source_time=found.source_time[mine],
            status=found.status[mine],
            stale=found.stale[mine],
            simulated=found.simulated[mine],
            texts={int(place[row]): text for row, text in found.texts.items() if mine[row]},
            equipment=machine[ours].astype(np.uint32),
            condition=found.condition[ours],
        )


def _numbers(rows: list[int], count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The own number of each number of the whole, -1 for what is not there; a row of -1 is not told."""
    numbers = np.full(count, -1, np.int64)
    for own, row in enumerate(rows):
        if row >= 0:
            numbers[row] = own
    return numbers
