from __future__ import annotations

from sim.line.order_book import OrderBook
from sim.line.rows import OrderRow
from tests.sim.line.lines import at


def test_orders_come_in_turn_for_ever() -> None:
    book = OrderBook((OrderRow("a", 2), OrderRow("b", 1)), ("a", "b"), at(2026, 11, 25), 7)
    assert [book.take(float(n)).product for n in range(7)] == [0, 0, 1, 0, 0, 1, 0]


def test_an_order_is_waited_for() -> None:
    book = OrderBook((OrderRow("a", 1, wait_s=30.0), OrderRow("b", 1)), ("a", "b"), 0, 7)
    book.take(1.0)
    assert book.next_s <= 1.0
    book.take(5.0)
    assert book.next_s == 35.0


def test_numbers_begin_anew_at_local_midnight() -> None:
    book = OrderBook((OrderRow("a", 9),), ("a",), at(2026, 12, 31, 23, 59), 7)
    pieces = [book.take(now_s) for now_s in (0.0, 59.0, 60.0, 86_459.0, 86_460.0)]
    assert [(piece.day, piece.number) for piece in pieces] == [
        ("20261231", 1),
        ("20261231", 2),
        ("20270101", 1),
        ("20270101", 2),
        ("20270102", 1),
    ]
