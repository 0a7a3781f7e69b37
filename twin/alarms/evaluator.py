"""The evaluator: the thread from the bus to the journal, and from the journal to the topic ``alarms``.

It takes care of a share of the park's alarms, or of all. It reads without a group, from the positions of its
snapshot and in the order of the bus; what it finds is journalled in one transaction with the positions it was
found up to, and only then is a snapshot taken or an entry published. Whatever is read or published a second
time changes nothing, and what another process has taken over is not written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event as Flag
from threading import Thread

import numpy as np

from twin.alarms.alarm_share import AlarmShare, whole
from twin.alarms.condition_bank import ConditionBank, Edge
from twin.alarms.errors import AlarmSnapshotError
from twin.alarms.happenings import differences, happenings, hold_standings
from twin.alarms.journal import Journal, Written
from twin.alarms.metrics import AlarmMetrics
from twin.alarms.outages import OutageLog
from twin.alarms.publisher import Publisher
from twin.alarms.readings import from_frame
from twin.alarms.reorder import Reorder
from twin.alarms.snapshot import (
    decode_snapshot,
    encode_snapshot,
    pack_names,
    restore_snapshot,
    take_snapshot,
)
from twin.alarms.standing import Happening
from twin.alarms.state_machine import Event
from twin.bus.base import Bus, BusError, BusUnavailableError, Received, Start, TopicPartition
from twin.bus.in_order import InOrder
from twin.bus.partitioning import partitions_of
from twin.contract.clock import NS_PER_MS, NS_PER_S, Clock
from twin.contract.codec import decode_message
from twin.contract.errors import FrameError, ParkTwinError
from twin.contract.frame import decode_frame
from twin.contract.messages import Gap, SourceState, TagSet
from twin.contract.topics import GAPS, READINGS, SOURCE_STATES
from twin.service.database import DatabaseError
from twin.service.logging import ConditionLog
from twin.state import projector
from twin.state.share import Guard, ShareLostError
from twin.state.snapshot_place import SnapshotPlace
from twin.state.tag_map import TagMap, TagMapping

_LOG = logging.getLogger(__name__)

POLL_S = 0.05
REWIND_MESSAGES = projector.REWIND_MESSAGES
POLL_MESSAGES = 300
MOST_AT_ONCE = 5_000
"""Happenings in one transaction: a person who acts in a flood waits for no more than one of them."""
_RETRY_S = 0.5
_SHELVES_EVERY_NS = 500 * NS_PER_MS
_PUBLISH_EVERY_NS = 250 * NS_PER_MS
_LAG_EVERY_NS = NS_PER_S
_COMPLAIN_EVERY_NS = 60 * NS_PER_S


class Evaluator:
    """One thread that keeps alarms of a park.

    Args:
        bus: to read, and to publish the journal on.
        journal: where to.
        lookup: finds an announced tag set; raises UnknownTagSetError.
        snapshots: None = keep nothing on disk.
        metrics: counted into.
        clock: ns since the epoch.
        lateness_s: readings of a tag that come out of order within this [s] count in order.
        share: the alarms it keeps; left out, all.
        guard: sees in each transaction that the share is still this process's; None = nobody else's.
        tag_map: of the park, for all evaluators of a process; left out, made of ``lookup``.
    """

    def __init__(
        self,
        bus: Bus,
        journal: Journal,
        *,
        lookup: Callable[[str], TagSet],
        snapshots: SnapshotPlace | None,
        metrics: AlarmMetrics,
        clock: Clock,
        lateness_s: float = 0.1,
        share: AlarmShare | None = None,
        guard: Guard | None = None,
        tag_map: TagMap | None = None,
    ) -> None:
        self.share = whole(journal.table) if share is None else share
        table = self.share.table
        self.bank = ConditionBank(table)
        self.live = False
        """True once the bus was read to its end."""
        self.lost_share = ""
        """Why it has ended by itself: another process has its share."""
        self._guard_write = guard
        self._table = table
        self._bus = bus
        self._journal = journal
        self._outages = OutageLog(journal.engine, table.tags.sources, self.share.own_sources)
        self._publisher = Publisher(bus, journal.engine, journal.park, clock)
        self._tag_map = TagMap(journal.table.tags, lookup, clock) if tag_map is None else tag_map
        self._mappings: dict[str, TagMapping] = {}
        self._source_number = {source: number for number, source in enumerate(table.tags.sources)}
        self._snapshots = snapshots
        self._metrics = metrics
        self._clock = clock
        expressions = self.bank.finder.expressions
        together = None if expressions is None else expressions.together()
        self._reorder = Reorder(len(table.tags), round(lateness_s * NS_PER_S), together)
        self._log = ConditionLog(_LOG, clock)
        self._names = b"" if snapshots is None else pack_names(table)
        self._consumer: InOrder | None = None
        self._start_at: dict[TopicPartition, int] = {}
        self._unsaved: list[Happening] = []
        self._bus_now = 0
        self._other_park = False
        self._done: dict[str, int] = {}
        self._complained: dict[str, int] = {}
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="alarm-snapshot")
        self._writing: Future[None] | None = None
        self._stopping = Flag()
        self._thread = Thread(target=self._run, name="evaluator", daemon=True)
        self._troubles: dict[str, str] = {}

    def troubles(self) -> dict[str, str]:
        """Say what keeps the alarms from being evaluated, by part; empty = nothing. Does not block."""
        return dict(self._troubles)

    def start(self) -> None:
        """Begin where the last one ended."""
        self.load()
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Journal what was found, write a last snapshot and end; give up after ``timeout_s`` [s]."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        if not self._thread.is_alive():
            self._writer.shutdown(wait=True)

    def load(self) -> int:
        """Take up the snapshot, or else what the journal says; return how many conditions are known.

        Raises:
            DatabaseError: the journal cannot be read.
        """
        self._done = dict.fromkeys(("snapshot", "shelves", "publish", "lag"), self._clock())
        gone = self._journal.retire(self._clock()) if self.share.leads else 0
        if gone:
            _LOG.info("%d alarms are not in the park file any more and were brought to rest", gone)
        try:
            data = None if self._snapshots is None else self._snapshots.read()
            snapshot = None if data is None else decode_snapshot(data, str(self._snapshots))
        except (AlarmSnapshotError, OSError) as error:
            _LOG.warning("%s; the conditions begin with what the journal says", error)
            snapshot = None
        if snapshot is None:
            positions = self._journal.positions()
            known = hold_standings(self.bank, self._journal.standings())
        else:
            self._other_park = snapshot.head.revision != self._table.tags.revision
            positions = snapshot.positions
            known = restore_snapshot(self.bank, snapshot)
        self._start_at = {
            at: max(0, offset - REWIND_MESSAGES)
            for at, offset in positions.items()
            if at.topic != SOURCE_STATES.name  # compacted: read whole, so that every source is known
        }
        return known

    def step(self, timeout_s: float = POLL_S) -> int:
        """Take in what the bus has, waiting up to ``timeout_s`` [s] for a first message, and journal what it
        means; return how many messages.

        Raises:
            BusUnavailableError: the broker is away; call again.
            DatabaseError: the journal is away; what was found is kept, call again.
        """
        self._save()  # what an earlier call could not
        if self._consumer is None:
            self._consumer = self._open()
        before = self._consumer.positions
        batch = self._consumer.poll(timeout_s, POLL_MESSAGES, now=self._clock())
        edges: list[Edge] = []
        try:
            for received in batch:
                self._guard(received, edges)
        except BusUnavailableError:
            self._start_at = before  # a tag set could not be asked for: take this batch again
            self._close_consumer()
            raise
        catching_up = not self.live
        self.live = self.live or self._consumer.caught_up()
        self._bus_now = self._time_after(batch)
        readings = self._reorder.release(self._bus_now)
        if readings is not None:
            self._metrics.readings.inc(len(readings))
            edges += self.bank.take(readings)
        edges += self.bank.pass_time(self._bus_now - self._reorder.lateness)
        if edges:
            self._unsaved += happenings(self._table, edges)
        if catching_up and self.live:
            if self._other_park:
                self._unsaved += happenings(self._table, self.bank.reconsider(self._bus_now))
            self._unsaved += differences(self.bank, self._journal.standings(), self._bus_now)
        self._save()
        self._keep_up(self._consumer)
        return len(batch)

    def _open(self) -> InOrder:
        topics = [READINGS.name, SOURCE_STATES.name, GAPS.name]
        only = self.share.partitions
        if only is None:
            consumer = self._bus.consumer(topics, start=Start.EARLIEST, positions=self._start_at or None)
        else:
            readings = [TopicPartition(READINGS.name, number) for number in sorted(only)]
            consumer = self._bus.consumer(
                topics,
                start=Start.EARLIEST,
                positions=self._start_at or None,
                partitions=readings + partitions_of(topics[1:]),
            )
        return InOrder(consumer, READINGS.name)

    def _time_after(self, batch: list[Received]) -> int:
        """What time it is by the bus: that of the newest message while there are more, else the clock's."""
        newest = max(
            (one.time_ns for one in batch if one.message.topic == READINGS.name), default=self._bus_now
        )
        assert self._consumer is not None
        return self._clock() if self.live and self._consumer.current else newest

    def _guard(self, received: Received, edges: list[Edge]) -> None:
        """Let no message, however broken, keep the next one from being read; dead letters are the
        recorder's and the projector's to write."""
        if received.message.key not in self.share.sources and received.message.topic == READINGS.name:
            return  # of a source that only others' alarms look at
        try:
            if received.message.topic == READINGS.name:
                self._take_frame(received)
            elif received.message.topic == GAPS.name:
                edges += self.bank.take_gap(
                    decode_message(Gap, received.message.value, received.message.headers)
                )
            else:
                edges += self._take_state(received)
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
        mapping = self._mapping(frame.tag_set)
        if mapping.source not in ("", frame.source):
            raise FrameError(f"frame {frame.message_id}: its tag set is of source {mapping.source!r}")
        if len(frame) and int(frame.index.max()) >= len(mapping.numbers):
            raise FrameError(f"frame {frame.message_id}: an index is beyond the end of its tag set")
        readings = from_frame(frame, mapping.numbers, received.time_ns)
        number = self._source_number.get(frame.source)
        if number is not None and len(readings):
            self.bank.clock.note_frame(number, int(readings.time.max()), received.time_ns)
        partition = TopicPartition(received.message.topic, received.partition)
        self._reorder.add(readings, partition, received.offset, received.time_ns)

    def _mapping(self, tag_set: str) -> TagMapping:
        found = self._mappings.get(tag_set)
        if found is None:
            park = self._tag_map.mapping(tag_set)
            found = TagMapping(self.share.slot[park.numbers], park.simulated, park.source)
            self._mappings[tag_set] = found
        return found

    def _take_state(self, received: Received) -> list[Edge]:
        state = decode_message(SourceState, received.message.value, received.message.headers)
        number = self._source_number.get(state.source)
        return [] if number is None else self.bank.take_state(number, state, received.time_ns)

    def _save(self) -> None:
        """Journal what was found and is not journalled yet."""
        now = self._clock()
        if self.share.leads and now - self._done["shelves"] >= _SHELVES_EVERY_NS:
            self._done["shelves"] = now
            self._unsaved += self._journal.overdue_shelves(now)
        if not self._unsaved:
            return
        self._done["publish"] = 0
        while self._unsaved:
            some, rest = self._unsaved[:MOST_AT_ONCE], self._unsaved[MOST_AT_ONCE:]
            # the positions go with the last of them: until then all of it would be found again, and is known
            positions = None if rest else self._own(self._positions())
            written = self._journal.write(some, recorded=now, positions=positions, guard=self._guard_write)
            self._unsaved = rest
            self._count(written)

    def _count(self, written: Written) -> None:
        for entry in written.entries:
            self._metrics.entries.labels(entry.event).inc()
        raised = [entry.time for entry in written.entries if entry.event == Event.ALARM]
        if self.live and raised:
            self._metrics.latency.observe(np.array(raised, np.int64), self._clock())

    def _positions(self) -> dict[TopicPartition, int]:
        return {} if self._consumer is None else self._reorder.hold_back(self._consumer.positions)

    def _own(self, positions: dict[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Leave out partitions that are another evaluator's to tell of."""
        mine = self.share.partition
        return {at: to for at, to in positions.items() if mine is None or at.partition == mine}

    def _keep_up(self, consumer: InOrder) -> None:
        """Do what is due besides: publish, report, write a snapshot."""
        now = self._clock()
        if self.live:
            self._outages.note(self.bank.clock, self._bus_now)
        if self.share.leads and now - self._done["publish"] >= _PUBLISH_EVERY_NS:
            self._done["publish"] = now
            self._publisher.publish()
        if now - self._done["lag"] >= _LAG_EVERY_NS:
            self._done["lag"] = now
            self._metrics.note(self.share.name, lag=consumer.lag(), lost=consumer.lost, late=self.bank.late)
        plan = self._snapshots
        if plan is not None and now - self._done["snapshot"] >= plan.every_s * NS_PER_S:
            self._keep(plan)

    def _keep(self, plan: SnapshotPlace, *, last: bool = False) -> None:
        """Hand a snapshot to the writer thread if none is being written; all that was found is journalled."""
        if self._writing is not None and not self._writing.done() and not last:
            return
        self._done["snapshot"] = self._clock()
        positions = self._positions()
        snapshot = take_snapshot(self.bank, positions, self._names)

        def write() -> None:
            try:
                self._journal.write((), recorded=0, positions=self._own(positions), guard=self._guard_write)
                plan.write(encode_snapshot(snapshot))
            except (OSError, DatabaseError) as error:
                self._trouble("alarm snapshot", f"{plan} cannot be written: {error}")
            except ShareLostError as error:
                self.lost_share = str(error)
            else:
                self._well("alarm snapshot", f"{plan} is written again")

        self._writing = self._writer.submit(write)

    def _run(self) -> None:
        while not self._stopping.is_set() and not self.lost_share:
            try:
                self.step()
            except ShareLostError as error:
                self.lost_share = str(error)
            except (BusError, DatabaseError) as error:
                self._trouble("alarms", str(error))
                self._stopping.wait(_RETRY_S)
            except Exception as error:
                self._trouble("alarms", f"{type(error).__name__}: {error}")
                _LOG.exception("the evaluator stumbled; it opens the bus anew")
                if self._consumer is not None:
                    self._start_at = self._positions()
                    self._close_consumer()
                self._stopping.wait(_RETRY_S)
            else:
                self._well("alarms", "alarms are evaluated again")
        self.close()

    def close(self) -> None:
        """Journal what was found, publish it, write a last snapshot, and leave the bus."""
        try:
            if not self.lost_share:
                self._save()
                if self._snapshots is not None and self._consumer is not None:
                    self._keep(self._snapshots, last=True)
                if self._consumer is not None and self.share.leads:
                    self._publisher.publish()
        except (BusError, DatabaseError, ShareLostError) as error:
            _LOG.warning("what was found last is found, or published, again: %s", error)
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
