"""Every service of ours as a process of its own, as they stand in a park: one embedded bus, one database of
identities, the desks behind the twin, and some life on the bus."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from tests.support.services import ServiceProcess, wait_for
from tests.twin.api.running_twin import PARK_FILE, Plant
from twin.bus.connect import open_bus
from twin.contract.clock import system_clock
from twin.identity.identities import Identities
from twin.identity.permissions import PERMISSIONS
from twin.park.park_file import load_park

STATION = "thu/nha-may/xuong/cam1"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
MODULES = {
    "twin": "twin",
    "qc": "vision_qc.service",
    "maintenance": "maintenance",
    "connectors": "connectors",
    "station": "vision_qc.camera_station",
}


@dataclass
class Estate:
    """Services that run.

    Args:
        services: by name.
        identities: the database that they share.
        token: may do everything that the table of permissions has.
        plant: tells the bus what a connector would.
    """

    services: dict[str, ServiceProcess]
    identities: Identities
    token: str
    plant: Plant
    urls: dict[str, str] = field(default_factory=dict)

    @property
    def bearer(self) -> dict[str, str]:
        """What lets a program in everywhere."""
        return {"authorization": f"Bearer {self.token}"}

    def client(self, service: str, **headers: str) -> httpx.Client:
        """A client of a service that says nothing of itself but these headers."""
        return httpx.Client(base_url=self.urls[service], headers=headers, timeout=60, trust_env=False)


@contextmanager
def running_estate(directory: Path) -> Iterator[Estate]:
    """Start all of them in ``directory``; end them."""
    url = f"sqlite:///{directory / 'identity.sqlite3'}"
    identities = Identities(url, clock=system_clock, hasher=CHEAP)
    token = identities.tokens.issue("fuzzer", sorted(PERMISSIONS), days=1, by="test")
    bus_url = f"embedded:{directory / 'bus'}"
    common = {
        "PARKTWIN_BUS": bus_url, "PARKTWIN_PORT": "0", "PARKTWIN_IDENTITY": url, "OMP_NUM_THREADS": "1",
        "PARKTWIN_RATE_FACTOR": "0",
    }  # fmt: skip
    of_its_own = {
        "twin": {
            "PARKTWIN_PARK": str(PARK_FILE),
            "PARKTWIN_QUALITY_SERVICE": str(directory / "qc" / "qc.url"),
            "PARKTWIN_MAINTENANCE_SERVICE": str(directory / "maintenance" / "maintenance.url"),
            "PARKTWIN_DESKS_TOKEN": token,
        },
        "station": {
            "PARKTWIN_STATION_IDS": STATION,
            "PARKTWIN_STATION_CAMERA": f"folder:{directory / 'pictures'}",
            "PARKTWIN_STATION_QC": str(directory / "qc" / "qc.url"),
            "PARKTWIN_STATION_QC_TOKEN": token,
        },
    }
    services = {
        name: ServiceProcess(module, directory / name, common | of_its_own.get(name, {}), name=name)
        for name, module in MODULES.items()
    }
    bus = open_bus(bus_url)
    try:
        for service in services.values():
            service.start()
        estate = Estate(services, identities, token, Plant(bus, load_park(PARK_FILE, environment={})))
        for name, service in services.items():
            estate.urls[name] = service.url(120)
        now = time.time_ns()
        estate.plant.tell([(0, now - 60_000_000_000, 200.0), (0, now, 260.0)])
        estate.plant.beat()
        for name in services:
            with estate.client(name, **estate.bearer) as client:
                wait_for(lambda: client.get("/api/health").status_code in {200, 503}, f"{name} answers")
        yield estate
    finally:
        for service in services.values():
            service.stop()
        bus.close()
        identities.close()
