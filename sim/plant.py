"""The plant: what stands behind the park file's tags. Which machine of which kind is which equipment, on
which OPC UA server, in which production line, and what feeds what.

A plant is a main file and the parts it includes; the links are files that the park file includes too, so that
the twin and the simulator have one wiring.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import yaml

from sim.calendar.rows import CalendarRow
from sim.cameras.park_cameras import CameraRow
from sim.errors import PlantError
from sim.kinds import machine_kinds
from sim.line.rows import LineRow
from sim.line.unfold import unfold_lines
from sim.modbus.meters_file import MetersFile, read_meters
from twin.contract.errors import TagError
from twin.contract.pattern import PatternError, unfold
from twin.contract.tag import check_equipment_id

SHIPPED = Path(__file__).parent / "parks" / "yenphong" / "plant.yaml"

Row = TypeVar("Row", bound=msgspec.Struct)


class ServerRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An OPC UA server.

    Args:
        id: as the source in the park file.
        name: what it calls itself.
        port: where it listens; ``PARKTWIN_SIM_PORT_<ID>`` wins.
    """

    id: str
    name: str
    port: int


class MachineRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Simulated machines of one kind.

    Args:
        kind: one of :func:`sim.kinds.machine_kinds`.
        server: the server that shows them.
        equipment: an equipment id, or a pattern ``m{1..4}`` for a row of equal machines.
        parameters: of the kind, the same for all of the row.
        calendar: when they are wanted; a machine in a line follows its line's calendar.
    """

    kind: str
    server: str
    equipment: str
    parameters: dict[str, Any] = {}
    calendar: str = "always"


class LinkRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every upstream feeds every downstream; both may be patterns. Places are passed over: only the twin
    asks.

    Args:
        network: as in the park file.
        upstream, downstream: an equipment id or pattern, or a list of them.
    """

    network: str
    upstream: str | tuple[str, ...]
    downstream: str | tuple[str, ...]


class CalibrationRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An analyser that shows its reference for a while every day, and says so.

    Args:
        tag: ``<equipment id>:<signal>``.
        hour: local hour at which it begins, 0 to 24.
        minutes: how long it takes.
        reference: what is shown, as a share of the range.
    """

    tag: str
    hour: Annotated[float, msgspec.Meta(ge=0, lt=24)]
    minutes: Annotated[float, msgspec.Meta(gt=0, le=600)] = 20.0
    reference: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a plant, in a file of its own."""

    machines: tuple[MachineRow, ...] = ()
    lines: tuple[LineRow, ...] = ()
    calendars: tuple[CalendarRow, ...] = ()
    calibrations: tuple[CalibrationRow, ...] = ()
    cameras: tuple[CameraRow, ...] = ()


class LinkFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of links, as the park file includes it."""

    links: tuple[LinkRow, ...]


class MainFile(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ``plant.yaml``; it may hold what a part holds.

    Args:
        name: of the park.
        tick_s: how often the machines are stepped and read [s].
        utc_offset_h: by how much local time is ahead of UTC [h]; day curves and shifts follow local time.
        servers: the OPC UA servers.
        warm_up_s: how long the plant has run when it is first read [s].
        include: files of parts, by pattern, from this file's folder.
        links: files of links, likewise.
        meters: the file of the Modbus meters, if there are any.
    """

    name: str
    tick_s: float
    utc_offset_h: float
    servers: tuple[ServerRow, ...]
    warm_up_s: float = 0.0
    include: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    meters: str = ""


class Unit(msgspec.Struct, frozen=True):
    """One machine.

    Args:
        equipment: its equipment id.
        kind: name of its kind.
        server: the server that shows it.
        parameters: of its kind, read and checked.
        calendar: when it is wanted.
    """

    equipment: str
    kind: str
    server: str
    parameters: msgspec.Struct
    calendar: str


class Link(msgspec.Struct, frozen=True):
    """``upstream`` feeds ``downstream``; both are equipment ids of the plant."""

    network: str
    upstream: str
    downstream: str


class Plant(msgspec.Struct, frozen=True):
    """All of a plant, unfolded and checked.

    Args:
        name, tick_s, utc_offset_h, warm_up_s, servers: as in :class:`MainFile`.
        units: every machine, in the order of the files.
        lines: unfolded, stations by equipment id.
        calendars, calibrations, cameras: as written.
        links: between machines of the plant.
        meters: what Modbus meters show of it.
    """

    name: str
    tick_s: float
    utc_offset_h: float
    warm_up_s: float
    servers: tuple[ServerRow, ...]
    units: tuple[Unit, ...]
    lines: tuple[LineRow, ...]
    calendars: tuple[CalendarRow, ...]
    calibrations: tuple[CalibrationRow, ...]
    cameras: tuple[CameraRow, ...]
    links: tuple[Link, ...]
    meters: MetersFile


def read_plant(path: Path = SHIPPED, *, data: Path | None = None) -> Plant:
    """Read and check a ``plant.yaml`` with all it includes.

    Args:
        path: of the main file.
        data: folder with published data sets, for kinds that replay them and rows that name none.

    Raises:
        PlantError: a file cannot be read, has an unknown key, or names something that is not there.

    >>> read_plant().name
    'yenphong'
    """
    main = _read(path, MainFile)
    parts: list[tuple[Path, Part]] = [(path, main)]
    parts += [(file, _read(file, Part)) for file in _matching(path, main.include)]
    plant = Plant(
        main.name,
        main.tick_s,
        main.utc_offset_h,
        main.warm_up_s,
        main.servers,
        tuple(unit for file, part in parts for row in part.machines for unit in _units(file, row, data)),
        unfold_lines([line for _, part in parts for line in part.lines]),
        tuple(calendar for _, part in parts for calendar in part.calendars),
        tuple(calibration for _, part in parts for calibration in part.calibrations),
        tuple(camera for _, part in parts for camera in part.cameras),
        _links([link for file in _matching(path, main.links) for link in _read(file, LinkFile).links], path),
        read_meters(path.parent / main.meters) if main.meters else MetersFile((), ()),
    )
    _check(plant, path)
    known = {unit.equipment for unit in plant.units}
    kept = (link for link in plant.links if link.upstream in known and link.downstream in known)
    return msgspec.structs.replace(plant, links=tuple(kept))


