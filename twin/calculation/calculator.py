"""The calculator: the thread from readings on the bus to readings of calculated tags on the bus.

It reads without a group, from the positions of its snapshot and in the order of the bus. Snapshots are taken
between two cells, after what the first one gives is published; so after a crash, by whomever, the last cells
are worked out and published again, with the same times and under the same sequence numbers, and whoever reads
them twice sees that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from time import perf_counter

from twin.bus.base import (
    Bus,
    BusError,
    BusUnavailableError,
    Received,
    Start,
    TopicPartition,
)
from twin.bus.in_order import InOrder
from twin.calculation.calculation import Calculation
from twin.calculation.metrics import CalculationMetrics
from twin.calculation.outlet import HEARTBEAT_MS, Outlet
from twin.contract.clock import NS_PER_MS, NS_PER_S, Clock
from twin.contract.codec import decode_message
from twin.contract.errors import ParkTwinError
from twin.contract.frame import decode_frame
from twin.contract.messages import Connection, SourceState, TagSet
from twin.contract.topics import READINGS, SOURCE_STATES
from twin.park.model import Park
from twin.service.database import DatabaseError
from twin.service.logging import ConditionLog
from twin.state.projector import REWIND_MESSAGES
from twin.state.share import ShareLostError
from twin.state.snapshot import (
    SnapshotError,
    decode_snapshot,
    encode_snapshot,
    pack_names,
    restore_snapshot,
    take_snapshot,
)
from twin.state.snapshot_place import SnapshotPlace
from twin.state.tag_map import TagMap
from twin.state.tag_table import TagTable

_LOG = logging.getLogger(__name__)

CELL_NS = 500 * NS_PER_MS
"""How often a tag is worked out at most."""
_LATE_NS = 2 * CELL_NS
"""A cell that is worked out later than this is judged as one of the past: heartbeats in between are gone."""
POLL_S = 0.05
POLL_MESSAGES = 300
_RETRY_S = 0.5
_COMPLAIN_EVERY_NS = 60 * NS_PER_S


class Calculator:
    """One thread that calculates the tags of a park.

    Args:
        bus: to read, and to publish on.
        park: whose tags.
        table: the same in columns.
        lookup: finds an announced tag set; raises UnknownTagSetError.
        snapshots: None = keep nothing on disk.
        metrics: counted into.
        clock: ns since the epoch.
        slack_s: how much later than another [s] a partition of the bus may tell of the same moment.
    """

    def __init__(
        self,
        bus: Bus,
        park: Park,
        table: TagTable,
        *,
        lookup: Callable[[str], TagSet],
        snapshots: SnapshotPlace | None,
        metrics: CalculationMetrics,
        clock: Clock,
        slack_s: float = 0.0,
    ) -> None:
        self.calculation = Calculation(park, table)
        self.live = False
        """True once the bus was read to its end."""
        self.lost_share = ""
        """Why it has ended by itself: another process calculates now."""
        self._slack = round(slack_s * NS_PER_S)
        self._source = self.calculation.source
        self._bus = bus
        self._tag_map = TagMap(table, lookup, clock)
        self._snapshots = snapshots
        self._metrics = metrics
        self._clock = clock
        self._log = ConditionLog(_LOG, clock)
        self._names = pack_names(self.calculation.state)
        self._outlet = Outlet(bus, self.calculation, metrics, clock)
        self._consumer: InOrder | None = None
        self._start_at: dict[TopicPartition, int] = {}
        self._at: dict[TopicPartition, int] = {}
        self._known: dict[TopicPartition, int] = {}
        self._known_until = 0
        self._cell = 0
        self._told = 0
        self._kept = clock()
        self._complained: dict[str, int] = {}
        self._troubles: dict[str, str] = {}
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="calculator", daemon=True)

    def troubles(self) -> dict[str, str]:
        """Say what keeps tags from being calculated, by part; empty = nothing. Does not block."""
        return dict(self._troubles)

    def start(self) -> None:
        """Begin where the last one ended.

        Raises:
            BusError: the tag sets could not be announced; call again.
        """
        self.load()
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Publish what is worked out, write a last snapshot and end; give up after ``timeout_s`` [s]."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def load(self) -> int:
        """Announce the tag sets and take up the snapshot; return how many tags are known from it.

        Raises:
            BusError: the tag sets could not be announced; call again.
        """
        self._outlet.announce()
        state = self.calculation.state
        try:
            data = None if self._snapshots is None else self._snapshots.read()
            snapshot = None if data is None else decode_snapshot(data, str(self._snapshots))
        except (SnapshotError, OSError) as error:
            _LOG.warning("%s; everything the bus holds is calculated with again", error)
            snapshot = None
        if snapshot is None:
            return 0
        known = restore_snapshot(state, snapshot)
        self.calculation.take_up(changed=snapshot.revision != state.table.revision)
        self._known, self._known_until = dict(snapshot.positions), snapshot.taken
        self._start_at = {
            at: max(0, offset - REWIND_MESSAGES)
            for at, offset in snapshot.positions.items()
            if at.topic != SOURCE_STATES.name  # compacted: read whole, so that every source is known
        }
        return known

    def step(self, timeout_s: float = POLL_S) -> int:
        """Take in what the bus has, waiting up to ``timeout_s`` [s] for a first message, and publish what it
        gives; return how many messages.

        Raises:
            BusError: the broker is away, or takes nothing; call again.
        """
        self._outlet.publish()  # what an earlier call could not
        if self._consumer is None:
            consumer = self._bus.consumer(
                [READINGS.name, SOURCE_STATES.name],
                start=Start.EARLIEST,
                positions=self._start_at or None,
            )
            self._consumer = InOrder(consumer, READINGS.name, slack_ns=self._slack)
        before = self._consumer.positions
        # heartbeats come first: of those in between only the newest is kept, and it vouches for them
        now = self._clock()  # what is older than this less the slack is here then, and no more is promised
        batch = self._consumer.poll(timeout_s, POLL_MESSAGES, now=now)
        self._at = self._consumer.positions
        for received in reversed(batch):
            self._at[TopicPartition(received.message.topic, received.partition)] = received.offset
        try:
            for received in batch:
                partition = TopicPartition(received.message.topic, received.partition)
                if partition.topic != READINGS.name:
                    self._guard(received)
                elif not self._is_known(partition, received):
                    self._go_to(received.time_ns)
                    self._guard(received)
                self._at[partition] = received.offset + 1
        except BusUnavailableError:
            self._start_at = before  # a tag set could not be asked for: take this batch again
            self._close_consumer()
            raise
        if self._consumer.current:
            self.live = self.live or self._consumer.caught_up()
            if self.live:
                self._at = self._consumer.positions
                self._go_to(now - self._slack if self._slack else self._clock())
        self._outlet.publish()
        self._keep_up(self._consumer)
        return len(batch)

    def _is_known(self, partition: TopicPartition, received: Received) -> bool:
        """Whether the snapshot has it: what is read again for fear of a power cut, and was not cut. It would
        be worked out again if its source had counted anew since."""
        return received.offset < self._known.get(partition, 0) and received.time_ns <= self._known_until

    def _guard(self, received: Received) -> None:
        """Let no message, however broken, keep the next one from being read; dead letters are the recorder's
        and the projector's to write."""
        try:
            if received.message.topic == READINGS.name:
                self._take_frame(received)
            else:
                state = decode_message(SourceState, received.message.value, received.message.headers)
                self.calculation.note_source(state, received.time_ns)
        except BusUnavailableError:
            raise
        except Exception as error:
            code = error.code if isinstance(error, ParkTwinError) else "unforeseen"
            self._metrics.unreadable.labels(code).inc()
            now = self._clock()
            if now - self._complained.get(code, 0) >= _COMPLAIN_EVERY_NS:
                self._complained[code] = now
                where = f"{received.message.topic}[{received.partition}]@{received.offset}"
                _LOG.warning("message %s (and any like it for a minute) is passed over: %s", where, error)

    def _take_frame(self, received: Received) -> None:
        frame = decode_frame(received.message.value)
        if frame.source != self._source:
            self.calculation.apply(frame, self._tag_map.mapping(frame.tag_set), received.time_ns)

    def _go_to(self, bus_now: int) -> None:
        """Let the bus's time go on; where that ends a cell, work out what is in it."""
        cell = bus_now // CELL_NS
        if cell > self._cell:
            if self._cell or self.calculation.pending:  # a changed park has something to work out at once
                self._work_out(((self._cell or cell - 1) + 1) * CELL_NS)
            self._cell = cell
            plan = self._snapshots
            if plan is not None and self._clock() - self._kept >= plan.every_s * NS_PER_S:
                self._keep(plan)

    def _work_out(self, now: int) -> None:
        sequence = self.calculation.state.sequences.get(self._source, 0) + 1
        begun = perf_counter()
        live = self.live and self._clock() - now <= _LATE_NS
        worked = self.calculation.evaluate(now, sequence, live=live)
        self._metrics.seconds.observe(perf_counter() - begun)
        self.calculation.state.sequences[self._source] = self._outlet.put(worked, sequence, now)

    def _keep_up(self, consumer: InOrder) -> None:
        """Tell how it is when that is due."""
        now = self._clock()
        if now - self._told >= HEARTBEAT_MS * NS_PER_MS:
            self._told = now
            self._metrics.lag.set(consumer.lag())
            self._outlet.tell(Connection.CONNECTED if self.live else Connection.CONNECTING, now)

    def _keep(self, plan: SnapshotPlace) -> None:
        """Write a snapshot; only between two cells, because nothing in it says how much of one was worked
        out."""
        self._kept = self._clock()
        self._outlet.publish()
        state = self.calculation.state
        try:
            plan.write(encode_snapshot(take_snapshot(state, self._at, self._names, self._kept)))
        except (OSError, DatabaseError) as error:
            self._trouble("calculation snapshot", f"{plan} cannot be written: {error}")
        else:
            self._well("calculation snapshot", f"{plan} is written again")

    def _run(self) -> None:
        while not self._stopping.is_set() and not self.lost_share:
            try:
                self.step()
            except ShareLostError as error:
                self.lost_share = str(error)
            except BusError as error:
                self._trouble("calculation", str(error))
                self._stopping.wait(_RETRY_S)
            except Exception as error:
                self._trouble("calculation", f"{type(error).__name__}: {error}")
                _LOG.exception("the calculator stumbled; it opens the bus anew")
                if self._consumer is not None:
                    self._start_at = self._consumer.positions
                    self._close_consumer()
                self._stopping.wait(_RETRY_S)
            else:
                self._well("calculation", "tags are calculated again")
        self.close()

    def close(self) -> None:
        """Publish what is worked out, say that this ends, write a last snapshot, and leave the bus. In the
        middle of a cell there is no snapshot: the last one stands, and what follows it is read again."""
        try:
            if self._consumer is not None and not self.lost_share:
                self._outlet.publish()
                if self._snapshots is not None and not self.calculation.pending:
                    self._keep(self._snapshots)
                self._outlet.tell(Connection.STOPPED, self._clock())
        except (BusError, ShareLostError) as error:
            _LOG.warning("what was calculated last is calculated again: %s", error)
        self._close_consumer()

    def _trouble(self, part: str, text: str) -> None:
        self._troubles = {**self._troubles, part: text}
        self._log.begin(part, f"{part}: {text}")

    def _well(self, part: str, text: str) -> None:
        if part in self._troubles:
            self._troubles = {name: why for name, why in self._troubles.items() if name != part}
            self._log.end(part, text)

    def _close_consumer(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            try:
                consumer.close()
            except Exception:
                _LOG.exception("a consumer could not be closed")
