"""The condition of every equipment, worked out here once and only painted by the page.

A tag's condition is the first of these that holds: *no data* (never a value), *stale*, *bad*, *critical*
(beyond low-low or high-high), *uncertain*, *warning* (beyond low or high), *stopped* (a PackML state other
than Execute), *running*. An equipment shows the gravest of its tags in this order, gravest first:

    critical > stale > bad > uncertain > warning > stopped > running > no data

Only a value that is neither stale nor bad can be critical, so one dead sensor never hides a critical one, and
an equipment whose tags are all stale (or all bad) is stale (or bad). The numbers of :class:`Condition` are
what goes over the wire; a higher number is not a graver condition.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from twin.contract.status import Quality, qualities
from twin.state.last_values import LastValues
from twin.state.tag_table import TagTable

Bools = npt.NDArray[np.bool_]
U8 = npt.NDArray[np.uint8]

EXECUTE = "execute"
"""The PackML state in which a machine produces (ISA-TR88.00.02), in lower case."""
EXECUTE_NUMBER = 6.0
"""The same as a number, as ``StateCurrent`` carries it (ISA-TR88.00.02)."""


class Condition(IntEnum):
    """What the page paints."""

    NO_DATA = 0
    RUNNING = 1
    STOPPED = 2
    WARNING = 3
    CRITICAL = 4
    UNCERTAIN = 5
    BAD = 6
    STALE = 7


_GRAVITY = (
    Condition.NO_DATA,
    Condition.RUNNING,
    Condition.STOPPED,
    Condition.WARNING,
    Condition.UNCERTAIN,
    Condition.BAD,
    Condition.STALE,
    Condition.CRITICAL,
)
"""Least grave first: the position in this row is a condition's rank."""
_RANK: dict[Condition, int] = {condition: rank for rank, condition in enumerate(_GRAVITY)}
_BY_RANK = np.array(_GRAVITY, np.uint8)


def tag_conditions(values: LastValues, table: TagTable, stale: Bools) -> U8:
    """Return the condition of every tag, ``uint8[n]`` of :class:`Condition`.

    Args:
        values: last values of n tags.
        table: their limits and roles.
        stale: ``bool[n]``.
    """
    return _BY_RANK[_tag_ranks(values, table, stale)]


def equipment_conditions(values: LastValues, table: TagTable, stale: Bools) -> U8:
    """Return the condition of every equipment, ``uint8[e]`` of :class:`Condition`; the arguments are those of
    :func:`tag_conditions`."""
    conditions = np.zeros(table.equipment_count, np.uint8)
    if len(table.owners):
        ranks = _tag_ranks(values, table, stale)
        conditions[table.owners] = _BY_RANK[np.maximum.reduceat(ranks, table.first_tag)]
    return conditions


def _tag_ranks(values: LastValues, table: TagTable, stale: Bools) -> U8:
    value, quality = values.value, qualities(values.status)
    low_low, low, high, high_high = table.limits
    rank = np.full(len(values), _RANK[Condition.RUNNING], np.uint8)
    _set_stopped(rank, values, table)
    rank[(value < low) | (value > high)] = _RANK[Condition.WARNING]
    rank[quality == Quality.UNCERTAIN] = _RANK[Condition.UNCERTAIN]
    rank[(value < low_low) | (value > high_high)] = _RANK[Condition.CRITICAL]
    rank[quality == Quality.BAD] = _RANK[Condition.BAD]
    rank[stale] = _RANK[Condition.STALE]
    rank[~values.valued()] = _RANK[Condition.NO_DATA]
    return rank


def _set_stopped(rank: U8, values: LastValues, table: TagTable) -> None:
    for number in np.flatnonzero(table.is_state).tolist():
        text = values.text.get(number)
        executes = values.value[number] == EXECUTE_NUMBER if text is None else text.lower() == EXECUTE
        if not executes:
            rank[number] = _RANK[Condition.STOPPED]
