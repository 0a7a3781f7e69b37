"""Which tags a server keeps a history of, and how much of a gap that covers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from asyncua import ua

from connectors.opcua.history_span import Span
from connectors.opcua.times import ticks_to_ns
from twin.contract.frame import I64
from twin.contract.messages import Gap

_HISTORY_READ = ua.AccessLevel.HistoryRead.mask


def behind_of(span: Span, live: I64, gap: Gap) -> npt.NDArray[np.bool_]:
    """Tell which tags' histories do not hold what was told live yet.

    A tag whose first live reading is from before the gap did not change in it; of one that goes on and has
    not said anything since, there is nothing that the history would have to hold.
    """
    need = np.where(live > 0, np.minimum(live, gap.end), gap.end)
    late: npt.NDArray[np.bool_] = ((live == 0) | (live > gap.start)) & (span.newest < need)
    return late


def holes_of(span: Span, start: int, gap: Gap, behind: npt.NDArray[np.bool_]) -> dict[int, tuple[int, int]]:
    """Return where the history of a tag does not cover the span, by its place in the group."""
    holes: dict[int, tuple[int, int]] = {}
    for place in range(len(span.reaches)):
        if place in span.refused:
            holes[place] = (start, gap.end)
            continue
        first = int(span.first[place]) or span.until
        begin = None if span.reaches[place] else (start, min(first, span.until))
        end = (max(int(span.newest[place]), start), gap.end) if behind[place] else None
        if begin is not None and end is not None:
            holes[place] = (start, gap.end)
        elif begin is not None or end is not None:
            holes[place] = begin or end or (start, gap.end)
    return holes


def has_history(read: Sequence[ua.DataValue]) -> bool:
    """Tell from AccessLevel, UserAccessLevel and Historizing whether a history is kept and may be read."""
    access, user, historizing = (value.Value.Value if value.Value is not None else None for value in read)
    may_all = isinstance(access, int) and bool(access & _HISTORY_READ)
    may_user = user is None or (isinstance(user, int) and bool(user & _HISTORY_READ))
    return may_all and may_user and historizing is True


def time_of(value: ua.DataValue) -> int | None:
    """Read a DateTime, ns; None if there is none."""
    moment = value.Value.Value if value.Value is not None else None
    return None if moment is None else ticks_to_ns(ua.datetime_to_win_epoch(moment))
