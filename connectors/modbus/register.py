"""One value of a device: where it lies in the registers, how, and what it is worth.

As a node of a configuration: ``unit=3;input=100;type=float32;word_order=little;scale=0.1;offset=0``.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Final, Literal, get_args

from connectors.errors import NodeAddressError

Table = Literal["holding", "input", "coil", "discrete"]
TypeName = Literal[
    "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "bit"
]  # fmt: skip
WordOrder = Literal["big", "little"]

_FORMATS: Final = {
    "int16": struct.Struct(">h"), "uint16": struct.Struct(">H"), "int32": struct.Struct(">i"),
    "uint32": struct.Struct(">I"), "int64": struct.Struct(">q"), "uint64": struct.Struct(">Q"),
    "float32": struct.Struct(">f"), "float64": struct.Struct(">d"), "bit": struct.Struct(">H"),
}  # fmt: skip
BIT_TABLES: Final = frozenset({"coil", "discrete"})
EXAMPLE: Final = "write unit=1;holding=100;type=float32, and word_order, scale, offset, bit where needed"


@dataclass(frozen=True, slots=True)
class Register:
    """One value.

    Args:
        unit: which device.
        table: ``holding`` (function 3), ``input`` (4), ``coil`` (1) or ``discrete`` (2).
        address: of its first register or bit, as on the wire.
        type: how the number is laid out; ``bit`` in tables of bits, and for one bit of a register.
        word_order: ``big`` = high word first (ABCD), ``little`` = low word first (CDAB).
        scale, offset: value = raw * scale + offset.
        bit: which bit of the register, 0 = lowest.
        missing: the raw number that stands for "no value"; None if there is none.
    """

    unit: int
    table: Table
    address: int
    type: TypeName
    word_order: WordOrder = "big"
    scale: float = 1.0
    offset: float = 0.0
    bit: int = 0
    missing: int | None = None

    @property
    def count(self) -> int:
        """How many registers (or bits) it takes."""
        return 1 if self.table in BIT_TABLES else _FORMATS[self.type].size // 2

    @property
    def end(self) -> int:
        """The address after it."""
        return self.address + self.count

    def value(self, words: list[int]) -> float:
        """Make the value of its registers; NaN if they say that there is none.

        >>> Register(1, "input", 0, "float32", word_order="little").value([0x0000, 0x4148])
        12.5
        >>> Register(1, "holding", 0, "int16", scale=0.1).value([0xFFFE])
        -0.2
        """
        if self.type == "bit":
            return float(words[0] >> self.bit & 1)
        if self.word_order == "little":
            words = words[::-1]
        raw = _FORMATS[self.type].unpack(struct.pack(f">{len(words)}H", *words))[0]
        if raw == self.missing:
            return float("nan")
        return float(raw * self.scale + self.offset)

    def words(self, value: float) -> list[int]:
        """Make the registers (or the bit) of a value, the nearest that they can hold.

        Raises:
            ValueError: it is not a finite number, or more than they can hold.

        >>> Register(1, "holding", 0, "int16", scale=0.1).words(-0.2)
        [65534]
        >>> Register(1, "holding", 0, "uint32", word_order="little").words(65537.0)
        [1, 1]
        """
        if self.type == "bit":
            if value not in (0, 1):
                raise ValueError(f"{value:g}: a bit is 0 or 1")
            return [int(value)]
        raw = (value - self.offset) / self.scale
        if not math.isfinite(raw):
            raise ValueError(f"{value:g}: is no finite number of this register")
        layout = _FORMATS[self.type]
        number = raw if self.type.startswith("float") else round(raw)
        try:
            packed = layout.pack(number)
        except (struct.error, OverflowError) as error:
            raise ValueError(f"{value:g}: does not fit into a {self.type}") from error
        if number == self.missing:
            raise ValueError(f"{value:g}: would be read as 'no value' ({self.missing})")
        words = list(struct.unpack(f">{layout.size // 2}H", packed))
        return words[::-1] if self.word_order == "little" else words


def parse_register(text: str) -> Register:
    """Read a node of a Modbus source.

    Raises:
        NodeAddressError: it is none.

    >>> parse_register("unit=3;input=100;type=uint32;scale=0.1")
    Register(unit=3, table='input', address=100, type='uint32', word_order='big', scale=0.1, offset=0.0, \
bit=0, missing=None)
    """
    fields: dict[str, str] = {}
    for part in text.split(";"):
        key, found, value = part.strip().partition("=")
        if not found or key in fields:
            raise NodeAddressError(f"node {text!r}: {part!r} is no key=value, or stands twice; {EXAMPLE}")
        fields[key] = value
    tables = [table for table in get_args(Table) if table in fields]
    if len(tables) != 1 or "unit" not in fields:
        raise NodeAddressError(f"node {text!r}: must have a unit and one table; {EXAMPLE}")
    table: Table = tables[0]
    try:
        register = Register(
            unit=_whole(fields.pop("unit"), 0, 255),
            table=table,
            address=_whole(fields.pop(table), 0, 65_535),
            type=_type(fields.pop("type", "bit" if table in BIT_TABLES else "uint16"), table),
            word_order=_order(fields.pop("word_order", "big")),
            scale=float(fields.pop("scale", "1")),
            offset=float(fields.pop("offset", "0")),
            bit=_whole(fields.pop("bit", "0"), 0, 15),
            missing=int(fields.pop("missing")) if "missing" in fields else None,
        )
    except ValueError as error:
        raise NodeAddressError(f"node {text!r}: {error}; {EXAMPLE}") from error
    if fields:
        raise NodeAddressError(f"node {text!r}: {', '.join(sorted(fields))} not known; {EXAMPLE}")
    if register.end > 65_536:
        raise NodeAddressError(f"node {text!r}: reaches beyond register 65535; {EXAMPLE}")
    return register


def _whole(text: str, low: int, high: int) -> int:
    number = int(text)
    if not low <= number <= high:
        raise ValueError(f"{number} must be {low} to {high}")
    return number


def _type(text: str, table: Table) -> TypeName:
    known: tuple[TypeName, ...] = ("bit",) if table in BIT_TABLES else get_args(TypeName)
    for name in known:
        if name == text:
            return name
    raise ValueError(f"type {text!r} must be one of {', '.join(known)} in table {table}")


def _order(text: str) -> WordOrder:
    if text == "big":
        return "big"
    if text == "little":
        return "little"
    raise ValueError(f"word_order {text!r} must be big or little")
