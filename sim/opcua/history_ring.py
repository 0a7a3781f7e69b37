"""The last values of every variable of a server: one ring a variable, all rings one array."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.kind import F64, U32
from sim.opcua.batch import Batch
from sim.opcua.notification import I64, STRING, U8

_TICKS_PER_MS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Values of one variable, oldest source time first; times are OPC UA ticks.

    Args:
        value: ``float64[n]``; ignored for texts.
        status: ``uint32[n]``.
        source_time: ``int64[n]``, never falling.
        server_time: ``int64[n]``, true to a millisecond.
        text: n texts if the variable is a text, else None.
    """

    value: F64
    status: U32
    source_time: I64
    server_time: I64
    text: tuple[str | None, ...] | None

    def __len__(self) -> int:
        return len(self.value)

    def take(self, order: npt.NDArray[np.intp]) -> Samples:
        """Those at the positions in ``order``."""
        text = self.text and tuple(self.text[one] for one in order.tolist())
        return Samples(
            self.value[order], self.status[order], self.source_time[order], self.server_time[order], text
        )


class HistoryRing:
    """Keeps the last ``depth`` changes of each variable; 24 bytes a value, and no more than that.

    Writing is a scatter into four arrays, whatever the number of variables. Values that come out of order are
    put in order when they are read.

    Args:
        wire: ``uint8[n]``, built-in type ids of the variables.
        depth: values a variable.

    >>> ring = HistoryRing(np.array([11], np.uint8), depth=2)
    >>> for step in (1, 2, 3):
    ...     one = np.array([step], np.int64)
    ...     ring.record(Batch(np.array([0]), one / 10, np.zeros(1, np.uint32), one, one))
    >>> ring.samples(0).value.tolist()
    [0.2, 0.3]
    """

    def __init__(self, wire: U8, depth: int) -> None:
        n = len(wire)
        self.depth = depth
        self._value: F64 = np.zeros((n, depth))
        self._status: U32 = np.zeros((n, depth), np.uint32)
        self._source_time: I64 = np.zeros((n, depth), np.int64)
        self._lag_ms = np.zeros((n, depth), np.int32)  # server time, as a difference: half the bytes
        self._written = np.zeros(n, np.int64)
        texts = np.flatnonzero(wire == STRING)
        self._text_row = np.full(n, -1, np.intp)
        self._text_row[texts] = np.arange(len(texts))
        self._text = np.full((len(texts), depth), None, object)

    @property
    def nbytes(self) -> int:
        """What the arrays take [bytes], whatever is in them."""
        held = (self._value, self._status, self._source_time, self._lag_ms, self._text)
        return sum(array.nbytes for array in held)

    def record(self, batch: Batch) -> None:
        """Keep what changed (:class:`sim.opcua.batch.Recorder`)."""
        rows = batch.rows
        place = self._written[rows] % self.depth
        self._value[rows, place] = batch.value
        self._status[rows, place] = batch.status
        self._source_time[rows, place] = batch.source_time
        lag = (batch.server_time - batch.source_time) // _TICKS_PER_MS
        self._lag_ms[rows, place] = np.clip(lag, -(2**31), 2**31 - 1)
        if batch.text is not None:
            text_rows = self._text_row[rows]
            for position in np.flatnonzero(text_rows >= 0).tolist():
                self._text[text_rows[position], place[position]] = batch.text[position]
        self._written[rows] += 1

    def written(self, row: int) -> int:
        """How many values of a variable there ever were."""
        return int(self._written[row])

    def samples(self, row: int, newest: int | None = None) -> Samples:
        """What is kept of a variable, up to the ``newest``-th value there ever was."""
        written = self.written(row)
        oldest = max(written - self.depth, 0)
        place = np.arange(oldest, written if newest is None else max(newest, oldest)) % self.depth
        source_time = self._source_time[row, place]
        order = place[np.argsort(source_time, kind="stable")]
        text_row = int(self._text_row[row])
        text = tuple(self._text[text_row, order].tolist()) if text_row >= 0 else None
        source_time = self._source_time[row, order]
        server_time = source_time + self._lag_ms[row, order].astype(np.int64) * _TICKS_PER_MS
        return Samples(self._value[row, order], self._status[row, order], source_time, server_time, text)
