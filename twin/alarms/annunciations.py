"""From the journal to the annunciations that the measures are made of."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, func, select

from twin.alarms.alarm_kpi import STANDING_NS, Annunciation
from twin.alarms.alarm_tables import JOURNAL, STANDINGS, standing_of
from twin.alarms.errors import AlarmActionError
from twin.alarms.standing import Standing
from twin.alarms.state_machine import PRESENTED, State

MAX_ENTRIES = 1_000_000
"""More than a person could make anything of; about 300 MB while they are counted."""
_OVER = (State.RETURNED, State.LATCHED_UNACKNOWLEDGED)


def read_annunciations(engine: Engine, start: int, end: int) -> list[Annunciation]:
    """Return the annunciations of an interval, in order of time.

    Raises:
        AlarmActionError: the journal has more entries there than can be counted at once.
    """
    columns = JOURNAL.c
    within = (columns.time >= start) & (columns.time < end) & (columns.from_state != columns.to_state)
    told = within & (columns.to_state.in_([State.UNACKNOWLEDGED, *_OVER]))
    query = select(columns.alarm, columns.priority, columns.time, columns.to_state).where(told)
    with engine.connect() as connection:
        count = connection.scalar(select(func.count()).select_from(JOURNAL).where(told)) or 0
        if count > MAX_ENTRIES:
            raise AlarmActionError(f"the interval has {count} entries; at most {MAX_ENTRIES}, so shorten it")
        rows = connection.execute(query.order_by(columns.time, columns.number)).all()
    found: list[Annunciation] = []
    newest: dict[str, int] = {}
    for row in rows:
        if row.to_state == State.UNACKNOWLEDGED:
            newest[row.alarm] = len(found)
            found.append(Annunciation(row.alarm, row.priority, row.time))
        elif row.alarm in newest:
            place = newest.pop(row.alarm)
            found[place] = Annunciation(row.alarm, row.priority, found[place].time, row.time)
    return found


def read_standing(engine: Engine, now: int) -> Sequence[Standing]:
    """Return the alarms that have been presented, with their condition holding, for more than a day."""
    columns = STANDINGS.c
    long = columns.active & columns.state.in_(PRESENTED) & (columns.raised_at < now - STANDING_NS)
    with engine.connect() as connection:
        rows = connection.execute(select(STANDINGS).where(long).order_by(columns.raised_at)).mappings()
        return [standing_of(row) for row in rows]
