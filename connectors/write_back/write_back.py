"""Takes commands off the bus and sets each on its course.

A command is noted in the ledger, then marked as taken on the bus, then carried out: a process that dies in
between leaves it undone, and says so when it is back, but never lets it be done twice. Commands from before
the first start are not looked at: live only.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from connectors.metrics import PREFIX
from connectors.write_back.course import ConfigOf, Course
from connectors.write_back.ledger import Ledger
from connectors.write_back.shared_device import MakeDevice
from connectors.write_back.voice import Voice
from twin.bus.base import Bus, BusError, Consumer, Received, Start
from twin.bus.dead_letters import tell_dead_letter
from twin.bus.refusals import CONDITION, Refusals
from twin.bus.signatures import UNSIGNED, SignatureError, Signing
from twin.contract.clock import Clock
from twin.contract.codec import decode_message
from twin.contract.command import Command
from twin.contract.errors import ContractError
from twin.contract.messages import Condition
from twin.contract.topics import COMMANDS
from twin.service.logging import ConditionLog

LEDGER_FILE: Final = "commands.sqlite3"
GROUP: Final = "write-back"
POLL_S: Final = 0.25
RETRY_S: Final = 1.0
COMMANDS_OFF: Final = "commands_off"
"""Condition: the ledger cannot be used, so no command is carried out."""
MOST_AT_ONCE: Final = 256
"""Commands under way; with more the bus waits, and what waits too long expires."""

_LOG = logging.getLogger(__name__)


class WriteBack(Collector):
    """Belongs to one event loop; reads the bus from a thread of its own.

    Args:
        path: the ledger.
        bus: where commands come from and outcomes go.
        config_of: how to reach a source; None if it is not ours.
        make: makes a device, without connecting.
        clock: ns since the epoch.
        reads: whether a source is this process's; commands to others are for others.
        share: which part of the sources that is; each part hears every command.
        signing: refuses commands that no twin of ours has said, and signs outcomes.
    """

    def __init__(
        self,
        path: Path,
        bus: Bus,
        config_of: ConfigOf,
        make: MakeDevice,
        *,
        clock: Clock,
        reads: Callable[[str], bool] = lambda _: True,
        share: str = "1/1",
        signing: Signing = UNSIGNED,
    ) -> None:
        self._bus = bus
        self._reads = reads
        self._group = GROUP if share == "1/1" else f"{GROUP}-{share.replace('/', '-of-')}"
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._ledger = Ledger(path, clock=clock)
        self._check = signing.check
        self.refusals = Refusals(PREFIX, clock)
        """Commands that were not believed."""
        self._voice = Voice(self._ledger, bus, clock=clock, sign=signing.sign)
        self._course = Course(self._ledger, self._voice, config_of, make, clock=clock)
        self._conditions = ConditionLog(_LOG, clock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._free = threading.Semaphore(MOST_AT_ONCE)
        self._stop = threading.Event()
        self.listening = False
        """Whether the bus has given it its place: what is said from then on is for it."""
        self.repeated = 0
        """Commands that came again and were not carried out again."""
        for command, phase in self._ledger.unfinished():
            self._free.acquire(blocking=False)
            self._keep(self._loop.create_task(self._course.recover(command, phase)))
        self._thread = threading.Thread(target=self._run, name="commands", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Take no more; what is under way is left as it is, and the next start says what became of it."""
        self._stop.set()
        await asyncio.to_thread(self._thread.join, 0.5)
        for task in self._tasks:
            task.cancel()
        for task in tuple(self._tasks):
            with suppress(asyncio.CancelledError):
                await task
        await asyncio.to_thread(self._voice.close)
        self._ledger.close()

    def collect(self) -> Iterator[Metric]:
        """See prometheus_client."""
        said = CounterMetricFamily(
            f"{PREFIX}_command_outcomes", "Outcomes of commands, by state", labels=["source", "state"]
        )
        for (source, state), number in sorted(self._voice.counts.items()):
            said.add_metric([source, state], number)
        repeated = CounterMetricFamily(
            f"{PREFIX}_repeated_commands", "Commands that came again and were not carried out again"
        )
        repeated.add_metric([], self.repeated)
        return iter((said, repeated, *self.refusals.collect()))

    def condition(self) -> Condition | None:
        """The condition that stands while commands come that are not believed."""
        standing = self.refusals.standing()
        return None if standing is None else Condition(code=CONDITION, since=standing[0], detail=standing[1])

    def _run(self) -> None:
        consumer: Consumer | None = None
        received: list[Received] = []
        taken: list[Command] = []
        while not self._stop.is_set():
            try:
                if consumer is None:
                    consumer = self._bus.consumer([COMMANDS.name], group=self._group, start=Start.LATEST)
                # what could not be noted, or not be committed, is tried again before anything else is read
                received = received or consumer.poll(POLL_S, MOST_AT_ONCE)
                self.listening = self.listening or bool(consumer.positions)
                taken = taken or self._take(received)
                consumer.commit()
            except BusError as error:
                self._conditions.begin("commands", f"commands: not readable now: {error}")
                self._stop.wait(RETRY_S)
                continue
            self._conditions.end("commands", "commands: readable again")
            self._set_out(taken)
            received, taken = [], []
        if consumer is not None:
            with suppress(BusError):
                consumer.close()

    def _take(self, received: Sequence[Received]) -> list[Command]:
        """Note commands in the ledger, all or none; return those that are new.

        Raises:
            BusFullError, BusUnavailableError: the ledger cannot be written; nothing was noted.
        """
        read = [(command, entry) for entry in received for command in self._read(entry)]
        ours = [command for command, _ in read]
        places = [f"{entry.partition}:{entry.offset}" for _, entry in read]
        new = self._ledger.receive(ours, places)
        if len(new) < len(ours):
            self.repeated += len(ours) - len(new)
            _LOG.warning("%d commands came again; not carried out again", len(ours) - len(new))
            for command, place in zip(ours, places, strict=True):
                if self._ledger.place(command.id) not in ("", place):  # not the bus that brings it again
                    self._refuse(
                        f"command {command.id} ({command.name} of {command.equipment}) was said again"
                    )
        return new

    def _refuse(self, why: str) -> None:
        if self.refusals.note(COMMANDS.name, f"{why}; not carried out"):
            _LOG.error("commands that are not believed: %s; not carried out", why)

    def _read(self, entry: Received) -> list[Command]:
        """The command of a message, if it is one, and of a source of ours."""
        try:
            self._check(entry.message)
            command = decode_message(Command, entry.message.value, entry.message.headers)
        except ContractError as error:
            if isinstance(error, SignatureError):
                self._refuse(str(error))
            _LOG.error("command at offset %d: %s", entry.offset, error)
            tell_dead_letter(self._bus, entry, consumer=GROUP, error=error, clock=self._clock)
            return []
        return [command] if self._reads(command.source) else []

    def _set_out(self, commands: Sequence[Command]) -> None:
        for command in commands:
            while not self._free.acquire(timeout=POLL_S):
                if self._stop.is_set():
                    return
            # the loop may be closing already
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._begin, command)

    def _begin(self, command: Command) -> None:
        if not self._stop.is_set():
            self._keep(self._loop.create_task(self._course.run(command), name=f"command {command.id}"))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._free.release()
        if not task.cancelled() and task.exception() is not None:
            _LOG.error("a command's task failed", exc_info=task.exception())


def open_write_back(
    path: Path,
    bus: Bus,
    config_of: ConfigOf,
    make: MakeDevice,
    *,
    clock: Clock,
    reads: Callable[[str], bool],
    share: str,
    registry: CollectorRegistry,
    signing: Signing = UNSIGNED,
) -> tuple[WriteBack | None, tuple[Condition, ...]]:
    """Open it, with its metrics; where its ledger cannot be used, return None and the condition that says so.

    Without a ledger it could write twice, so it does not write at all; reading goes on.
    """
    try:
        opened = WriteBack(path, bus, config_of, make, clock=clock, reads=reads, share=share, signing=signing)
    except BusError as error:
        _LOG.error("commands are not carried out: %s", error)
        return None, (Condition(code=COMMANDS_OFF, since=clock(), detail=str(error)),)
    registry.register(opened)
    return opened, ()


async def close_write_back(write_back: WriteBack | None) -> None:
    """Close it, if it was opened."""
    if write_back is not None:
        await write_back.close()
