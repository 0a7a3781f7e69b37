"""The evaluation of a park, shared among processes: a share of the alarms for each partition of the readings,
and one for the calculated tags.

On a bus of one machine all alarms are one share, and a second process that evaluates stands by. Who has which
share is said by the consumer group ``evaluate``; what a share has come to goes from hand to hand in the
database, under an epoch that keeps whoever had it before from writing (:mod:`twin.state.share`). Nobody waits
for the one who had it: it is taken up at its last snapshot, and what was told since then is known.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread

from twin.alarms.alarm_share import share_of, whole
from twin.alarms.evaluator import Evaluator
from twin.alarms.journal import Journal
from twin.alarms.metrics import AlarmMetrics
from twin.bus.base import Bus, BusError, Membership
from twin.calculation.calculator import Calculator
from twin.calculation.metrics import CalculationMetrics
from twin.contract.clock import Clock
from twin.contract.messages import TagSet
from twin.contract.topics import READINGS, SOURCE_STATES
from twin.park.calculated import calculated_source
from twin.park.model import Park
from twin.service.database import DatabaseError
from twin.service.logging import ConditionLog
from twin.state.share import Share
from twin.state.tag_map import TagMap

_LOG = logging.getLogger(__name__)

GROUP = "evaluate"
SLACK_S = 0.2
"""So much later than another [s] a broker may hand out what it took at about the same time, at least."""
_LOOK_S = 0.25
_RETRY_S = 1.0
_STOP_S = 2.0

Worker = Evaluator | Calculator


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """How alarms are evaluated.

    Args:
        lateness_s: readings of a tag that come out of order within this [s] count in order.
        snapshot_s: seconds between two snapshots of a share.
    """

    lateness_s: float
    snapshot_s: float


class Evaluation:
    """One thread that takes part in the group, and a thread for each share that this process has.

    Args:
        bus: to read, and to publish on.
        park: which.
        journal: of its alarms.
        lookup: finds an announced tag set; raises UnknownTagSetError.
        plan: how.
        alarm_metrics, calculation_metrics: counted into.
        clock: ns since the epoch.
    """

    def __init__(
        self,
        bus: Bus,
        park: Park,
        journal: Journal,
        *,
        lookup: Callable[[str], TagSet],
        plan: EvaluationPlan,
        alarm_metrics: AlarmMetrics,
        calculation_metrics: CalculationMetrics,
        clock: Clock,
    ) -> None:
        self._bus = bus
        self._park = park
        self._journal = journal
        self._lookup = lookup
        self._plan = plan
        self._alarm_metrics = alarm_metrics
        self._calculation_metrics = calculation_metrics
        self._clock = clock
        self._tags = journal.table.tags
        self._tag_map = TagMap(self._tags, lookup, clock)
        self._topic = READINGS.name if bus.spread else SOURCE_STATES.name  # that one has a single partition
        self._homes: list[int] = []
        self._members: Membership | None = None
        self._workers: dict[str, Worker] = {}
        self._log = ConditionLog(_LOG, clock)
        self._troubles: dict[str, str] = {}
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="evaluation", daemon=True)

    @property
    def shares(self) -> frozenset[str]:
        """The shares that this process works on now."""
        return frozenset(self._workers)

    def troubles(self) -> dict[str, str]:
        """Say what keeps alarms from being evaluated or tags from being calculated, by part; empty = nothing.
        Does not block."""
        troubles = dict(self._troubles)
        for worker in list(self._workers.values()):
            troubles |= worker.troubles()
        return troubles

    def start(self) -> None:
        """Begin to take part."""
        self._thread.start()

    def stop(self, timeout_s: float = _STOP_S) -> None:
        """Hand every share back, each with a last snapshot; give up after ``timeout_s`` [s]."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s + _LOOK_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._step()
            except (BusError, DatabaseError) as error:
                self._trouble(str(error))
                self._stopping.wait(_RETRY_S)
            except Exception as error:
                self._trouble(f"{type(error).__name__}: {error}")
                _LOG.exception("the evaluation stumbled; it takes part anew")
                self._leave()
                self._stopping.wait(_RETRY_S)
            else:
                self._troubles = {}
                self._log.end("evaluation", "shares are taken up again")
        self._let_go(list(self._workers))
        self._leave()

    def _step(self) -> None:
        """Ask which shares are this process's, and start and stop what follows from that."""
        if self._members is None:
            self._homes = [self._home(source) for source in self._tags.sources]
            self._members = self._bus.join(f"{GROUP}-{self._park.id}", self._topic)
        wanted = self._wanted(self._members.held(_LOOK_S))
        lost = {name: worker.lost_share for name, worker in self._workers.items() if worker.lost_share}
        for why in lost.values():
            _LOG.warning("%s", why)
        self._let_go([name for name in self._workers if name in lost or name not in wanted])
        for name, make in wanted.items():
            if name not in self._workers and name not in lost and not self._stopping.is_set():
                self._take_up(name, make)

    def _home(self, source: str) -> int:
        return self._bus.partition_of(self._topic, source)

    def _wanted(self, held: frozenset[int]) -> dict[str, Callable[[Share], Worker]]:
        """What the partitions that are held mean, by share."""
        homes = self._homes if self._bus.spread else [0] * len(self._homes)
        used = {*homes, min(homes, default=0)} & held
        leader = min(homes, default=0)
        wanted: dict[str, Callable[[Share], Worker]] = {
            f"alarms-{number}": partial(self._evaluator, number, leader) for number in sorted(used)
        }
        if self._park.calculated and self._home(calculated_source(self._park.id)) in held:
            wanted["calculated"] = self._calculator
        return wanted

    def _take_up(self, name: str, make: Callable[[Share], Worker]) -> None:
        share = Share(
            self._journal.engine, f"{self._park.id}/{name}", self._clock, every_s=self._plan.snapshot_s
        )
        share.take()
        worker = make(share)
        worker.start()
        self._workers[name] = worker
        _LOG.info("%s is this process's now", share)

    def _evaluator(self, partition: int, leader: int, share: Share) -> Evaluator:
        table = self._journal.table
        cut = share_of(table, self._homes, partition, leader) if self._bus.spread else whole(table)
        return Evaluator(
            self._bus,
            self._journal,
            lookup=self._lookup,
            snapshots=share,
            metrics=self._alarm_metrics,
            clock=self._clock,
            lateness_s=self._plan.lateness_s,
            share=cut,
            guard=share.guard,
            tag_map=self._tag_map,
        )

    def _calculator(self, share: Share) -> Calculator:
        return Calculator(
            self._bus,
            self._park,
            self._tags,
            lookup=self._lookup,
            snapshots=share,
            metrics=self._calculation_metrics,
            clock=self._clock,
            slack_s=max(SLACK_S, self._plan.lateness_s) if self._bus.spread else 0.0,
        )

    def _let_go(self, names: list[str]) -> None:
        """Stop workers, all at once, and wait for them."""
        stopping = [Thread(target=self._workers[name].stop, args=(_STOP_S,), daemon=True) for name in names]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join(_STOP_S + _RETRY_S)
        for name in names:
            worker = self._workers.pop(name)
            if isinstance(worker, Evaluator):
                self._alarm_metrics.forget(worker.share.name)
            _LOG.info("share %s/%s is not this process's any more", self._park.id, name)

    def _leave(self) -> None:
        members, self._members = self._members, None
        if members is not None:
            try:
                members.close()
            except BusError as error:
                _LOG.warning("the group %s was not left: %s", GROUP, error)

    def _trouble(self, text: str) -> None:
        self._troubles = {"evaluation": text}
        self._log.begin("evaluation", f"evaluation: {text}")
