"""Questions to the tables of the alarms: how they stand, what happened, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, String, Table, and_, false, func, literal, or_, select
from sqlalchemy.sql import Select

from twin.alarms.alarm_tables import JOURNAL, STANDINGS, entry_of, standing_of
from twin.alarms.standing import Standing
from twin.alarms.state_machine import PRESENTED, State
from twin.contract.messages import AlarmEntry


@dataclass(frozen=True, slots=True)
class AlarmFilter:
    """Which alarms; an empty choice is every one.

    Args:
        states: where they are; the ones that are presented, unless said otherwise.
        priorities, classes: of the alarms.
        equipment: at this, or anything below it; "" = anywhere.
        within: and at one of these, or anything below; None = anywhere.
    """

    states: Sequence[State] = PRESENTED
    priorities: Sequence[str] = ()
    classes: Sequence[str] = ()
    equipment: str = ""
    within: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """How an alarm stands, and where it is."""

    standing: Standing
    equipment: str
    alarm_class: str


def list_standings(
    engine: Engine, wanted: AlarmFilter, *, limit: int, offset: int = 0, named: Sequence[str] = ()
) -> tuple[list[Located], int]:
    """Return alarms, the newest first, and how many there are in all.

    Args:
        engine: where they stand.
        wanted: which.
        limit, offset: so many, after leaving out so many.
        named: in place of a page, those of them that have these ids.
    """
    where = matching(wanted, STANDINGS, STANDINGS.c.state)
    every = select(STANDINGS).where(where).order_by(STANDINGS.c.raised_at.desc(), STANDINGS.c.alarm)
    page = every.where(STANDINGS.c.alarm.in_(named)) if named else every.limit(limit).offset(offset)
    with engine.connect() as connection:
        rows = [
            Located(standing_of(row), row["equipment"], row["alarm_class"])
            for row in connection.execute(page).mappings()
        ]
        total = connection.scalar(select(func.count()).select_from(STANDINGS).where(where)) or 0
    return rows, total


def supply_alarms(engine: Engine) -> list[Located]:
    """Return the alarms that can explain others: of class ``supply``, and their condition holds."""
    columns = STANDINGS.c
    query = select(STANDINGS).where(columns.active & (columns.alarm_class == "supply"))
    with engine.connect() as connection:
        return [
            Located(standing_of(row), row["equipment"], row["alarm_class"])
            for row in connection.execute(query).mappings()
        ]


def count_states(engine: Engine, within: Sequence[str] | None = None) -> dict[str, int]:
    """Return how many alarms are in each state but normal; of some places and what is below them, if they
    are named."""
    query = select(STANDINGS.c.state, func.count()).where(STANDINGS.c.state != State.NORMAL)
    if within is not None:
        query = query.where(_below_any(STANDINGS.c.equipment, within))
    with engine.connect() as connection:
        return {state: count for state, count in connection.execute(query.group_by(STANDINGS.c.state))}


def list_entries(
    engine: Engine,
    park: str,
    *,
    start: int,
    end: int,
    limit: int,
    before: int | None = None,
    alarm: str = "",
    equipment: str = "",
    events: Sequence[str] = (),
    by: str = "",
    within: Sequence[str] | None = None,
) -> list[AlarmEntry]:
    """Return entries of the journal, the newest first.

    Args:
        engine, park: whose journal.
        start, end: of this time [ns], the end not included.
        limit: at most so many.
        before: only those with a smaller number: the page behind the one that ended there.
        alarm, equipment, events, by: only of these; empty = all.
        within: and only at these places, or below; None = anywhere.
    """
    columns = JOURNAL.c
    where: list[ColumnElement[bool]] = [columns.time >= start, columns.time < end]
    if before is not None:
        where.append(columns.number < before)
    if alarm:
        where.append(columns.alarm == alarm)
    if equipment:
        where.append(_below(columns.equipment, equipment))
    if within is not None:
        where.append(_below_any(columns.equipment, within))
    if events:
        where.append(columns.event.in_(events))
    if by:
        where.append(columns.by == by)
    query: Select[tuple[object, ...]] = (
        select(JOURNAL).where(*where).order_by(columns.number.desc()).limit(limit)
    )
    with engine.connect() as connection:
        return [entry_of(row, park) for row in connection.execute(query).mappings()]


def matching(wanted: AlarmFilter, table: Table, state: ColumnElement[str]) -> ColumnElement[bool]:
    """Tell which rows of a table are of alarms that are asked for, by their column of the state."""
    columns = table.c
    where: list[ColumnElement[bool]] = [state.in_([state.value for state in wanted.states])]
    if wanted.priorities:
        where.append(columns.priority.in_(wanted.priorities))
    if wanted.classes:
        where.append(columns.alarm_class.in_(wanted.classes))
    if wanted.equipment:
        where.append(_below(columns.equipment, wanted.equipment))
    if wanted.within is not None:
        where.append(_below_any(columns.equipment, wanted.within))
    return and_(*where)


def _below_any(column: ColumnElement[str], places: Sequence[str]) -> ColumnElement[bool]:
    return or_(false(), *(_below(column, place) for place in places))


def _below(column: ColumnElement[str], place: str) -> ColumnElement[bool]:
    """Tell whether an id is ``place`` or lies below it; ids have no characters that LIKE would read."""
    return or_(column == place, column.like(literal(f"{place}/", String) + "%"))
