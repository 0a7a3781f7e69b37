"""A station at work.

A station has a clock of its own, its *operating time*, that runs while it works, at its pace, and stands
while it is broken, off shift or waiting. A piece is done at a certain operating time, so an interruption of
any length in the middle of a piece needs no bookkeeping: the piece is finished afterwards. The only SimPy
event a station has in the air is an alarm at the moment its clock will show the next thing to do; an alarm
that is overtaken by a change of pace is left to ring in vain.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import simpy

from sim.kind import ABORTED, EXECUTE, HELD, IDLE, STOPPED, SUSPENDED
from sim.line.columns import StationColumns
from sim.line.flaws import Flaws
from sim.line.piece import Workpiece
from sim.line.rows import ProductRow, StationRow

TOLERANCE_S = 1e-6
"""Two moments closer than this are one: clocks of years in float64 are exact to 1e-8 s."""


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What the stations of a line share.

    Args:
        env: their time.
        rng: all their randomness.
        products: of the line.
        columns: where stations write to, at their number.
        on_alarm: called when a station's clock shows something to do.
        on_change: called when something of a station is not as it was written last.
        on_entered: told of every piece that a station takes in which inspects.
        on_inspected: decides whether a piece goes on that a camera has looked at.
    """

    env: simpy.Environment
    rng: np.random.Generator
    products: Sequence[ProductRow]
    columns: StationColumns
    on_alarm: Callable[[Station], None]
    on_change: Callable[[Station], None]
    on_entered: Callable[[Station, Workpiece], None]
    on_inspected: Callable[[Station, Workpiece, bool], bool]


