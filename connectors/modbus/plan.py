"""Which requests read which registers: neighbours together, as many as one request may ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from connectors.modbus.register import BIT_TABLES, Register, Table

MOST_REGISTERS: Final = 125
MOST_BITS: Final = 2_000
"""Of one request (Modbus Application Protocol V1.1b3, §6.1 to 6.4)."""
MAX_GAP: Final = 16
"""Registers nobody asked for that are read along, because a request costs more than they do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One register and its place in the tag set."""

    index: int
    register: Register


@dataclass(frozen=True, slots=True)
class Block:
    """One request and what it answers.

    Args:
        unit, table, address, count: what to ask for.
        wanted: what lies in it, by address.
    """

    unit: int
    table: Table
    address: int
    count: int
    wanted: tuple[Wanted, ...]

    def __str__(self) -> str:
        return f"unit {self.unit} {self.table} {self.address} to {self.address + self.count - 1}"

    def split(self) -> tuple[Block, ...]:
        """Part a block that a device refuses: at its gaps if it has some, else in halves; a single register
        stays as it is."""
        exact = tuple(plan_blocks(self.wanted, max_gap=0))
        if len(exact) > 1 or len(self.wanted) == 1:
            return exact
        half = len(self.wanted) // 2
        return (*plan_blocks(self.wanted[:half], max_gap=0), *plan_blocks(self.wanted[half:], max_gap=0))


def plan_blocks(wanted: Iterable[Wanted], *, max_gap: int = MAX_GAP) -> list[Block]:
    """Group registers into as few requests as may be.

    >>> registers = [Register(1, "input", address, "float32") for address in (0, 2, 4, 40, 200)]
    >>> [str(block) for block in plan_blocks(Wanted(n, r) for n, r in enumerate(registers))]
    ['unit 1 input 0 to 5', 'unit 1 input 40 to 41', 'unit 1 input 200 to 201']
    """
    ordered = sorted(wanted, key=lambda w: (w.register.unit, w.register.table, w.register.address))
    blocks: list[Block] = []
    for (_, table), group in groupby(ordered, key=lambda w: (w.register.unit, w.register.table)):
        most = MOST_BITS if table in BIT_TABLES else MOST_REGISTERS
        part: list[Wanted] = []
        end = 0
        for entry in group:
            register = entry.register
            begin = part[0].register.address if part else 0
            if part and (register.address - end > max_gap or max(end, register.end) - begin > most):
                blocks.append(_block(part, end))
                part = []
            end = max(end, register.end) if part else register.end
            part.append(entry)
        blocks.append(_block(part, end))
    return blocks


def _block(part: Sequence[Wanted], end: int) -> Block:
    first = part[0].register
    return Block(first.unit, first.table, first.address, end - first.address, tuple(part))


def values_of(block: Block, answer: Sequence[int]) -> list[float]:
    """Return the value of each register of a block, in its order.

    Args:
        block: what was asked for.
        answer: registers, or bits, as they came; at least ``count``.
    """
    values = []
    for entry in block.wanted:
        start = entry.register.address - block.address
        values.append(entry.register.value(list(answer[start : start + entry.register.count])))
    return values
