"""Tells outcomes: into the ledger at once, from there to the bus, again and again until it has them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Final

from connectors.write_back.ledger import Ledger
from connectors.write_back.read_back import Seen
from twin.bus.base import Bus, BusError, Message
from twin.bus.signatures import UNSIGNED, Sign
from twin.contract.clock import Clock
from twin.contract.codec import encode_message
from twin.contract.command import Command, CommandOutcome, CommandState, Scalar
from twin.contract.command_texts import command_text
from twin.contract.topics import COMMAND_OUTCOMES
from twin.service.logging import ConditionLog

IDLE_S: Final = 5.0
RETRY_S: Final = 1.0
SOURCE: Final = "connectors/write_back"

_LOG = logging.getLogger(__name__)


class Voice:
    """Says outcomes from a thread of its own.

    Args:
        ledger: where they wait.
        bus: where they go.
        clock: ns since the epoch.
        sign: signs outcomes.
    """

    def __init__(self, ledger: Ledger, bus: Bus, *, clock: Clock, sign: Sign = UNSIGNED.sign) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        """Outcomes said since the start, by source and state."""
        self._ledger = ledger
        self._bus = bus
        self._sign = sign
        self._clock = clock
        self._conditions = ConditionLog(_LOG, clock)
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="command outcomes", daemon=True)
        self._thread.start()

    async def say(
        self,
        command: Command,
        state: CommandState,
        code: str,
        *,
        params: Mapping[str, str] | None = None,
        status: int = 0,
        seen: Seen | None = None,
        before: Scalar | None = None,
    ) -> None:
        """Note an outcome; it is published soon after."""
        given = dict(params or {})
        shown = seen if seen is not None and seen != Seen() else None
        outcome = CommandOutcome(
            command=command.id,
            number=0,
            source=command.source,
            equipment=command.equipment,
            name=command.name,
            state=state,
            code=code,
            params=given,
            detail=command_text(code, given).en,
            status=status,
            time=self._clock(),
            value=None if shown is None else shown.value,
            value_status=0 if shown is None else shown.status,
            value_time=0 if shown is None else shown.time,
            before=before,
            dry_run=command.dry_run,
        )
        level = logging.INFO if state not in _TROUBLE else logging.WARNING
        _LOG.log(
            level,
            "command %s (%s of %s, by %s): %s: %s",
            command.id,
            command.name,
            command.equipment,
            command.requested_by,
            state,
            outcome.detail,
        )
        try:
            await asyncio.to_thread(self._ledger.say, outcome)
        except BusError as error:
            # the twin reports a command of which nothing is heard
            _LOG.error("command %s: its outcome cannot be noted: %s", command.id, error)
            return
        self.counts[command.source, state] += 1
        self._wake.set()

    def close(self, timeout_s: float = 0.5) -> None:
        """Publish what there is, and stop."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            stopping = self._stop.is_set()
            self._wake.clear()
            try:
                while unsent := self._ledger.unsent():
                    self._bus.publish([self._message(one.outcome) for one in unsent])
                    self._ledger.sent(unsent)
            except BusError as error:
                self._conditions.begin("outcomes", f"command outcomes: not published now: {error}")
                if stopping or self._stop.wait(RETRY_S):
                    return
                continue
            self._conditions.end("outcomes", "command outcomes: published again")
            if stopping:
                return
            self._wake.wait(IDLE_S)

    def _message(self, outcome: CommandOutcome) -> Message:
        value, headers = encode_message(
            outcome,
            message_id=f"{outcome.command}:{outcome.number}",
            source=SOURCE,
            time_ns=outcome.time,
        )
        return self._sign(Message(COMMAND_OUTCOMES.name, outcome.command, value, headers))


_TROUBLE: Final = frozenset(
    {CommandState.REFUSED, CommandState.FAILED, CommandState.TIMED_OUT, CommandState.UNKNOWN}
)
