"""Registers and requests: what a node says, and that every register is asked for once and whole."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import NodeAddressError
from connectors.modbus.plan import MOST_BITS, MOST_REGISTERS, Wanted, plan_blocks, values_of
from connectors.modbus.register import BIT_TABLES, Register, parse_register

REGISTERS = st.builds(
    Register,
    unit=st.integers(0, 3),
    table=st.sampled_from(["holding", "input", "coil", "discrete"]),
    address=st.integers(0, 3000),
    type=st.sampled_from(["int16", "uint32", "float64"]),
)


@given(st.lists(REGISTERS, max_size=60), st.integers(0, 40))
def test_every_register_lies_whole_in_one_block(registers: list[Register], max_gap: int) -> None:
    wanted = [Wanted(number, register) for number, register in enumerate(registers)]
    blocks = plan_blocks(wanted, max_gap=max_gap)
    assert sorted(entry.index for block in blocks for entry in block.wanted) == list(range(len(registers)))
    for block in blocks:
        assert block.count <= (MOST_BITS if block.table in BIT_TABLES else MOST_REGISTERS)
        for entry in block.wanted:
            register = entry.register
            assert (register.unit, register.table) == (block.unit, block.table)
            assert block.address <= register.address
            assert register.end <= block.address + block.count
        parts = block.split()
        assert sorted(e.index for part in parts for e in part.wanted) == sorted(e.index for e in block.wanted)
        assert len(parts) > 1 or len(block.wanted) == 1 or parts == (block,)


@given(st.floats(width=32), st.sampled_from(["big", "little"]))
def test_a_float_is_what_was_laid_out(number: float, order: str) -> None:
    words = list(struct.unpack(">2H", struct.pack(">f", number)))
    node = f"unit=1;input=10;type=float32;word_order={order}"
    (block,) = plan_blocks([Wanted(0, parse_register(node))])
    (value,) = values_of(block, words if order == "big" else words[::-1])
    assert value == number or (math.isnan(value) and math.isnan(number))


@pytest.mark.parametrize(
    "node",
    [
        "", "unit=1", "holding=1", "unit=1;holding=1;input=2", "unit=256;holding=1", "unit=1;holding=65536",
        "unit=1;holding=65535;type=float32", "unit=1;holding=1;type=real", "unit=1;coil=1;type=int16",
        "unit=1;holding=1;scale=x", "unit=1;holding=1;word_order=middle", "unit=1;holding=1;holding=2",
        "unit=1;holding=1;colour=red", "nsu=urn:x;s=y",
    ],
)  # fmt: skip
def test_what_is_no_register_is_refused_with_an_example(node: str) -> None:
    with pytest.raises(NodeAddressError, match="write unit=1;holding=100"):
        parse_register(node)
