"""Keeps what goes over the bus from now on in a file, with every tag set that its frames name."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.recording.file import Kept, RecordingWriter
from twin.bus.base import Bus, BusError, Consumer, Start
from twin.contract.clock import NS_PER_S, Clock
from twin.contract.topics import GAPS, READINGS, SOURCE_STATES, TAG_SETS
from twin.service.logging import ConditionLog

RECORDED: Final = (TAG_SETS.name, READINGS.name, GAPS.name, SOURCE_STATES.name)
"""What belongs to a raw day."""
POLL_S: Final = 0.5
FLUSH_S: Final = 2.0
"""What a kill can take from the end of a recording at most, beside the block being written."""
RETRY_S: Final = 2.0
_OF_A_SOURCE = {READINGS.name, GAPS.name, SOURCE_STATES.name}

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecorderBounds:
    """Where a recording ends.

    Args:
        seconds: after this long [s]; 0 = not by time.
        max_bytes: when the file is about this long; 0 = not by length.
        sources: record only these; empty = all.
    """

    seconds: float = 0.0
    max_bytes: int = 0
    sources: frozenset[str] = frozenset()


class Recorder:
    """Records a bus until a bound is reached or it is told to stop.

    Args:
        bus: what to listen to; nothing is ever published.
        writer: where it goes; closed by the caller.
        bounds: where it ends.
        clock: ns since the epoch.
        stop: set to end it.
        start: from the oldest the bus has, or from now on.
    """

    def __init__(
        self,
        bus: Bus,
        writer: RecordingWriter,
        bounds: RecorderBounds,
        *,
        clock: Clock,
        stop: threading.Event,
        start: Start = Start.LATEST,
    ) -> None:
        self.lost = 0
        """Messages that the bus's retention removed before they could be recorded."""
        self._bus = bus
        self._writer = writer
        self._bounds = bounds
        self._clock = clock
        self._stop = stop
        self._start = start
        self._conditions = ConditionLog(_LOG, clock)

    def run(self, progress: Callable[[], None] = lambda: None) -> None:
        """Record; ``progress`` is called about every two seconds."""
        flushed = begun = self._clock()
        consumers: Sequence[Consumer] = ()
        try:
            while not self._done(begun):
                try:
                    consumers = consumers or self._open()
                    # tag sets first: a frame never comes before the one that explains it
                    for consumer, wait_s in zip(consumers, (0.0, POLL_S), strict=True):
                        self._take(consumer, wait_s)
                    self._conditions.end("bus", "record: the bus is back")
                except BusError as error:
                    self._conditions.begin("bus", f"record: the bus cannot be read now: {error}")
                    self._stop.wait(RETRY_S)
                if self._clock() - flushed >= FLUSH_S * NS_PER_S:
                    flushed = self._clock()
                    self._writer.flush()
                    progress()
        finally:
            for consumer in consumers:
                consumer.close()
        progress()

    def _open(self) -> tuple[Consumer, Consumer]:
        sets = self._bus.consumer([TAG_SETS.name])
        try:
            others = [name for name in RECORDED if name != TAG_SETS.name]
            return sets, self._bus.consumer(others, start=self._start)
        except BusError:
            sets.close()
            raise

    def _take(self, consumer: Consumer, wait_s: float) -> None:
        received = consumer.poll(wait_s)
        while received:
            for entry in received:
                message = entry.message
                wanted = self._bounds.sources
                if wanted and message.topic in _OF_A_SOURCE and message.key not in wanted:
                    continue
                self._writer.write(
                    Kept(message.topic, message.key, message.value, dict(message.headers), entry.time_ns)
                )
            if message.topic != TAG_SETS.name:
                break
            received = consumer.poll(0.0)
        if consumer.lost > self.lost:
            _LOG.warning("record: %d messages were gone before they could be read", consumer.lost - self.lost)
            self.lost = consumer.lost

    def _done(self, begun: int) -> bool:
        bounds = self._bounds
        over = bounds.seconds and self._clock() - begun >= bounds.seconds * NS_PER_S
        return bool(
            self._stop.is_set()
            or over
            or (bounds.max_bytes and self._writer.bytes_written >= bounds.max_bytes)
        )
