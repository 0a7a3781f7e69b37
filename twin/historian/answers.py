"""What an engine answers with, made into columns and messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from twin.contract.frame import F64, I64
from twin.contract.messages import Gap, GapReason
from twin.historian.base import Points, empty_points
from twin.historian.native import ColumnData, Columns


def made_gaps(found: Columns) -> tuple[Gap, ...]:
    """Gaps of an answer."""
    if not found:
        return ()
    rows = zip(
        texts(found["id"]), texts(found["source"]), int64(found["start"]).tolist(),
        int64(found["end"]).tolist(), texts(found["reason"]), found["tags"], strict=True,
    )  # fmt: skip
    return tuple(
        Gap(id=id_, source=source, start=start, end=end, reason=GapReason(reason), tags=tuple(tags))
        for id_, source, start, end, reason, tags in rows
    )


def joined(parts: Sequence[ColumnData], kind: type[np.generic]) -> npt.NDArray[Any]:
    """Put parts of a column together."""
    if len(parts) == 1:
        return np.asarray(parts[0]).astype(kind, copy=False)
    whole = np.concatenate([np.asarray(part) for part in parts]) if parts else np.zeros(0)
    return whole.astype(kind, copy=False)


def made_points(found: Columns) -> Points:
    """Readings of an answer."""
    if not found:
        return empty_points()
    status: npt.NDArray[np.uint32] = np.asarray(found["status"], dtype=np.uint32)
    words: tuple[str | None, ...] = tuple(found["text"])  # type: ignore[arg-type]
    some = any(text is not None for text in words)
    return Points(int64(found["ts"]), float64(found["value"]), status, words if some else None)


def int64(column: ColumnData) -> I64:
    """A column as ``int64[n]``."""
    return np.asarray(column).astype(np.int64)


def float64(column: ColumnData) -> F64:
    """A column as ``float64[n]``."""
    return np.asarray(column).astype(np.float64)


def texts(column: ColumnData) -> list[str]:
    """The texts of a column."""
    return [text for text in column if isinstance(text, str)]
