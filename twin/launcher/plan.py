"""What runs where: the services of one box, their folders, ports and settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from twin.bus.signatures import make_keys
from twin.launcher.ports import choose_port
from twin.launcher.supervisor import LauncherError, ServiceSpec

SIMULATOR_PORTS = {
    "ANPHAT": 48401,
    "DONGHO": 48402,
    "UTILITIES": 48403,
    "DETMAY": 48404,
    "THUCPHAM": 48405,
    "ENERGY_METERS": 48502,
    "WATER_METERS": 48503,
}
"""Ports of the simulated park's OPC UA and Modbus servers: variable suffix and the port if it is free."""

INSPECTED = (
    "yenphong/anphat-electronics/f1/smt/line1/aoi1",
    "yenphong/songcau-food/f1/bottling/line1/inspector1",
)
"""Stations of the simulated park that inspect: a line of boards and one of bottles. Each product
of a station is taught: all eleven cameras would keep a small machine busy for long."""
SAMPLES = "60"
"""Good pieces of a product that its station is taught from when it meets it first."""


@dataclass(frozen=True, slots=True)
class Door:
    """Who is let in.

    Args:
        identity: URL of the accounts.
        token: which the services show each other.
    """

    identity: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """The services to start.

    Args:
        services: in the order in which they start.
        twin_address: the file in which the twin writes its URL once it listens.
    """

    services: tuple[ServiceSpec, ...]
    twin_address: Path


LOOPBACK: Final = "127.0.0.1"


def demo_park() -> Path:
    """Find the park file that comes with the simulator, without importing it.

    Raises:
        LauncherError: the simulator is not installed.
    """
    spec = find_spec("sim")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        park = Path(place) / "parks" / "yenphong" / "park.yaml"
        if park.exists():
            return park
    raise LauncherError("demo park: the package 'sim' is not installed beside 'twin'; run from a checkout")


def one_box(
    park: Path, directory: Path, *, bus: str, port: int, simulated: bool, door: Door | None = None
) -> Plan:
    """Plan every service of one box.

    Args:
        park: the park file.
        directory: each service keeps its files in a folder below it.
        bus: URL of the bus; empty = the embedded bus in ``directory``.
        port: the port of the page if it is free.
        simulated: start the simulator too, on free ports.
        door: who is let in; None = nothing is secured.
    """
    directory = directory.resolve()
    signing = directory / "signing"
    make_keys(signing)
    common = {
        "PARKTWIN_SIGNING_TRUST": str(signing / "trust"),
        "PARKTWIN_BUS": bus or f"embedded:{directory / 'bus'}",
        "PARKTWIN_PARK": str(park.resolve()),
        "PARKTWIN_IDENTITY": "" if door is None else door.identity,
    }
    if door is None:  # whatever the environment says: what knows nobody is for this machine
        common |= {"PARKTWIN_HOST": LOOPBACK, "PARKTWIN_SIM_HOST": LOOPBACK}
    else:
        common["PARKTWIN_ACCESS_TOKEN"] = door.token
    if simulated:
        common |= {
            f"PARKTWIN_SIM_PORT_{name}": str(choose_port(wanted)) for name, wanted in SIMULATOR_PORTS.items()
        }

    def service(name: str, module: str, **more: str) -> ServiceSpec:
        return ServiceSpec(name, module, common | {"PARKTWIN_DATA_DIR": str(directory / name)} | more)

    services = [
        service(
            "twin",
            "twin",
            PARKTWIN_PORT=str(choose_port(port)),
            PARKTWIN_SIGNING_KEY=str(signing / "twin.key.pem"),
            PARKTWIN_QUALITY_SERVICE=str(directory / "qc" / "qc.url"),
            PARKTWIN_MAINTENANCE_SERVICE=str(directory / "maintenance" / "maintenance.url"),
        ),
        service(
            "connectors",
            "connectors",
            PARKTWIN_PORT="0",
            PARKTWIN_SIGNING_KEY=str(signing / "connectors.key.pem"),
        ),
        service("maintenance", "maintenance", PARKTWIN_PORT="0"),
        service("qc", "vision_qc.service", PARKTWIN_PORT="0"),
    ]
    if simulated:
        services.insert(0, service("sim", "sim", PARKTWIN_SIM_HTTP_PORT="0"))
        station = {
            "PARKTWIN_STATION_IDS": ",".join(INSPECTED),
            "PARKTWIN_STATION_CAMERA": str(directory / "sim" / "sim.url"),
            "PARKTWIN_STATION_QC": str(directory / "qc" / "qc.url"),
            "PARKTWIN_STATION_SAMPLES": SAMPLES,
            "PARKTWIN_STATION_SIMULATED": "true",
        }
        services.append(service("station", "vision_qc.camera_station", PARKTWIN_PORT="0", **station))
    return Plan(tuple(services), directory / "twin" / "twin.url")
