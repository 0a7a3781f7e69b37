"""What the store needs of an engine that speaks ClickHouse's SQL: four calls, so that all SQL exists once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from twin.historian.base import EngineError, HistoryError, HistoryTimeoutError, HistoryUnavailableError
from twin.historian.native import Column, Columns

Parameters = Mapping[str, int | str]
"""Values of the ``{name:Type}`` places of a statement."""

_TOO_MUCH = (
    "TIMEOUT_EXCEEDED",
    "TOO_SLOW",
    "MEMORY_LIMIT_EXCEEDED",
    "TOO_MANY_ROWS",
    "TOO_MANY_ROWS_OR_BYTES",
)
_LATER = (
    "CANNOT_OPEN_FILE",
    "NETWORK_ERROR",
    "NOT_ENOUGH_SPACE",
    "TABLE_IS_READ_ONLY",
    "TOO_MANY_PARTS",
    "TOO_MANY_SIMULTANEOUS_QUERIES",
)


class Engine(Protocol):
    """Runs SQL. Thread-safe; a long query does not keep an insert waiting."""

    def execute(self, sql: str) -> None:
        """Run a statement without an answer. Raises HistoryError."""
        ...

    def query(self, sql: str, parameters: Parameters) -> Columns:
        """Run a query and return its columns; without rows maybe no columns at all. Raises HistoryError."""
        ...

    def insert(self, table: str, columns: Sequence[Column]) -> None:
        """Insert one block; when this returns, it is on disk. Raises HistoryError."""
        ...

    def close(self) -> None:
        """Wait for what runs and free everything."""
        ...


def engine_error(what: str, text: str) -> HistoryError:
    """Choose the error for what ClickHouse said; its errors end in a name in brackets.

    >>> type(engine_error("query", "Code: 159. DB::Exception: slow. (TIMEOUT_EXCEEDED)")).__name__
    'HistoryTimeoutError'
    """
    brief = " ".join(text.split())[:500]
    if any(f"({name})" in text for name in _TOO_MUCH):
        return HistoryTimeoutError(f"history {what}: {brief}; ask for a shorter interval")
    if any(f"({name})" in text for name in _LATER):
        return HistoryUnavailableError(f"history {what}: {brief}; it is tried again")
    return EngineError(f"history {what}: {brief}")