class Station:
    """See the module. ``entered = good + reject + len(pieces)`` at any moment.

    Args:
        row: what it is; from an unfolded line.
        number: its place in the line.
        around: what it shares with its line.
    """

    def __init__(self, row: StationRow, number: int, around: Surroundings) -> None:
        self.row = row
        self.number = number
        self.equipment = row.equipment
        self._around = around
        self._env = around.env
        self._cycles_s = [row.cycle_s * product.cycle for product in around.products]
        self._setups_s = [row.setup * product.changeover_s for product in around.products]
        self._shape = row.spread**-2 if row.spread > 0 else 0.0
        self._flaws = Flaws(row.defects, around.products) if row.defects else None
        self.pieces: deque[Workpiece] = deque()
        self.entered = self.good = self.reject = self.micro_stops = 0
        self.cycle_s = 0.0
        self.state = SUSPENDED
        self.starved = True
        self.blocked = False
        self.product = -1
        self.waiting = 0
        self.changed = False  # not yet written to the columns; its line keeps it
        self._available = self._attended = True
        self._shown = ABORTED
        self._pace = 1.0
        self.empty_state = SUSPENDED  # shown while empty: Stopped or Idle if nothing more will come
        # its clock
        self.operating_s = 0.0
        self.since_s = self._env.now
        self.worked_s = 0.0
        self._rate = 0.0
        self.last_entry_s = -math.inf  # operating time
        self.entered_s = -math.inf  # time of the last entry
        self._setup_until_s = math.inf  # operating time
        self._setup_product = -1
        self._held_until_s = -math.inf  # time
        self._next_stop_s = self._draw_stop_s()  # operating time
        self._alarm: simpy.Timeout | None = None
        self._alarm_s = math.inf

    def control(self, available: bool, pace: float, shown: int) -> None:
        """Be told what holds from now on; see :class:`sim.line.columns.Controls`."""
        self.sync()
        self._pace = min(pace, 1.0)
        self._available = available and pace > 0.0
        self._shown = shown
        self.refresh()

    def attend(self, attended: bool) -> None:
        """Be told whether anybody is there to run it."""
        self.sync()
        self._attended = attended
        self.refresh()

    def sync(self) -> None:
        """Let its clock run until now."""
        now_s = self._env.now
        if now_s != self.since_s:
            elapsed_s = now_s - self.since_s
            if self._rate:
                self.operating_s += elapsed_s * self._rate
                if self.state == EXECUTE:
                    self.worked_s += elapsed_s
            self.since_s = now_s

    def is_up(self) -> bool:
        """Whether it can hand over and take in pieces."""
        return self._available and self._attended and self._held_until_s <= self._env.now

    def accepts(self, product: int) -> bool:
        """Whether a piece of a product can come in now; begins to change over to it where that is what
        lacks."""
        if len(self.pieces) >= self.row.room or self._setup_product >= 0 or not self.is_up():
            return False
        if product != self.product and self._setups_s[product] > 0 and self.product >= 0:
            if not self.pieces:
                self.sync()
                self._setup_product = product
                self._setup_until_s = self.operating_s + self._setups_s[product]
                self.refresh()
            return False
        if self.row.spacing_s:
            self.sync()
            return self.operating_s >= self.last_entry_s + self.row.spacing_s - TOLERANCE_S
        return True

    def enter(self, piece: Workpiece) -> None:
        """Take a piece in that it accepts."""
        self.sync()
        cycle_s = self._cycles_s[piece.product]
        if self._shape:
            cycle_s *= self._around.rng.standard_gamma(self._shape) / self._shape
        ready = self.operating_s + cycle_s
        if self.pieces and self.pieces[-1].ready > ready:
            ready = self.pieces[-1].ready
        piece.ready = ready
        piece.cycle_s = cycle_s
        piece.done_s = math.inf
        self.pieces.append(piece)
        self.entered += 1
        self.product = piece.product
        self.last_entry_s = self.operating_s
        self.entered_s = self._env.now
        if self.row.inspects:
            self._around.on_entered(self, piece)
        self.refresh()

    def head_is_done(self) -> bool:
        """Whether its first piece could leave, if there is room for it and it is up."""
        return bool(self.pieces) and self.pieces[0].ready <= self.operating_s + TOLERANCE_S

    def finish_head(self) -> bool:
        """Finish its first piece, once: say whether it goes on, or is taken out."""
        piece = self.pieces[0]
        if piece.done_s != math.inf:
            return True  # it waits here because it goes on
        piece.done_s = self._env.now
        self.cycle_s = piece.cycle_s / self._pace if self._pace > 0 else piece.cycle_s
        passes = self._passes(piece)
        if self.row.inspects:
            passes = self._around.on_inspected(self, piece, passes)
        return passes

    def _passes(self, piece: Workpiece) -> bool:
        row, rng = self.row, self._around.rng
        extra_reject = float(self._around.columns.extra_reject[self.number])
        taken_out = row.reject
        if self._flaws is not None:
            new = self._flaws.draw(rng, piece.product, extra_reject)
            if new:
                piece.defects += tuple(name for name in new if name not in piece.defects)
        else:
            taken_out += extra_reject
        passes = not (taken_out > 0 and rng.random() < taken_out)
        for name in piece.defects:
            share = row.finds.get(name, 0.0)
            if share > 0 and rng.random() < share:
                passes = False
        if row.false_reject > 0 and rng.random() < row.false_reject:
            passes = False
        return passes

    def ring(self) -> None:
        """Do what its clock shows: end a changeover, end or begin a short stop."""
        self.sync()
        now_s = self._env.now
        if self._held_until_s - now_s < TOLERANCE_S:
            self._held_until_s = -math.inf
        if self._setup_product >= 0 and self.operating_s >= self._setup_until_s - TOLERANCE_S:
            self.product = self._setup_product
            self._setup_product = -1
            self._setup_until_s = math.inf
        if self.state == EXECUTE and self.operating_s >= self._next_stop_s - TOLERANCE_S:
            self.micro_stops += 1
            assert self.row.micro_stops is not None
            self._held_until_s = now_s + self._around.rng.exponential(self.row.micro_stops.mean_s)
            self._next_stop_s = self._draw_stop_s()

    def _draw_stop_s(self) -> float:
        stops = self.row.micro_stops
        if stops is None:
            return math.inf
        return self.operating_s + self._around.rng.exponential(stops.every_s)

    def refresh(self) -> None:
        """Work out its state, the rate of its clock, and when that next shows something to do."""
        self.sync()
        now_s, operating_s = self._env.now, self.operating_s
        pieces = self.pieces
        rate, due_s = 0.0, math.inf
        self.starved = self.blocked = False
        if not self._available:
            state = self._shown
        elif not self._attended:
            state = STOPPED
        elif self._held_until_s > now_s:
            state, due_s = HELD, self._held_until_s
        elif self._setup_product >= 0:
            state, rate = IDLE, 1.0
            due_s = now_s + max(self._setup_until_s - operating_s, 0.0)
        elif pieces and pieces[-1].ready > operating_s + TOLERANCE_S:
            state, rate = EXECUTE, self._pace
            due_s = now_s + max(self._next_thing_s() - operating_s, 0.0) / rate
        elif pieces:
            state, self.blocked = SUSPENDED, True
        else:
            state = self.empty_state
            self.starved = state == SUSPENDED
        self.state, self._rate = state, rate
        if due_s < self._alarm_s:
            self._set_alarm(due_s - now_s, due_s)
        self._around.on_change(self)

    def _next_thing_s(self) -> float:
        """The operating time of the next thing to do."""
        head = self.pieces[0]
        next_s = head.ready if head.done_s == math.inf else self.pieces[-1].ready
        if self._next_stop_s < next_s:
            next_s = self._next_stop_s
        if self.row.spacing_s and len(self.pieces) < self.row.room:
            entry_s = self.last_entry_s + self.row.spacing_s
            if self.operating_s < entry_s - TOLERANCE_S and entry_s < next_s:
                next_s = entry_s
        return next_s

    def _set_alarm(self, delay_s: float, due_s: float) -> None:
        self._alarm_s = due_s
        self._alarm = simpy.Timeout(self._env, delay_s)
        self._alarm.callbacks.append(self._on_alarm)

    def _on_alarm(self, event: simpy.Event) -> None:
        if event is self._alarm:
            self._alarm = None
            self._alarm_s = math.inf
            self._around.on_alarm(self)

    def show_waiting(self, pieces: int) -> None:
        """Be told how many pieces wait before its step."""
        self.waiting = pieces
        self._around.on_change(self)

    def write(self) -> None:
        """Write what is known of it to its place in the columns."""
        columns, number = self._around.columns, self.number
        self.changed = False
        columns.state[number] = self.state
        columns.starved[number] = self.starved
        columns.blocked[number] = self.blocked
        columns.cycle_s[number] = self.cycle_s
        columns.entered[number] = self.entered
        columns.good[number] = self.good
        columns.reject[number] = self.reject
        columns.wip[number] = len(self.pieces)
        columns.waiting[number] = self.waiting
        columns.micro_stops[number] = self.micro_stops
        columns.product[number] = self.product
        columns.worked_s[number] = self.worked_s
        columns.working[number] = self.state == EXECUTE
        columns.since_s[number] = self.since_s
