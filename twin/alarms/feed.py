"""What happens to alarms, as it happens, for those who watch: the newest entries on the topic ``alarms``.

It reads without a group and from the end: every twin that serves tells its own viewers, whichever process
evaluates. Who connects asks for the list first; what this says afterwards keeps it in step.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from threading import Event as Flag
from threading import Lock, Thread

from twin.bus.base import Bus, BusError, Consumer, Received, Start
from twin.contract.clock import Clock
from twin.contract.codec import decode_message
from twin.contract.errors import ContractError
from twin.contract.messages import AlarmEntry
from twin.contract.topics import ALARMS
from twin.service.logging import ConditionLog

_LOG = logging.getLogger(__name__)

MOST_KEPT = 2_000
"""Entries that nobody has taken yet; of more the oldest are dropped, and :class:`News` says so."""
_POLL_S = 0.2
_RETRY_S = 0.5


@dataclass(frozen=True, slots=True)
class News:
    """Entries since the last time; ``missed`` if some are not among them, so that the list must be asked for
    again."""

    entries: tuple[AlarmEntry, ...]
    missed: bool


class AlarmFeed:
    """One thread that follows the topic of one park. Thread-safe.

    Args:
        bus: to read.
        park: only its entries.
        clock: ns since the epoch.
    """

    def __init__(self, bus: Bus, park: str, clock: Clock) -> None:
        self._bus = bus
        self._park = park
        self._log = ConditionLog(_LOG, clock)
        self._entries: deque[AlarmEntry] = deque(maxlen=MOST_KEPT)
        self._newest = 0
        self._missed = False
        self._lock = Lock()
        self._consumer: Consumer | None = None
        self._stopping = Flag()
        self._thread = Thread(target=self._run, name="alarm-feed", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """End; give up after ``timeout_s`` [s]."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def take(self) -> News:
        """Return what came since the last call. Does not block."""
        with self._lock:
            news = News(tuple(self._entries), self._missed)
            self._entries.clear()
            self._missed = False
            return news

    def step(self, timeout_s: float = _POLL_S) -> None:
        """Take in what the bus has.

        Raises:
            BusError: the bus is away; call again.
        """
        if self._consumer is None:
            self._consumer = self._bus.consumer([ALARMS.name], start=Start.LATEST)
            with self._lock:
                self._missed = True  # whatever was told before, or while the bus was away
        received = self._consumer.poll(timeout_s)
        with self._lock:
            for one in received:
                self._take(one)

    def _take(self, received: Received) -> None:
        try:
            entry = decode_message(AlarmEntry, received.message.value, received.message.headers)
        except ContractError as error:
            _LOG.warning("entry at offset %d is left out: %s", received.offset, error)
            return
        if entry.park == self._park and entry.number > self._newest:  # again after a crash is no news
            self._newest = entry.number
            self._missed = self._missed or len(self._entries) == MOST_KEPT
            self._entries.append(entry)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.step()
            except BusError as error:
                self._log.begin("bus", f"alarm feed: {error}")
                self._close()
                self._stopping.wait(_RETRY_S)
            else:
                self._log.end("bus", "alarm feed: the bus is back")
        self._close()

    def _close(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            try:
                consumer.close()
            except BusError as error:
                _LOG.warning("alarm feed: consumer did not close: %s", error)
