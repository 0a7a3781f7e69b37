"""Settings of a camera station, from ``PARKTWIN_*`` environment variables."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from twin.contract.tag import check_equipment_id
from twin.service.settings import ServiceSettings


class StationSettings(ServiceSettings):
    """What a camera station needs to know beyond every service.

    Raises:
        SettingsError: (from :func:`twin.service.settings.load`) a value is missing, unknown or unsafe.
    """

    station_ids: Annotated[tuple[str, ...], NoDecode] = Field(
        description="equipment ids of the stations, joined by commas"
    )
    station_camera: str = Field(
        description="http://... of the cameras, a file that holds it (a simulator writes sim.url), or "
        "folder:DIR with a folder a station, '/' in its id written as '_'"
    )
    station_qc: str = Field(description="https://... of the inspection service, or a file that holds it")
    station_qc_token: SecretStr | None = Field(None, description="access token of the inspection service")
    station_samples: int = Field(
        0, ge=0, le=500, description="good pieces to teach an unknown product from; 0 = people teach"
    )
    station_spool_bytes: int = Field(
        1 << 30, ge=1 << 20, description="bytes of pictures that may wait for the service, of each station"
    )
    station_simulated: bool = Field(False, description="the cameras are a simulator's")

    @model_validator(mode="after")
    def _asks_in_secret(self) -> Self:
        if self.station_qc_token is not None:
            self.refuse_clear("station_qc", self.station_qc, secret=True)
        return self

    @field_validator("station_ids", mode="before")
    @classmethod
    def _ids(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(check_equipment_id(name) for name in value.replace(",", " ").split())
