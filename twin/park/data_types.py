"""The OPC UA built-in types a signal may have (OPC 10000-6, 5.1.2), and what each can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class DataType:
    """One type.

    Args:
        name: as OPC UA calls it.
        family: what its values are; only ``real`` and ``integer`` can have a unit, a range and limits.
        lowest, highest: what it can hold; None = as far as a float64 goes.
    """

    name: str
    family: Literal["real", "integer", "boolean", "text"]
    lowest: float | None = None
    highest: float | None = None

    @property
    def numeric(self) -> bool:
        """Tell whether a unit, a range and limits make sense."""
        return self.family in ("real", "integer")


_FLOAT32_MAX = 3.4028234663852886e38
_TABLE = (
    DataType("Boolean", "boolean"),
    DataType("SByte", "integer", -(2**7), 2**7 - 1),
    DataType("Byte", "integer", 0, 2**8 - 1),
    DataType("Int16", "integer", -(2**15), 2**15 - 1),
    DataType("UInt16", "integer", 0, 2**16 - 1),
    DataType("Int32", "integer", -(2**31), 2**31 - 1),
    DataType("UInt32", "integer", 0, 2**32 - 1),
    DataType("Int64", "integer", -(2**63), 2**63 - 1),
    DataType("UInt64", "integer", 0, 2**64 - 1),
    DataType("Float", "real", -_FLOAT32_MAX, _FLOAT32_MAX),
    DataType("Double", "real"),
    DataType("String", "text"),
    DataType("LocalizedText", "text"),
    DataType("DateTime", "text"),
    DataType("Guid", "text"),
)

DATA_TYPES: Mapping[str, DataType] = {row.name: row for row in _TABLE}
"""Every data type by name."""
