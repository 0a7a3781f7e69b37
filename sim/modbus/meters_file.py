"""Which meters there are: register maps, and the units that have them, port by port.

.. code-block:: yaml

    maps:
      - id: feeder_meter
        en: Power meter of a switchboard
        vi: Đồng hồ đa năng tủ điện
        bad: device_failure
        registers:
          - {signal: voltage_ll, address: 0, type: float32, table: input, unit: V}
          - {signal: energy, address: 40, type: uint32, table: input, scale: 1, unit: kWh}
    servers:
      - id: electricity
        name: Electricity meters
        port: 48502
        units:
          - {unit: 1, map: feeder_meter, equipment: "yenphong/anphat-electronics/f1/power/board{1..2}"}

``board{1..2}`` stands for two meters, with units 1 and 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import yaml

from sim.modbus.errors import MetersFileError
from sim.modbus.register import Register
from twin.contract.errors import TagError
from twin.contract.pattern import PatternError, unfold
from twin.contract.tag import check_equipment_id, make_tag

Unit = Annotated[int, msgspec.Meta(ge=1, le=247)]
Bad = Literal["device_failure", "gateway_no_response", "not_available"]
"""What a meter does when it has no value: exception 4, exception 11, or not-a-number in the registers."""


class RegisterMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a model of meter has in its registers.

    Args:
        id: unique in the file.
        vi, en: what it is.
        registers: no two overlap in one table.
        bad: what it does when there is no value.
    """

    id: str
    vi: str
    en: str
    registers: tuple[Register, ...]
    bad: Bad = "device_failure"


class UnitRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A meter, or a row of equal ones.

    Args:
        unit: unit id (slave address) of the first, 1 to 247; the next ones follow.
        map: id of its register map.
        equipment: id, or a pattern such as ``board{1..3}``.
    """

    unit: Unit
    map: str
    equipment: str


class MeterServerRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A Modbus TCP server: a meter with a network socket of its own, or a gateway in front of many.

    Args:
        id: unique in the file.
        name: for people.
        port: where it listens.
        units: no unit id is there twice.
    """

    id: str
    name: str
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)]
    units: tuple[UnitRow, ...]


class Meter(msgspec.Struct, frozen=True):
    """One meter: a unit id, its map, and the equipment it is of."""

    unit: int
    map: RegisterMap
    equipment: str

    @property
    def tags(self) -> tuple[str, ...]:
        """The tag of each of its registers."""
        return tuple(make_tag(self.equipment, register.signal) for register in self.map.registers)


class MetersFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of a ``meters.yaml``."""

    maps: tuple[RegisterMap, ...]
    servers: tuple[MeterServerRow, ...]

    def meters(self, server: MeterServerRow) -> tuple[Meter, ...]:
        """The meters of a server, patterns unfolded."""
        maps = {one.id: one for one in self.maps}
        return tuple(
            Meter(row.unit + number, maps[row.map], equipment)
            for row in server.units
            for number, (equipment, _) in enumerate(unfold(row.equipment))
        )

    @property
    def tags(self) -> tuple[str, ...]:
        """All tags that some register shows, each once, in order."""
        tags = (tag for server in self.servers for meter in self.meters(server) for tag in meter.tags)
        return tuple(dict.fromkeys(tags))


def read_meters(path: Path) -> MetersFile:
    """Read and check a ``meters.yaml``.

    Raises:
        MetersFileError: the file cannot be read, has an unknown key, or names something that is not there.
    """
    try:
        meters = msgspec.convert(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader), MetersFile)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise MetersFileError(f"{path}: {error}; see sim/modbus/meters_file.py for what it holds") from error
    for problem in _problems(meters):
        raise MetersFileError(f"{path}: {problem}")
    return meters


def _problems(meters: MetersFile) -> Iterator[str]:
    """What does not hold together, one text each."""
    yield from _twice("map", [one.id for one in meters.maps])
    yield from _twice("server", [one.id for one in meters.servers])
    for one in meters.maps:
        yield from _overlaps(one)
    known = {one.id for one in meters.maps}
    for server in meters.servers:
        where = f"server {server.id!r}"
        units: dict[int, str] = {}
        for row in server.units:
            if row.map not in known:
                yield f"{where}: unit {row.unit}: map {row.map!r} is not one of {sorted(known)}"
                return
            try:
                found = [check_equipment_id(equipment) for equipment, _ in unfold(row.equipment)]
            except (PatternError, TagError) as error:
                yield f"{where}: unit {row.unit}: {error}"
                return
            for unit, equipment in enumerate(found, row.unit):
                if unit in units:
                    yield f"{where}: unit {unit} is {units[unit]} and {equipment}; give each its own"
                if unit > _LAST_UNIT:
                    yield f"{where}: {equipment} would be unit {unit} of {_LAST_UNIT}: use another port"
                units[unit] = equipment


_LAST_UNIT = 247
"""Modbus over serial line V1.02 §2.2: 248 to 255 are reserved."""


def _twice(what: str, ids: list[str]) -> Iterator[str]:
    for one in sorted({one for one in ids if ids.count(one) > 1}):
        yield f"{what} {one!r}: is there twice; give each its own id"


def _overlaps(one: RegisterMap) -> Iterator[str]:
    taken: dict[tuple[str, int], str] = {}
    for register in one.registers:
        for address in range(register.address, register.address + register.words):
            other = taken.setdefault((register.table, address), register.signal)
            if other != register.signal:
                yield (
                    f"map {one.id!r}: {register.signal} and {other} both have {register.table} register "
                    f"{address}; move one of them"
                )
                return
        if register.address + register.words > _REGISTERS:
            yield f"map {one.id!r}: {register.signal} ends beyond register {_REGISTERS - 1}; move it"


_REGISTERS = 65_536
