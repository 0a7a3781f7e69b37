"""Commands as the twin would issue them, and what a test does with write-back within its own process."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from connectors.opcua.security import SecurityKit
from connectors.write_back.device import Device
from connectors.write_back.make_device import make_device
from connectors.write_back.write_back import WriteBack
from tests.connectors.rig import until
from twin.bus.base import Bus, Message
from twin.bus.signatures import UNSIGNED, Sign, Signing
from twin.contract.clock import NS_PER_S, system_clock
from twin.contract.codec import decode_message, encode_message
from twin.contract.command import (
    OPEN_STATES,
    Command,
    CommandOutcome,
    CommandState,
    CommandTarget,
    ReadBack,
    Scalar,
)
from twin.contract.messages import SourceConfig
from twin.contract.topics import COMMAND_OUTCOMES, COMMANDS

SOURCE = "plant"
EQUIPMENT = "park/test/machine"
LIFE_NS = 30 * NS_PER_S
_NUMBERS = itertools.count(1)


def write_command(node: str, value: Scalar | None, **changes: Any) -> Command:
    """A command that writes ``value`` to a node and reads it back there, issued now."""
    target = CommandTarget(action="write", node=node, read_back=ReadBack(node=node, within_ms=3000))
    return command(target, value, **changes)


def command(target: CommandTarget, value: Scalar | None = None, **changes: Any) -> Command:
    """A command issued now."""
    now = system_clock()
    fields: dict[str, Any] = {
        "id": f"test-{next(_NUMBERS):06d}",
        "park": "park",
        "source": SOURCE,
        "equipment": EQUIPMENT,
        "name": "set_speed",
        "target": target,
        "value": value,
        "risk": "medium",
        "reason": "a test",
        "requested_by": "lan",
        "requested_at": now,
        "issued": now,
        "expires": now + LIFE_NS,
    }
    return Command(**{**fields, **changes})


def config_for(endpoint: str, protocol: Any = "opcua", **changes: Any) -> SourceConfig:
    """A source that takes commands."""
    fields: dict[str, Any] = {"source": SOURCE, "protocol": protocol, "endpoint": endpoint, "commands": True}
    return SourceConfig(**{**fields, **changes})


def publish(bus: Bus, *commands: Command, sign: Sign = UNSIGNED.sign) -> None:
    """Put commands on the bus."""
    messages = []
    for one in commands:
        value, headers = encode_message(one, message_id=one.id, source="twin", time_ns=one.issued)
        messages.append(sign(Message(COMMANDS.name, one.source, value, headers)))
    bus.publish(messages)


def outcomes_on(bus: Bus, *, of: str = "") -> list[CommandOutcome]:
    """Every outcome on the bus (of one command), in order."""
    consumer = bus.consumer([COMMAND_OUTCOMES.name])
    found = []
    while received := consumer.poll(0.0):
        found += [decode_message(CommandOutcome, r.message.value, r.message.headers) for r in received]
    consumer.close()
    return [one for one in found if not of or one.command == of]


def final(outcomes: Sequence[CommandOutcome]) -> CommandOutcome | None:
    """The last outcome, if it is final."""
    return outcomes[-1] if outcomes and outcomes[-1].state not in OPEN_STATES else None


class WriteBackRig:
    """Write-back on a bus, with sources that a test names.

    Args:
        folder: where its ledger lies; a second rig on it is a restart.
        bus: where commands come from.
        configs: its sources.
        signing: what it believes, and signs with.
    """

    def __init__(self, folder: Path, bus: Bus, *configs: SourceConfig, signing: Signing = UNSIGNED) -> None:
        self._signing = signing
        self.bus = bus
        self.configs = {config.source: config for config in configs}
        self.kit = SecurityKit(folder / "pki", system_clock, {})
        self._path = folder / "commands.sqlite3"
        self._write_back: WriteBack | None = None

    @property
    def write_back(self) -> WriteBack:
        """The part under test."""
        assert self._write_back is not None
        return self._write_back

    def _make(self, config: SourceConfig) -> Device:
        return make_device(config, kit=self.kit, clock=system_clock)

    async def __aenter__(self) -> WriteBackRig:
        self._write_back = WriteBack(
            self._path,
            self.bus,
            self.configs.get,
            self._make,
            clock=system_clock,
            signing=self._signing,
        )
        # it is live only: what is published before it listens is not for it
        if not self.bus.spread:  # on Kafka that is known only when the first one has come
            await until(lambda: self.write_back.listening, "it listens")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.write_back.close()

    async def outcome(self, one: Command, *, published: bool = False) -> CommandOutcome:
        """Publish a command and wait for its last outcome."""
        if not published:
            await asyncio.to_thread(publish, self.bus, one)
        await until(lambda: final(outcomes_on(self.bus, of=one.id)) is not None, f"{one.id} comes to an end")
        last = final(outcomes_on(self.bus, of=one.id))
        assert last is not None
        return last

    async def states(self, one: Command) -> list[CommandState]:
        """The states a command went through."""
        await self.outcome(one)
        return [outcome.state for outcome in outcomes_on(self.bus, of=one.id)]
