"""What enters a line next: orders in turn, for ever, and the serial numbers of their pieces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sim.line.piece import Workpiece
from sim.line.rows import OrderRow
from twin.contract.clock import NS_PER_S

_DAY_S = 86_400


class OrderBook:
    """The orders of a line.

    Args:
        orders: at least one.
        products: ids of the line's products.
        start_ns: time 0 of the line, ns since the epoch.
        utc_offset_h: by how much local time is ahead of UTC [h].

    >>> book = OrderBook((OrderRow("a", 1), OrderRow("b", 2, wait_s=60.0)), ("a", "b"), 0, 7)
    >>> piece = book.take(5.0)
    >>> piece.product, piece.day, piece.number, book.product, book.next_s
    (0, '19700101', 1, 1, 65.0)
    """

    def __init__(
        self, orders: Sequence[OrderRow], products: Sequence[str], start_ns: int, utc_offset_h: float
    ) -> None:
        self._orders = [(products.index(order.product), order.pieces, order.wait_s) for order in orders]
        self._order = 0
        self._left = self._orders[0][1]
        self._local_s = start_ns / NS_PER_S + utc_offset_h * 3600
        self._midnight_s = -float("inf")
        self._day = ""
        self._number = 0
        self.product = self._orders[0][0]
        """Index of the product of the next piece."""
        self.next_s = -float("inf")
        """From when on the next piece may enter [s]."""

    def take(self, now_s: float) -> Workpiece:
        """The next piece, which enters now."""
        if now_s >= self._midnight_s:
            self._turn_page(now_s)
        self._number += 1
        piece = Workpiece(self.product, self._day, self._number, now_s)
        self._left -= 1
        if not self._left:
            self._order = (self._order + 1) % len(self._orders)
            self.product, self._left, wait_s = self._orders[self._order]
            self.next_s = now_s + wait_s
        return piece

    def _turn_page(self, now_s: float) -> None:
        day = int((self._local_s + now_s) // _DAY_S)
        self._midnight_s = (day + 1) * _DAY_S - self._local_s
        self._day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).strftime("%Y%m%d")
        self._number = 0
