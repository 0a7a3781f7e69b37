"""Closing slots of ``moments``: the last reading of each tag in them, written once they are over.

In two steps, each kept, so that neither a kill nor another recorder makes a hole. First ``closing`` moves on:
from then on the view takes a reading before it for late and writes it into all levels. When every insert that
had begun before is over, what level 0 holds between ``closed`` and ``closing`` is summed up, and ``closed``
follows. A kill between the steps, or within the second, leaves it to be done again, which changes nothing.
"""

from __future__ import annotations

import logging
from threading import Lock

import numpy as np

from twin.contract.clock import NS_PER_S, Clock
from twin.historian.base import HistoryError
from twin.historian.engine import Engine
from twin.historian.moments_table import (
    FOUR_HOURS_NS,
    MARKS_QUERY,
    REPLAY_DAYS,
    SLOT_NS,
    WEEK_NS,
)
from twin.historian.native import Column

GRACE_NS = 60 * NS_PER_S
"""So long after its end a slot stays open: what comes later costs more, and is as right."""
HOLD_NS = 30 * NS_PER_S
"""No insert takes longer: it has seen ``closing`` or it is over."""
_LOOK_NS = 10 * NS_PER_S
_DAY_NS = 86_400 * NS_PER_S
_LIMITS = (
    "do_not_merge_across_partitions_select_final = 1, max_threads = 2, max_insert_threads = 1, "
    "max_partitions_per_insert_block = 0"
)

log = logging.getLogger(__name__)


class Closing:
    """Closes slots as readings come. Thread-safe.

    Args:
        engine: runs the SQL.
        clock: ns since the epoch.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = Lock()
        self._latest = 0
        self._next_look = 0
        self._seen = (0, 0)
        """``closing`` and when this process saw it first."""

    def prepare(self) -> None:
        """Begin a history that has no marks: whatever is older than now is late."""
        told, _, _ = self._marks()
        if not told:
            now = self._clock() // SLOT_NS * SLOT_NS
            self._mark("closing", now)
            self._mark("closed", now)

    def told(self, latest: int) -> None:
        """Note that readings up to a source time [ns] are in; close what is over. Fails never: what could not
        be closed is closed later."""
        self._latest = max(self._latest, latest)
        if self._clock() < self._next_look or not self._lock.acquire(blocking=False):
            return
        try:
            self._next_look = self._clock() + _LOOK_NS
            self._look()
        except HistoryError as error:
            log.warning("slots of moments are not closed now: %s", error)
        finally:
            self._lock.release()

    def _look(self) -> None:
        now = self._clock()
        _, closing, closed = self._marks()
        if closing != self._seen[0]:
            self._seen = (closing, now)
        if closed < closing:
            if now - self._seen[1] >= HOLD_NS:
                self._close(closed, closing, now)
                self._mark("closed", closing)
            return
        over = (min(self._latest, now) - GRACE_NS) // SLOT_NS * SLOT_NS
        if over > closing:
            self._mark("closing", over)
            self._seen = (over, now)

    def _close(self, begin: int, end: int, now: int) -> None:
        """Fill levels 1 to 3 of the slots that end after ``begin`` and by ``end``."""
        if begin < now - (REPLAY_DAYS - 1) * _DAY_NS:
            # levels 0 and 1 may be dropped by now: the long levels come from the readings themselves
            for level, width in ((2, FOUR_HOURS_NS), (3, WEEK_NS)):
                first = begin // width * width
                self._fill(level, width, f"readings FINAL WHERE ts >= {first} AND ts < {end}")
        for level, width, below in (
            (1, SLOT_NS, SLOT_NS),
            (2, FOUR_HOURS_NS, SLOT_NS),
            (3, WEEK_NS, FOUR_HOURS_NS),
        ):
            first, last = begin // width, end // width
            if first < last:
                slots = f"slot >= {first * width // below} AND slot < {last * width // below}"
                self._fill(level, width, f"moments FINAL PREWHERE level = {level - 1} AND {slots} WHERE 1")

    def _fill(self, level: int, width: int, rows: str) -> None:
        self._engine.execute(
            "INSERT INTO moments (level, slot, tag, ts, value, status, text) "
            f"SELECT {level}, toUInt32(intDiv(ts, {width})) AS place, tag, max(ts), argMax(value, ts), "
            f"argMax(status, ts), tupleElement(argMax(tuple(text), ts), 1) FROM {rows} "
            f"GROUP BY place, tag SETTINGS {_LIMITS}"
        )

    def _marks(self) -> tuple[bool, int, int]:
        row = self._engine.query(MARKS_QUERY, {})
        told, closing, closed = (int(np.asarray(row[name])[0]) for name in ("told", "closing", "closed"))
        return bool(told), closing, closed

    def _mark(self, name: str, time: int) -> None:
        self._engine.insert(
            "moments_marks",
            [Column("name", "String", [name]), Column("time", "Int64", np.array([time], np.int64))],
        )
