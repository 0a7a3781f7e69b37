"""JSON answers by msgspec: ten times faster than the default where an answer is large, and NaN is null."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from fastapi import Response

from twin.contract.clock import NS_PER_MS
from twin.contract.frame import F64


class FastJson(Response):
    """A JSON answer."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Encode; NaN and infinities become null."""
        return msgspec.json.encode(content)


def numbers(column: F64) -> list[float | None]:
    """Return a column as JSON numbers, null where it is not finite.

    >>> numbers(np.array([1.5, np.nan]))
    [1.5, None]
    """
    items: list[float | None] = column.tolist()
    for row in np.flatnonzero(~np.isfinite(column)).tolist():
        items[row] = None
    return items


def milliseconds(column: npt.NDArray[np.int64]) -> list[float]:
    """Return a column of times in ns as ms since the epoch, fractions kept."""
    items: list[float] = (column / NS_PER_MS).tolist()
    return items
