"""All lines of a plant, advanced together: one look at the controls a step, and only lines where something
is due are woken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from sim.calendar.calendar import Calendar
from sim.errors import PlantError
from sim.line.columns import Controls, StationColumns
from sim.line.piece import OnInspected
from sim.line.production_line import ProductionLine
from sim.line.rows import LineRow
from twin.contract.clock import NS_PER_S


class ShopFloor:
    """See the module.

    Args:
        rows: from :func:`sim.line.unfold.unfold_lines`.
        calendars: by id.
        seed: of all randomness; each line has its own, so that one line more changes nothing in the others.
        start_ns: the first moment, ns since the epoch.
        on_inspected: told of every inspected piece.
        on_entered: told of every piece as it comes before a camera.

    Raises:
        PlantError: a line names a calendar that is not there.

    >>> from sim.calendar.calendar import make_calendars
    >>> from sim.line.rows import StationRow
    >>> from sim.line.unfold import unfold_lines
    >>> saw = StationRow("saw", 10.0, spread=0.0)
    >>> rows = unfold_lines([LineRow("plant/line{1..2}", "L{n}", "bar", (saw,))])
    >>> floor = ShopFloor(rows, make_calendars([], 7), seed=1, start_ns=0)
    >>> floor.advance(60 * NS_PER_S, Controls.all_well(2))
    >>> floor.equipment, floor.columns.good.tolist()
    (('plant/line1/saw', 'plant/line2/saw'), [6.0, 6.0])
    """

    def __init__(
        self,
        rows: Sequence[LineRow],
        calendars: Mapping[str, Calendar],
        *,
        seed: int,
        start_ns: int,
        on_inspected: OnInspected | None = None,
        on_entered: OnInspected | None = None,
    ) -> None:
        for row in rows:
            if row.calendar not in calendars:
                raise PlantError(
                    f"line {row.id!r}: calendar {row.calendar!r}: must be one of {sorted(calendars)}"
                )
        self.equipment = tuple(station.equipment for row in rows for station in row.stations)
        """Equipment id of each element of the arrays."""
        self.columns = StationColumns.empty(len(self.equipment))
        bounds = np.cumsum([0, *(len(row.stations) for row in rows)]).tolist()
        self._parts = [slice(first, last) for first, last in pairwise(bounds)]
        self.lines = tuple(
            ProductionLine(
                row,
                calendars[row.calendar],
                seed=seed,
                start_ns=start_ns,
                on_inspected=on_inspected,
                on_entered=on_entered,
                columns=self.columns.part(part),
            )
            for row, part in zip(rows, self._parts, strict=True)
        )
        self.line_of = {equipment: line for line in self.lines for equipment in _equipment(line)}
        """Equipment id of a station -> its line."""
        self._line_number = np.repeat(np.arange(len(rows)), np.diff(bounds))
        self._next_s = np.array([line.next_event_s for line in self.lines])
        self._start_ns = start_ns
        self._now_s = 0.0
        self._told = Controls.all_well(len(self.equipment))

    def advance(self, until_ns: int, controls: Controls) -> None:
        """Go on until ``until_ns`` under ``controls``, and bring the columns up to date."""
        until_s = (until_ns - self._start_ns) / NS_PER_S
        self.columns.extra_reject[:] = controls.reject
        changed = controls.differ(self._told)
        due = self._next_s <= until_s
        if changed.any():
            numbers = np.unique(self._line_number[changed]).tolist()
            for number in numbers:
                part = self._parts[number]
                rows = np.flatnonzero(changed[part]).tolist()
                self.lines[number].control(self._now_s, rows, controls.part(part))
            due[numbers] = True
            self._told.take(controls, changed)
        for number in np.flatnonzero(due).tolist():
            line = self.lines[number]
            line.run(until_s)
            self._next_s[number] = line.next_event_s
        self.columns.close(until_s, until_s - self._now_s)
        self._now_s = until_s


def _equipment(line: ProductionLine) -> tuple[str, ...]:
    return tuple(station.equipment for station in line.stations)
