"""Feeds a recording back to a bus, at the pace it came or faster."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from connectors.recording.file import Kept
from connectors.recording.retime import Retimer, TimeMap
from twin.bus.base import Bus, BusUnavailableError, Message
from twin.contract.clock import NS_PER_S, Clock
from twin.contract.errors import ContractError
from twin.contract.topics import TAG_SETS
from twin.service.logging import ConditionLog

BATCH: Final = 256
MAX_WAIT_S: Final = 0.2
"""Messages that are due within this are published together."""
RETRY_S: Final = 1.0

Times = Literal["shift", "keep", "verbatim"]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """How to replay.

    Args:
        speed: how much faster than it was; 0 = as fast as the bus takes it.
        times: ``shift`` moves every time so that the first message is now; ``keep`` leaves them; ``verbatim``
            leaves every byte.
        mark_simulated: see :class:`connectors.recording.retime.Retimer`; verbatim marks nothing.
        begin, end: only messages the bus took from, and before, these times, ns; tag sets always.
        sources: only these; empty = all.
    """

    speed: float = 1.0
    times: Times = "shift"
    mark_simulated: bool = True
    begin: int = 0
    end: int = 2**63 - 1
    sources: frozenset[str] = frozenset()

    def chosen(self, recorded: Iterable[Kept]) -> Iterator[Kept]:
        """Yield what is to be replayed."""
        for kept in recorded:
            inside = self.begin <= kept.time_ns < self.end
            if kept.topic == TAG_SETS.name or (inside and (not self.sources or kept.key in self.sources)):
                yield kept


@dataclass(slots=True)
class ReplayCounts:
    """What a replay has done: messages published, never published, and unreadable."""

    published: int = 0
    withheld: int = 0
    damaged: int = 0
    recorded_time: int = 0


class Replay:
    """One replay onto one bus.

    Args:
        bus: where to.
        plan: how.
        clock: ns since the epoch.
        stop: set to end it; waiting is done on it.
    """

    def __init__(self, bus: Bus, plan: ReplayPlan, *, clock: Clock, stop: threading.Event) -> None:
        self.counts = ReplayCounts()
        self._bus = bus
        self._plan = plan
        self._clock = clock
        self._stop = stop
        self._conditions = ConditionLog(_LOG, clock)

    def run(self, recorded: Iterable[Kept], progress: Callable[[], None] = lambda: None) -> None:
        """Publish what was recorded, in its order.

        Raises:
            RecordingError: the recording is damaged; what stood before was published.
            BusError: the bus refuses; while it is only away, it is waited for.
        """
        plan, now = self._plan, self._clock()
        retimer: Retimer | None = None
        first = 0
        batch: list[Message] = []
        held: list[Kept] = []
        for kept in plan.chosen(recorded):
            if self._stop.is_set():
                return
            if retimer is None:
                # tag sets may be years old: the first other message begins the clock
                held.append(kept)
                if kept.topic == TAG_SETS.name:
                    continue
                first = kept.time_ns
                retimer = self._retimer(first, now)
                for entry in held:
                    self._add(retimer, entry, batch)
                held.clear()
            else:
                self._pace(now + self._due(kept, first), batch)
                self._add(retimer, kept, batch)
            if len(batch) >= BATCH:
                self._publish(batch)
                progress()
        if retimer is None and held:
            retimer = self._retimer(held[0].time_ns, now)
            for entry in held:
                self._add(retimer, entry, batch)
        self._publish(batch)
        progress()

    def _retimer(self, first: int, now: int) -> Retimer:
        plan = self._plan
        # as fast as the bus takes it: intervals stay as they were
        times = TimeMap(first, now, plan.speed or 1.0, keep=plan.times != "shift")
        return Retimer(
            times,
            first_sequence=now // 1000,
            mark_simulated=plan.mark_simulated,
            verbatim=plan.times == "verbatim",
        )

    def _due(self, kept: Kept, first: int) -> int:
        """Return how long after the beginning a message is due, ns."""
        return round((kept.time_ns - first) / self._plan.speed) if self._plan.speed else 0

    def _pace(self, due: int, batch: list[Message]) -> None:
        if not self._plan.speed or due - self._clock() <= MAX_WAIT_S * NS_PER_S:
            return
        self._publish(batch)
        while not self._stop.is_set() and (left := due - self._clock()) > 0:
            self._stop.wait(min(left / NS_PER_S, 1.0))

    def _add(self, retimer: Retimer, kept: Kept, batch: list[Message]) -> None:
        self.counts.recorded_time = kept.time_ns
        try:
            message = retimer.message(kept)
        except ContractError as error:
            self.counts.damaged += 1
            _LOG.warning("replay: a message of %s on %s is left out: %s", kept.key, kept.topic, error)
            return
        if message is None:
            self.counts.withheld += 1
            return
        batch.append(message)

    def _publish(self, batch: list[Message]) -> None:
        while batch and not self._stop.is_set():
            try:
                self._bus.publish(batch)
            except BusUnavailableError as error:
                self._conditions.begin("bus", f"replay: the bus is away, waiting: {error}")
                self._stop.wait(RETRY_S)
                continue
            self._conditions.end("bus", "replay: the bus is back")
            self.counts.published += len(batch)
            batch.clear()
