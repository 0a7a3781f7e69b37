"""Values of an expression for n machines at once, each with its quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
U32 = npt.NDArray[np.uint32]
Texts = npt.NDArray[np.object_]
Rows = npt.NDArray[np.intp]

BAD_OUT_OF_RANGE: Final = np.uint32(0x803C0000)
"""Status of what cannot be worked out: a division by zero, a root of a negative number."""
BAD_TYPE_MISMATCH: Final = np.uint32(0x80740000)
"""Status of a signal that carries no number, or no text, where its kind says it does."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One value a machine.

    Args:
        value: ``float64[n]``; a Boolean is 0 or 1; NaN where ``text`` has the value.
        status: ``uint32[n]``, OPC UA status codes.
        text: ``object[n]`` of str, None for numbers.
        first: ``intp[m]`` where a pattern stands for several signals a machine: the place at which the run of
            each of m machines begins, none of them empty; None = one value a machine.
    """

    value: F64
    status: U32
    text: Texts | None = None
    first: Rows | None = None

    @classmethod
    def of(
        cls,
        value: Sequence[float] | F64,
        status: Sequence[int] | U32 | int = 0,
        text: Sequence[str | None] | None = None,
    ) -> Column:
        """Make a column of plain lists.

        >>> Column.of([1.0, 2.0]).status.tolist()
        [0, 0]
        """
        values = np.asarray(value, np.float64)
        states = np.broadcast_to(np.asarray(status, np.uint32), values.shape)
        texts: Any = None if text is None else np.array(text, dtype=object)
        return cls(values, states, texts)

    def __len__(self) -> int:
        return len(self.value)


Inputs = Mapping[str, Column]
"""Columns by the name of the reference; all of one length."""


def worst(first: U32, second: U32) -> U32:
    """Of two columns of status codes the worse one, row by row; of equals the first.

    >>> worst(np.array([0, 0x80310000], np.uint32), np.array([0x40000000, 0x80340000], np.uint32)).tolist()
    [1073741824, 2150694912]
    """
    found: U32 = np.where(second >> np.uint32(30) > first >> np.uint32(30), second, first)
    return found


def finite(value: F64, status: U32) -> Column:
    """Turn what is no finite number Bad, where it was not already."""
    bad = ~np.isfinite(value) & (status >> np.uint32(31) == 0)
    if not bad.any():
        return Column(value, status)
    return Column(np.where(bad, np.nan, value), np.where(bad, BAD_OUT_OF_RANGE, status))
