"""The outbox: what a source brought is durable here before anything else happens to it.

* **Group commit.** One thread writes; what all sources bring within :data:`LINGER_S` goes to disk in one
  transaction, joined into frames per source, with the sequence numbers and the last whole moment of each.
* **Bounded.** At the byte limit, and on a full disk, the outbox stops accepting, says so once
  (``outbox_full``), and tries again every :data:`RETRY_S`; after the byte limit only when a tenth is free
  again. The oldest is kept, because its source was told that we have it; the newest is refused, of all
  sources alike, and marked as a gap of each with the first commit that succeeds. Memory holds what waits for
  a commit (a source waits with more than a few) and the newest reading of each tag.
* **Late.** Readings older than the last whole moment are taken as they come: numbered, and left to those who
  read them to put in their place by source time. They move the whole moment only if their delivery says so.
* **Whole.** For each source the outbox remembers up to which moment of the source's clock everything has been
  accepted, keep-alives included, to about a second: after a SIGKILL that is where the gap begins.
* **Open gaps.** Of a source with a history of its own it remembers the gaps that may still be filled from it
  (:mod:`connectors.open_gaps`), and how far that is, in the transaction that holds what was fetched.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from msgspec.structs import replace

from connectors.errors import ConnectorError, OutboxFullError
from connectors.frames import MAX_FRAME_ROWS, Readings, make_frames
from connectors.gaps import make_gap
from connectors.marks import WHOLE_S, Mark, Marks, encode_marks
from connectors.newest import NewestReadings
from connectors.open_gaps import Filled, OpenGap, decode_open, encode_open, opened, settled
from connectors.outgoing import frame_message, gap_message, tag_set_message
from twin.bus.base import BusError, BusFullError, Message
from twin.bus.embedded_log import DurableLog
from twin.contract.clock import Clock
from twin.contract.frame import Frame
from twin.contract.messages import Condition, Gap, GapReason, TagSet
from twin.service.logging import ConditionLog

LINGER_S: Final = 0.05
RETRY_S: Final = 1.0
RESUME_FRACTION: Final = 0.9
_NEVER: Final = 2**63 - 1

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """What one response of a source brought; all of it is accepted or nothing.

    Args:
        source: whose.
        whole: up to which moment of the source's clock this completes it, ns; 0 = nothing said.
        unsampled: what was due so long before ``whole`` may come later, ns.
        readings: None for a keep-alive.
        tag_set: announced before the readings.
        gaps: told before the readings.
        filled: set if these are readings fetched later: nothing else is owed for them when they are refused,
            and their gaps are not to be filled again.
    """

    source: str
    whole: int = 0
    unsampled: int = 0
    readings: Readings | None = None
    tag_set: TagSet | None = None
    gaps: tuple[Gap, ...] = ()
    filled: Filled | None = None

    @property
    def sure(self) -> int:
        """Up to which moment nothing of the source can still come, ns; 0 = nobody knows."""
        return max(self.whole - self.unsampled, 0)

    @property
    def is_keep_alive(self) -> bool:
        """True if nothing has to be sent."""
        return self.readings is None and self.tag_set is None and not self.gaps and self.filled is None


@dataclass(slots=True)
class _Pending:
    delivery: Delivery
    done: Future[None]
    since: float


@dataclass(frozen=True, slots=True)
class _Refused:
    """What is owed to a source since it was refused: a gap from ``start`` to ``until``, its tag set first."""

    start: int
    until: int
    tag_set: TagSet | None


@dataclass(slots=True)
class OutboxCounts:
    """What the outbox has done since the process started; for the metrics."""

    readings: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    gaps: dict[tuple[str, str], int] = field(default_factory=dict)
    frames: int = 0
    commits: int = 0


class Outbox:
    """Accepts deliveries from any thread and makes them durable from one.

    Args:
        log: where they are kept; the caller closes it.
        clock: ns since the epoch.
        max_bytes: what the log was told, to know when a tenth is free again; None = not bounded.
        linger_s: how long a commit waits for others to join it [s].
    """

    def __init__(
        self, log: DurableLog, *, clock: Clock, max_bytes: int | None = None, linger_s: float = LINGER_S
    ) -> None:
        self.counts = OutboxCounts()
        self.newest = NewestReadings()
        """Of every tag accepted so far; the sender lets it overtake a backlog."""
        self._log = log
        self._clock = clock
        self._max_bytes = max_bytes
        self._linger_s = linger_s
        self._conditions = ConditionLog(_LOG, clock)
        self._full: Condition | None = None
        self._retry_at = 0.0
        self._marks = Marks(log)
        self._refused: dict[str, _Refused] = {}
        self._open: dict[str, dict[str, OpenGap]] = {}  # by source, of those with a history, by id
        self._pending: list[_Pending] = []
        self._rows = 0
        self._wake = threading.Condition()
        self._closing = False
        self.appended = threading.Event()
        """Set whenever there is something new to send; the sender clears it."""
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._thread.start()

    def accept(self, delivery: Delivery) -> Future[None]:
        """Take a delivery; the future ends when it is durable.

        It ends with OutboxFullError if there was no room (the hole is marked when there is again), and with
        ConnectorError if the outbox was closed first.
        """
        done: Future[None] = Future()
        # whoever waits may give up; what was handed over is written down all the same, and the thread that
        # writes must not meet a future that somebody cancelled
        done.set_running_or_notify_cancel()
        with self._wake:
            if self._closing:
                done.set_exception(ConnectorError("outbox: closed; nothing more is accepted"))
                return done
            self._pending.append(_Pending(delivery, done, time.monotonic()))
            self._rows += len(delivery.readings) if delivery.readings is not None else 0
            if len(self._pending) == 1 or self._rows >= MAX_FRAME_ROWS:
                self._wake.notify()
        return done

    def whole(self, source: str) -> int:
        """Return the last moment up to which ``source`` is known to be whole, ns; 0 = never."""
        return self._marks.get(source).whole

    def away(self, source: str, now: int) -> int:
        """Return how long before ``now`` the last whole moment of ``source`` was noted, by our clock, ns."""
        return now - (self._marks.get(source).noted or now)

    def forget_whole(self, source: str) -> None:
        """Start anew: a source taken up again after it was given up has no gap in between."""
        self._marks.move(source, replace(self._marks.get(source), whole=0))
        if self._open.pop(source, None):
            with suppress(BusError):  # no room: they are asked for again, which harms nobody
                self._log.set_meta(f"open:{source}", encode_open(()))

    def keep_open(self, source: str) -> None:
        """Remember from now on which gaps of ``source`` may still be filled: it has a history of its own."""
        if source not in self._open:
            self._open[source] = decode_open(self._log.get_meta(f"open:{source}"))

    def open_gaps(self, source: str) -> tuple[OpenGap, ...]:
        """Return the gaps of ``source`` that may still be filled, in the order in which they were told."""
        return tuple(self._open.get(source, {}).values())

    @property
    def condition(self) -> Condition | None:
        """``outbox_full`` while nothing is accepted, else None."""
        return self._full

    def close(self) -> None:
        """Make what is pending durable and stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            pending = self._take()
            if pending is None:
                self._marks.persist(now=True)
                return
            if pending:
                self._commit(pending)
            self._marks.persist()

    def _take(self) -> list[_Pending] | None:
        """Wait for deliveries and let others join; an empty list now and then, None at the end."""
        with self._wake:
            if not self._pending and not self._closing:
                self._wake.wait(WHOLE_S)
            if not self._pending:
                return None if self._closing else []
            until = self._pending[0].since + self._linger_s
            while not self._closing and self._rows < MAX_FRAME_ROWS:
                rest = until - time.monotonic()
                if rest <= 0:
                    break
                self._wake.wait(rest)
            pending, self._pending, self._rows = self._pending, [], 0
            return pending

    def _commit(self, pending: Sequence[_Pending]) -> None:
        deliveries = [entry.delivery for entry in pending]
        try:
            self._store(deliveries)
        except BusError as error:
            # no room, a failing disk, a file that another process holds: nothing was kept in any case
            self._refuse(pending, str(error))
        except Exception as error:
            if len(pending) > 1:
                # whatever is wrong with one of them is its own: the others must not notice
                for entry in pending:
                    self._commit([entry])
                return
            _LOG.exception("outbox: a delivery of source %s cannot be written down", deliveries[0].source)
            self._owe(pending[0], ConnectorError(f"outbox: {error}"))
        else:
            for entry in pending:
                entry.done.set_result(None)

    def _store(self, deliveries: Sequence[Delivery]) -> None:
        if all(d.is_keep_alive and d.source not in self._refused for d in deliveries):
            self._advance(deliveries)
            return
        if self._full is not None and not self._may_retry():
            raise BusFullError(self._full.detail)
        messages: list[Message] = []
        kept: list[TagSet | Frame] = []
        marks: dict[str, Mark] = {}
        gaps: list[Gap] = []
        by_source = sorted(deliveries, key=lambda delivery: delivery.source)
        for source, group in groupby(by_source, key=lambda delivery: delivery.source):
            mine = list(group)
            owed = self._refused.get(source)
            if owed is not None:
                start = min(self._marks.get(source).whole or owed.until, owed.start)
                hole = (make_gap(source, start, owed.until, GapReason.OUTBOX_FULL),) if owed.until else ()
                mine.insert(0, Delivery(source, tag_set=owed.tag_set, gaps=hole))
            gaps += [gap for delivery in mine for gap in delivery.gaps]
            marks[source] = self._messages(source, mine, messages, kept)
        meta = encode_marks(marks)
        still_open = self._still_open(deliveries, gaps)
        meta |= {f"open:{source}": encode_open(known.values()) for source, known in still_open.items()}
        self._log.append(messages, meta=meta)
        self._open |= still_open
        self._note(deliveries, marks, gaps, kept)

    def _still_open(
        self, deliveries: Sequence[Delivery], gaps: Sequence[Gap]
    ) -> dict[str, dict[str, OpenGap]]:
        """Return the open gaps of each source for which they change with these deliveries."""
        changed: dict[str, dict[str, OpenGap]] = {}
        final = {gap.id for delivery in deliveries if delivery.filled is not None for gap in delivery.gaps}
        for source in {gap.source for gap in gaps} | {d.source for d in deliveries if d.filled is not None}:
            known = self._open.get(source)
            if known is None:
                continue
            told = [gap for gap in gaps if gap.source == source and gap.id not in final]
            filled = [d.filled for d in deliveries if d.source == source and d.filled is not None]
            after = opened(settled(known, filled), told, self._marks.get(source).newest)
            if after != known:
                changed[source] = after
        return changed

    def _messages(
        self,
        source: str,
        deliveries: Sequence[Delivery],
        messages: list[Message],
        kept: list[TagSet | Frame],
    ) -> Mark:
        """Append to ``messages`` what is to be sent for one source, and to ``kept`` what of it
        :attr:`newest` must know; return its mark after it."""
        mark = self._marks.get(source)
        now = self._clock()
        joined: list[Readings] = []

        def flush() -> None:
            nonlocal mark
            if not joined:
                return
            for frame in make_frames(source, joined, mark.sequence + 1):
                messages.append(frame_message(frame, now))
                kept.append(frame)
                mark = replace(mark, sequence=frame.sequence)
            joined.clear()

        for delivery in deliveries:
            tag_set = delivery.tag_set
            if tag_set is not None:
                flush()
                messages.append(tag_set_message(tag_set, now))
                kept.append(tag_set)
            messages += [gap_message(gap, now) for gap in delivery.gaps]
            if delivery.readings is not None and len(delivery.readings):
                if joined and joined[-1].tag_set != delivery.readings.tag_set:
                    flush()
                joined.append(delivery.readings)
                if delivery.filled is None:
                    newest = int(delivery.readings.source_time.max())
                    mark = replace(mark, newest=max(mark.newest, newest))
            if delivery.sure:
                # not the highest ever: a source's clock may be set back, and is then right from there on
                mark = replace(mark, whole=delivery.sure, noted=now)
        flush()
        return mark

    def _advance(self, deliveries: Sequence[Delivery]) -> None:
        """Note keep-alives; they go to disk with the next commit of their source or within a second."""
        for delivery in deliveries:
            if delivery.sure:
                mark = self._marks.get(delivery.source)
                self._marks.move(delivery.source, replace(mark, whole=delivery.sure, noted=self._clock()))

    def _note(
        self,
        deliveries: Sequence[Delivery],
        marks: dict[str, Mark],
        gaps: Sequence[Gap],
        kept: Sequence[TagSet | Frame],
    ) -> None:
        counts, now = self.counts, self._clock()
        for each in kept:
            if isinstance(each, TagSet):
                self.newest.announce(each)
            else:
                self.newest.take(each, now)
        for source, mark in marks.items():
            counts.frames += mark.sequence - self._marks.get(source).sequence
            self._refused.pop(source, None)
        self._marks.committed(marks)
        counts.commits += 1
        for delivery in deliveries:
            if delivery.readings is not None:
                rows = len(delivery.readings)
                counts.readings[delivery.source] = counts.readings.get(delivery.source, 0) + rows
        for gap in gaps:
            if gap.start == gap.end:
                continue  # withdrawn
            key = (gap.source, gap.reason.value)
            counts.gaps[key] = counts.gaps.get(key, 0) + 1
        if self._full is not None:
            self._full = None
            self._conditions.end("outbox_full", "outbox: accepting again; what was refused is marked as gaps")
        self.appended.set()

    def _may_retry(self) -> bool:
        if time.monotonic() < self._retry_at:
            return False
        self._retry_at = time.monotonic() + RETRY_S
        return self._max_bytes is None or self._log.size_bytes <= RESUME_FRACTION * self._max_bytes

    def _refuse(self, pending: Sequence[_Pending], why: str) -> None:
        if self._full is None:
            self._full = Condition(code="outbox_full", since=self._clock(), detail=why)
            self._retry_at = time.monotonic() + RETRY_S
            self._conditions.begin(
                "outbox_full", f"outbox: no longer accepting, readings are being lost from now on: {why}"
            )
        for entry in pending:
            self._owe(entry, OutboxFullError(f"outbox: {why}"))

    def _owe(self, entry: _Pending, error: ConnectorError) -> None:
        """Note what a refused delivery would have said, as far as it must still be said, and refuse it."""
        delivery = entry.delivery
        if delivery.filled is not None:
            entry.done.set_exception(error)
            return
        source = delivery.source
        until = delivery.whole or self._marks.get(source).whole
        known = self._refused.get(source, _Refused(until or _NEVER, until, None))
        starts = [known.start, *(gap.start for gap in delivery.gaps)]
        self._refused[source] = _Refused(
            min(starts), max(known.until, until), delivery.tag_set or known.tag_set
        )
        rows = len(delivery.readings) if delivery.readings is not None else 0
        self.counts.refused[source] = self.counts.refused.get(source, 0) + rows
        entry.done.set_exception(error)
