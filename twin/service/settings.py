"""Settings common to all services, read once at the edge from ``PARKTWIN_*`` environment variables."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import ClassVar, Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from twin.contract.errors import ParkTwinError

S = TypeVar("S", bound="ServiceSettings")


_SECRET = frozenset({"ACCESS_TOKEN", "IDENTITY"})
"""Settings whose value is never shown, not even when it is wrong."""


class SettingsError(ParkTwinError, ValueError):
    """The settings do not hold together; the program must not start."""

    code: ClassVar[str] = "settings"


class ServiceSettings(BaseSettings):
    """What every service needs to know.

    Raises:
        SettingsError: (from :func:`load`) a value is missing, unknown or unsafe.
    """

    model_config = SettingsConfigDict(env_prefix="PARKTWIN_", extra="ignore", frozen=True)

    bus: str = Field(
        "embedded:var/bus", description="memory:, embedded:DIR or kafka://host:port[,host:port]?options"
    )
    data_dir: Path = Field(Path("var"), description="where this service keeps its files")
    host: str = Field("127.0.0.1", description="address to listen on; anything but loopback needs identities")
    port: int = Field(0, ge=0, le=65535, description="port to listen on; 0 = any free one")
    access_token: SecretStr | None = Field(
        None, min_length=16, description="bearer token of services that have none of their own"
    )
    identity: SecretStr = Field(
        SecretStr(""),
        description="database of accounts and tokens: sqlite:///PATH or postgresql://...; empty = none, then "
        "every caller shows the access token",
    )
    signing_key: Path | None = Field(
        None, description="private key (PEM) that commands and outcomes are signed with; empty = unsigned"
    )
    signing_trust: Path | None = Field(
        None,
        description="folder with public keys (PEM) by topic; commands and outcomes that none of them signed "
        "are refused; empty = all are believed",
    )
    identity_key: str = Field(
        "",
        description="file with the key that second factors are sealed with; empty = beside a SQLite file of "
        "identities; with PostgreSQL it has to be named, the same for the twin and 'parktwin users'",
    )
    rate_factor: float = Field(
        1.0,
        ge=0.0,
        le=1000.0,
        description="factor of how much one account, token or address may ask in a second; 0 = no bound",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="from which level on")
    log_format: Literal["text", "json"] = Field("text", description="text for people, json for machines")

    @model_validator(mode="after")
    def _closed_by_default(self) -> Self:
        if not self.secured and not is_loopback(self.host):
            raise ValueError(
                f"host {self.host!r} is reachable from outside and there are no identities; set "
                "PARKTWIN_IDENTITY or PARKTWIN_ACCESS_TOKEN (16 characters or more), or listen on 127.0.0.1"
            )
        return self

    @property
    def secured(self) -> bool:
        """Whether a caller has to say who it is."""
        return self.access_token is not None or bool(self.identity.get_secret_value())


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach ``host``.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0"), is_loopback("localhost")
    (True, False, True)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load(kind: type[S], **overrides: object) -> S:
    """Read settings from the environment; ``overrides`` win.

    Raises:
        SettingsError: with one line per fault: variable, value, rule.
    """
    try:
        return kind(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = []
        for fault in error.errors():
            name = "_".join(str(part) for part in fault["loc"]).upper()
            shown = "..." if name in _SECRET else repr(fault["input"])
            where = f"PARKTWIN_{name}={shown}: " if name else ""
            lines.append(f"{where}{fault['msg'].removeprefix('Value error, ')}")
        raise SettingsError("settings: " + "; ".join(lines)) from error
