"""Settings of the connectors service, from ``PARKTWIN_*`` environment variables."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from twin.service.settings import ServiceSettings


class ConnectorSettings(ServiceSettings):
    """What the connectors need to know beyond every service.

    Raises:
        SettingsError: (from :func:`twin.service.settings.load`) a value is missing, unknown or unsafe.
    """

    outbox_max_bytes: int = Field(
        4 << 30, ge=1 << 20, description="bytes the outbox may hold; beyond them it stops accepting"
    )
    outbox_sync: Literal["normal", "full"] = Field(
        "full", description="full survives a power cut, normal only the death of every process"
    )
    heartbeat_ms: int = Field(1000, ge=100, le=60_000, description="how often each source's state is said")