def _read(path: Path, kind: type[Row]) -> Row:
    try:
        return msgspec.convert(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader), kind)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise PlantError(f"{path}: {error}; see sim/plant.py for what a plant file holds") from error


def _matching(main: Path, patterns: tuple[str, ...]) -> list[Path]:
    files = []
    for pattern in patterns:
        found = sorted(main.parent.glob(pattern))
        if not found:
            raise PlantError(f"{main}: no file matches {pattern!r}; name files from the folder of this one")
        files += found
    return files


def _units(path: Path, row: MachineRow, data: Path | None) -> list[Unit]:
    where = f"{path}: machines {row.equipment!r}"
    kind = machine_kinds().get(row.kind)
    if kind is None:
        raise PlantError(f"{where}: kind {row.kind!r} is not one of {sorted(machine_kinds())}")
    given = dict(row.parameters)
    if data is not None and "data" in kind.parameters.__struct_fields__:
        given.setdefault("data", str(data))
    try:
        parameters = msgspec.convert(given, kind.parameters)
    except msgspec.ValidationError as error:
        raise PlantError(f"{where}: parameters of {row.kind!r}: {error}") from error
    return [
        Unit(_equipment(equipment, where), row.kind, row.server, parameters, row.calendar)
        for equipment in _unfold(row.equipment, where)
    ]


def _links(rows: list[LinkRow], path: Path) -> tuple[Link, ...]:
    def ends(named: str | tuple[str, ...]) -> list[str]:
        names = (named,) if isinstance(named, str) else named
        return [one for name in names for one in _unfold(name, f"{path}: link end {name!r}")]

    return tuple(
        Link(row.network, upstream, downstream)
        for row in rows
        for upstream in ends(row.upstream)
        for downstream in ends(row.downstream)
    )


def _unfold(text: str, where: str) -> list[str]:
    try:
        return [identifier for identifier, _ in unfold(text)]
    except PatternError as error:
        raise PlantError(f"{where}: {error}") from error


def _equipment(text: str, where: str) -> str:
    try:
        return check_equipment_id(text)
    except TagError as error:
        raise PlantError(f"{where}: {error}") from error


def _check(plant: Plant, path: Path) -> None:
    def fail(what: str, rule: str) -> None:
        raise PlantError(f"{path}: {what}: {rule}")

    if plant.tick_s <= 0:
        fail(f"tick_s {plant.tick_s}", "must be above 0")
    _check_unique(path, "server", [server.id for server in plant.servers])
    _check_unique(path, "calendar", [calendar.id for calendar in plant.calendars])
    _check_unique(path, "line", [line.id for line in plant.lines])
    _check_unique(path, "equipment", [unit.equipment for unit in plant.units])
    servers = {server.id for server in plant.servers}
    calendars = {calendar.id for calendar in plant.calendars} | {"always"}
    for unit in plant.units:
        if unit.server not in servers:
            fail(f"equipment {unit.equipment!r}", f"server {unit.server!r} is not one of {sorted(servers)}")
        if unit.calendar not in calendars:
            fail(
                f"equipment {unit.equipment!r}",
                f"calendar {unit.calendar!r} is not one of {sorted(calendars)}",
            )
    _check_lines(plant, calendars, fail)
    kind_of = {unit.equipment: machine_kinds()[unit.kind] for unit in plant.units}
    shown = [("calibration", row.tag) for row in plant.calibrations]
    shown += [("Modbus register", tag) for tag in plant.meters.tags]
    for what, tag in shown:
        equipment, _, signal = tag.partition(":")
        if equipment not in kind_of or signal not in {one.name for one in kind_of[equipment].all_signals}:
            fail(f"{what} of {tag!r}", "is no tag of the plant; name <equipment id>:<signal>")
    ids = [*servers, *(server.id for server in plant.meters.servers)]
    _check_unique(path, "server", ids)


def _check_lines(plant: Plant, calendars: set[str], fail: Callable[[str, str], None]) -> None:
    stations = {unit.equipment for unit in plant.units if machine_kinds()[unit.kind].station}
    taken: set[str] = set()
    for line in plant.lines:
        if line.calendar not in calendars:
            fail(f"line {line.id!r}", f"calendar {line.calendar!r} is not one of {sorted(calendars)}")
        for station in line.stations:
            if station.equipment not in stations:
                fail(
                    f"line {line.id!r}: station {station.equipment!r}",
                    "is no machine of the plant of a kind that stands in lines; add it under machines",
                )
            if station.equipment in taken:
                fail(f"line {line.id!r}: station {station.equipment!r}", "stands in a line already")
            taken.add(station.equipment)
    inspecting = {one.equipment for line in plant.lines for one in line.stations if one.inspects}
    for camera in plant.cameras:
        if camera.station not in inspecting:
            fail(
                f"camera of {camera.station!r}",
                f"is no station that inspects; it must be one of {sorted(inspecting)}",
            )
    if left := sorted(stations - taken):
        fail(
            f"equipment {left[0]!r}",
            "is of a kind that stands in lines, and stands in none; add it to a line",
        )


def _check_unique(path: Path, what: str, names: list[str]) -> None:
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise PlantError(f"{path}: {what} {twice[0]!r} is there twice; give each its own id")
