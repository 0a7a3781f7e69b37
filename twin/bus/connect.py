"""From a URL to a bus."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from twin.bus.base import Bus, BusUrlError
from twin.bus.embedded import DEFAULT_MAX_BYTES, EmbeddedBus
from twin.bus.memory import DEFAULT_MAX_BYTES as DEFAULT_MEMORY_MAX_BYTES
from twin.bus.memory import MemoryBus
from twin.bus.sqlite_file import Synchronous
from twin.contract.clock import Clock, system_clock

if TYPE_CHECKING:
    from twin.bus.kafka_settings import KafkaSettings

_FORMS = "memory:NAME, embedded:DIR, kafka://host:port[,host:port] or, with TLS, kafkas://..."
_MIN_MAX_BYTES = 1 << 20


def open_bus(url: str, *, clock: Clock = system_clock, environ: Mapping[str, str] = os.environ) -> Bus:
    """Open the bus that a URL names.

    Args:
        url: one of

            * ``memory:NAME[?max_bytes=N]``: within this process;
            * ``embedded:DIR[?max_bytes=N&synchronous=normal|full]``: all processes of this machine;
            * ``kafka://host:port[,host:port][?OPTIONS]``, with the options of
              :class:`twin.bus.kafka_settings.KafkaSettings`; the password comes from
              ``PARKTWIN_KAFKA_PASSWORD``, or the file that ``PARKTWIN_KAFKA_PASSWORD_FILE`` names;
            * ``kafkas://...``: the same with TLS, and SCRAM-SHA-512 where ``sasl_username`` is given.
        clock: stamps messages and ages them where the bus is ours; a broker has its own.
        environ: where the password is.

    Raises:
        BusUrlError: the URL names no bus, or an option that it does not have.
        BusFullError, BusDamagedError, BusUnavailableError: the folder of an embedded bus cannot be used.

    >>> bus = open_bus("memory:docs")
    >>> bus.close()
    """
    scheme, _, rest = url.partition(":")
    place, _, query = rest.partition("?")
    if scheme not in ("memory", "embedded", "kafka", "kafkas") or not place.strip("/"):
        raise BusUrlError(f"bus url {url!r}: no such bus; write {_FORMS}")
    options = _options(url, query)
    if scheme == "memory":
        max_bytes = _bytes(url, options, DEFAULT_MEMORY_MAX_BYTES)
        _nothing_left(url, options)
        return MemoryBus(place, clock=clock, max_bytes=max_bytes)
    if scheme == "embedded":
        max_bytes = _bytes(url, options, DEFAULT_MAX_BYTES)
        synchronous = options.pop("synchronous", "normal")
        _nothing_left(url, options)
        return EmbeddedBus(
            Path(place), clock=clock, max_bytes=max_bytes, synchronous=_synchronous(url, synchronous)
        )
    return _kafka(url, environ)


def _kafka(url: str, environ: Mapping[str, str]) -> Bus:
    from twin.bus.kafka import KafkaBus  # 0.2 s that a plant without Kafka need not wait for

    return KafkaBus(kafka_settings(url, environ))


def kafka_settings(url: str, environ: Mapping[str, str]) -> KafkaSettings:
    """Read a ``kafka://`` or ``kafkas://`` URL.

    Raises:
        BusUrlError: it is none, or has an option that there is not.
    """
    from twin.bus.kafka_settings import KafkaSettings

    scheme, _, rest = url.partition(":")
    place, _, query = rest.partition("?")
    if scheme not in ("kafka", "kafkas") or not place.startswith("//"):
        raise BusUrlError(f"bus url {url!r}: write kafka://host:port[,host:port]")
    return KafkaSettings.parse(place[2:], _options(url, query), _password(environ), secure=scheme == "kafkas")


def _password(environ: Mapping[str, str]) -> str:
    """The broker's password for us: of the environment, or of a file that is named there."""
    file = environ.get("PARKTWIN_KAFKA_PASSWORD_FILE", "")
    if not file:
        return environ.get("PARKTWIN_KAFKA_PASSWORD", "")
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BusUrlError(f"PARKTWIN_KAFKA_PASSWORD_FILE={file}: cannot be read ({error})") from error


def _options(url: str, query: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
    except ValueError as error:
        raise BusUrlError(f"bus url {url!r}: {error}; write options as ?name=value&name=value") from error


def _bytes(url: str, options: dict[str, str], default: int) -> int:
    return _number(url, "max_bytes", options.pop("max_bytes", str(default)), _MIN_MAX_BYTES)


def _synchronous(url: str, text: str) -> Synchronous:
    if text == "normal":
        return "normal"
    if text == "full":
        return "full"
    raise BusUrlError(f"bus url {url!r}: synchronous={text!r}; write normal or full")


def _number(url: str, name: str, text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise BusUrlError(f"bus url {url!r}: {name}={text!r}; write a whole number of {least} or more")
    return value


def _nothing_left(url: str, options: Mapping[str, str]) -> None:
    if options:
        raise BusUrlError(f"bus url {url!r}: option {next(iter(options))!r} is not known; remove it")
