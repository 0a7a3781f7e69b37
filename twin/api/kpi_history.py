"""Where key figures find their readings and the alarms beside them: the history, and the alarm journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import Engine, select

from twin.alarms.alarm_tables import JOURNAL
from twin.alarms.outages import lost_at
from twin.api.history_cost import MOST_OF_FIGURES, HistoryCost
from twin.api.moment import moment
from twin.contract.clock import Clock
from twin.historian.base import HistoryStore, TagColumns
from twin.kpi.live import LiveReadings
from twin.kpi.packml import STATES
from twin.kpi.series import Readings, Series
from twin.kpi.spans import spans
from twin.kpi.stops import LOOK_BACK_NS, Alarm

_FOR_EVER = 2**62

MOST_ALARMS = 100_000
"""Entries of the journal that are looked at beside stops; of more the oldest are left out."""


class HistoryReadings:
    """A :class:`twin.kpi.series.Readings` of the history.

    Args:
        history: opens it; may raise HistoryUnavailableError.
        cost: charges who asks for it; None = nobody.
    """

    def __init__(self, history: Callable[[], HistoryStore], cost: HistoryCost | None = None) -> None:
        self._history = history
        self._cost = cost

    def read(self, tags: Sequence[str], start: int, end: int) -> Mapping[str, Series]:
        """Return the series of tags; a text that is a PackML state is its number.

        Raises:
            TooMuchError, TooOftenError: it is more than who asks can ask for.
        """
        self._charge(tags, start, end)
        return _series(self._history().columns(tags, start, end, STATES))

    def counters(
        self, tags: Sequence[str], start: int, end: int, edges: Sequence[int]
    ) -> Mapping[str, Series]:
        """Return what is needed of counters; the history adds up between edges itself."""
        self._charge(tags, start, end)
        return _series(self._history().counters(tags, start, end, edges))

    def _charge(self, tags: Sequence[str], start: int, end: int) -> None:
        if self._cost is not None:
            self._cost.charge(tags, start, end, at_most=MOST_OF_FIGURES)


class LiveOrHistory:
    """A :class:`twin.kpi.series.Readings` of the live stream as far as that goes back, else of the history.

    Args:
        live: what is kept.
        history: the rest.
    """

    def __init__(self, live: LiveReadings, history: Readings) -> None:
        self._live = live
        self._history = history

    def read(self, tags: Sequence[str], start: int, end: int) -> Mapping[str, Series]:
        """Return the series of tags."""
        return (self._live if self._live.has(tags, start) else self._history).read(tags, start, end)

    def counters(
        self, tags: Sequence[str], start: int, end: int, edges: Sequence[int]
    ) -> Mapping[str, Series]:
        """Return what is needed of counters."""
        found = self._live if self._live.has(tags, start) else self._history
        return found.counters(tags, start, end, edges)


class OpenGaps:
    """A :class:`twin.kpi.series.Readings` in which the time since a source fell silent is a gap: the
    connector tells it only when the source is back, and until then its last values would pass for what holds.

    Args:
        readings: where series come from.
        sources: by tag the source that feeds it.
        silent: by source that cannot vouch for its values now, since when [ns].
    """

    def __init__(
        self, readings: Readings, sources: Mapping[str, str], silent: Callable[[], Mapping[str, int]]
    ) -> None:
        self._readings = readings
        self._sources = sources
        self._silent = silent

    def read(self, tags: Sequence[str], start: int, end: int) -> Mapping[str, Series]:
        """Return the series of tags."""
        return self._marked(self._readings.read(tags, start, end), self._silent())

    def counters(
        self, tags: Sequence[str], start: int, end: int, edges: Sequence[int]
    ) -> Mapping[str, Series]:
        """Return what is needed of counters."""
        silent = self._silent()
        found = self._readings.counters(tags, start, end, sorted({*edges, *silent.values()}))
        return self._marked(found, silent)

    def _marked(self, found: Mapping[str, Series], silent: Mapping[str, int]) -> dict[str, Series]:
        marked = dict(found)
        for tag, one in found.items():
            since = silent.get(self._sources.get(tag, ""))
            if since is not None:
                gaps = spans([*map(tuple, one.gaps.tolist()), (since, _FOR_EVER)])
                marked[tag] = Series(one.time, one.value, one.status, gaps)
        return marked


def _series(found: Mapping[str, TagColumns]) -> dict[str, Series]:
    return {tag: Series(one.time, one.value, one.status, spans(one.gaps)) for tag, one in found.items()}


class Known:
    """What is known now, or what was known at a moment of the past.

    Args:
        now: the readings that are known now.
        history: where those of the past are.
        sources: by tag the source that feeds it.
        database: opens the tables, where the outages of sources are.
        clock: ns since the epoch.
        cost: charges who asks for the past.
    """

    def __init__(
        self,
        now: Readings,
        history: Callable[[], HistoryStore],
        sources: Mapping[str, str],
        database: Callable[[], Engine],
        clock: Clock,
        cost: HistoryCost | None = None,
    ) -> None:
        self._now = now
        self._history = HistoryReadings(history, cost)
        self._sources = sources
        self._database = database
        self._clock = clock

    def at(self, text: str | None) -> tuple[Readings, int]:
        """Return the readings and the moment [ns] of ``?at=``: None is now. Readings of then are those with a
        source time up to then, as in a state of the past; whoever asks must ask no further.

        Raises:
            TimeError, QueryError: the moment cannot be read, or has not come yet.
        """
        if text is None:
            return self._now, self._clock()
        then = moment(text, self._clock())
        return OpenGaps(self._history, self._sources, lambda: lost_at(self._database(), then)), then


def alarms_between(
    engine: Engine, equipment: Iterable[str], start: int, end: int, known_at: int
) -> list[Alarm]:
    """Return the alarms whose condition held at some equipment between two moments, from the journal as it
    was at ``known_at`` [ns]."""
    columns = JOURNAL.c
    query = (
        select(columns.alarm, columns.equipment, columns.active, columns.time)
        .where(
            columns.equipment.in_(list(equipment)),
            columns.time >= start - LOOK_BACK_NS,
            columns.time < end,
            columns.recorded <= known_at,
        )
        .order_by(columns.time.desc(), columns.number.desc())
        .limit(MOST_ALARMS)
    )
    with engine.connect() as connection:
        rows = list(reversed(connection.execute(query).all()))
    began: dict[str, tuple[int, str]] = {}
    found: list[Alarm] = []
    for row in rows:
        if row.active:
            began.setdefault(row.alarm, (row.time, row.equipment))
        elif row.alarm in began:
            since, where = began.pop(row.alarm)
            found.append(Alarm(row.alarm, where, since, row.time))
    found += [Alarm(alarm, where, since, end) for alarm, (since, where) in began.items()]
    return sorted(found, key=lambda one: one.start)
