"""What each source is to do: read from the bus as it changes, kept in a file for a start without the bus."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from twin.bus.base import Bus, BusError, Consumer
from twin.bus.dead_letters import tell_dead_letter
from twin.contract.clock import Clock
from twin.contract.codec import decode_message
from twin.contract.errors import ContractError
from twin.contract.messages import SourceConfig
from twin.contract.topics import SOURCE_CONFIGS
from twin.service.logging import ConditionLog

FILE_NAME: Final = "source_configs.json"
POLL_S: Final = 0.5
RETRY_S: Final = 2.0
CONSUMER: Final = "connectors"
"""Who signs the dead letters."""

_LOG = logging.getLogger(__name__)


class ConfigCache:
    """The last known configurations in one file.

    Args:
        path: the file; need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._configs: dict[str, SourceConfig] = {}

    def load(self) -> tuple[SourceConfig, ...]:
        """Read the file; a file that is missing or damaged is an empty one, because the bus has the truth."""
        try:
            configs = msgspec.json.decode(self._path.read_bytes(), type=tuple[SourceConfig, ...])
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.MsgspecError, ValueError) as error:
            _LOG.warning("%s: not readable (%s); waiting for the bus to say what to read", self._path, error)
            return ()
        self._configs = {config.source: config for config in configs}
        return configs

    def of(self, source: str) -> SourceConfig | None:
        """The newest configuration of a source, None if it is not ours; may be asked from any thread."""
        return self._configs.get(source)

    def keep(self, config: SourceConfig) -> None:
        """Remember a configuration; a removed source is forgotten."""
        if self._configs.get(config.source) == config:
            return
        if config.removed:
            self._configs.pop(config.source, None)
        else:
            self._configs[config.source] = config
        part = self._path.with_suffix(".part")
        try:
            part.write_bytes(msgspec.json.encode(tuple(self._configs.values())))
            part.replace(self._path)
        except OSError as error:
            _LOG.warning("%s: cannot be written (%s); a start without the bus knows less", self._path, error)


class ConfigReader:
    """Follows the topic of configurations from a thread of its own.

    Args:
        bus: where they are said.
        apply: called with each, from that thread.
        clock: ns since the epoch.
    """

    def __init__(self, bus: Bus, apply: Callable[[SourceConfig], None], *, clock: Clock) -> None:
        self._bus = bus
        self._apply = apply
        self._clock = clock
        self._conditions = ConditionLog(_LOG, clock)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="configs", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = 0.5) -> None:
        """Stop following; a call to a bus that is away is not waited for."""
        self._stop.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        consumer: Consumer | None = None
        while not self._stop.is_set():
            try:
                if consumer is None:
                    consumer = self._bus.consumer([SOURCE_CONFIGS.name])
                received = consumer.poll(POLL_S)
            except BusError as error:
                self._conditions.begin("configs", f"configurations: not readable now: {error}")
                self._stop.wait(RETRY_S)
                continue
            self._conditions.end("configs", "configurations: readable again")
            for entry in received:
                try:
                    config = decode_message(SourceConfig, entry.message.value, entry.message.headers)
                except ContractError as error:
                    _LOG.error("configuration of %r at offset %d: %s", entry.message.key, entry.offset, error)
                    tell_dead_letter(self._bus, entry, consumer=CONSUMER, error=error, clock=self._clock)
                    continue
                self._apply(config)
        if consumer is not None:
            consumer.close()
