"""Looks now and then whether the stations' pictures still are like those taught, and says so once if not."""

from __future__ import annotations

import logging
import threading
from typing import Final

from twin.contract.clock import Clock
from twin.contract.errors import ParkTwinError
from twin.service.logging import ConditionLog
from vision_qc.service.index import InspectionIndex
from vision_qc.service.quality import DRIFT_WINDOW, Drift, find_drift, last_inspections
from vision_qc.service.recipe_library import RecipeLibrary

EVERY_S: Final = 60.0

_LOG = logging.getLogger(__name__)


class DriftWatch:
    """Watches from a thread of its own.

    Args:
        library: which recipes are active.
        index: what was inspected.
        clock: ns since the epoch.
        every_s: between two looks [s].
    """

    def __init__(
        self, library: RecipeLibrary, index: InspectionIndex, *, clock: Clock, every_s: float = EVERY_S
    ) -> None:
        self.drifted: dict[tuple[str, str], tuple[str, ...]] = {}
        """Station and product -> which of scores and pictures have drifted; empty = neither."""
        self._library = library
        self._index = index
        self._conditions = ConditionLog(_LOG, clock)
        self._every_s = every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drift", daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Look at every station once.

        Raises:
            DatabaseError: the index does not answer.
        """
        for station, products in self._library.stations().items():
            for product, version in products.items():
                self._look_at(station, product, version)

    def close(self) -> None:
        """Stop."""
        self._stop.set()
        self._thread.join(5.0)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self.look()
            except ParkTwinError as error:
                _LOG.debug("drift: cannot be found out now: %s", error)
            except Exception:  # what is wrong with one look must not end all looking
                _LOG.exception("drift: an unforeseen error")

    def _look_at(self, station: str, product: str, version: int) -> None:
        release, baseline = self._library.baseline(station, product, version)
        rows = last_inspections(self._index, station, product, DRIFT_WINDOW, release.sha256)
        found = find_drift(rows, baseline)
        self.drifted[station, product] = found.alarms
        name = f"{station} {product}"
        if found.alarms:
            self._conditions.begin(
                name,
                f"{name}: {' and '.join(found.alarms)} are no longer as taught ({_figures(found)}); look at "
                "lamp and lens, then teach again",
            )
        else:
            self._conditions.end(name, f"{name}: pictures and scores are as taught again")


def _figures(found: Drift) -> str:
    parts = []
    if found.scores is not None:
        parts.append(f"PSI of scores {found.scores.psi:.2f}")
    if found.pictures is not None:
        shifts = found.pictures.shifts
        parts += [f"{name} {shift:+.1f} standard deviations" for name, shift in shifts.items()]
    return ", ".join(parts)
