"""Reads the bus and keeps the state: the thread between ``readings``, ``source_states`` and the last values.

While a connector drains what an outage held up, ``readings_ahead`` says what is newest now; the same readings
come again on ``readings``, in their turn, and change nothing then.

It reads without a group: every twin that serves sees every frame. What it cannot read it counts, logs once a
kind, and passes over; the dead letter of a frame is written by the historian's recorder, which reads the same
topic with a group, so that one bad message is one dead letter however many twins serve. That of a broken
heartbeat is written here, under a message id that is the same for all of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Thread

from twin.bus.base import Bus, BusUnavailableError, Consumer, Received, Start, TopicPartition
from twin.bus.catch_up import CatchUp
from twin.bus.dead_letters import tell_dead_letter
from twin.contract.clock import NS_PER_S, Clock
from twin.contract.codec import decode_message
from twin.contract.errors import ContractError, ParkTwinError
from twin.contract.frame import decode_frame
from twin.contract.messages import SourceState, TagSet
from twin.contract.topics import READINGS, READINGS_AHEAD, SOURCE_STATES
from twin.service.logging import ConditionLog
from twin.state.metrics import StateMetrics
from twin.state.snapshot import (
    SnapshotError,
    pack_names,
    read_snapshot,
    restore_snapshot,
    take_snapshot,
    write_snapshot,
)
from twin.state.snapshot_place import SnapshotPlan
from twin.state.tag_map import TagMap
from twin.state.twin_state import TwinState

_LOG = logging.getLogger(__name__)

REWIND_MESSAGES = 1000
"""How far before a snapshot's position the replay begins. A power cut can take the newest messages of a bus
that does not sync every one, and their offsets are then given again; replaying some is free of effect.
"""
CONSUMER = "state"
"""Who signs the dead letters."""
_POLL_S = 0.2
_POLL_MESSAGES = 200
"""Of a backlog at once: what goes ahead of it is looked for in between."""
_RETRY_S = 0.5
_LAG_EVERY_NS = NS_PER_S
_COMPLAIN_EVERY_NS = 60 * NS_PER_S


class Projector:
    """Keeps a :class:`TwinState` in step with the bus, in a thread of its own between start and stop.

    Args:
        bus: to read.
        state: to write; nobody else writes it.
        lookup: finds an announced tag set; raises UnknownTagSetError.
        snapshots: None = keep nothing on disk.
        metrics: counted into.
        clock: ns since the epoch.
    """

    def __init__(
        self,
        bus: Bus,
        state: TwinState,
        *,
        lookup: Callable[[str], TagSet],
        snapshots: SnapshotPlan | None,
        metrics: StateMetrics,
        clock: Clock,
    ) -> None:
        self.state = state
        self.tag_map = TagMap(state.table, lookup, clock)
        self._bus = bus
        self._snapshots = snapshots
        self._metrics = metrics
        self._clock = clock
        self._log = ConditionLog(_LOG, clock)
        self._names = pack_names(state)
        self._start_at: dict[TopicPartition, int] = {}
        self._readings: Consumer | None = None
        self._states: Consumer | None = None
        self._states_live = False
        self._states_end, self._readings_end = CatchUp(), CatchUp()
        self._lag_asked = 0
        self._complained: dict[str, int] = {}
        self._snapshot_taken = 0
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="snapshot")
        self._writing: Future[None] | None = None
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="projector", daemon=True)
        self._troubles: dict[str, str] = {}

    def troubles(self) -> dict[str, str]:
        """Return what keeps the state from being kept, by part; empty if nothing does."""
        return dict(self._troubles)

    def start(self) -> None:
        """Load the snapshot and begin to follow the bus."""
        self.load()
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Stop following, and write a last snapshot; if the bus blocks, give up after ``timeout_s`` [s]."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        if not self._thread.is_alive():
            self._writer.shutdown(wait=True)

    def load(self) -> int:
        """Put the snapshot on disk into the state; return how many tags have a value from it. No snapshot,
        or one that cannot be read, means to replay everything that the bus still holds."""
        self._snapshot_taken = self._clock()
        if self._snapshots is None:
            return 0
        try:
            snapshot = read_snapshot(self._snapshots.path)
            if snapshot is None:
                return 0
            known = restore_snapshot(self.state, snapshot)
        except (SnapshotError, OSError) as error:
            _LOG.warning("%s; replaying everything the bus holds instead", error)
            return 0
        self._start_at = {tp: max(0, offset - REWIND_MESSAGES) for tp, offset in snapshot.positions.items()}
        _LOG.info("state of %d tags loaded from %s", known, self._snapshots.path)
        return known

    def step(self, timeout_s: float = _POLL_S) -> int:
        """Take in what the bus has, waiting up to ``timeout_s`` [s] for a first message; return how many
        messages.

        Raises:
            BusUnavailableError: the broker is away; call again.
        """
        if self._readings is None:
            self._readings = self._bus.consumer(
                [READINGS.name], start=Start.EARLIEST, positions=self._start_at or None
            )
        if self._states is None:
            self._states = self._bus.consumer([SOURCE_STATES.name, READINGS_AHEAD.name], start=Start.EARLIEST)
        before = self._readings.positions
        states = self._states.poll(0.0)
        self._take(states, before)
        self._states_live = self._states_live or self._states_end.reached(self._states)
        batch = self._readings.poll(timeout_s if self._states_live else 0.0, _POLL_MESSAGES)
        self._take(batch, before)
        self.state.live = self.state.live or self._readings_end.reached(self._readings)
        self._report(self._readings)
        self._keep(self._readings)
        return len(states) + len(batch)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.step()
            except BusUnavailableError as error:
                self._trouble("bus", str(error))
                self._stopping.wait(_RETRY_S)
            except Exception as error:
                self._trouble("projector", f"{type(error).__name__}: {error}")
                _LOG.exception("the projector stumbled; it opens the bus anew")
                self._reopen()
                self._stopping.wait(_RETRY_S)
            else:
                self._well("bus", "the bus is back")
                self._well("projector", "the projector goes on")
        self._close()

    def _take(self, batch: Sequence[Received], before: dict[TopicPartition, int]) -> None:
        """Take in what was polled.

        Raises:
            BusUnavailableError: a tag set could not be asked for: all is taken again once the bus is back.
        """
        take = {SOURCE_STATES.name: self._take_state, READINGS_AHEAD.name: self._take_ahead}
        try:
            for received in batch:
                self._guard(received, take.get(received.message.topic, self._take_frame))
        except BusUnavailableError:
            self._start_at = before
            self._close_consumers()
            raise

    def _guard(self, received: Received, take: Callable[[Received], None]) -> None:
        """Let no message, however broken, keep the next one from being read."""
        try:
            take(received)
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

    def _take_frame(self, received: Received, *, ahead: bool = False) -> None:
        frame = decode_frame(received.message.value)
        mapping = self.tag_map.mapping(frame.tag_set)
        applied = self.state.apply(frame, mapping, received.time_ns, ahead=ahead)
        self._metrics.readings.inc(applied.applied)
        self._metrics.late.inc(applied.late)
        self._metrics.unknown.inc(applied.unknown)
        if self.state.live:
            self._metrics.applied_latency.observe(frame.source_time, self._clock())

    def _take_ahead(self, received: Received) -> None:
        self._take_frame(received, ahead=True)

    def _take_state(self, received: Received) -> None:
        try:
            state = decode_message(SourceState, received.message.value, received.message.headers)
        except ContractError as error:
            if self._states_live:
                tell_dead_letter(self._bus, received, consumer=CONSUMER, error=error, clock=self._clock)
            raise
        self.state.note_source(state, self._clock() if self._states_live else received.time_ns)

    def _report(self, readings: Consumer) -> None:
        now = self._clock()
        if now - self._lag_asked >= _LAG_EVERY_NS:
            self._lag_asked = now
            self._metrics.lag.set(readings.lag())
            self._metrics.lost.set(readings.lost)

    def _keep(self, readings: Consumer, *, last: bool = False) -> None:
        """Hand a snapshot to the writer thread if one is due and none is being written."""
        plan, now = self._snapshots, self._clock()
        if plan is None or not (last or now - self._snapshot_taken >= plan.every_s * NS_PER_S):
            return
        if self._writing is not None and not self._writing.done() and not last:
            return
        self._snapshot_taken = now
        snapshot = take_snapshot(self.state, readings.positions, self._names, now)

        def write() -> None:
            try:
                size = write_snapshot(plan.path, snapshot)
            except OSError as error:
                self._trouble("snapshot", f"{plan.path} cannot be written: {error}")
                return
            self._metrics.snapshot_seconds.set(now / NS_PER_S)
            self._metrics.snapshot_bytes.set(size)
            self._well("snapshot", f"{plan.path} is written again")

        self._writing = self._writer.submit(write)

    def _trouble(self, part: str, text: str) -> None:
        self._troubles = {**self._troubles, part: text}
        self._log.begin(part, f"{part}: {text}")

    def _well(self, part: str, text: str) -> None:
        if part in self._troubles:
            self._troubles = {name: why for name, why in self._troubles.items() if name != part}
            self._log.end(part, text)

    def _consumers(self) -> Sequence[Consumer]:
        return [consumer for consumer in (self._readings, self._states) if consumer is not None]

    def _reopen(self) -> None:
        if self._readings is not None:
            self._start_at = self._readings.positions
        self._close_consumers()

    def _close(self) -> None:
        if self._readings is not None:
            self._keep(self._readings, last=True)
        self._close_consumers()

    def _close_consumers(self) -> None:
        for consumer in self._consumers():
            try:
                consumer.close()
            except Exception:
                _LOG.exception("a consumer could not be closed")
        self._readings = self._states = None
        self._states_live = (
            False  # what is read again was said before, maybe by a connector that is gone by now
        )
