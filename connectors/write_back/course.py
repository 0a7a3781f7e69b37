"""The course of one command: check, connect, look, note, write, read back, say.

The order is what matters: the ledger has the note that a write is begun before the write, and nothing is
written after the expiry.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from connectors.errors import SourceLostError
from connectors.write_back.checks import check_fresh, check_people, check_source, check_value
from connectors.write_back.errors import AnswerLostError, CommandRefusedError
from connectors.write_back.ledger import Ledger, Phase
from connectors.write_back.read_back import Seen, is_right, show, wanted_values
from connectors.write_back.shared_device import MakeDevice, SharedDevice
from connectors.write_back.voice import Voice
from twin.contract.clock import Clock
from twin.contract.command import Command, CommandState, Scalar
from twin.contract.messages import SourceConfig

LOOK_S: Final = 0.2
"""How often a value is read back."""
AGAIN_S: Final = 0.5
"""How long after a lost connection it is read back again."""
RECOVERY_MS: Final = 5_000
"""After a restart a command's device is given at least so long to show what became of it."""

ConfigOf = Callable[[str], SourceConfig | None]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Looked:
    """What reading back found.

    Args:
        right: it was right for as long as it had to.
        seen: what was read last.
    """

    right: bool
    seen: Seen


class Course:
    """Takes commands through.

    Args:
        ledger: where the begin of a write is noted.
        voice: tells outcomes.
        config_of: how to reach a source; None if it is not ours.
        make: makes a device, without connecting.
        clock: ns since the epoch.
    """

    def __init__(
        self, ledger: Ledger, voice: Voice, config_of: ConfigOf, make: MakeDevice, *, clock: Clock
    ) -> None:
        self._ledger = ledger
        self._voice = voice
        self._config_of = config_of
        self._make = make
        self._clock = clock
        self._shared: dict[str, SharedDevice] = {}

    async def run(self, command: Command) -> None:
        """Carry out a command that the ledger has just received."""
        begun = False
        try:
            check_fresh(command, self._clock())
            config = check_source(command, self._config_of(command.source))
            if not command.dry_run:
                check_people(command)
            check_value(command)
            await self._voice.say(command, CommandState.ACCEPTED, "accepted")
            shared = self._shared.setdefault(command.source, SharedDevice(self._make))
            lost = ""
            async with shared.order, shared.use(config) as device:
                act = await device.prepare(command)
                node = _read_node(command)
                slack = device.resolution(node) if node else 0.0
                before = await device.read(node) if node else Seen()
                # connecting may have taken its time
                check_fresh(command, self._clock())
                if command.dry_run:
                    await self._voice.say(
                        command, CommandState.DONE, "nothing_against_it", seen=before, before=before.value
                    )
                    return
                if not await asyncio.to_thread(self._ledger.begin, command):
                    _LOG.error("command %s: begun before; not written again", command.id)
                    return
                begun = True
                try:
                    await act()
                except AnswerLostError as error:
                    lost = str(error)
            await self._follow(command, config, shared, before.value, slack, lost)
        except CommandRefusedError as error:
            await self._voice.say(
                command, CommandState.REFUSED, error.reason, params=error.params, status=error.status
            )
        except SourceLostError as error:
            # raised by nothing that comes after a byte was sent
            await self._voice.say(command, CommandState.FAILED, "source_down", params={"why": str(error)})
        except Exception as error:
            _LOG.exception("command %s: unforeseen error", command.id)
            state = CommandState.UNKNOWN if begun else CommandState.FAILED
            code = "answer_lost" if begun else "connector_error"
            await self._voice.say(command, state, code, params={"why": repr(error), "value": "nothing"})

    async def recover(self, command: Command, phase: Phase) -> None:
        """Say what became of a command that a restart interrupted; never write."""
        if phase is Phase.RECEIVED:
            await self._voice.say(command, CommandState.FAILED, "restarted_before_writing")
            return
        config, looked = self._config_of(command.source), Looked(False, Seen())
        if config is not None and wanted_values(command):
            shared = self._shared.setdefault(command.source, SharedDevice(self._make))
            looked = await self._look(command, config, shared, self._slack(command, config), RECOVERY_MS)
        if looked.right:
            await self._tell(command, CommandState.HELD, "held_after_restart", looked.seen)
        else:
            await self._tell(command, CommandState.UNKNOWN, "restarted_while_writing", looked.seen)

    def _slack(self, command: Command, config: SourceConfig) -> float:
        try:
            return self._make(config).resolution(_read_node(command))
        except CommandRefusedError:
            return 0.0

    async def _follow(
        self,
        command: Command,
        config: SourceConfig,
        shared: SharedDevice,
        before: Scalar | None,
        slack: float,
        lost: str,
    ) -> None:
        """Read back what was sent, and say what is so."""
        if not lost:
            await self._voice.say(command, CommandState.WRITTEN, "written", before=before)
        wanted = wanted_values(command)
        if not wanted:
            if lost:
                await self._tell(command, CommandState.UNKNOWN, "answer_lost", Seen(), before, why=lost)
            else:
                await self._voice.say(command, CommandState.DONE, "done", before=before)
            return
        looked = await self._look(command, config, shared, slack, 0)
        if looked.right:
            code = "held_unanswered" if lost else "held"
            await self._tell(command, CommandState.HELD, code, looked.seen, before)
        elif lost:
            await self._tell(command, CommandState.UNKNOWN, "answer_lost", looked.seen, before, why=lost)
        else:
            read_back = command.target.read_back
            assert read_back is not None
            await self._tell(
                command,
                CommandState.TIMED_OUT,
                "not_held",
                looked.seen,
                before,
                seconds=f"{read_back.within_ms / 1000:g}",
                wanted=" / ".join(show(value) for value in wanted),
            )

    async def _tell(
        self,
        command: Command,
        state: CommandState,
        code: str,
        seen: Seen,
        before: Scalar | None = None,
        **params: str,
    ) -> None:
        await self._voice.say(
            command, state, code, params={"value": str(seen), **params}, seen=seen, before=before
        )

    async def _look(
        self, command: Command, config: SourceConfig, shared: SharedDevice, slack: float, least_ms: int
    ) -> Looked:
        """Read until the value is right and stays so, or until it is too late for it to become right."""
        read_back, wanted = command.target.read_back, wanted_values(command)
        assert read_back is not None
        tolerance = max(read_back.tolerance, slack)
        loop = asyncio.get_running_loop()
        latest = loop.time() + max(read_back.within_ms, least_ms) / 1000
        seen, right_since = Seen(), None
        while True:
            try:
                async with shared.use(config) as device:
                    while True:
                        asked = loop.time()
                        seen = await device.read(read_back.node)
                        if not is_right(seen, wanted, tolerance):
                            right_since = None
                            if loop.time() >= latest:
                                return Looked(False, seen)
                        elif right_since is None and asked > latest:
                            return Looked(False, seen)
                        else:
                            right_since = asked if right_since is None else right_since
                            if loop.time() - right_since >= read_back.hold_ms / 1000:
                                return Looked(True, seen)
                        await asyncio.sleep(LOOK_S)
            except SourceLostError as error:
                _LOG.info("command %s: reading back: %s", command.id, error)
                right_since = None
                if loop.time() >= latest:
                    return Looked(False, seen)
                await asyncio.sleep(AGAIN_S)


def _read_node(command: Command) -> str:
    read_back = command.target.read_back
    if read_back is not None:
        return read_back.node
    return command.target.node if command.target.action == "write" else ""
