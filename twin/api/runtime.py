"""The parts of a running twin, each started as soon as what it needs is there, and all stopped at once.

Starting never waits for anything outside: the page is there at once and says what is missing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic
from typing import Protocol, TypeVar

from fastapi import FastAPI
from prometheus_client.registry import CollectorRegistry
from sqlalchemy import Engine

from twin.alarms.alarm_table import build_alarm_table
from twin.alarms.alarm_tables import TABLES as ALARM_TABLES
from twin.alarms.feed import AlarmFeed
from twin.alarms.journal import Journal
from twin.alarms.metrics import AlarmMetrics
from twin.api.alarm_rows import journal_rows
from twin.api.evaluation import Evaluation, EvaluationPlan
from twin.api.history_cost import HistoryCost
from twin.api.kpi_history import HistoryReadings, LiveOrHistory, OpenGaps
from twin.api.scene_builder import SceneBuilder
from twin.api.settings import TwinSettings
from twin.api.source_configs import publish_source_configs
from twin.api.source_rows import SourceRows
from twin.bus.base import Bus, BusUnavailableError
from twin.bus.refusals import Refusals
from twin.bus.signatures import open_signing
from twin.bus.tag_sets import TagSetDirectory
from twin.calculation.metrics import CalculationMetrics
from twin.commands.catalogue import Catalogue
from twin.commands.command_tables import TABLES as COMMAND_TABLES
from twin.commands.desk import Desk
from twin.commands.follower import Follower
from twin.commands.interlock import look
from twin.contract.clock import Clock
from twin.contract.errors import ParkTwinError
from twin.contract.messages import Connection
from twin.historian.base import HistoryStore, HistoryUnavailableError
from twin.historian.connect import open_history
from twin.historian.metrics import RecorderMetrics
from twin.historian.recorder import Recorder
from twin.kpi.corrections import TABLES as KPI_TABLES
from twin.kpi.follower import InspectionFollower, LiveFollower
from twin.kpi.inspections import TABLES as INSPECTION_TABLES
from twin.kpi.live import LiveReadings
from twin.kpi.plan import KpiPlan
from twin.park.model import Park
from twin.park.revisions import TABLES, remember
from twin.service.daemon import in_daemon_thread
from twin.service.database import DatabaseUnavailableError, create_tables, open_database
from twin.service.logging import ConditionLog
from twin.state.metrics import StateMetrics
from twin.state.projector import Projector
from twin.state.share import TABLES as SHARE_TABLES
from twin.state.snapshot_place import SnapshotPlan
from twin.state.tag_table import build_tag_table
from twin.state.twin_state import TwinState
from twin.stream.hub import Hub
from twin.stream.metrics import StreamMetrics

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

_RETRY_S = 1.0
_STOP_S = 2.0
"""For the thread that records, and for the one that keeps the state."""
_STOP_ALL_S = 8.0
"""For everything; a broker that is away can hold up whoever is asking it just now."""
_TAG_SET_WAIT_S = 1.0
"""A tag set is announced before the first frame that uses it; what is not there now will hardly come."""
_QUESTIONS_AT_ONCE = 4


class _Closable(Protocol):
    def close(self) -> None: ...


class _Stoppable(Protocol):
    def stop(self, timeout_s: float) -> object: ...


class TwinRuntime:
    """Owns every thread, file and connection of a twin.

    Args:
        settings: of the service.
        park: the checked park.
        registry: the metrics are made in it.
        connect: opens the bus; may raise BusUnavailableError, and is then called again.
        clock: ns since the epoch.
    """

    def __init__(
        self,
        settings: TwinSettings,
        park: Park,
        *,
        registry: CollectorRegistry,
        connect: Callable[[], Bus],
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._park = park
        self._connect = connect
        self._clock = clock
        self._serves = "serve" in settings.roles
        self._evaluates = "evaluate" in settings.roles
        self._records = "record" in settings.roles
        self._state_metrics = StateMetrics(registry)
        self._alarm_metrics = AlarmMetrics(registry)
        self._recorder_metrics = RecorderMetrics(registry)
        self._calculation_metrics = CalculationMetrics(registry)
        self._signing = open_signing(settings.signing_key, settings.signing_trust)
        self._refusals = Refusals("parktwin", clock)
        registry.register(self._refusals)
        self._log = ConditionLog(_LOG, clock)
        self._waiting = dict.fromkeys(("bus", "history", "database"), "not connected yet")
        self._projector: Projector | None = None
        self._evaluation: Evaluation | None = None
        self._feed: AlarmFeed | None = None
        self._follower: Follower | None = None
        self._kpi_followers: list[LiveFollower | InspectionFollower] = []
        self._recorder: Recorder | None = None
        self._history: HistoryStore | None = None
        self._bus: Bus | None = None
        self._database: Engine | None = None
        self._bus_there = asyncio.Event()
        self._database_there = asyncio.Event()
        self._tag_sets: list[TagSetDirectory] = []
        self._told_reasons: dict[str, str] = {}
        self.questions = ThreadPoolExecutor(_QUESTIONS_AT_ONCE, thread_name_prefix="question")
        """Where blocking questions to the history run."""
        self.state = TwinState(build_tag_table(park))
        self.alarm_table = build_alarm_table(park, self.state.table)
        self.catalogue = Catalogue(park)
        self.kpi_plan = KpiPlan(park)
        self.live = LiveReadings({tag: self.kpi_plan.tags[tag].source for tag in self.kpi_plan.live_tags()})
        self.history_cost = HistoryCost(park)
        self._began = clock()
        self.readings = OpenGaps(
            LiveOrHistory(self.live, HistoryReadings(self.history, self.history_cost)),
            {tag.tag: tag.source for tag in park.tags},
            self._silent_sources,
        )
        self.hub = Hub(self.state, interval_s=settings.tick_s, metrics=StreamMetrics(registry), clock=clock)
        self.sources = SourceRows(park, self.state, self._unknown_tags, clock)
        self.scene = SceneBuilder(settings.park, settings.data_dir / "scene")

    def health(self) -> dict[str, str]:
        """Say what does not work, by part; empty if everything does."""
        reasons = dict(self._waiting)
        if self._projector is not None:
            reasons |= self._projector.troubles()
        if self._evaluation is not None:
            reasons |= self._evaluation.troubles()
        if self._follower is not None:
            reasons |= self._follower.troubles()
        for follower in self._kpi_followers:
            reasons |= follower.troubles()
        if self._recorder is not None:
            reasons |= self._recorder.troubles()
        for part, trouble in (("scene", self.scene.trouble), ("stream", self.hub.trouble)):
            if trouble:
                reasons[part] = trouble
        return reasons

    def history(self) -> HistoryStore:
        """Return the history.

        Raises:
            HistoryUnavailableError: it is not open yet.
        """
        if self._history is None:
            raise HistoryUnavailableError(
                f"the history is not there yet: {self._waiting['history']}; ask again"
            )
        return self._history

    def database(self) -> Engine:
        """Return the tables' database.

        Raises:
            DatabaseUnavailableError: it is not open yet.
        """
        if self._database is None:
            raise DatabaseUnavailableError(
                f"the database is not there yet: {self._waiting['database']}; ask again"
            )
        return self._database

    def journal(self) -> Journal:
        """Return the journal of alarms.

        Raises:
            DatabaseUnavailableError: it is not open yet.
        """
        return Journal(self.database(), self._park.id, self.alarm_table)

    def desk(self, catalogue: Catalogue) -> Desk:
        """Return where commands of a catalogue are asked for.

        Raises:
            DatabaseUnavailableError, BusUnavailableError: it is not open yet.
        """
        if self._bus is None:
            raise BusUnavailableError(
                f"the bus is not there yet: {self._waiting.get('bus', 'connecting')}; ask again"
            )
        return Desk(
            self.database(),
            self._bus,
            self._park.id,
            catalogue,
            lambda offer: look(self.state, offer.guards),
            clock=self._clock,
            sign=self._signing.sign,
        )

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Run as long as the service does."""
        tasks = [
            asyncio.create_task(self._join(), name="join"),
            asyncio.create_task(self._join_database(), name="join-database"),
        ]
        if self._evaluates:
            tasks.append(asyncio.create_task(self._join_evaluation(), name="join-evaluation"))
        if self._serves:
            tasks.append(asyncio.create_task(self.hub.run(self._tell), name="hub"))
            tasks.append(asyncio.create_task(self.scene.build(), name="scene"))
        for task in tasks:
            task.add_done_callback(self._note_end)
        try:
            yield
        finally:
            begun = monotonic()
            self.hub.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            try:
                async with asyncio.timeout(_STOP_ALL_S):
                    await in_daemon_thread(self._stop)
            except TimeoutError:
                _LOG.warning("not everything let itself be stopped; what was not committed is read again")
            _LOG.info("stopped in %.1f s", monotonic() - begun)

    async def _join(self) -> None:
        """Connect to bus and history beside each other: what is on the disk can be asked for while the broker
        is away."""
        if not (self._serves or self._records):
            self._waiting.pop("history")
            await self._join_bus()
            return
        bus, history = await asyncio.gather(self._join_bus(), self._join_history())
        if self._records:
            self._recorder = Recorder(
                bus, self._directory(bus), history, clock=self._clock, metrics=self._recorder_metrics
            )
            self._recorder.start()
        if self._serves and self.kpi_plan.lines:
            self._follow_lines(bus)

    def _silent_sources(self) -> dict[str, int]:
        """The sources that cannot vouch for their values now, and since when [ns]."""
        now, silent = self._clock(), {}
        for source in self._park.sources:
            heard = self.state.source(source.id)
            if heard is None:
                silent[source.id] = self._began
            elif heard.state.connection is not Connection.CONNECTED:
                silent[source.id] = heard.state.last_heard or heard.state.since
            elif heard.silent(now):
                silent[source.id] = heard.at
        return silent

    def _follow_lines(self, bus: Bus) -> None:
        follower = LiveFollower(
            bus,
            self.live,
            HistoryReadings(self.history),
            self.kpi_plan.live_tags(),
            lookup=partial(self._directory(bus).get, wait_s=_TAG_SET_WAIT_S),
            clock=self._clock,
        )
        follower.start()
        self._kpi_followers.append(follower)

    async def _join_bus(self) -> Bus:
        self._bus = bus = await self._until("bus", self._connect, run=in_daemon_thread)
        self._bus_there.set()
        if self._serves:
            self._projector = Projector(
                bus,
                self.state,
                lookup=partial(self._directory(bus).get, wait_s=_TAG_SET_WAIT_S),
                snapshots=SnapshotPlan(self._settings.data_dir / "state.snapshot", self._settings.snapshot_s),
                metrics=self._state_metrics,
                clock=self._clock,
            )
            await asyncio.to_thread(self._projector.start)
            self._feed = AlarmFeed(bus, self._park.id, self._clock)
            self._feed.start()
            await self._until(
                "source configurations",
                lambda: publish_source_configs(bus, self._park, self._clock),
                run=in_daemon_thread,
            )
        return bus

    async def _join_history(self) -> HistoryStore:
        connect = partial(
            open_history, self._settings.history_url, retention_days=self._settings.history_days
        )
        self._history = await self._until("history", connect)
        return self._history

    async def _join_database(self) -> None:
        self._database = await self._until("database", self._remember_park)
        self._database_there.set()

    async def _join_evaluation(self) -> None:
        """Alarms and calculated tags need the bus and the tables, not the history."""
        await self._bus_there.wait()
        await self._database_there.wait()
        assert self._bus is not None
        self._follower = Follower(
            self._bus,
            self.database(),
            self._park.id,
            clock=self._clock,
            check=self._signing.check,
            refusals=self._refusals,
        )
        self._follower.start()
        inspections = InspectionFollower(self._bus, self.database(), self._clock)
        inspections.start()
        self._kpi_followers.append(inspections)
        self._evaluation = Evaluation(
            self._bus,
            self._park,
            self.journal(),
            lookup=partial(self._directory(self._bus).get, wait_s=_TAG_SET_WAIT_S),
            plan=EvaluationPlan(self._settings.alarm_lateness_s, self._settings.snapshot_s),
            alarm_metrics=self._alarm_metrics,
            calculation_metrics=self._calculation_metrics,
            clock=self._clock,
        )
        self._evaluation.start()

    def _remember_park(self) -> Engine:
        """Note which park is in force from now on, so that a replay sees the park of its day."""
        engine = open_database(self._settings.database_url)
        try:
            create_tables(engine, TABLES)
            create_tables(engine, ALARM_TABLES)
            create_tables(engine, COMMAND_TABLES)
            create_tables(engine, KPI_TABLES)
            create_tables(engine, INSPECTION_TABLES)
            create_tables(engine, SHARE_TABLES)
            remember(engine, self._park, self._clock)
        except BaseException:
            engine.dispose()
            raise
        return engine

    async def _until(
        self,
        part: str,
        work: Callable[[], T],
        *,
        run: Callable[[Callable[[], T]], Awaitable[T]] | None = None,
    ) -> T:
        """Do blocking work, by ``run``, again and again until it succeeds; meanwhile it is a reason for being
        unhealthy."""
        self._waiting.setdefault(part, "not there yet")
        while True:
            try:
                done = await (run or asyncio.to_thread)(work)
            except Exception as error:
                foreseen = isinstance(error, ParkTwinError)
                why = str(error) if foreseen else f"{type(error).__name__}: {error}"
                self._log.begin(part, f"{part}: {why}; trying again")
                if not foreseen and why != self._waiting.get(part):
                    _LOG.error("%s: nobody foresaw this", part, exc_info=error)
                self._waiting[part] = why
                await asyncio.sleep(_RETRY_S)
            else:
                self._waiting.pop(part, None)
                self._log.end(part, f"{part} is there")
                return done

    def _directory(self, bus: Bus) -> TagSetDirectory:
        self._tag_sets.append(TagSetDirectory(bus))
        return self._tag_sets[-1]

    def _unknown_tags(self, source: str) -> tuple[int, dict[str, str]]:
        return (0, {}) if self._projector is None else self._projector.tag_map.unknown(source)

    def _tell(self) -> None:
        """Turn what changed in sources, alarms and health into events; called before each tick."""
        rows = self.sources.news()
        if rows is not None:
            self.hub.publish("sources", {"sources": rows}, keep=True)
        news = None if self._feed is None else self._feed.take()
        if news is not None and (news.entries or news.missed):
            rows_told = [row.model_dump() for row in journal_rows(news.entries)]
            self.hub.publish("alarms", {"entries": rows_told, "missed": news.missed})
        reasons = self.health()
        if reasons != self._told_reasons:
            self._told_reasons = reasons
            self.hub.publish("health", {"reasons": reasons}, keep=True)

    def _stop(self) -> None:
        """Stop what runs, all at once, as each may have to wait for a broker that is away; then let go of
        what they used. Whatever one raises, the others are stopped too."""
        parts: list[_Stoppable | None] = [
            self._recorder,
            self._evaluation,
            self._follower,
            *self._kpi_followers,
            self._feed,
            self._projector,
        ]
        stops = [partial(part.stop, _STOP_S) for part in parts if part is not None]
        if stops:
            with ThreadPoolExecutor(len(stops), thread_name_prefix="stop") as at_once:
                list(at_once.map(_whatever_comes, stops))
        self.questions.shutdown(wait=False, cancel_futures=True)
        if self._database is not None:
            self._database.dispose()
        closables: list[_Closable | None] = [self._history, *self._tag_sets, self._bus]
        for closable in closables:
            if closable is not None:
                _whatever_comes(closable.close)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        """Make the end of a part that nobody waits for a reason for being unhealthy."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._waiting[task.get_name()] = f"{type(error).__name__}: {error}"
            _LOG.error("%s ended", task.get_name(), exc_info=error)


def _whatever_comes(end: Callable[[], object]) -> None:
    try:
        end()
    except Exception:
        _LOG.exception("a part could not be ended")
