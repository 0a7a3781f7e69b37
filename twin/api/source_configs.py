"""Tells the connectors what the park file says: publishes the configuration of every source that changed."""

from __future__ import annotations

import logging
from uuid import uuid4

from twin.bus.base import Bus, Message
from twin.contract.clock import Clock
from twin.contract.codec import decode_message, encode_message
from twin.contract.errors import ContractError
from twin.contract.messages import SourceConfig
from twin.contract.topics import SOURCE_CONFIGS
from twin.park.model import Park

_LOG = logging.getLogger(__name__)

_POLL_S = 0.1


def publish_source_configs(bus: Bus, park: Park, clock: Clock) -> list[str]:
    """Publish what differs from the newest on the bus: a new or changed source, or one that left this
    park's file as removed; sources of other parks on the same bus are left alone. Return the ids of those
    sources.

    Raises:
        BusError: the bus could not take them; call again.
    """
    newest = _newest(bus)
    wanted = {config.source: config for config in park.source_configs()}
    for source, config in newest.items():
        if source not in wanted and not config.removed and config.park == park.id:
            wanted[source] = SourceConfig(
                source=source, protocol=config.protocol, endpoint=config.endpoint, removed=True, park=park.id
            )
    changed = [config for config in wanted.values() if newest.get(config.source) != config]
    messages = []
    for config in changed:
        value, headers = encode_message(config, message_id=uuid4().hex, source="twin", time_ns=clock())
        messages.append(Message(SOURCE_CONFIGS.name, config.source, value, headers))
    if messages:
        bus.publish(messages)
        _LOG.info("told the connectors about %s", ", ".join(config.source for config in changed))
    return [config.source for config in changed]


def _newest(bus: Bus) -> dict[str, SourceConfig]:
    newest: dict[str, SourceConfig] = {}
    reader = bus.consumer([SOURCE_CONFIGS.name])
    try:
        while (batch := reader.poll(_POLL_S)) or reader.lag() > 0:
            for received in batch:
                try:
                    config = decode_message(SourceConfig, received.message.value, received.message.headers)
                except ContractError as error:
                    _LOG.warning(
                        "%s on %s is no source configuration and is told anew: %s",
                        received.message.key, SOURCE_CONFIGS.name, error,
                    )  # fmt: skip
                    newest.pop(received.message.key, None)
                else:
                    newest[config.source] = config
    finally:
        reader.close()
    return newest
