"""The follower: the thread from ``readings`` to the ledger, and on to the topic ``health``.

It reads without a group, from the positions of its snapshot. Forecasts are kept in the ledger, then
published, and only then is a snapshot taken: whatever is done again after a restart is the same to the bit,
and changes nothing.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event, Thread

from maintenance.errors import MaintenanceError
from maintenance.health.model import HealthModel
from maintenance.live.ledger import KeptForecast, Ledger, Outcome
from maintenance.live.park_watch import ParkWatch
from maintenance.live.snapshot import read_snapshot, write_snapshot
from maintenance.live.track_record import TrackRecord, track_records
from twin.bus.base import (
    Bus,
    BusError,
    BusUnavailableError,
    Consumer,
    Message,
    Received,
    Start,
    TopicPartition,
)
from twin.contract.clock import NS_PER_S, Clock
from twin.contract.codec import encode_message
from twin.contract.errors import ParkTwinError
from twin.contract.frame import decode_frame
from twin.contract.topics import HEALTH, READINGS
from twin.service.database import DatabaseError
from twin.service.logging import ConditionLog

_LOG = logging.getLogger(__name__)

SOURCE = "maintenance"
_POLL_S = 0.2
_POLL_MESSAGES = 200
_RETRY_S = 0.5
_COMPLAIN_EVERY_NS = 60 * NS_PER_S


class Follower:
    """Keeps a :class:`ParkWatch` in step with the bus, in a thread of its own between start and stop.

    Args:
        bus: to read, and to publish on.
        make_watch: makes a watch that has seen nothing, with all outcomes that the ledger has.
        ledger: where forecasts are kept.
        snapshot: file of the snapshot.
        every_s: between two snapshots [s].
        clock: ns since the epoch.
        models: the models in service now, and what is the matter with those that should be.
    """

    def __init__(
        self,
        bus: Bus,
        make_watch: Callable[[], ParkWatch],
        ledger: Ledger,
        *,
        snapshot: Path,
        every_s: float,
        clock: Clock,
        models: Callable[[], tuple[Mapping[str, HealthModel], Mapping[str, str]]] | None = None,
    ) -> None:
        self.watch = make_watch()
        self._models = models
        self._look_for_models = Event()
        self._make_watch = make_watch
        self.ledger = ledger
        self.latest: dict[str, KeptForecast] = {}
        """The newest forecast of every machine; replaced whole, so that any thread may read it."""
        self.forecasts = 0
        self.unreadable = 0
        self.records: dict[str, TrackRecord] = {}
        self._bus = bus
        self._snapshot = snapshot
        self._every_ns = round(every_s * NS_PER_S)
        self._clock = clock
        self._log = ConditionLog(_LOG, clock)
        self._reports: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._consumer: Consumer | None = None
        self._start_at: dict[TopicPartition, int] = {}
        self._taken = 0
        self._complained: dict[str, int] = {}
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="health", daemon=True)
        self._troubles: dict[str, str] = {}

    def troubles(self) -> dict[str, str]:
        """Return what keeps machines from being watched, by part; empty if nothing does."""
        return dict(self._troubles)

    def report(self, outcome: Outcome) -> None:
        """Tell the thread of an outcome that is in the ledger."""
        self._reports.put(outcome)

    def look_for_models(self) -> None:
        """Tell the thread that another model may be in service; it looks by itself once a snapshot, too."""
        self._look_for_models.set()

    def start(self) -> None:
        """Load the snapshot and begin to follow the bus."""
        self.load()
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Stop following; a last snapshot is written."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def load(self) -> None:
        """Go on from the snapshot on disk, or from the oldest message that the bus has."""
        self._taken = self._clock()
        self._score()
        self.latest = {one.health.machine: one for one in self.ledger.newest()}
        try:
            snapshot = read_snapshot(self._snapshot)
        except (MaintenanceError, OSError) as error:
            _LOG.warning("%s; everything that the bus holds is read instead", error)
            return
        if snapshot is None:
            return
        if not self.watch.restore(snapshot):
            _LOG.warning("%s: taken with windows of another length; starting anew", self._snapshot)
            return
        self._start_at = {TopicPartition(topic, part): at for topic, part, at in snapshot.positions}
        _LOG.info("%d machines loaded from %s", self.watch.machines, self._snapshot)

    def step(self, timeout_s: float = _POLL_S) -> int:
        """Take in what the bus has; return how many messages.

        Raises:
            BusError, DatabaseError: try again; nothing is lost.
        """
        while not self._reports.empty():
            self.watch.report(self._reports.get())
            self._score()
        if self._look_for_models.is_set():
            self._look_for_models.clear()
            self._adopt_models()
        if self._consumer is None:
            self._consumer = self._bus.consumer(
                [READINGS.name], start=Start.EARLIEST, positions=self._start_at or None
            )
        batch = self._consumer.poll(timeout_s, _POLL_MESSAGES)
        forecasts: list[KeptForecast] = []
        for received in batch:
            forecasts += self._guard(received)
        self._tell(forecasts)
        if self._clock() - self._taken >= self._every_ns:
            self._keep(self._consumer)
            self._adopt_models()
        return len(batch)

    def _guard(self, received: Received) -> list[KeptForecast]:
        """Let no message, however broken, keep the next one from being read; dead letters are the recorder's
        to write."""
        try:
            return self.watch.take(decode_frame(received.message.value))
        except BusUnavailableError:
            raise
        except Exception as error:
            self.unreadable += 1
            code = error.code if isinstance(error, ParkTwinError) else "unforeseen"
            now = self._clock()
            if now - self._complained.get(code, 0) >= _COMPLAIN_EVERY_NS:
                self._complained[code] = now
                where = f"{received.message.topic}[{received.partition}]@{received.offset}"
                _LOG.warning("message %s (and any like it for a minute) is passed over: %s", where, error)
            return []

    def _tell(self, forecasts: Sequence[KeptForecast]) -> None:
        if not forecasts:
            return
        self.ledger.write(forecasts)
        messages = []
        for one in forecasts:
            health = one.health
            value, headers = encode_message(
                health,
                message_id=f"health:{health.machine}:{health.time}",
                source=SOURCE,
                time_ns=health.time,
            )
            messages.append(Message(HEALTH.name, health.machine, value, headers))
        self._bus.publish(messages)
        self.forecasts += len(forecasts)
        newest = dict(self.latest)
        for one in forecasts:
            known = newest.get(one.health.machine)
            if known is None or known.health.time <= one.health.time:  # after a restart some are told again
                newest[one.health.machine] = one
        self.latest = newest

    def _score(self) -> None:
        """Score what was reported, and demote models whose intervals have not held."""
        self.records = track_records(self.ledger)[0]
        demoted = frozenset(model for model, record in self.records.items() if record.demoted)
        for model in demoted - self.watch.demoted:
            _LOG.warning("model %s: its intervals have not held; its forecasts are indicative only", model)
        self.watch.demoted = demoted

    def _adopt_models(self) -> None:
        if self._models is None:
            return
        models, faults = self._models()
        for kind in self.watch.adopt(models):
            _LOG.info("kind %s: another model is in service now", kind)
        if faults:
            self._trouble("models", "; ".join(faults[kind] for kind in sorted(faults)))
        else:
            self._well("models", "every model in service can be read")

    def _keep(self, consumer: Consumer) -> None:
        self._taken = self._clock()
        positions = [(one.topic, one.partition, at) for one, at in consumer.positions.items()]
        try:
            write_snapshot(self._snapshot, self.watch.snapshot(positions))
        except OSError as error:
            self._trouble("snapshot", f"{self._snapshot} cannot be written: {error}")
        else:
            self._well("snapshot", f"{self._snapshot} is written again")

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.step()
            except (BusError, DatabaseError) as error:
                self._stumbled("bus or database", str(error))
            except Exception as error:
                _LOG.exception("the follower stumbled; it goes on from its snapshot")
                self._stumbled("follower", f"{type(error).__name__}: {error}")
            else:
                for part in ("bus or database", "follower"):
                    self._well(part, "machines are watched again")
        if self._consumer is not None:
            self._keep(self._consumer)
        self._close()

    def _stumbled(self, part: str, text: str) -> None:
        """Forget what was half done: what is in memory may be ahead of the ledger."""
        self._trouble(part, text)
        self._close()
        while not self._stopping.wait(_RETRY_S):
            try:
                self.watch, self._start_at = self._make_watch(), {}
                self.load()
            except DatabaseError as error:
                self._trouble(part, str(error))
            else:
                return

    def _trouble(self, part: str, text: str) -> None:
        self._troubles = {**self._troubles, part: text}
        self._log.begin(part, f"{part}: {text}")

    def _well(self, part: str, text: str) -> None:
        if part in self._troubles:
            self._troubles = {name: why for name, why in self._troubles.items() if name != part}
            self._log.end(part, text)

    def _close(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            try:
                consumer.close()
            except Exception:
                _LOG.exception("a consumer could not be closed")
