"""What the water network shows while all is well, learned from the history, kept in a file with its dates.

It is learned when there is none, or the one kept is older than :data:`RENEWED_D` days, from the last
:data:`LEARNED_H` hours; where nothing may be learned from them (:mod:`twin.networks.water_baseline`), the
old one stays and it is tried again an hour later.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec
import numpy as np

from twin.contract.clock import NS_PER_S, Clock, to_iso
from twin.contract.tag import make_tag
from twin.historian.base import HistoryError, HistoryStore
from twin.networks.desk import NetworkDesk
from twin.networks.readings import Readings
from twin.networks.water_baseline import NotLearnedError, WaterBaseline, drawing_of, learn
from twin.park.model import Park
from twin.state.tag_table import TagTable

LEARNED_H: Final = 24
RENEWED_D: Final = 7
PART_NS: Final = 900 * NS_PER_S
"""What is learned from are means of quarters of an hour."""
STEADY_NS: Final = 300 * NS_PER_S
"""A leak is looked for in the mean of five minutes."""
_AGAIN_NS: Final = 3600 * NS_PER_S

log = logging.getLogger(__name__)


class WaterCalibration:
    """Learns, keeps and hands to the desk what a network shows while all is well. Thread-safe.

    Args:
        park: the checked park.
        table: its tags.
        desk: of the whole park.
        history: opens the history, or raises.
        clock: ns since the epoch.
        file: where it is kept.
    """

    def __init__(
        self,
        park: Park,
        table: TagTable,
        desk: NetworkDesk,
        history: Callable[[], HistoryStore],
        clock: Clock,
        file: Path,
    ) -> None:
        self._park = park
        self._table = table
        self._desk = desk
        self._history = history
        self._clock = clock
        self._file = file
        self._lock = Lock()
        self._known: WaterBaseline | None = None
        self._looked = False
        self._tried: int | None = None
        self.held_back = ""
        """Why the last try taught nothing, "" if it did."""
        self._tags = tuple(tag for tag in _tags(park) if tag in table.number)
        self._numbers = [table.number[tag] for tag in self._tags]

    def refresh(self) -> WaterBaseline | None:
        """Read, and where it is time learn; return what is known now."""
        if not self._park.networks.pipes:
            return None
        with self._lock:
            now = self._clock()
            if not self._looked:
                self._looked = True
                self._take(self._read())
            old = self._known is None or now - self._known.end > RENEWED_D * 86_400 * NS_PER_S
            if old and (self._tried is None or now - self._tried >= _AGAIN_NS):
                self._tried = now
                self._learn(now)
            return self._known

    def steady(self, readings: Readings) -> Readings:
        """Return readings with those of the water network as the mean of the last minutes; as they are where
        the history does not know."""
        try:
            means = self._history().means(self._tags, self._clock() - STEADY_NS, STEADY_NS, 1)[0]
        except HistoryError:
            return readings
        known = np.flatnonzero(~np.isnan(means))
        return readings.with_means([self._numbers[place] for place in known.tolist()], means[known])

    def _learn(self, now: int) -> None:
        end = now // PART_NS * PART_NS
        parts = LEARNED_H * 3600 * NS_PER_S // PART_NS
        begin = end - parts * PART_NS
        try:
            means = self._history().means(self._tags, begin, PART_NS, parts)
            found = learn(self._park, [self._moment(row) for row in means], begin, end, self._known)
        except (HistoryError, NotLearnedError) as error:
            if str(error) != self.held_back:
                log.info("the water network is not learned anew: %s", error)
            self.held_back = str(error)
            return
        self.held_back = ""
        self._file.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1))
        log.info("the water network is learned from %s to %s", to_iso(begin), to_iso(end))
        self._take(found)

    def _take(self, found: WaterBaseline | None) -> None:
        if found is not None:
            self._known = found
            self._desk.calibrate_water(found)

    def _read(self) -> WaterBaseline | None:
        try:
            found = msgspec.json.decode(self._file.read_bytes(), type=WaterBaseline)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            log.warning("%s: %s; it is learned anew", self._file, error)
            return None
        return found if found.drawing == drawing_of(self._park) else None

    def _moment(self, means: np.ndarray) -> Readings:
        value = np.full(len(self._table), np.nan)
        value[self._numbers] = means
        return Readings(self._table, value, np.ones(len(value), np.bool_))


def _tags(park: Park) -> list[str]:
    rules = park.networks
    named = [
        (one.equipment, signal)
        for one in rules.pipes
        for signal in (one.flow, one.pressure_in, one.pressure_out)
    ]
    named += [(one.equipment, signal) for one in rules.water_users for signal in (one.flow, one.pressure)]
    named += [(one.equipment, one.pressure) for one in rules.pumps]
    return sorted({make_tag(equipment, signal) for equipment, signal in named if signal})
