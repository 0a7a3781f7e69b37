"""The recorder: takes readings and gaps off the bus and into the history, and commits after the insert.

Killed at any moment it stores the uncommitted messages again, which changes nothing. What cannot be read or
stored goes to ``dead_letters``; while the history or the bus is away it waits, and the bus keeps the rest.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import TypeVar

from twin.bus.base import Bus, BusError, Consumer, Received
from twin.bus.dead_letters import publish_dead_letter
from twin.bus.tag_sets import TagSetDirectory
from twin.contract.clock import NS_PER_S, Clock, to_iso
from twin.contract.codec import decode_message
from twin.contract.errors import ContractError, ParkTwinError, UnknownTagSetError
from twin.contract.frame import Frame, decode_frame, encode_frame
from twin.contract.messages import Gap, TagSet
from twin.contract.topics import GAPS, READINGS
from twin.historian.base import HistoryError, HistoryStore, ReadingTimeError
from twin.historian.batch import Batch, select_rows
from twin.historian.metrics import RecorderMetrics
from twin.historian.rows import check_indexes
from twin.service.logging import ConditionLog

GROUP = "historian"

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")

_POLL_S = 0.25
_POLL_MESSAGES = 100
_RETRY_FIRST_S, _RETRY_LAST_S = 0.1, 5.0
_UNKNOWN_AGAIN_S = 30.0
_UNKNOWN_KEPT = 1_000
_LAG_EVERY_S = 5.0


class _StoppedError(Exception):
    """The recorder is to stop and what it holds is not stored: leave without a commit."""


class Recorder:
    """One thread that stores what the bus brings.

    Args:
        bus: read in group ``historian``; dead letters go there too.
        tag_sets: tells which index of a frame is which tag.
        history: where to.
        clock: ns since the epoch; judges source times and stamps dead letters.
        metrics: where to count.
        max_rows: insert as soon as this many readings are there...
        max_wait_s: ...or the first of them has waited this long [s].
        tag_set_wait_s: how long a frame may wait for its tag set's announcement [s].
    """

    def __init__(
        self,
        bus: Bus,
        tag_sets: TagSetDirectory,
        history: HistoryStore,
        *,
        clock: Clock,
        metrics: RecorderMetrics | None = None,
        max_rows: int = 100_000,
        max_wait_s: float = 1.0,
        tag_set_wait_s: float = 5.0,
    ) -> None:
        self.metrics = metrics if metrics is not None else RecorderMetrics()
        self._bus = bus
        self._tag_sets = tag_sets
        self._history = history
        self._clock = clock
        self._max_rows = max_rows
        self._max_wait_s = max_wait_s
        self._tag_set_wait_s = tag_set_wait_s
        self._unknown: dict[str, float] = {}
        self._conditions = ConditionLog(_LOG, clock)
        self._troubles: dict[str, str] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._lag_at = 0.0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Store what was taken, commit and end; False if that took longer than ``timeout_s`` [s]."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def troubles(self) -> dict[str, str]:
        """Say what keeps the recorder from recording now, by part; empty = nothing. Does not block."""
        return dict(self._troubles)

    def _run(self) -> None:
        while not self._stop.is_set():
            consumer: Consumer | None = None
            try:
                consumer = self._insist("bus", self._open)
                self._consume(consumer)
            except _StoppedError:
                return
            except Exception as error:  # whatever nobody foresaw must not end the recording silently
                _LOG.exception("recorder: unforeseen error; what was not committed is read again")
                self._begin("recorder", f"unforeseen error: {error}")
                self._stop.wait(_RETRY_LAST_S)
            finally:
                if consumer is not None:
                    self._close(consumer)

    def _open(self) -> Consumer:
        return self._bus.consumer([READINGS.name, GAPS.name], group=GROUP)

    def _consume(self, consumer: Consumer) -> None:
        batch = Batch()
        while not self._stop.is_set():
            waited = batch.waited_s(monotonic())
            for received in self._poll(consumer, max(0.0, min(_POLL_S, self._max_wait_s - waited))):
                batch.count(received, monotonic())
                if received.message.topic == GAPS.name:
                    self._take_gap(received, batch)
                else:
                    self._take_frame(received, batch)
            if batch.rows >= self._max_rows or batch.waited_s(monotonic()) >= self._max_wait_s:
                self._store(consumer, batch)
                batch = Batch()
        if batch.messages:
            self._store(consumer, batch)

    def _poll(self, consumer: Consumer, timeout_s: float) -> list[Received]:
        try:
            received = consumer.poll(timeout_s, _POLL_MESSAGES)
        except BusError as error:
            self._begin("bus", f"recorder cannot read the bus: {error}")
            self._stop.wait(_RETRY_FIRST_S)
            return []
        self._end("bus")
        return received

    def _take_gap(self, received: Received, batch: Batch) -> None:
        try:
            batch.gaps.append(decode_message(Gap, received.message.value, received.message.headers))
        except ContractError as error:
            self._refuse(received, error)

    def _take_frame(self, received: Received, batch: Batch) -> None:
        try:
            frame = decode_frame(received.message.value)
            tag_set = self._insist("bus", lambda: self._tag_set(frame))
            check_indexes(tag_set, frame)
        except ContractError as error:
            self._refuse(received, error)
            return
        earliest, latest = self._history.window(self._clock())
        fine = (frame.source_time >= earliest) & (frame.source_time < latest)
        if not fine.all():
            self._refuse_times(received, tag_set, select_rows(frame, ~fine), earliest, latest)
            frame = select_rows(frame, fine)
        batch.add(tag_set, frame)

    def _tag_set(self, frame: Frame) -> TagSet:
        """Look up the frame's tag set; one that stayed away is not waited for again for a while, so that
        a source that never announced does not hold up the others."""
        known_missing = monotonic() - self._unknown.get(frame.tag_set, -_UNKNOWN_AGAIN_S) < _UNKNOWN_AGAIN_S
        try:
            tag_set = self._tag_sets.get(frame.tag_set, wait_s=0.0 if known_missing else self._tag_set_wait_s)
        except UnknownTagSetError:
            if not known_missing:
                if len(self._unknown) >= _UNKNOWN_KEPT:
                    self._unknown.clear()
                self._unknown[frame.tag_set] = monotonic()
            raise
        self._unknown.pop(frame.tag_set, None)
        return tag_set

    def _refuse_times(
        self, received: Received, tag_set: TagSet, frame: Frame, earliest: int, latest: int
    ) -> None:
        """Put the rows whose times cannot be stored on dead letters, as a frame of their own."""
        first = tag_set.tags[int(frame.index[0])]
        error = ReadingTimeError(
            f"{len(frame)} readings of {frame.source!r}, first {first!r} at {int(frame.source_time[0])} ns: "
            f"the history takes {to_iso(earliest)} to before {to_iso(latest)}; set the device's clock"
        )
        self._conditions.begin(f"clock of {frame.source}", str(error))
        self.metrics.unstorable.inc(len(frame))
        message = replace(received.message, value=encode_frame(frame, compress=True))
        self._refuse(replace(received, message=message), error)

    def _refuse(self, received: Received, error: ParkTwinError) -> None:
        self.metrics.unreadable.labels(error.code).inc()
        self._insist(
            "bus",
            lambda: publish_dead_letter(self._bus, received, consumer=GROUP, error=error, clock=self._clock),
        )

    def _store(self, consumer: Consumer, batch: Batch) -> None:
        """Insert, then commit; a failed commit is made good by the next one or by reading again."""
        with self.metrics.insert_seconds.time():
            rows = self._insist("history", lambda: self._history.append(batch.frames))
            self._insist("history", lambda: self._history.append_gaps(batch.gaps))
        self._end("recorder")
        self.metrics.rows.inc(rows)
        self.metrics.gaps.inc(len(batch.gaps))
        self.metrics.delay_seconds.set((self._clock() - batch.oldest_ns) / NS_PER_S)
        try:
            consumer.commit()
        except BusError as error:
            self._begin("bus", f"recorder cannot commit: {error}")
        self.metrics.lost.set(consumer.lost)
        if monotonic() >= self._lag_at:
            self._lag_at = monotonic() + _LAG_EVERY_S
            self.metrics.lag.set(consumer.lag())

    def _insist(self, part: str, work: Callable[[], _T]) -> _T:
        """Do ``work`` until bus and history let it succeed.

        Raises:
            _StoppedError: told to stop meanwhile.
        """
        pause = _RETRY_FIRST_S
        while True:
            try:
                done = work()
            except (BusError, HistoryError) as error:
                if part == "history":
                    self.metrics.failures.inc()
                self._begin(part, f"recorder waits for the {part}: {error}")
                if self._stop.wait(pause):
                    raise _StoppedError from error
                pause = min(2 * pause, _RETRY_LAST_S)
            else:
                self._end(part)
                return done

    def _begin(self, part: str, text: str) -> None:
        self._troubles[part] = text
        self._conditions.begin(part, text)

    def _end(self, part: str) -> None:
        if self._troubles.pop(part, None) is not None:
            self._conditions.end(part, f"recorder: the {part} works again")

    def _close(self, consumer: Consumer) -> None:
        try:
            consumer.close()
        except BusError as error:
            _LOG.warning("recorder: consumer did not close: %s", error)
