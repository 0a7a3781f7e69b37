"""Alarms as REST tells them: rows with everything a person needs to act, and what explains what."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, Field

from twin.alarms.alarm_table import AlarmTable
from twin.alarms.queries import Located
from twin.alarms.root_cause import AlarmGroup, Raised
from twin.alarms.standing import NEVER
from twin.contract.clock import to_iso
from twin.contract.messages import AlarmEntry
from twin.park.alarm import PRIORITIES
from twin.park.model import Name, Park

MOST_LISTED = 100
"""Alarms of a group that are named; all are counted."""


class AlarmText(BaseModel):
    """A text in both languages."""

    vi: str
    en: str


class AlarmRow(BaseModel):
    """One alarm as it stands."""

    alarm: str = Field(description="<tag>:<rule>, or <source>:<rule>")
    subject: str = Field(description="the tag, or the source")
    equipment: str = Field(description="id of its equipment; empty where a source is watched")
    name: AlarmText
    type: str = Field(
        description="low_low, low, high, high_high, deviation, rate, discrete, bad, stale, gap, condition or "
        "expression"
    )
    priority: str
    alarm_class: str
    state: str = Field(description="by ISA-18.2, e.g. unacknowledged, returned_unacknowledged, shelved")
    active: bool = Field(description="whether its condition holds now")
    raised_at: str | None = Field(description="when its condition began to hold last, RFC 3339")
    since: str | None = Field(description="when it came into this state, RFC 3339")
    value: float | None = Field(description="the reading that raised it")
    limit: float | None
    unit: str
    simulated: bool = Field(description="true if a simulator stands behind it")
    latch: bool
    acknowledged_by: str
    acknowledged_at: str | None
    shelved_until: str | None
    reason: str = Field(description="why it is shelved, or out of service")
    comment: str = Field(description="the newest one")
    cause: AlarmText | None
    consequence: AlarmText | None
    response: AlarmText | None
    explained_by: str | None = Field(description="the alarm of a supply that explains it, if one does")


class AlarmsAnswer(BaseModel):
    """A page of alarms, or those named, the newest first."""

    time: str = Field(description="when it was answered, RFC 3339")
    total: int = Field(description="how many there are on all pages, whoever was named")
    counts: dict[str, int] = Field(description="alarms by state, whatever was asked for; normal left out")
    alarms: list[AlarmRow]


class AlarmGroupRow(BaseModel):
    """One line of a flood: an alarm that nothing explains, with what it explains."""

    cause: AlarmRow
    explained: int = Field(description="how many active alarms it explains")
    equipment: int = Field(description="at how many pieces of equipment, its own among them")
    alarms: list[str] = Field(description="the explained alarms, in order of time; the first hundred")


class GroupsAnswer(BaseModel):
    """Active alarms by their causes: the most urgent groups first, of those the largest, then the newest."""

    time: str = Field(description="when it was answered, RFC 3339")
    total: int = Field(description="how many groups there are on all pages")
    active: int = Field(description="how many active alarms are in all groups together")
    groups: list[AlarmGroupRow]


class JournalRow(BaseModel):
    """One entry of the journal."""

    number: int
    alarm: str
    equipment: str
    name: AlarmText
    event: str
    from_state: str
    to_state: str
    active: bool
    time: str = Field(description="when it happened, RFC 3339; of a condition the time of the reading")
    recorded: str = Field(description="when it was written down, RFC 3339")
    by: str
    reason: str
    priority: str
    alarm_class: str
    value: float | None
    limit: float | None


class JournalAnswer(BaseModel):
    """A page of the journal, the newest entry first."""

    entries: list[JournalRow]
    next: int | None = Field(description="ask for the page behind with ?before=<this>; null = none")


def alarm_rows(
    park: Park, table: AlarmTable, found: Sequence[Located], causes: dict[str, str]
) -> list[AlarmRow]:
    """Write alarms as rows; one that the park file does not have any more is left out."""
    rows = []
    for one in found:
        number = table.find(one.standing.alarm)
        if number is not None:
            rows.append(_row(park, table, number, one, causes.get(one.standing.alarm)))
    return rows


def group_rows(
    park: Park, table: AlarmTable, groups: Sequence[AlarmGroup], located: dict[str, Located]
) -> list[AlarmGroupRow]:
    """Write groups as rows; one whose cause the park file does not have any more is left out."""
    rows = []
    for group in groups:
        number = table.find(group.cause.alarm)
        if number is not None:
            places = {one.equipment for one in (group.cause, *group.explained)}
            rows.append(
                AlarmGroupRow(
                    cause=_row(park, table, number, located[group.cause.alarm], None),
                    explained=len(group.explained),
                    equipment=len(places),
                    alarms=[one.alarm for one in group.explained[:MOST_LISTED]],
                )
            )
    return rows


def _row(park: Park, table: AlarmTable, number: int, one: Located, cause: str | None) -> AlarmRow:
    spec, standing, tag = table.spec_of(number), one.standing, int(table.tag[number])
    simulated = (
        park.equipment[park.tags[tag].equipment].simulated
        if tag >= 0
        else park.sources[int(table.source[number])].simulated
    )
    return AlarmRow(
        alarm=standing.alarm,
        subject=table.subject(number),
        equipment=one.equipment,
        name=_text(spec.display),
        type=spec.type,
        priority=spec.priority,
        alarm_class=spec.alarm_class,
        state=standing.state.value,
        active=standing.active,
        raised_at=_time(standing.raised_at),
        since=_time(standing.since),
        value=standing.value,
        limit=standing.limit,
        unit=table.tags.unit[tag] if tag >= 0 else "s" if spec.type == "gap" else "",
        simulated=simulated,
        latch=spec.latch,
        acknowledged_by=standing.acknowledged_by,
        acknowledged_at=_time(standing.acknowledged_at),
        shelved_until=_time(standing.shelved_until),
        reason=standing.reason,
        comment=standing.comment,
        cause=_maybe(spec.cause),
        consequence=_maybe(spec.consequence),
        response=_maybe(spec.response),
        explained_by=cause,
    )


def raised(table: AlarmTable, found: Sequence[Located]) -> list[Raised]:
    """Return what is to be explained, or explains."""
    rows = [(one.standing, one.equipment, _urgency(table, one)) for one in found]
    return [Raised(one.alarm, equipment, one.raised_at, urgency) for one, equipment, urgency in rows]


def _urgency(table: AlarmTable, one: Located) -> int:
    number = table.find(one.standing.alarm)
    return PRIORITIES.index(table.spec_of(number).priority) if number is not None else 0


def journal_rows(entries: Sequence[AlarmEntry]) -> list[JournalRow]:
    """Write entries as rows."""
    return [
        JournalRow(
            number=entry.number,
            alarm=entry.alarm,
            equipment=entry.equipment,
            name=AlarmText(vi=entry.name_vi, en=entry.name_en),
            event=entry.event,
            from_state=entry.from_state,
            to_state=entry.to_state,
            active=entry.active,
            time=to_iso(entry.time),
            recorded=to_iso(entry.recorded),
            by=entry.by,
            reason=entry.reason,
            priority=entry.priority,
            alarm_class=entry.alarm_class,
            value=entry.value,
            limit=entry.limit,
        )
        for entry in entries
    ]


def _time(time_ns: int) -> str | None:
    return None if time_ns == NEVER else to_iso(time_ns)


def _text(name: Name) -> AlarmText:
    return AlarmText(vi=name.vi, en=name.en)


def _maybe(name: Name | None) -> AlarmText | None:
    return None if name is None else _text(name)
