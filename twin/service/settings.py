"""Settings common to all services, read once at the edge from ``PARKTWIN_*`` environment variables."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import ClassVar, Literal, Self, TypeVar
from urllib.parse import urlsplit

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
    tls_certificate: Path | None = Field(
        None,
        description="certificate (PEM) that this service's port shows, and that it shows to services it "
        "asks; 'parktwin certs init' makes them; empty = HTTP",
    )
    tls_key: Path | None = Field(None, description="private key (PEM) of it")
    tls_authority: Path | None = Field(
        None,
        description="certificate (PEM) of the closed network's authority: who is asked by https:// must "
        "have a certificate of it; empty = those that this machine trusts",
    )
    tls_clients: bool = Field(
        False,
        description="answer only callers with a certificate of that authority: for services that other "
        "services ask, not for the page",
    )
    plain_http: bool = Field(
        False,
        description="serve HTTP beyond this machine all the same, also with a certificate: a proxy in front "
        "ends TLS, or nobody else is in this network",
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

    @model_validator(mode="after")
    def _tells_nothing_in_clear(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError(
                "PARKTWIN_TLS_CERTIFICATE and PARKTWIN_TLS_KEY belong together; set both, or neither"
            )
        if self.tls_clients and (
            self.tls_certificate is None or self.tls_authority is None or self.plain_http
        ):
            raise ValueError(
                "PARKTWIN_TLS_CLIENTS wants certificates of callers; set PARKTWIN_TLS_CERTIFICATE, "
                "PARKTWIN_TLS_KEY and PARKTWIN_TLS_AUTHORITY too, and leave PARKTWIN_PLAIN_HTTP out"
            )
        if not is_loopback(self.host) and self.tls_certificate is None and not self.plain_http:
            raise ValueError(
                f"host {self.host!r} is reachable from outside, and tokens and sessions would go there in "
                "clear; set PARKTWIN_TLS_CERTIFICATE and PARKTWIN_TLS_KEY ('parktwin certs init' makes "
                "them), or PARKTWIN_PLAIN_HTTP=true where a proxy in front ends TLS"
            )
        return self

    def refuse_clear(self, name: str, address: str, *, secret: bool | None = None) -> None:
        """Refuse an address of another service at which secrets would go in clear.

        Args:
            name: of the setting.
            address: ``http://...``, ``https://...`` or a file, which is never refused.
            secret: whether any go there; None = if this service has any.

        Raises:
            ValueError: it is HTTP beyond this machine, and nobody said that it may be.
        """
        host = urlsplit(address).hostname or ""
        tells = self.secured if secret is None else secret
        if address.startswith("http://") and tells and not is_loopback(host) and not self.plain_http:
            raise ValueError(
                f"PARKTWIN_{name.upper()}={address}: tokens and sessions would go there in clear; write "
                "https:// and give that service a certificate, or set PARKTWIN_PLAIN_HTTP=true"
            )

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
