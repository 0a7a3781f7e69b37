"""The apps of all services, made as they are in a process of their own, and not yet running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fastapi import FastAPI

from connectors.service import create_app as make_connectors
from connectors.settings import ConnectorSettings
from maintenance.service import create_app as make_maintenance
from maintenance.settings import MaintenanceSettings
from twin.api.service import create_app as make_twin
from twin.api.settings import TwinSettings
from twin.bus.connect import open_bus
from twin.park.park_file import load_park
from twin.service.settings import load
from vision_qc.service.service import create_app as make_qc
from vision_qc.service.settings import QcSettings

PARK = Path(__file__).parent.parent / "twin" / "api" / "park" / "park.yaml"


@contextmanager
def all_apps(directory: Path, **settings: object) -> Iterator[dict[str, FastAPI]]:
    """Make the app of every service in ``directory``; ``settings`` are for all of them."""
    with ExitStack() as stack:
        bus = open_bus("memory:apps")
        stack.callback(bus.close)
        common = {"bus": "memory:apps", **settings}

        def folder(name: str) -> dict[str, object]:
            return {**common, "data_dir": directory / name}

        yield {
            "twin": make_twin(
                load(TwinSettings, park=PARK, **folder("twin")),
                load_park(PARK, environment={}),
                connect=lambda: bus,
            ),
            "qc": make_qc(load(QcSettings, **folder("qc")), bus),
            "maintenance": make_maintenance(load(MaintenanceSettings, **folder("maintenance")), bus),
            "connectors": make_connectors(load(ConnectorSettings, **folder("connectors")), bus),
        }
