"""The deadband, kept by the connector: the same readings whether or not a server keeps it.

A value is held back if it lies within the deadband around the last one that was passed on (OPC 10000-4
§7.22.2: reported is what differs by more). Never held back: the first value of an item, a change of status,
an overflow, a text, and what is no number.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from connectors.opcua.decode import Changes
from twin.contract.frame import F64, I64
from twin.contract.status import OVERFLOW_BITS

Mask = npt.NDArray[np.bool_]


class Deadband:
    """Remembers the last value of each tag that was passed on.

    Args:
        widths: ``float64[tags]``, in the tag's unit; 0 = none.

    >>> deadband = Deadband(np.array([1.0]))
    >>> values = np.array([5.0, 5.8, 6.0, 6.1, 5.2])
    >>> told = Changes(np.zeros(5, np.uint32), values, np.arange(5), np.zeros(5, np.uint32))
    >>> deadband.holds(told, np.ones(5, np.bool_)).tolist()
    [False, True, True, False, True]
    """

    def __init__(self, widths: F64) -> None:
        self._widths = widths
        self._last = np.full(len(widths), np.nan)
        self._status = np.zeros(len(widths), np.uint32)

    def forget(self, tags: npt.NDArray[np.integer] | None = None) -> None:
        """Pass the next value of some tags on whatever it is; of all if none are given."""
        self._last[slice(None) if tags is None else tags] = np.nan

    def holds(self, changes: Changes, known: Mask) -> Mask:
        """Tell which rows are held back, and remember the others as passed on.

        Args:
            changes: rows in the order in which the server sent them.
            known: rows that are of a tag and are not dropped for another reason.
        """
        held = np.zeros(len(changes), np.bool_)
        tag = np.where(known, changes.handle, 0)
        rows = np.flatnonzero(known & (self._widths[tag] > 0))
        if not len(rows):
            return held
        never = (changes.status & np.uint32(OVERFLOW_BITS)) == OVERFLOW_BITS
        never[list(changes.text)] = True
        for turn in _turns(rows, tag[rows]):
            at = tag[turn]
            value, status = changes.value[turn], changes.status[turn]
            with np.errstate(invalid="ignore"):  # infinities of one sign differ by NaN, which is not within
                within = np.abs(value - self._last[at]) <= self._widths[at]
            hold = within & (status == self._status[at]) & ~never[turn]
            held[turn] = hold
            passed = ~hold
            self._last[at[passed]] = value[passed]
            self._status[at[passed]] = status[passed]
        return held


def _turns(rows: I64, tags: npt.NDArray[np.integer]) -> list[I64]:
    """Part rows so that no tag comes twice in a part: the first of each tag, then the second, and so on."""
    if (tags[1:] > tags[:-1]).all():
        return [rows]
    order = np.argsort(tags, kind="stable")
    in_order = tags[order]
    starts = np.concatenate(([True], in_order[1:] != in_order[:-1]))
    if starts.all():
        return [rows]
    place = np.arange(len(rows))
    turn = place - np.maximum.accumulate(np.where(starts, place, 0))
    by_turn = np.argsort(turn, kind="stable")
    ends = np.cumsum(np.bincount(turn))
    return np.split(rows[order][by_turn], ends[:-1])
