"""A production line: stations in series, simple splits and merges, on one SimPy environment.

The line asks its calendar only when a phase ends, and its stations ring only when something is due, so a
second in which nothing happens costs nothing. Everything happens at its own time: the size of the steps
changes no count.

What shows as which PackML state (ISA-TR88.00.02): Execute while a piece is worked on; Suspended while
the cause lies outside the station (*starved* of pieces, or *blocked* by the next); Held in a short stop,
which is its own; Idle while it changes over to another product, or waits empty for an order, because it is
ready to produce once started; Stopped off shift; and while it is not available whatever the controls say,
Aborted unless told otherwise.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
import simpy

from sim.calendar.calendar import Calendar, Phase
from sim.kind import IDLE, STOPPED, SUSPENDED
from sim.line.columns import Controls, StationColumns
from sim.line.order_book import OrderBook
from sim.line.piece import OnInspected, Piece, Verdict, Workpiece
from sim.line.rows import LineRow
from sim.line.station import Station, Surroundings
from sim.line.step import Step
from twin.contract.clock import NS_PER_S

KEPT_PIECES = 256
"""How many inspected pieces a station remembers."""


class ProductionLine:
    """See the module.

    Args:
        row: from :func:`sim.line.unfold.unfold_lines`.
        calendar: when it works.
        seed: with the id of the line the seed of its randomness.
        start_ns: the first moment, ns since the epoch.
        on_inspected: told of every inspected piece, after it was decided on; not of those of the head start.
        on_entered: told of every piece as it comes before a camera, with the defects it has by then.
        columns: where to write; its own, unless given.

    >>> from sim.line.rows import StationRow
    >>> from sim.line.unfold import unfold_lines
    >>> from sim.calendar.calendar import ALWAYS
    >>> rows = (StationRow("saw", 10.0, spread=0.0), StationRow("drill", 20.0, spread=0.0))
    >>> (row,) = unfold_lines([LineRow("plant/line1", "L1", "bar", rows)])
    >>> line = ProductionLine(row, Calendar(ALWAYS, 7), seed=1, start_ns=0)
    >>> line.advance(110 * NS_PER_S, Controls.all_well(2))
    >>> line.columns.good.tolist(), line.columns.blocked.tolist()
    ([6.0, 5.0], [False, False])
    """

    def __init__(
        self,
        row: LineRow,
        calendar: Calendar,
        *,
        seed: int,
        start_ns: int,
        on_inspected: OnInspected | None = None,
        on_entered: OnInspected | None = None,
        columns: StationColumns | None = None,
    ) -> None:
        self.row = row
        self.start_ns = start_ns
        self.columns = columns or StationColumns.empty(len(row.stations))
        self.verdict: Verdict | None = None
        """Decides on inspected pieces in the place of the line, if there is one."""
        self.on_inspected = on_inspected
        self.on_entered = on_entered
        self.inspected: dict[str, deque[Piece]] = {
            station.equipment: deque(maxlen=KEPT_PIECES) for station in row.stations if station.inspects
        }
        """Equipment id of each inspecting station -> its last pieces, the newest last."""
        rng = np.random.default_rng([seed, zlib.crc32(row.id.encode())])
        head_start_s = row.head_start_s * rng.random() if row.head_start_s else 0.0
        self._calendar = calendar
        self._env = simpy.Environment(initial_time=-head_start_s)
        self._products = tuple(product.id for product in row.products)
        self._book = OrderBook(row.orders, self._products, start_ns, calendar.utc_offset_h)
        self._dirty: list[Station] = []
        around = Surroundings(
            self._env, rng, row.products, self.columns, self._ring, self._note, self._enter, self._inspect
        )
        self.stations = tuple(Station(station, number, around) for number, station in enumerate(row.stations))
        self.steps = tuple(self._make_steps())
        self._step_of = {station: step for step in self.steps for station in step.stations}
        self._order_alarm_s = -float("inf")
        self._runs_dry = False
        self._now_s = -head_start_s
        self._told = Controls.all_well(len(self.stations))
        self._phase_ns = self._ns(-head_start_s)
        self._follow_calendar()
        self.run(0.0)
        self.columns.close(0.0, 0.0)
        self.columns.begun[:] = 0.0

    def _make_steps(self) -> Iterable[Step]:
        before: Step | None = None
        for _, group in groupby(self.stations, lambda station: station.row.step):
            step = Step(tuple(group), before, self._book, self._env)
            if before is not None:
                before.after = step
            before = step
            yield step

    @property
    def next_event_s(self) -> float:
        """When something happens next [s]; until then nothing changes but the time worked."""
        return self._env.peek()

    def advance(self, until_ns: int, controls: Controls) -> None:
        """Go on until ``until_ns`` under ``controls``, and bring the columns up to date."""
        until_s, from_s = (until_ns - self.start_ns) / NS_PER_S, self._now_s
        self.columns.extra_reject[:] = controls.reject
        changed = controls.differ(self._told)
        if changed.any():
            self.control(from_s, np.flatnonzero(changed).tolist(), controls)
            self._told.take(controls, changed)
        self.run(until_s)
        self.columns.close(until_s, until_s - from_s)

    def control(self, from_s: float, numbers: Sequence[int], controls: Controls) -> None:
        """Apply the controls of some stations from ``from_s`` [s] on, until when nothing may be due any more.

        Args:
            from_s: now.
            numbers: of the stations.
            controls: of all stations of the line.
        """
        if self._env.now < from_s:
            self._env.run(until=from_s)
        told = [self.stations[number] for number in numbers]
        for number, station in zip(numbers, told, strict=True):
            pace = float(controls.pace[number])
            station.control(bool(controls.available[number]), pace, int(controls.shown[number]))
        self._set_going(told)

    def run(self, until_s: float) -> None:
        """Let everything happen that is due until ``until_s`` [s], and write what has changed."""
        env = self._env
        while env.peek() <= until_s:
            env.step()
        self._now_s = until_s
        for station in self._dirty:
            station.write()
        self._dirty.clear()

    def _ring(self, station: Station) -> None:
        """A station's clock shows something to do."""
        station.ring()
        self._serve(station)
        self._watch_the_source()

    def _serve(self, station: Station) -> None:
        step = self._step_of[station]
        step.release(station)
        step.fill()
        station.refresh()

    def _set_going(self, stations: Iterable[Station]) -> None:
        """Let stations that can work again do so, the last first: room opens before it is asked for."""
        for station in reversed(list(stations)):
            self._serve(station)
        self._watch_the_source()

    def _note(self, station: Station) -> None:
        if not station.changed:
            station.changed = True
            self._dirty.append(station)

    # --- calendar and orders ---

    def _follow_calendar(self, _: simpy.Event | None = None) -> None:
        """Do as the phase says that begins now, and come back when it ends."""
        now_ns = self._phase_ns
        phase = self._calendar.phase(now_ns)
        how = {Phase.WORKING: "run", Phase.BREAK: self.row.at_break, Phase.OFF: self.row.at_end}[phase]
        self.steps[0].open = how == "run"
        for station in self.stations:
            station.attend(how != "stop")
        self._set_going(self.stations)
        change_ns = self._calendar.next_change_ns(now_ns)
        if change_ns is not None:
            self._phase_ns = change_ns
            delay_s = max((change_ns - self.start_ns) / NS_PER_S - self._env.now, 0.0)
            timer = simpy.Timeout(self._env, delay_s)
            timer.callbacks.append(self._follow_calendar)

    def _watch_the_source(self) -> None:
        """Where nothing enters any more, empty stations wait for no piece: they are Stopped, or Idle until
        the next order."""
        first = self.steps[0]
        waits = self._book.next_s > self._env.now
        if waits and self._book.next_s != self._order_alarm_s:
            self._order_alarm_s = self._book.next_s
            timer = simpy.Timeout(self._env, self._book.next_s - self._env.now)
            timer.callbacks.append(self._begin_order)
        dry = waits or not first.open
        if not dry and not self._runs_dry:
            return
        self._runs_dry = dry
        empty_state = SUSPENDED if not dry else IDLE if first.open else STOPPED
        for step in self.steps:
            for station in step.stations:
                if station.empty_state != empty_state:
                    station.empty_state = empty_state
                    station.refresh()
            if step.holds:
                empty_state = SUSPENDED

    def _begin_order(self, _: simpy.Event) -> None:
        self._book.next_s = -float("inf")  # exactly now, whatever the rounding of the timer
        self._set_going(self.steps[0].stations)

    # --- inspection ---

    def _enter(self, station: Station, work: Workpiece) -> None:
        if self.on_entered is not None and self._env.now >= 0.0:
            self.on_entered(self._piece(work, accepted=True), station.equipment)

    def _piece(self, work: Workpiece, *, accepted: bool) -> Piece:
        return Piece(
            f"{self.row.code}-{work.day}-{work.number:05d}",
            self._products[work.product],
            work.defects,
            self._ns(self._env.now),
            self._ns(work.entered_s),
            accepted,
        )

    def _inspect(self, station: Station, work: Workpiece, accepted: bool) -> bool:
        piece = self._piece(work, accepted=accepted)
        if self.verdict is not None and self.verdict(piece) is not accepted:
            piece = Piece(
                piece.serial, piece.product, piece.defects, piece.time_ns, piece.entered_ns, not accepted
            )
        self.inspected[station.equipment].append(piece)
        if self.on_inspected is not None and self._env.now >= 0.0:
            self.on_inspected(piece, station.equipment)
        return piece.accepted

    def _ns(self, moment_s: float) -> int:
        return self.start_ns + round(moment_s * NS_PER_S)
