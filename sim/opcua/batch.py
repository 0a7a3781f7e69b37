"""Values that changed together, and who is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sim.kind import F64, U32
from sim.opcua.notification import I64

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Values that changed together, each row at most once; times are OPC UA ticks.

    Args:
        rows: ``intp[n]``, rows of the columns.
        value: ``float64[n]``.
        status: ``uint32[n]``.
        source_time, server_time: ``int64[n]``.
        text: n texts, None where the row is none; None if no row is a text.
    """

    rows: Rows
    value: F64
    status: U32
    source_time: I64
    server_time: I64
    text: tuple[str | None, ...] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, keep: npt.NDArray[np.bool_]) -> Batch:
        """Those rows where ``keep`` (``bool[n]``) is true."""
        if keep.all():
            return self
        text = self.text and tuple(one for one, kept in zip(self.text, keep.tolist(), strict=True) if kept)
        return Batch(
            self.rows[keep],
            self.value[keep],
            self.status[keep],
            self.source_time[keep],
            self.server_time[keep],
            text,
        )


class Listener(Protocol):
    """A subscription that is told of every batch, from the event loop's thread; must not block."""

    def enqueue(self, batch: Batch) -> None:
        """Take what it monitors of ``batch``."""

    def forsake(self, rows: Rows) -> None:
        """Take nothing more of ``rows``, whose nodes are gone."""


class Recorder(Protocol):
    """A history that is told of every batch; must not block."""

    def record(self, batch: Batch) -> None:
        """Keep ``batch``."""
