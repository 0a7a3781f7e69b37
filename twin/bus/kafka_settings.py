"""How to reach a Kafka cluster, and what its errors mean on the bus."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kafka import errors

from twin.bus.base import BusError, BusRefusedError, BusUnavailableError, BusUrlError, MessageTooLargeError
from twin.bus.kafka_look import look_at
from twin.bus.kafka_sockets import DIRECT, tls_context

_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_COMPRESSIONS = ("none", "lz4", "zstd", "gzip")


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Options of a ``kafka://`` URL, by their names there.

    Args:
        servers: ``host:port`` of some brokers.
        replication: copies of each topic that this program creates; -1 = what the broker says.
        compression: none, lz4, zstd or gzip, of what is published; none is the fastest on a local network.
        timeout_s: a call that the broker does not answer for this long fails [s].
        security_protocol, sasl_mechanism, sasl_username: as the broker's listener wants them.
        password: of ``sasl_username``; never in the URL.
        ssl_cafile, ssl_certfile, ssl_keyfile: PEM files.

    Raises:
        BusUrlError: (from :meth:`parse`) names the option, its value and what it may be.
    """

    servers: tuple[str, ...]
    replication: int = -1
    compression: str = "none"
    timeout_s: int = 10
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = ""
    sasl_username: str = ""
    password: str = field(default="", repr=False)
    ssl_cafile: str = ""
    ssl_certfile: str = ""
    ssl_keyfile: str = ""

    @classmethod
    def parse(
        cls, servers: str, options: Mapping[str, str], password: str, *, secure: bool = False
    ) -> KafkaSettings:
        """Read the servers and options of a URL; with ``secure`` (``kafkas://``) TLS is what is meant where
        nothing else is said, and SCRAM-SHA-512 where there is a user.

        >>> KafkaSettings.parse("k1:9092,k2:9092", {"replication": "3"}, "").servers
        ('k1:9092', 'k2:9092')
        """
        values: dict[str, Any] = dict(options)
        if secure and "sasl_username" in values:
            values = {"security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512", **values}
        elif secure:
            values = {"security_protocol": "SSL", **values}
        known = {field.name for field in fields(cls)} - {"servers", "password"}
        for name in values:
            if "password" in name:
                raise BusUrlError("kafka url: no password in a URL; set PARKTWIN_KAFKA_PASSWORD instead")
            if name not in known:
                raise BusUrlError(
                    f"kafka url: option {name!r} is not known; there are {', '.join(sorted(known))}"
                )
        for name, least in (("replication", 1), ("timeout_s", 2)):
            if name in values:
                values[name] = _whole_number(name, values[name], least)
        settings = cls(servers=tuple(servers.rstrip("/").split(",")), password=password, **values)
        settings._check()
        if secure and not settings.security_protocol.endswith("SSL"):
            raise BusUrlError(
                f"kafkas url: security_protocol={settings.security_protocol!r} has no TLS; leave it out, or "
                "write kafka://"
            )
        return settings

    def _check(self) -> None:
        for server in self.servers:
            host, _, port = server.rpartition(":")
            if not host or not port.isdecimal():
                raise BusUrlError(f"kafka url: server {server!r}; write host:port, several with commas")
        for name, value, allowed in (
            ("security_protocol", self.security_protocol, _PROTOCOLS),
            ("compression", self.compression, _COMPRESSIONS),
            ("sasl_mechanism", self.sasl_mechanism, _MECHANISMS if self._sasl else ("",)),
        ):
            if value not in allowed:
                raise BusUrlError(
                    f"kafka url: {name}={value!r}; write one of {', '.join(allowed) or 'nothing'}"
                )
        for name in ("ssl_cafile", "ssl_certfile", "ssl_keyfile"):
            if getattr(self, name) and not Path(getattr(self, name)).is_file():
                raise BusUrlError(
                    f"kafka url: {name}={getattr(self, name)!r}: there is no such file; ca.pem is made by "
                    "'parktwin certs init'"
                )
        if self._tls:
            try:
                self._context()
            except OSError as error:
                raise BusUrlError(f"kafka url: ssl_cafile, ssl_certfile, ssl_keyfile: {error}") from error
        if self._sasl and not (self.sasl_username and self.password):
            raise BusUrlError(
                f"kafka url: {self.security_protocol} needs sasl_username in the URL and the password in "
                "PARKTWIN_KAFKA_PASSWORD, or in the file of PARKTWIN_KAFKA_PASSWORD_FILE"
            )

    @property
    def _tls(self) -> bool:
        return self.security_protocol.endswith("SSL")

    def _context(self) -> ssl.SSLContext:
        return tls_context(self.ssl_cafile, self.ssl_certfile, self.ssl_keyfile)

    @property
    def _sasl(self) -> bool:
        return self.security_protocol.startswith("SASL")

    def client(self) -> dict[str, Any]:
        """Options that every client of the library takes."""
        options: dict[str, Any] = {
            "bootstrap_servers": list(self.servers),
            "security_protocol": self.security_protocol,
            "bootstrap_timeout_ms": self.timeout_s * 1000,
            "request_timeout_ms": self.timeout_s * 500,
            "reconnect_backoff_max_ms": 1000,
            "proxy_url": DIRECT,
        }
        if self._sasl:
            options["sasl_mechanism"] = self.sasl_mechanism
            options["sasl_plain_username"] = self.sasl_username
            options["sasl_plain_password"] = self.password
        if self._tls:
            options["ssl_context"] = self._context()
        return options

    def after_silence(self) -> str:
        """What to do when the brokers do not answer; the library does not tell why, so we look."""
        if self.security_protocol == "PLAINTEXT":
            return "try again"
        user = self.sasl_username if self._sasl else ""
        return look_at(self.servers, self._context() if self._tls else None, self.ssl_cafile, user)

    def __str__(self) -> str:
        return ",".join(self.servers)


def _whole_number(name: str, text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise BusUrlError(f"kafka url: {name}={text!r}; write a whole number of {least} or more")
    return int(text)


_REFUSED = (
    errors.AuthorizationError,
    errors.SaslAuthenticationFailedError,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
)


@contextmanager
def translated(settings: KafkaSettings, doing: str) -> Iterator[None]:
    """Turn the library's errors into errors of the bus.

    Raises:
        BusRefusedError: wrong credentials, or not allowed.
        MessageTooLargeError: the broker's own limit is below ours.
        BusUrlError: options that do not go together.
        BusUnavailableError: everything else: trying again may help.
    """
    try:
        yield
    except BusError:
        raise
    except _REFUSED as error:
        raise BusRefusedError(
            f"kafka {settings}: {doing}: {_text(error)}; check user, password and access lists"
        ) from error
    except (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError) as error:
        raise MessageTooLargeError(
            f"kafka {settings}: {doing}: {_text(error)}; raise the topic's max.message.bytes"
        ) from error
    except errors.KafkaConfigurationError as error:
        raise BusUrlError(
            f"kafka {settings}: {doing}: {_text(error)}; change the options in the URL"
        ) from error
    except (errors.KafkaError, OSError) as error:
        raise BusUnavailableError(
            f"kafka {settings}: {doing}: {_text(error)}; {settings.after_silence()}"
        ) from error


def _text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
