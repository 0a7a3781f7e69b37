"""One value in the registers of a meter: its type, the order of its words, its scale."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from sim.kind import F64, Bools

Words = npt.NDArray[np.uint16]
TypeName = Literal["int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]
WordOrder = Literal["big", "little"]
Table = Literal["holding", "input"]

_FORMATS: dict[str, np.dtype[np.generic]] = {
    "int16": np.dtype(">i2"),
    "uint16": np.dtype(">u2"),
    "int32": np.dtype(">i4"),
    "uint32": np.dtype(">u4"),
    "int64": np.dtype(">i8"),
    "uint64": np.dtype(">u8"),
    "float32": np.dtype(">f4"),
    "float64": np.dtype(">f8"),
}


class Register(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A row of a register map.

    Args:
        signal: of the equipment whose meter it is, the part of the tag behind the colon.
        address: of its first register, as on the wire (0 to 65535).
        type: how the number is laid out.
        table: ``holding`` (function 3) or ``input`` (function 4).
        word_order: ``big`` = high word first (ABCD), ``little`` = low word first (CDAB).
        scale: what one unit of the register is worth [``unit``]; a totaliser in steps of 0.1 m³ has 0.1.
        unit: as the signal's; for people.
    """

    signal: str
    address: Annotated[int, msgspec.Meta(ge=0, le=65_535)]
    type: TypeName
    table: Table = "holding"
    word_order: WordOrder = "big"
    scale: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    unit: str = ""

    @property
    def words(self) -> int:
        """How many registers it takes."""
        return word_count(self.type)


def word_count(type_name: TypeName) -> int:
    """How many registers a number of that type takes.

    >>> word_count("float32")
    2
    """
    return _FORMATS[type_name].itemsize // 2


def encode(type_name: TypeName, word_order: WordOrder, raw: F64, missing: Bools) -> Words:
    """Lay out numbers in registers.

    Whole numbers are rounded. Counters without a sign roll over, as meters do, and are 0 below 0; numbers
    with a sign stay at the end of their range. What is missing is not a number, or, as SunSpec has it for
    whole numbers, all ones without a sign and the lowest number with one.

    Args:
        type_name, word_order: how.
        raw: ``float64[n]``, already in units of the register.
        missing: ``bool[n]``, there is no value.

    Returns:
        ``uint16[n, words]``.

    >>> encode("uint32", "big", np.array([65537.0]), np.array([False])).tolist()
    [[1, 1]]
    >>> encode("float32", "little", np.array([1.0]), np.array([False])).tolist()
    [[0, 16256]]
    """
    layout = _FORMATS[type_name]
    words = word_count(type_name)
    if layout.kind == "f":
        with np.errstate(over="ignore"):
            numbers = np.where(missing, np.nan, raw).astype(layout)
    else:
        numbers = _whole(layout, np.where(missing, 0.0, raw))
        bits = 8 * layout.itemsize
        numbers[missing] = (1 << bits) - 1 if layout.kind == "u" else -(1 << (bits - 1))
    laid = numbers.view(">u2").reshape(len(raw), words).astype(np.uint16)
    return laid[:, ::-1] if word_order == "little" else laid


def _whole(layout: np.dtype[np.generic], raw: F64) -> npt.NDArray[np.generic]:
    bits = 8 * layout.itemsize
    rounded = np.rint(raw)
    if layout.kind == "u":
        return np.mod(np.maximum(rounded, 0.0), 2.0**bits).astype(layout)
    # the largest float64 that is not beyond an int64
    highest = float(2 ** (bits - 1) - 1) if bits < 64 else float(2**63 - 1024)
    return np.clip(rounded, -(2.0 ** (bits - 1)), highest).astype(layout)
