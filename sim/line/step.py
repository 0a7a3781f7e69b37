"""One step of a line: a station, or several in parallel, and the buffer before them that they share."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import simpy

from sim.line.order_book import OrderBook
from sim.line.piece import Workpiece
from sim.line.station import Station


class Step:
    """See the module. Pieces are passed on in the order in which they were done.

    Args:
        stations: at least one, all of the same step.
        before: the step before; None = the first of the line, which feeds on the order book.
        book: the line's orders.
        env: the line's time.
    """

    def __init__(
        self, stations: Sequence[Station], before: Step | None, book: OrderBook, env: simpy.Environment
    ) -> None:
        self.stations = tuple(stations)
        self.room = stations[0].row.buffer
        self.buffer: deque[Workpiece] = deque()
        self.before = before
        self.after: Step | None = None
        self.open = True
        """Whether new pieces may enter the line; of the first step only."""
        self._book = book
        self._env = env

    @property
    def holds(self) -> int:
        """Pieces in its stations and before them."""
        return len(self.buffer) + sum(len(station.pieces) for station in self.stations)

    def release(self, station: Station) -> bool:
        """Pass on, or take out, every piece that is done and can leave one of its stations; whether there was
        any."""
        left = False
        while station.head_is_done() and station.is_up():
            if not station.finish_head():
                station.pieces.popleft()
                station.reject += 1
            elif self.after is None or self.after.offer(station.pieces[0]):
                station.pieces.popleft()
                station.good += 1
            else:
                break
            left = True
        return left

    def fill(self) -> None:
        """Take in whatever there is and can be taken in, and let the steps before do likewise."""
        while self._take_in() or self._let_go_on():
            pass

    def offer(self, piece: Workpiece) -> bool:
        """Take a piece from the step before, if there is room."""
        if not self.buffer and (station := self._taker(piece.product)):
            # It must leave where it is before it is counted here: who asks pops it at once.
            station.enter(piece)
            return True
        if len(self.buffer) < self.room:
            self.buffer.append(piece)
            self._show_waiting()
            return True
        return False

    def _taker(self, product: int) -> Station | None:
        """The station that takes a piece of a product in, among several the one that took none the
        longest."""
        if len(self.stations) == 1:
            station = self.stations[0]
            return station if station.accepts(product) else None
        takers = [station for station in self.stations if station.accepts(product)]
        return min(takers, key=_last_entered, default=None)

    def _take_in(self) -> bool:
        """Take one piece from the buffer or, in the first step, from the orders."""
        if self.buffer:
            station = self._taker(self.buffer[0].product)
            if station is not None:
                station.enter(self.buffer.popleft())
                self._show_waiting()
                return True
        elif self.before is None and self.open and self._book.next_s <= self._env.now:
            station = self._taker(self._book.product)
            if station is not None:
                station.enter(self._book.take(self._env.now))
                return True
        return False

    def _let_go_on(self) -> bool:
        """Let the stations before pass on what waits in them for room here."""
        before = self.before
        if before is None:
            return False
        waiting = [station for station in before.stations if station.head_is_done()]
        if len(waiting) > 1:
            waiting.sort(key=_head_done_s)
        went_on = False
        for station in waiting:
            if before.release(station):
                went_on = True
                before.fill()
                station.refresh()
        return went_on

    def _show_waiting(self) -> None:
        for station in self.stations:
            station.show_waiting(len(self.buffer))


def _last_entered(station: Station) -> float:
    return station.entered_s


def _head_done_s(station: Station) -> float:
    return station.pieces[0].done_s
