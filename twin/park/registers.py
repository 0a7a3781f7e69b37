"""Register maps of Modbus devices, and the node that a signal of such a device is found at.

A park file names a device as ``unit=<n>;map=<id>``; what a connector is told is one register,
``unit=3;input=100;type=float32``, with ``word_order``, ``scale``, ``offset``, ``bit`` and ``missing`` where
they are not the default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from twin.park.faults import FaultLog, Located, did_you_mean
from twin.park.schema import RegisterEntry, RegisterMapEntry
from twin.park.units import normalise

BIT_TABLES: Final = frozenset({"coil", "discrete"})
WORDS: Final[Mapping[str, int]] = {
    "bit": 1, "int16": 1, "uint16": 1, "int32": 2, "uint32": 2, "float32": 2, "int64": 4, "uint64": 4,
    "float64": 4,
}  # fmt: skip
"""How many registers each type takes."""
_MAX_UNIT = 255
_DEVICE = re.compile(r"unit=([0-9]{1,4}(?:\+[0-9]{1,4})*);map=([^;]+)")


class RegisterError(ValueError):
    """A node leads to no register; the text says why.

    Args:
        code: the rule that is broken.
        text: what is wrong.
        next_step: what to do.
    """

    def __init__(self, code: str, text: str, next_step: str) -> None:
        super().__init__(text)
        self.code = code
        self.next_step = next_step


@dataclass(slots=True)
class RegisterMaps:
    """All maps by id, their registers by signal; of those in ``broken`` only the id is known."""

    rows: dict[str, dict[str, RegisterEntry]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def find(self, text: str, signal: str, unit: str) -> tuple[str, str]:
        """Return the register that a signal of a device is found at, and the form in which two texts of the
        same register are equal; two empty texts if the map is known to be broken.

        Args:
            text: ``unit=<n>;map=<id>``; the number may be a sum, ``unit=10+3``.
            signal: its name.
            unit: the signal's unit, which the register's must be.

        Raises:
            RegisterError: there is no such register, or it is in another unit.
        """
        match = _DEVICE.fullmatch(text)
        if match is None:
            raise RegisterError(
                "node.bad", "a Modbus device is unit=<n>;map=<id>", "write e.g. unit={n};map=board_meter"
            )
        device = sum(int(part) for part in match[1].split("+"))
        if device > _MAX_UNIT:
            raise RegisterError("node.bad", f"unit {device} must be 0 to {_MAX_UNIT}", "correct the unit")
        name = match[2]
        if name in self.broken:
            return "", ""
        registers = self.rows.get(name)
        if registers is None:
            step = did_you_mean(name, self.rows, "describe it under 'register_maps'")
            raise RegisterError("reference.register_map", f"no register map {name!r}", step)
        register = registers.get(signal)
        if register is None:
            step = did_you_mean(
                signal, registers, "add it to the map, or write 'source: none' for this signal"
            )
            raise RegisterError("node.missing", f"register map {name!r} has no signal {signal!r}", step)
        if register.unit and normalise(register.unit) != unit:
            rule = f"register map {name!r} gives {signal} in {register.unit}, the kind in {unit or 'no unit'}"
            raise RegisterError("register.unit", rule, "correct one of them, with 'scale' to convert")
        return write_register(
            device, register
        ), f"{device};{register.table};{register.address};{register.bit}"


def make_register_maps(entries: Iterable[Located[RegisterMapEntry]], log: FaultLog) -> RegisterMaps:
    """Make the rows of all maps; what cannot be is noted."""
    maps = RegisterMaps()
    for located in entries:
        entry = located.entry
        if entry.id in maps.rows:
            continue
        rows = maps.rows[entry.id] = {}
        for number, register in enumerate(entry.registers):
            at = ("registers", number)
            if register.signal in rows:
                rule = f"signal {register.signal!r} has a register already"
                log.at(
                    "register.duplicate", located, *at, "signal", rule=rule, next_step="delete one of them"
                )
            rows.setdefault(register.signal, register)
            rule = _wrong(register)
            if rule:
                step = "see the table of registers in docs/park-file.md"
                log.at("register.type", located, *at, "address", rule=rule, next_step=step)
    return maps


def _wrong(register: RegisterEntry) -> str:
    kind = _type_of(register)
    if register.table in BIT_TABLES and kind != "bit":
        return f"table {register.table} has bits, not {kind}"
    if register.bit and (kind != "bit" or register.table in BIT_TABLES):
        return "only a register of type bit has a bit number"
    if register.address + (1 if register.table in BIT_TABLES else WORDS[kind]) > 65_536:
        return f"a {kind} at {register.address} reaches beyond register 65535"
    return ""


def _type_of(register: RegisterEntry) -> str:
    return register.type or ("bit" if register.table in BIT_TABLES else "uint16")


def write_register(device: int, register: RegisterEntry) -> str:
    """Write a register as a connector reads it.

    >>> write_register(3, RegisterEntry(signal="p", table="input", address=100, type="float32", scale=0.001))
    'unit=3;input=100;type=float32;scale=0.001'
    """
    parts = [f"unit={device}", f"{register.table}={register.address}", f"type={_type_of(register)}"]
    if register.word_order != "big":
        parts.append(f"word_order={register.word_order}")
    if register.scale != 1:
        parts.append(f"scale={register.scale!r}")
    if register.offset:
        parts.append(f"offset={register.offset!r}")
    if register.bit:
        parts.append(f"bit={register.bit}")
    if register.missing is not None:
        parts.append(f"missing={register.missing}")
    return ";".join(parts)
