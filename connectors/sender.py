"""From the outbox to the bus: in order, at least once, however long the bus is away.

After an outage the newest readings go ahead (:mod:`connectors.ahead`), and the backlog follows as fast as the
bus takes it. What the bus has taken is removed from the outbox about once a second; after a crash in between
it is sent again, and consumers know it by its sequence number.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Sequence
from typing import Final

from connectors.ahead import AheadLane
from connectors.outbox import Outbox
from twin.bus.base import Bus, BusError, BusUnavailableError, MessageTooLargeError, UnknownTopicError
from twin.bus.embedded_log import DurableLog
from twin.bus.partition_log import Stored
from twin.contract.clock import Clock
from twin.contract.messages import Condition
from twin.service.logging import ConditionLog

MAX_MESSAGES: Final = 256
MAX_BYTES: Final = 4 << 20
TRIM_S: Final = 1.0
FIRST_RETRY_S: Final = 0.1
LAST_RETRY_S: Final = 2.0
"""A call to a broker that is away looks for it all the while; between two calls nobody does."""
_AWAY: Final = "bus_unavailable"

_LOG = logging.getLogger(__name__)


class Sender:
    """Drains an outbox from a thread of its own.

    Args:
        log: the outbox's log.
        outbox: says when there is something new.
        bus: where to.
        clock: ns since the epoch.
        rng: spreads the retries of many connectors.
    """

    def __init__(
        self, log: DurableLog, outbox: Outbox, bus: Bus, *, clock: Clock, rng: random.Random
    ) -> None:
        self.unsendable = 0
        """Messages left out because the bus will never take them."""
        self.ahead = AheadLane(outbox.newest, bus, clock)
        self._log = log
        self._outbox = outbox
        self._bus = bus
        self._clock = clock
        self._rng = rng
        self._conditions = ConditionLog(_LOG, clock)
        self._condition: Condition | None = None
        self._stop = threading.Event()
        self._until = 0.0
        self._sent = log.first_offset - 1
        self._trimmed = self._sent
        self._trimmed_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)
        self._thread.start()

    @property
    def condition(self) -> Condition | None:
        """``bus_unavailable`` while the bus does not take anything, else None."""
        return self._condition

    @property
    def away(self) -> bool:
        """True while the bus cannot be reached."""
        return self._condition is not None and self._condition.code == _AWAY

    @property
    def unsent(self) -> int:
        """Messages accepted that are not yet on the bus."""
        return max(0, self._log.last_offset - self._sent)

    @property
    def unsent_bytes(self) -> int:
        """Bytes the outbox holds; what was sent within the last second is still among them."""
        return self._log.size_bytes

    def close(self, timeout_s: float = 1.5) -> None:
        """Send what can be sent in ``timeout_s`` [s], and stop; the rest stays for the next start."""
        self._until = time.monotonic() + timeout_s
        self._stop.set()
        self._outbox.appended.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        retry_s = FIRST_RETRY_S
        while True:
            self._outbox.appended.clear()
            stopping = self._stop.is_set()  # asked before reading: what was appended until then is still sent
            try:
                moved = self._send_some()
            except BusError as error:
                self._lost(error)
                if self._stop.is_set():
                    return
                self._stop.wait(self._rng.uniform(0.5, 1.0) * retry_s)
                retry_s = min(2 * retry_s, LAST_RETRY_S)
                continue
            except Exception:
                # an error nobody foresaw must not end the only way onto the bus
                _LOG.exception("sender: unforeseen error, trying again")
                self._stop.wait(LAST_RETRY_S)
                if self._stop.is_set():
                    return
                continue
            retry_s = FIRST_RETRY_S
            self._back()
            if moved and not (self._stop.is_set() and time.monotonic() > self._until):
                continue
            self._trim()
            if stopping or moved:
                return
            self._outbox.appended.wait(TRIM_S)

    def _send_some(self) -> bool:
        entries = self._log.read(self._sent, MAX_MESSAGES, MAX_BYTES)
        if not entries:
            return False
        self.ahead.keep(entries[0].time_ns)
        try:
            self._bus.publish([entry.message for entry in entries])
        except (MessageTooLargeError, UnknownTopicError):
            self._one_by_one(entries)
        self._sent = entries[-1].offset
        if time.monotonic() - self._trimmed_at >= TRIM_S:
            self._trim()
        return True

    def _one_by_one(self, entries: Sequence[Stored]) -> None:
        """Send what can be sent: one message that no bus will ever take must not hold up all others."""
        for entry in entries:
            try:
                self._bus.publish([entry.message])
            except (MessageTooLargeError, UnknownTopicError) as error:
                self.unsendable += 1
                _LOG.error("sender: a message of %s is left out: %s", entry.message.key, error)

    def _trim(self) -> None:
        if self._sent == self._trimmed:
            return
        self._trimmed_at = time.monotonic()
        try:
            self._log.trim(self._sent)
        except BusError as error:
            # a full disk may refuse even this; what was sent stays a while and is harmless when sent again
            _LOG.debug("sender: cannot trim the outbox now: %s", error)
            return
        self._trimmed = self._sent

    def _lost(self, error: BusError) -> None:
        if self._condition is None:
            code = _AWAY if isinstance(error, BusUnavailableError) else error.code
            self._condition = Condition(code=code.replace(".", "_"), since=self._clock(), detail=str(error))
        self._conditions.begin("bus", f"bus: not taking what is sent, keeping it in the outbox: {error}")

    def _back(self) -> None:
        if self._condition is not None:
            self._condition = None
            self._conditions.end("bus", "bus: taking again, sending what was kept")
