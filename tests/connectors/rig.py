"""A connector put together within the test: real outbox file, real sender, a bus one can take away."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from connectors.manager import RunningSource, SourceManager
from connectors.opcua.security import SecurityKit
from connectors.outbox import Outbox
from connectors.sender import Sender
from tests.connectors.opcua.servers.process import NAMESPACE, ServerProcess
from twin.bus.base import Bus, BusUnavailableError, Message
from twin.bus.embedded_log import DurableLog
from twin.bus.memory import MemoryBus
from twin.contract.clock import system_clock
from twin.contract.codec import decode_message
from twin.contract.frame import Frame, decode_frame
from twin.contract.messages import Gap, SourceConfig, SourceItem, TagSet
from twin.contract.topics import GAPS, READINGS, TAG_SETS

EQUIPMENT = "park/test/machine"
_NUMBERS = count()


class Endpoint(Protocol):
    """A server that says where it is."""

    @property
    def endpoint(self) -> str:
        """Where clients find it."""
        ...


@dataclass(frozen=True, slots=True)
class Arrived:
    """One reading as it stands on the bus."""

    tag: str
    time: int
    status: int
    value: float
    text: str | None


@dataclass(slots=True)
class OnBus:
    """Everything that has come to the bus so far."""

    frames: list[Frame] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    tag_sets: dict[str, TagSet] = field(default_factory=dict)
    announced_late: list[str] = field(default_factory=list)

    def readings(self) -> list[Arrived]:
        """Every reading of every frame, each (source, sequence) once, by the name the server has for it."""
        seen: set[str] = set()
        arrived = []
        for frame in self.frames:
            if frame.message_id in seen:
                continue
            seen.add(frame.message_id)
            tags = self.tag_sets[frame.tag_set].tags
            for row in range(len(frame)):
                text = frame.text[row] if frame.text is not None else None
                arrived.append(
                    Arrived(
                        tags[int(frame.index[row])].partition(":")[2],
                        int(frame.source_time[row]),
                        int(frame.status[row]),
                        float(frame.value[row]),
                        text,
                    )
                )
        return arrived

    def of(self, name: str) -> list[Arrived]:
        """The readings of one tag."""
        return [entry for entry in self.readings() if entry.tag == name]

    def sequences(self) -> list[int]:
        """Sequence numbers in the order in which the frames came."""
        return [frame.sequence for frame in self.frames]


def read_bus(bus: Bus) -> OnBus:
    """Read everything that the connector has published."""
    found = OnBus()
    consumer = bus.consumer([TAG_SETS.name, READINGS.name, GAPS.name])
    try:
        while received := consumer.poll(0.0, 10_000):
            for entry in received:
                message = entry.message
                if message.topic == READINGS.name:
                    found.frames.append(decode_frame(message.value))
                elif message.topic == GAPS.name:
                    found.gaps.append(decode_message(Gap, message.value, message.headers))
                else:
                    tag_set = decode_message(TagSet, message.value, message.headers)
                    found.tag_sets[tag_set.id] = tag_set
    finally:
        consumer.close()
    return found


class BreakableBus(MemoryBus):
    """The bus in memory, which a test can take away."""

    def __init__(self, name: str) -> None:
        # buses in memory of one name are one bus: each test wants its own
        super().__init__(f"{name}-{next(_NUMBERS)}", clock=system_clock)
        self.away = False

    def publish(self, messages: Sequence[Message]) -> None:
        """Refuse while away."""
        if self.away:
            raise BusUnavailableError("bus: taken away by the test")
        super().publish(messages)


class Rig:
    """Sources, outbox and sender as the service puts them together.

    Args:
        folder: where the outbox lies; a second rig on the same folder is a restart.
        bus: where it sends to.
        max_bytes: of the outbox.
        environment: where user names and passwords are found.
    """

    def __init__(
        self,
        folder: Path,
        bus: Bus,
        *,
        max_bytes: int | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        rng = random.Random(4)
        self.bus = bus
        self.log = DurableLog(folder / "outbox.sqlite3", max_bytes=max_bytes)
        self.outbox = Outbox(self.log, clock=system_clock, max_bytes=max_bytes)
        self.sender = Sender(self.log, self.outbox, bus, clock=system_clock, rng=rng)
        self.kit = SecurityKit(folder / "pki", system_clock, environment or {})
        self.manager = SourceManager(self.outbox, clock=system_clock, rng=rng, kit=self.kit)

    async def __aenter__(self) -> Rig:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.manager.close()
        await asyncio.to_thread(self.outbox.close)
        await asyncio.to_thread(self.sender.close)
        self.log.close()

    async def read(self, server: ServerProcess, names: Iterable[str], **changes: Any) -> RunningSource:
        """Read these nodes of a server, and wait until it delivers."""
        config = config_of(server, names, **changes)
        await self.manager.apply(config)
        source = self.source(config.source)
        await until(lambda: source.link.responses > 0, f"{config.source} delivers")
        return source

    def source(self, name: str = "plant") -> RunningSource:
        """The running source of this name."""
        return next(entry for entry in self.manager.sources if entry.config.source == name)

    async def arrived(self, what: Callable[[OnBus], bool], text: str) -> OnBus:
        """Wait until what is on the bus satisfies ``what``."""
        found = OnBus()

        def check() -> bool:
            nonlocal found
            found = read_bus(self.bus)
            return what(found)

        try:
            await until(check, text)
        except AssertionError:
            tail = "\n".join(map(str, [*found.gaps, *found.readings()[-20:]]))
            raise AssertionError(f"waited in vain until {text}; the last on the bus:\n{tail}") from None
        return found


def config_of(server: Endpoint, names: Iterable[str], **changes: Any) -> SourceConfig:
    """The configuration that reads these nodes of a server fast."""
    settings: dict[str, Any] = {
        "source": "plant",
        "protocol": "opcua",
        "endpoint": server.endpoint,
        "publishing_interval_ms": 100.0,
        "sampling_interval_ms": 0.0,
        "items": tuple(
            SourceItem(tag=f"{EQUIPMENT}:{name}", node=f"nsu={NAMESPACE};s={name}") for name in names
        ),
    }
    return SourceConfig(**{**settings, **changes})


async def until(check: Callable[[], bool], text: str, *, within_s: float = 45.0) -> None:
    """Wait until ``check`` holds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not check():
        assert loop.time() < deadline, f"waited {within_s:.0f} s in vain until {text}"
        await asyncio.sleep(0.05)
