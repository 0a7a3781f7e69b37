"""The registers of all meters of one server as one array, filled from columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pymodbus.constants import ExcCodes

from sim.kind import F64, U32, Bools
from sim.modbus.meters_file import Bad, Meter
from sim.modbus.register import TypeName, WordOrder, Words, encode, word_count

MOST_REGISTERS = 125
"""Registers a request may ask for (Modbus Application Protocol V1.1b3 §6.3)."""

READ_HOLDING, READ_INPUT = 3, 4
_TABLES = {READ_HOLDING: "holding", READ_INPUT: "input"}
_BAD_BIT = np.uint32(0x80000000)
_EXCEPTIONS: dict[Bad, ExcCodes] = {
    "device_failure": ExcCodes.DEVICE_FAILURE,
    "gateway_no_response": ExcCodes.GATEWAY_NO_RESPONSE,
}


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Values that are laid out alike."""

    type: TypeName
    word_order: WordOrder
    rows: npt.NDArray[np.intp]
    scale: F64
    places: npt.NDArray[np.intp]
    """``intp[n, words]``: where in the array of words."""


class RegisterBank:
    """What pymodbus reads from; it stands where pymodbus has its datastore.

    Args:
        meters: no unit id twice.
    """

    def __init__(self, meters: Sequence[Meter]) -> None:
        self.tags: tuple[str, ...] = tuple(tag for meter in meters for tag in meter.tags)
        """The tag of each value, in the order in which :meth:`write` takes them."""
        self._places: dict[tuple[int, str], dict[int, int]] = {}
        self._exception: dict[int, ExcCodes | None] = {}
        kinds: dict[tuple[TypeName, WordOrder], list[tuple[int, float, list[int]]]] = {}
        size = row = 0
        for meter in meters:
            self._exception[meter.unit] = _EXCEPTIONS.get(meter.map.bad)
            for register in meter.map.registers:
                table = self._places.setdefault((meter.unit, register.table), {})
                places = list(range(size, size + register.words))
                table.update(
                    zip(range(register.address, register.address + register.words), places, strict=True)
                )
                kind = (register.type, register.word_order)
                kinds.setdefault(kind, []).append((row, register.scale, places))
                size += register.words
                row += 1
        self._words: Words = np.zeros(size, np.uint16)
        self._bad: Bools = np.ones(size, np.bool_)
        self._groups = [
            _Group(
                type_name,
                order,
                np.array([one for one, _, _ in members], np.intp),
                np.array([scale for _, scale, _ in members]),
                np.array([places for _, _, places in members], np.intp).reshape(-1, word_count(type_name)),
            )
            for (type_name, order), members in kinds.items()
        ]

    def write(self, value: F64, status: U32) -> None:
        """Set all values, in the order of :attr:`tags`.

        Args:
            value: ``float64[n]``, in the unit of the signal; not a number counts as Bad.
            status: ``uint32[n]``, OPC UA status codes; Uncertain is shown as it is, a register cannot say it.
        """
        missing = (status >= _BAD_BIT) | ~np.isfinite(value)
        for group in self._groups:
            gone = missing[group.rows]
            raw = value[group.rows] / group.scale
            self._words[group.places] = encode(group.type, group.word_order, raw, gone)
            self._bad[group.places] = gone[:, None]

    def read(self, unit: int, function: int, address: int, count: int) -> list[int] | ExcCodes:
        """Registers, or the exception that answers the request."""
        if unit not in self._exception:
            return ExcCodes.GATEWAY_NO_RESPONSE
        if function not in _TABLES:
            return ExcCodes.ILLEGAL_FUNCTION
        if not 1 <= count <= MOST_REGISTERS:
            return ExcCodes.ILLEGAL_VALUE
        table = self._places.get((unit, _TABLES[function]), {})
        places = [table.get(one, -1) for one in range(address, address + count)]
        if min(places) < 0:
            return ExcCodes.ILLEGAL_ADDRESS
        exception = self._exception[unit]
        if exception is not None and self._bad[places].any():
            return exception
        words: list[int] = self._words[places].tolist()
        return words

    def device_ids(self) -> list[int]:
        """Unit ids (pymodbus asks)."""
        return list(self._exception)

    async def async_getValues(  # pymodbus calls it so
        self, device_id: int, func_code: int, address: int, count: int = 1
    ) -> list[int] | ExcCodes:
        """Answer a read request (pymodbus calls this)."""
        return self.read(device_id, func_code, address, count)

    async def async_setValues(  # pymodbus calls it so
        self, device_id: int, func_code: int, address: int, values: Sequence[int]
    ) -> ExcCodes:
        """Refuse a write request: a meter measures (pymodbus calls this)."""
        return ExcCodes.ILLEGAL_FUNCTION
