"""Settings of the maintenance service, from ``PARKTWIN_*`` environment variables."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from twin.service.settings import ServiceSettings

SHIPPED_MODELS = Path(__file__).parent / "models"


class MaintenanceSettings(ServiceSettings):
    """What maintenance needs to know beyond every service.

    Raises:
        SettingsError: (from :func:`twin.service.settings.load`) a value is missing, unknown or unsafe.
    """

    health_models: Path | None = Field(
        None,
        description="folder with a health model of each kind of machine, <kind>.npz; empty = those that come "
        "with ParkTwin, of simulated machines",
    )
    health_database: str = Field(
        "", description="database of forecasts and outcomes; empty = a SQLite file in the data folder"
    )
    maintenance_site: Path | None = Field(
        None,
        description="site file of maintenance: crews, calendars, jobs, parts with prices; empty = the sample "
        "of the demo park, whose figures are examples",
    )
    health_window_s: float = Field(
        300.0, ge=1.0, le=86_400.0, description="length of the windows that readings are averaged over [s]"
    )
    health_every_windows: int = Field(
        3, ge=1, le=1000, description="a machine is forecast at the end of every so many windows"
    )
    health_snapshot_s: float = Field(
        30.0, ge=0.1, le=3600.0, description="seconds between two snapshots of what is watched"
    )
