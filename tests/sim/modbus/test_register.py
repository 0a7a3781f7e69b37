"""Numbers in registers, read back by pymodbus' own conversion."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.client import ModbusTcpClient
from pymodbus.client.mixin import ModbusClientMixin

from sim.modbus.register import TypeName, WordOrder, encode, word_count

TYPES: dict[TypeName, ModbusClientMixin.DATATYPE] = {
    "int16": ModbusTcpClient.DATATYPE.INT16,
    "uint16": ModbusTcpClient.DATATYPE.UINT16,
    "int32": ModbusTcpClient.DATATYPE.INT32,
    "uint32": ModbusTcpClient.DATATYPE.UINT32,
    "int64": ModbusTcpClient.DATATYPE.INT64,
    "uint64": ModbusTcpClient.DATATYPE.UINT64,
    "float32": ModbusTcpClient.DATATYPE.FLOAT32,
    "float64": ModbusTcpClient.DATATYPE.FLOAT64,
}
RANGES: dict[str, tuple[int, int]] = {
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**53), 2**53),
    "uint64": (0, 2**53),
    "float32": (-(2**24), 2**24),
    "float64": (-(2**53), 2**53),
}


def one(type_name: TypeName, order: WordOrder, value: float, *, missing: bool = False) -> list[int]:
    words: list[int] = encode(type_name, order, np.array([value]), np.array([missing]))[0].tolist()
    return words


def decoded(type_name: TypeName, order: WordOrder, words: list[int]) -> object:
    return ModbusTcpClient.convert_from_registers(words, TYPES[type_name], word_order=order)


@given(st.data())
def test_pymodbus_reads_back_what_was_laid_out(data: st.DataObject) -> None:
    type_name = data.draw(st.sampled_from(list(TYPES)))
    order: WordOrder = data.draw(st.sampled_from(["big", "little"]))
    value = data.draw(st.integers(*RANGES[type_name]))
    words = one(type_name, order, float(value))
    assert len(words) == word_count(type_name)
    assert decoded(type_name, order, words) == value


@pytest.mark.parametrize(
    ("type_name", "value", "expected"),
    [
        ("uint32", 2.0**32 + 5, 5),  # a totaliser rolls over
        ("uint16", 65_536.0, 0),
        ("uint16", -3.0, 0),
        ("int16", 40_000.0, 32_767),
        ("int16", -40_000.0, -32_768),
        ("int16", 2.5, 2),
        ("int32", 1e12, 2**31 - 1),
        ("int64", 1e300, 2**63 - 1024),
    ],
)
def test_numbers_that_do_not_fit(type_name: TypeName, value: float, expected: int) -> None:
    assert decoded(type_name, "big", one(type_name, "big", value)) == expected


@pytest.mark.parametrize(
    ("type_name", "expected"),
    [
        ("int16", [0x8000]),
        ("uint16", [0xFFFF]),
        ("int32", [0x8000, 0]),
        ("uint32", [0xFFFF, 0xFFFF]),
        ("int64", [0x8000, 0, 0, 0]),
        ("uint64", [0xFFFF] * 4),
    ],
)
def test_what_is_missing_is_marked_as_sunspec_has_it(type_name: TypeName, expected: list[int]) -> None:
    assert one(type_name, "big", 1.0, missing=True) == expected


@pytest.mark.parametrize("type_name", ["float32", "float64"])
def test_what_is_missing_is_not_a_number(type_name: TypeName) -> None:
    assert np.isnan(decoded(type_name, "big", one(type_name, "big", 1.0, missing=True)))  # type: ignore[call-overload]


def test_a_float_is_ieee_754_high_word_first() -> None:
    high, low = struct.unpack(">HH", struct.pack(">f", 231.4))
    assert one("float32", "big", 231.4) == [high, low]
    assert one("float32", "little", 231.4) == [low, high]
