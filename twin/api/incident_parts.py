"""What was known of a stretch of time, part by part, as files: gaps, alarms, commands, sources, the park."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Engine, func, select

from twin.alarms.alarm_tables import JOURNAL
from twin.alarms.outages import OUTAGES
from twin.alarms.state_machine import State
from twin.commands.command_tables import AUDIT, REQUESTS
from twin.historian.base import HistoryStore
from twin.incidents.errors import IncidentQuestionError
from twin.kpi.corrections import CORRECTIONS
from twin.kpi.inspections import INSPECTIONS, REVIEWS
from twin.park.model import Park
from twin.park.park_document import park_document
from twin.park.revisions import park_of, revision_at

MOST_ROWS: Final = 200_000
"""Of alarms, commands, lines of the audit and so on, of each."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What an incident is of.

    Args:
        start, end: ``[start, end)`` [ns].
        equipment: ids of the machines, in the order of the park.
    """

    start: int
    end: int
    equipment: tuple[str, ...]


def stretch_of(park: Park, start: int, end: int, places: Sequence[str]) -> Stretch:
    """Find the machines at or below places; no place is the whole park.

    Raises:
        IncidentQuestionError: a place is none of the park.
    """
    ids = [machine.id for machine in park.equipment]
    for place in places:
        if not any(one == place or one.startswith(f"{place}/") for one in ids):
            raise IncidentQuestionError(
                f"equipment {place!r}: no machine of park {park.id!r} is there; see /api/park"
            )
    within = [one for one in ids if not places or any(one == p or one.startswith(f"{p}/") for p in places)]
    return Stretch(start, end, tuple(within))


def write_gaps(path: Path, history: HistoryStore, of: Stretch) -> dict[str, int]:
    """Write the intervals that could not be had."""
    return write_lines(path, (msgspec.to_builtins(gap) for gap in history.gaps(of.start, of.end)))


def write_tables(folder: Path, engine: Engine, of: Stretch) -> dict[str, dict[str, int]]:
    """Write what the tables know, a file each, a row a line; return how many rows of each.

    Raises:
        DatabaseError: the tables cannot tell.
    """
    machines, start, end = frozenset(of.equipment), of.start, of.end
    requests = select(REQUESTS).where(REQUESTS.c.requested_at < end, REQUESTS.c.updated >= start)
    commands = [row for row in _rows(engine, requests) if row["equipment"] in machines]
    audit = select(AUDIT).where(AUDIT.c.time >= start, AUDIT.c.time < end).order_by(AUDIT.c.number)
    ids = {row["id"] for row in commands}
    journal = select(JOURNAL).where(JOURNAL.c.time >= start, JOURNAL.c.time < end).order_by(JOURNAL.c.number)
    last = select(func.max(JOURNAL.c.number)).where(JOURNAL.c.time < start).group_by(JOURNAL.c.alarm)
    stood = select(JOURNAL).where(JOURNAL.c.number.in_(last), JOURNAL.c.to_state != State.NORMAL.value)
    outages = select(OUTAGES).where(OUTAGES.c.since < end, (OUTAGES.c.until == 0) | (OUTAGES.c.until > start))
    corrections = select(CORRECTIONS).where(CORRECTIONS.c.start < end, CORRECTIONS.c.end > start)
    seen = select(INSPECTIONS, REVIEWS.c.truth).outerjoin(REVIEWS, REVIEWS.c.inspection == INSPECTIONS.c.id)
    seen = seen.where(INSPECTIONS.c.time >= start, INSPECTIONS.c.time < end)
    files: dict[str, Iterable[Mapping[str, Any]]] = {
        "alarms.jsonl": (row for row in _rows(engine, journal) if row["equipment"] in machines),
        "alarms_before.jsonl": (row for row in _rows(engine, stood) if row["equipment"] in machines),
        "commands.jsonl": commands,
        "command_audit.jsonl": (row for row in _rows(engine, audit) if row["command"] in ids),
        "source_outages.jsonl": _rows(engine, outages),
        "stop_reasons.jsonl": (row for row in _rows(engine, corrections) if row["station"] in machines),
        "inspections.jsonl": (row for row in _rows(engine, seen) if row["station"] in machines),
    }
    return {name: write_lines(folder / name, rows) for name, rows in files.items()}


def write_park(path: Path, park: Park, engine: Engine, of: Stretch) -> str:
    """Write the park that was in force when it ended, else the one of now; return its revision."""
    loading = revision_at(engine, of.end)
    then = park if loading is None or loading.revision == park.revision else park_of(engine, loading.revision)
    path.write_bytes(park_document(then))
    return then.revision


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Write rows, JSON, one a line.

    Raises:
        IncidentQuestionError: there are too many.
    """
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for count, row in enumerate(rows, 1):
            if count > MOST_ROWS:
                raise IncidentQuestionError(
                    f"{path.name}: more than {MOST_ROWS:,} rows; ask for a shorter time or less equipment"
                )
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return {"rows": count}


def _rows(engine: Engine, query: Any) -> Iterator[dict[str, Any]]:
    with engine.connect() as connection:
        for row in connection.execute(query).mappings():
            yield dict(row)
