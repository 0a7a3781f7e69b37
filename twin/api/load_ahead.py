"""The loads of the past, kept as means of quarters of an hour, and what is forecast from them.

The history is read once, the latest day first, as much at a question as its time allows; afterwards only what
is new. What is forecast holds until the next quarter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Final

import numpy as np

from twin.api.like_quarters import QUARTER_NS, like_quarters
from twin.contract.clock import Clock
from twin.contract.frame import F64
from twin.historian.base import HistoryStore
from twin.networks.electricity import Electricity
from twin.networks.errors import NO_SUPPLIES, UnknownElementError
from twin.networks.load_forecast import DAY, LoadPast, Record, track_record
from twin.networks.load_series import LoadSeries
from twin.networks.overloads_ahead import DayAhead, OverloadsAhead, day_ahead, overloads_ahead
from twin.networks.park_power import ParkPower
from twin.networks.readings import take
from twin.park.model import Park
from twin.state.twin_state import TwinState

DAYS: Final = 35
"""So many days of the past are looked at: five of each weekday."""
READ_S: Final = 5.0
"""So long a question may read history before it answers from what there is."""
JUDGED_STEPS: Final = np.array([1, 4, 16, 96], np.int64)
"""A quarter, an hour, four hours and a day ahead."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadsAhead:
    """An answer.

    Args:
        first: quarter since the epoch that runs now; step 1 is it.
        ahead: overloads.
        record: how good the forecasts of the last days were, by element.
        series: says what the columns are.
        days: of history that have been read and hold readings.
        whole: False while older history has yet to be read.
    """

    first: int
    ahead: OverloadsAhead
    record: Record
    series: LoadSeries
    days: float
    whole: bool


class LoadDesk:
    """Answers what loads will be. Thread-safe: one question at a time.

    Args:
        park: the checked park.
        state: the live state.
        history: opens the history, or raises.
        clock: ns since the epoch.
        read_s: how long a question may read.
    """

    def __init__(
        self,
        park: Park,
        state: TwinState,
        history: Callable[[], HistoryStore],
        clock: Clock,
        read_s: float = READ_S,
    ) -> None:
        self._park = park
        self._state = state
        self._history = history
        self._clock = clock
        self._read_s = read_s
        self._lock = Lock()
        self._rows: dict[int, F64] = {}
        """By quarter since the epoch."""
        self._solver: tuple[Electricity, LoadSeries] | None = None
        self._kept: dict[float, LoadsAhead] = {}
        self._day: tuple[int, DayAhead, Record] | None = None
        """Of the quarter that runs, once the history has been read: it holds whatever is permitted."""

    def ahead(self, permitted: float) -> LoadsAhead:
        """Return what is coming, if an element may carry ``permitted`` of its rating.

        Raises:
            UnknownElementError: the park file has no rows of the electricity network.
            HistoryError: the history is away.
        """
        if not self._park.networks.supplies:
            raise UnknownElementError(NO_SUPPLIES)
        with self._lock:
            now = self._clock() // QUARTER_NS
            kept = self._kept.get(permitted)
            if kept is not None and kept.first == now and kept.whole:
                return kept
            electricity, series = self._solving()
            whole = self._read(series, now)
            if self._day is None or self._day[0] != now:
                past = self._past(series, now)
                day = day_ahead(electricity, series, past, take(self._state))
                record = track_record(series.of_elements(past), JUDGED_STEPS)
                self._day = (now, day, record) if whole else None
            else:
                _, day, record = self._day
            found = LoadsAhead(
                first=now,
                ahead=overloads_ahead(electricity, series, day, permitted),
                record=record,
                series=series,
                days=sum(bool(np.isfinite(row).any()) for row in self._rows.values()) / DAY,
                whole=whole,
            )
            self._kept = {key: one for key, one in self._kept.items() if one.first == now}
            self._kept[permitted] = found
            return found

    def _solving(self) -> tuple[Electricity, LoadSeries]:
        if self._solver is None:
            power = ParkPower(self._park)
            self._solver = Electricity(power), LoadSeries(power, self._state.table)
        return self._solver

    def _read(self, series: LoadSeries, now: int) -> bool:
        """Read what is missing before quarter ``now``, the latest first; False if time was short."""
        store = self._history()
        until = monotonic() + self._read_s
        end = now
        while end > now - DAYS * DAY:
            begin = end - DAY
            first = next((quarter for quarter in range(begin, end) if quarter not in self._rows), end)
            if first < end:
                if monotonic() > until:
                    return False
                means = store.means(series.tags, first * QUARTER_NS, QUARTER_NS, end - first)
                for number, row in enumerate(series.rows(means)):
                    self._rows[first + number] = row
            end = begin
        for quarter in [one for one in self._rows if one < now - DAYS * DAY]:
            del self._rows[quarter]
        return True

    def _past(self, series: LoadSeries, now: int) -> LoadPast:
        first = min(self._rows, default=now)
        nothing = np.full(series.width, np.nan)
        rows = [self._rows.get(quarter, nothing) for quarter in range(first, now)]
        value = np.array(rows, np.float64).reshape(-1, series.width)
        alike, roughly, clock = like_quarters(self._park, first, now - first + DAY)
        return LoadPast(value, alike, roughly, clock)
