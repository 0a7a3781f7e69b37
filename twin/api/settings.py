"""What the twin itself needs to know, on top of what every service does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from twin.historian.connect import DEFAULT_RETENTION_DAYS
from twin.historian.schema import MAX_RETENTION_DAYS
from twin.service.settings import ServiceSettings, SettingsError

TwinRole = Literal["serve", "evaluate", "record"]


class TwinSettings(ServiceSettings):
    """Settings of ``python -m twin``; see :class:`twin.service.settings.ServiceSettings` for the others."""

    park: Path = Field(description="the park file; nothing starts on a park that does not check")
    roles: Annotated[frozenset[TwinRole], NoDecode] = Field(
        frozenset({"serve", "evaluate", "record"}),
        min_length=1,
        description="serve (state, stream, page), evaluate (alarms, calculated tags), record (history), "
        "several with commas; any number of processes of a park may evaluate or record on Kafka, and each "
        "has its share",
    )
    tick_s: float = Field(0.5, ge=0.05, le=10.0, description="seconds between two frames to the browser")
    snapshot_s: float = Field(
        10.0, ge=0.1, le=3600.0, description="seconds between two snapshots of the state"
    )
    alarm_lateness_s: float = Field(
        0.1,
        ge=0.0,
        le=60.0,
        description="readings of a tag that come out of order within this count in order for alarms [s]; "
        "every alarm is later by as much (calculated tags too, where several partitions are read)",
    )
    history: str = Field(
        "", description="chdb:DIR or clickhouse://user@host:port/database; empty = chdb in the data directory"
    )
    history_days: int = Field(
        DEFAULT_RETENTION_DAYS,
        ge=0,
        le=MAX_RETENTION_DAYS,
        description="how long a reading is kept [days]; 0 = for ever",
    )
    database: str = Field(
        "", description="SQLAlchemy URL of the tables; empty = SQLite in the data directory"
    )
    quality_service: str = Field(
        "",
        description="https://... of the inspection service, or a file that holds it; empty = the page has no "
        "quality desk",
    )
    maintenance_service: str = Field(
        "",
        description="https://... of the maintenance service, or a file that holds it; empty = the page has "
        "no maintenance desk",
    )
    desks_token: SecretStr | None = Field(
        None, description="access token of these two services; empty = the twin's own"
    )

    oidc_issuer: str = Field(
        "", description="https://... of an OpenID Connect provider that people may sign in by; empty = none"
    )
    oidc_client_id: str = Field("parktwin", description="what the twin is registered as at the provider")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="of the same registration")

    @model_validator(mode="after")
    def _asks_desks_in_secret(self) -> Self:
        self.refuse_clear("quality_service", self.quality_service)
        self.refuse_clear("maintenance_service", self.maintenance_service)
        return self

    @field_validator("roles", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("history")
    @classmethod
    def _names_a_history(cls, value: str) -> str:
        if value and not value.startswith(("chdb:", "clickhouse://", "clickhouses://")):
            raise ValueError("names no history; write chdb:DIR or clickhouse://user@host:port/database")
        return value

    @property
    def history_url(self) -> str:
        """Where the history is."""
        return self.history or f"chdb:{self.data_dir / 'history'}"

    @property
    def database_url(self) -> str:
        """Where the tables are."""
        return self.database or f"sqlite:///{self.data_dir / 'twin.sqlite3'}"

    @property
    def token_of_desks(self) -> str:
        """Access token of the services behind the desks, "" for none."""
        token = self.desks_token or self.access_token
        return "" if token is None else token.get_secret_value()


def check_roles(settings: TwinSettings) -> None:
    """Refuse roles that run apart and have nowhere to meet.

    Raises:
        SettingsError: the history or the tables would be this process's only.
    """
    roles, apart = settings.roles, {"serve", "evaluate", "record"} - settings.roles
    shown = ",".join(sorted(roles))
    if settings.history_url.startswith("chdb:") and len({"serve", "record"} & roles) == 1:
        (other,) = {"serve", "record"} - roles
        raise SettingsError(
            f"PARKTWIN_ROLES={shown}: the history {settings.history_url} is one process's only, so serve and "
            f"record cannot run apart on it; add {other} to the roles of this process, or set "
            "PARKTWIN_HISTORY=clickhouse://user@host:port/database for both"
        )
    if apart and not settings.database:
        raise SettingsError(
            f"PARKTWIN_ROLES={shown}: roles that run apart meet in the tables, and {settings.database_url} "
            "is this process's; set PARKTWIN_DATABASE to the same postgresql://user:password@host:port/name "
            "(on one machine sqlite:////path) for all of them"
        )
