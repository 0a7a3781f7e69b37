"""The live state at one moment, copied, as the networks read it: a number that can be relied on, or None."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from twin.contract.frame import F64
from twin.contract.status import Quality, qualities
from twin.contract.tag import make_tag
from twin.state.tag_table import TagTable
from twin.state.twin_state import TwinState

Bools = npt.NDArray[np.bool_]

_KILO: Final[Mapping[str, float]] = {"W": 1e-3, "kW": 1.0, "MW": 1e3, "kvar": 1.0, "Mvar": 1e3, "var": 1e-3}


class Readings:
    """Values by tag; what is Bad, stale, or never came is None.

    Args:
        table: the park's tags.
        value: ``float64[n]``, by tag number.
        usable: ``bool[n]``.
    """

    def __init__(self, table: TagTable, value: F64, usable: Bools) -> None:
        self._table = table
        self._value = value
        self._usable = usable & ~np.isnan(value)

    def with_means(self, numbers: Sequence[int], mean: F64) -> Readings:
        """Return these with the means of some tags in their place.

        Args:
            numbers: of the tags.
            mean: ``float64[len(numbers)]``; NaN = not known, and then the tag says nothing.
        """
        value = self._value.copy()
        value[numbers] = np.where(self._usable[numbers], mean, np.nan)
        return Readings(self._table, value, self._usable)

    def powers(self) -> dict[str, int]:
        """The tags of powers that can be relied on, with their numbers."""
        table = self._table
        return {
            tag: number
            for tag, number in table.number.items()
            if self._usable[number] and table.unit[number] in _KILO
        }

    def of(self, equipment: str, signal: str) -> float | None:
        """A value in the unit of its tag; None without a signal, too."""
        number = self._table.number.get(make_tag(equipment, signal)) if signal else None
        if number is None or not self._usable[number]:
            return None
        return float(self._value[number])

    def kilo(self, equipment: str, signal: str) -> float | None:
        """A power in kW or kvar, whatever its tag is in."""
        number = self._table.number.get(make_tag(equipment, signal)) if signal else None
        if number is None or not self._usable[number]:
            return None
        return float(self._value[number]) * _KILO.get(self._table.unit[number], 1.0)


def take(state: TwinState) -> Readings:
    """Copy what the twin knows now."""
    changes = state.changes(0)
    n = len(state.table)
    value = np.full(n, np.nan)
    usable = np.zeros(n, np.bool_)
    value[changes.index] = changes.value
    usable[changes.index] = ~changes.stale & (qualities(changes.status) != Quality.BAD)
    return Readings(state.table, value, usable)
