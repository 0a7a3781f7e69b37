"""The plant: which simulated machine stands behind which equipment, on which OPC UA server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import yaml

from sim.errors import PlantError
from sim.models import MODELS
from twin.contract.errors import TagError
from twin.contract.tag import check_equipment_id

SHIPPED = Path(__file__).parent / "parks" / "yenphong" / "plant.yaml"


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
    """A simulated machine.

    Args:
        id: unique in the plant; seeds its randomness.
        model: key of :data:`sim.models.MODELS`.
        server: the server that shows it.
        equipment: slot of the model -> equipment id.
        parameters: of the model.
        inputs: input of the model -> tags whose sum it is fed, as read last (in this tick, where their
            machine stands above in the file).
    """

    id: str
    model: str
    server: str
    equipment: dict[str, str]
    parameters: dict[str, Any] = {}
    inputs: dict[str, tuple[str, ...]] = {}


class Plant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of a ``plant.yaml``.

    Args:
        name: of the park.
        tick_s: how often the machines are stepped and read [s].
        utc_offset_h: by how much local time is ahead of UTC [h]; day curves follow local time.
    """

    name: str
    tick_s: float
    utc_offset_h: float
    servers: tuple[ServerRow, ...]
    machines: tuple[MachineRow, ...]


def read_plant(path: Path = SHIPPED) -> Plant:
    """Read and check a ``plant.yaml``.

    Raises:
        PlantError: the file cannot be read, has an unknown key, or names something that is not there.

    >>> read_plant().name
    'yenphong'
    """
    try:
        plant = msgspec.convert(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader), Plant)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise PlantError(f"{path}: {error}; see sim/plant.py for what a plant file holds") from error
    _check(plant, path)
    return plant


def _check(plant: Plant, path: Path) -> None:
    def fail(what: str, rule: str) -> None:
        raise PlantError(f"{path}: {what}: {rule}")

    if plant.tick_s <= 0:
        fail(f"tick_s {plant.tick_s}", "must be above 0")
    servers = [server.id for server in plant.servers]
    for name in {name for name in servers if servers.count(name) > 1}:
        fail(f"server {name!r}", "is there twice; give each its own id")
    seen: dict[str, str] = {}
    for machine in plant.machines:
        where = f"machine {machine.id!r}"
        if machine.id in seen:
            fail(where, "is there twice; give each its own id")
        seen[machine.id] = where
        model = MODELS.get(machine.model)
        if model is None:
            raise PlantError(f"{path}: {where}: model {machine.model!r} is not one of {sorted(MODELS)}")
        if machine.server not in servers:
            fail(where, f"server {machine.server!r} is not one of {servers}")
        if set(machine.equipment) != set(model.slots):
            fail(where, f"equipment must fill exactly the slots {sorted(model.slots)}")
        for equipment in machine.equipment.values():
            try:
                check_equipment_id(equipment)
            except TagError as error:
                fail(where, str(error))
            if equipment in seen:
                fail(where, f"equipment {equipment!r} has {seen[equipment]} behind it already")
            seen[equipment] = where
