"""An incident made into a bundle: every part written to a folder of its own, then signed as one file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import Engine

from twin.api.desk_router import DeskService
from twin.api.history_cost import MOST_OF_BUNDLES, HistoryCost
from twin.api.incident_desks import Told, write_inspections, write_models
from twin.api.incident_parts import (
    Stretch,
    stretch_of,
    write_gaps,
    write_park,
    write_tables,
)
from twin.contract.clock import NS_PER_S, Clock, to_iso
from twin.historian.base import HistoryStore
from twin.incidents.bundle import write_bundle
from twin.incidents.errors import IncidentQuestionError
from twin.incidents.signing_key import signing_key
from twin.park.model import Park

LONGEST_DAYS: Final = 31


class IncidentExport:
    """Makes bundles, one at a time.

    Args:
        park: as it is now.
        history, database: open them.
        data_dir: of the twin, where its key is.
        quality, maintenance: services that are asked for what only they know.
        clock: ns since the epoch.
        cost: charges who asks.
    """

    def __init__(
        self,
        park: Park,
        history: Callable[[], HistoryStore],
        database: Callable[[], Engine],
        data_dir: Path,
        *,
        quality: DeskService,
        maintenance: DeskService,
        clock: Clock,
        cost: HistoryCost,
    ) -> None:
        self._cost = cost
        self._park = park
        self._history = history
        self._database = database
        self._data_dir = data_dir
        self._quality = quality
        self._maintenance = maintenance
        self._clock = clock
        self._one_at_a_time = Lock()
        self._tidy = False

    def write(self, start: int, end: int, places: list[str], by: str) -> Path:
        """Write a bundle and return where it is, in a folder that :meth:`remove` takes away.

        Args:
            start, end: ``[start, end)`` [ns]; what has not come yet is left out.
            places: ids of machines or places; empty = the whole park.
            by: who asked.

        Raises:
            IncidentQuestionError: the interval or a place makes no sense, or it is too much.
            HistoryError, DatabaseError: it cannot be told now.
        """
        end = min(end, self._clock())
        if not start < end:
            raise IncidentQuestionError("the interval lies in the future: nothing is known of it")
        if end - start > LONGEST_DAYS * 86_400 * NS_PER_S:
            raise IncidentQuestionError(f"an incident of more than {LONGEST_DAYS} days: ask for less")
        stretch = stretch_of(self._park, start, end, places)
        machines = set(stretch.equipment)
        tags = (tag.tag for tag in self._park.tags if self._park.equipment[tag.equipment].id in machines)
        self._cost.charge(tags, start, end, at_most=MOST_OF_BUNDLES)
        with self._one_at_a_time:
            self._tidy_up()
            folder = Path(tempfile.mkdtemp(prefix="incident-", dir=self._data_dir))
            try:
                return self._write(folder, stretch, places, by)
            except BaseException:
                shutil.rmtree(folder)
                raise

    @staticmethod
    def remove(bundle: Path) -> None:
        """Take away what :meth:`write` has written."""
        shutil.rmtree(bundle.parent, ignore_errors=True)

    def _tidy_up(self) -> None:
        """Take away what a process that was killed has left; once, for later there may be bundles that are
        being fetched."""
        if not self._tidy:
            for left in self._data_dir.glob("incident-*"):
                shutil.rmtree(left, ignore_errors=True)
            self._tidy = True

    def _write(self, folder: Path, stretch: Stretch, places: list[str], by: str) -> Path:
        from twin.api.incident_readings import write_readings

        parts = folder / "parts"
        parts.mkdir()
        history, database = self._history(), self._database()
        counts: dict[str, Any] = {
            "readings.parquet": write_readings(parts / "readings.parquet", self._park, history, stretch),
            "gaps.jsonl": write_gaps(parts / "gaps.jsonl", history, stretch),
            **write_tables(parts, database, stretch),
        }
        revision = write_park(parts / "park.json", self._park, database, stretch)
        files = {path.name: path for path in sorted(parts.iterdir())}
        missing: dict[str, str] = {}
        told: list[Told] = [
            write_inspections(folder, self._quality, stretch),
            write_models(folder, self._maintenance),
        ]
        for more, gone in told:
            files |= more
            missing |= gone
        head = {
            "park": self._park.id,
            "park_revision": revision,
            "from": to_iso(stretch.start),
            "to": to_iso(stretch.end),
            "equipment": places,
            "made": to_iso(self._clock()),
            "by": by,
            "software": f"parktwin {version('parktwin')}",
            "counts": counts,
            "missing": missing,
        }
        bundle = folder / "incident.zip"
        write_bundle(bundle, files, head, signing_key(self._data_dir))
        shutil.rmtree(parts)
        return bundle
