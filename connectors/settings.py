"""Settings of the connectors service, from ``PARKTWIN_*`` environment variables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import NoDecode

from twin.contract.shares import share_of
from twin.service.settings import ServiceSettings

PKI_FOLDER: Final = Path("connectors") / "pki"
"""Where certificates are, below the data folder."""

OldPolicy = Literal["Basic256", "Basic128Rsa15"]


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
    connectors_share: str = Field(
        "1/1",
        pattern=r"^[1-9][0-9]{0,2}/[1-9][0-9]{0,2}$",
        description="which share of the sources this process reads, of how many: 1/3, 2/3 and 3/3 read all",
    )
    heartbeat_ms: int = Field(1000, ge=100, le=60_000, description="how often each source's state is said")
    opcua_old_policies: Annotated[frozenset[OldPolicy], NoDecode] = Field(
        frozenset(),
        description="obsolete OPC UA policies that sources may use all the same: Basic256, Basic128Rsa15",
    )

    @model_validator(mode="after")
    def _is_one_of_the_shares(self) -> Self:
        number, _, of = self.connectors_share.partition("/")
        if int(number) > int(of):
            raise ValueError(
                f"connectors_share {self.connectors_share!r}: there is no share {number} of {of}; "
                f"write 1/{of} to {of}/{of}"
            )
        return self

    def reads(self, source: str) -> bool:
        """Tell whether this process is the one that reads a source."""
        number, _, of = self.connectors_share.partition("/")
        return share_of(source, int(of)) == int(number) - 1

    @field_validator("opcua_old_policies", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return [name for name in value.replace(",", " ").split() if name] if isinstance(value, str) else value
