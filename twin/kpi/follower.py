"""Two threads that follow the bus: one keeps the last hours of the lines, one writes down what cameras said.

The first reads without a group and from the end, every process for itself; what was before comes from the
history. The second reads in a group and commits after the transaction, so that every inspection is counted
once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event as Flag
from threading import Thread

import numpy as np
from sqlalchemy import Engine

from twin.bus.base import Bus, BusError, Consumer, Received, Start
from twin.contract.clock import NS_PER_S, Clock
from twin.contract.codec import decode_message
from twin.contract.errors import ContractError, ParkTwinError
from twin.contract.frame import F64, Frame, decode_frame
from twin.contract.inspection import Inspection, InspectionReview
from twin.contract.messages import Gap, TagSet
from twin.contract.topics import GAPS, INSPECTION_REVIEWS, INSPECTIONS, READINGS
from twin.kpi.inspections import keep
from twin.kpi.live import LiveReadings
from twin.kpi.packml import STATES
from twin.kpi.series import Readings
from twin.service.logging import ConditionLog

_LOG = logging.getLogger(__name__)

GROUP = "kpi"
_POLL_S = 0.25
_RETRY_S = 0.5
_BEFORE_NS = 60 * NS_PER_S
_SETTLE_NS = 30 * NS_PER_S
"""What was on the bus before the first poll is in the history by then."""
_FORGET_EVERY_NS = 60 * NS_PER_S
_NUMBER = {state: float(number) for number, state in enumerate(STATES)}


class _Follower:
    """A thread with a consumer, opened anew after an error."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._clock = clock
        self._name = name
        self._log = ConditionLog(_LOG, clock)
        self._consumer: Consumer | None = None
        self._troubles: dict[str, str] = {}
        self._stopping = Flag()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def troubles(self) -> dict[str, str]:
        """Say what keeps it from following, by part; empty = nothing. Does not block."""
        return dict(self._troubles)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """End; give up after ``timeout_s`` [s]."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def step(self, timeout_s: float = _POLL_S) -> int:
        """Take in what the bus has; return how many messages."""
        raise NotImplementedError

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.step()
            except ParkTwinError as error:
                self._troubles = {self._name: str(error)}
                self._log.begin("away", f"{self._name}: {error}; trying again")
                self._close()
                self._stopping.wait(_RETRY_S)
            else:
                self._troubles = {}
                self._log.end("away", f"{self._name} works again")
        self._close()

    def _close(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            try:
                consumer.close()
            except BusError as error:
                _LOG.warning("%s: consumer did not close: %s", self._name, error)

    def _pass_over(self, received: Received, error: ContractError) -> None:
        topic, offset = received.message.topic, received.offset
        _LOG.warning("%s: message %s@%d is passed over: %s", self._name, topic, offset, error)


class LiveFollower(_Follower):
    """Keeps the last hours of the lines.

    Args:
        bus: to read.
        live: where to.
        history: asked once for the last reading of each tag.
        tags: that are kept.
        lookup: finds an announced tag set; raises UnknownTagSetError.
        clock: ns since the epoch.
    """

    def __init__(
        self,
        bus: Bus,
        live: LiveReadings,
        history: Readings,
        tags: tuple[str, ...],
        *,
        lookup: Callable[[str], TagSet],
        clock: Clock,
    ) -> None:
        super().__init__("kpi-live", clock)
        self._bus = bus
        self._live = live
        self._history = history
        self._tags = tags
        self._lookup = lookup
        self._forgot = self._opened = clock()

    def step(self, timeout_s: float = _POLL_S) -> int:
        """Take in what the bus has, waiting up to ``timeout_s`` [s] for a first message.

        Raises:
            BusError, HistoryError: something is away; call again.
        """
        if self._consumer is None:
            self._live.whole_from(0)  # not whole until what lies before is here
            self._consumer = self._bus.consumer([READINGS.name, GAPS.name], start=Start.LATEST)
            self._opened = self._clock()
        if not self._live.since and self._clock() - self._opened >= _SETTLE_NS:
            self._fill()
        received = self._consumer.poll(timeout_s)
        for one in received:
            try:
                self._take(one)
            except ContractError as error:
                self._pass_over(one, error)
        if self._clock() - self._forgot >= _FORGET_EVERY_NS:
            self._forgot = self._clock()
            self._live.forget(self._forgot)
        return len(received)

    def _fill(self) -> None:
        """Take from the history what was before the first poll; from then on nothing is missing."""
        for tag, one in self._history.read(self._tags, self._opened - _BEFORE_NS, self._opened).items():
            self._live.put(tag, one)
        self._live.whole_from(self._opened)

    def _take(self, received: Received) -> None:
        if received.message.topic == GAPS.name:
            self._live.take_gap(decode_message(Gap, received.message.value, received.message.headers))
            return
        frame = decode_frame(received.message.value)
        tags = self._lookup(frame.tag_set).tags
        self._live.take(tags, frame.index.astype(np.int64), frame.source_time, _values(frame), frame.status)


def _values(frame: Frame) -> F64:
    """The values of a frame; of a text that is a PackML state its number, of any other none."""
    if frame.text is None:
        return frame.value
    numbers = [_NUMBER.get(text, np.nan) if text is not None else np.nan for text in frame.text]
    told = np.array([text is not None for text in frame.text])
    return np.where(told, np.array(numbers), frame.value)


class InspectionFollower(_Follower):
    """Writes down inspections and what people said of them.

    Args:
        bus: read in group ``kpi``.
        engine: where to.
        clock: ns since the epoch.
    """

    def __init__(self, bus: Bus, engine: Engine, clock: Clock) -> None:
        super().__init__("kpi-inspections", clock)
        self._bus = bus
        self._engine = engine

    def step(self, timeout_s: float = _POLL_S) -> int:
        """Take in what the bus has, write it down, and commit.

        Raises:
            BusError, DatabaseError: something is away; what was not committed is read again.
        """
        if self._consumer is None:
            topics = [INSPECTIONS.name, INSPECTION_REVIEWS.name]
            self._consumer = self._bus.consumer(topics, group=GROUP)
        received = self._consumer.poll(timeout_s)
        told: list[Inspection | InspectionReview] = []
        for one in received:
            message = one.message
            try:
                if message.topic == INSPECTIONS.name:
                    told.append(decode_message(Inspection, message.value, message.headers))
                else:
                    told.append(decode_message(InspectionReview, message.value, message.headers))
            except ContractError as error:
                self._pass_over(one, error)
        if told:
            keep(self._engine, told)
        if received:
            self._consumer.commit()
        return len(received)
