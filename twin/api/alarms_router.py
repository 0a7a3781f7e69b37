"""``GET /api/alarms``, its groups by cause, and its journal: what is wrong now, why, and what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from twin.alarms.journal import Journal
from twin.alarms.past import PastAlarms
from twin.alarms.queries import (
    AlarmFilter,
    Located,
    count_states,
    list_entries,
    list_standings,
    supply_alarms,
)
from twin.alarms.root_cause import RootCauses
from twin.alarms.state_machine import PRESENTED, State
from twin.api.alarm_rows import (
    AlarmsAnswer,
    GroupsAnswer,
    JournalAnswer,
    alarm_rows,
    group_rows,
    journal_rows,
    raised,
)
from twin.api.moment import Moment, moment, parse_time
from twin.api.state_router import UnknownEquipmentError
from twin.contract.clock import Clock, to_iso
from twin.historian.base import QueryError
from twin.identity.guard import needs
from twin.park.alarm import AlarmClass, Priority
from twin.park.model import Park
from twin.park.restricted import is_within, is_within_any

Sought = Annotated[str, Field(max_length=700, pattern=r"^[^\x00]*$")]
"""What can stand in the journal."""
_BOUND_NS = 2**62
MOST_NAMED = 100
"""Alarms asked for by name at once; more make an address too long for what may stand before the twin."""
MOST = 100_000
"""Active alarms that are put in groups; of a greater flood the oldest are left out."""
AWAY: dict[int | str, dict[str, Any]] = {503: {"description": "the database is away"}}
UNREADABLE: dict[int | str, dict[str, Any]] = {
    400: {"description": "a time that cannot be read, or an interval without sense"}
}


def interval(start: str, end: str, now: int) -> tuple[int, int]:
    """Read an interval [ns].

    Raises:
        TimeError: a time cannot be read.
        QueryError: it is empty, or lies beyond what a clock can show.
    """
    first, last = parse_time(start, now), parse_time(end, now)
    if not -_BOUND_NS < first < last < _BOUND_NS:
        raise QueryError(
            f"from={start} to={end}: 'from' must lie before 'to', and both between 1823 and 2116"
        )
    return first, last


def alarms_router(
    park: Park,
    journal: Callable[[], Journal],
    clock: Clock,
    *,
    within: tuple[str, ...] | None = None,
    links: Park | None = None,
) -> APIRouter:
    """Make the router.

    Args:
        park: whose alarms.
        journal: where they are written.
        clock: ns since the epoch.
        within: the places that all answers are of, None for the whole park.
        links: the park whose links explain; ``park`` if left out.
    """
    router = APIRouter(tags=["alarms"], dependencies=[needs("alarm.read")])
    causes = RootCauses(links or park)

    def place(equipment: str) -> str:
        """Hold a question to the places that answers are of."""
        if within is not None and equipment:
            above = any(is_within(one, equipment) for one in within)
            if not above and not is_within_any(equipment, within):
                raise UnknownEquipmentError(f"equipment {equipment!r}: is not shown here; see /api/park")
        return equipment

    def own(found: Sequence[Located]) -> list[Located]:
        return [one for one in found if within is None or is_within_any(one.equipment, within)]

    @router.get("/api/alarms", responses={**AWAY, **UNREADABLE})
    def get_alarms(
        state: Annotated[
            list[State], Query(default_factory=list, description="in these states; all that are presented")
        ],
        priority: Annotated[list[Priority], Query(default_factory=list, description="of these; all")],
        alarm_class: Annotated[list[AlarmClass], Query(default_factory=list, description="of these; all")],
        alarm: Annotated[
            list[Sought],
            Query(
                default_factory=list,
                max_length=MOST_NAMED,
                description="of these the ones with these ids, whatever their page; limit and offset are no "
                "matter then",
            ),
        ],
        equipment: Annotated[Sought, Query(description="at this id, or anything below it")] = "",
        limit: Annotated[int, Query(ge=1, le=1000, description="at most so many")] = 200,
        offset: Annotated[
            int, Query(ge=0, le=10_000_000, description="leave out so many: the pages before")
        ] = 0,
        at: Moment = None,
    ) -> AlarmsAnswer:
        """Return the alarms that are presented, or those in the states asked for, the newest first; with `at`
        as they stood then.

        Who has read all pages keeps in step by asking with `alarm` for those that the events `alarms` of the
        stream name: one that is not in the answer is not presented any more. `total` is of all pages, whoever
        is named.

        What a failed supply explains names it in `explained_by`, so that a flood can be shown as one line.
        """
        written, now = journal(), clock()
        wanted = AlarmFilter(state or PRESENTED, priority, alarm_class, place(equipment), within)
        past = None if at is None else PastAlarms(written.engine, written.table, moment(at, now))
        if past is None:
            found, total = list_standings(written.engine, wanted, limit=limit, offset=offset, named=alarm)
            supplies, counts = supply_alarms(written.engine), count_states(written.engine, within)
        else:
            found, total = past.list_standings(wanted, limit=limit, offset=offset, named=alarm)
            supplies, counts = past.supply_alarms(), past.count_states() if within is None else {}
        active = raised(written.table, [one for one in found if one.standing.active])
        explained = causes.explain(active, raised(written.table, own(supplies)))
        return AlarmsAnswer(
            time=to_iso(now if at is None else moment(at, now)),
            total=total,
            counts=counts,
            alarms=alarm_rows(park, written.table, found, explained),
        )

    @router.get("/api/alarms/groups", responses={**AWAY, **UNREADABLE})
    def get_groups(
        equipment: Annotated[Sought, Query(description="at this id, or anything below it")] = "",
        limit: Annotated[int, Query(ge=1, le=1000, description="at most so many groups")] = 50,
        offset: Annotated[
            int, Query(ge=0, le=10_000_000, description="leave out so many: the pages before")
        ] = 0,
        at: Moment = None,
    ) -> GroupsAnswer:
        """Return the active alarms that are presented, each under the failed supply that explains it; with
        `at` as they stood then."""
        written, now = journal(), clock()
        wanted = AlarmFilter(PRESENTED, (), (), place(equipment), within)
        if at is None:
            presented, _ = list_standings(written.engine, wanted, limit=MOST)
            supplies = supply_alarms(written.engine)
        else:
            past = PastAlarms(written.engine, written.table, moment(at, now))
            presented, _ = past.list_standings(wanted, limit=MOST)
            supplies = past.supply_alarms()
        active = [one for one in presented if one.standing.active]
        supplies = own(supplies)
        groups = causes.group(raised(written.table, active), raised(written.table, supplies))
        located = {one.standing.alarm: one for one in (*supplies, *active)}
        return GroupsAnswer(
            time=to_iso(now if at is None else moment(at, now)),
            total=len(groups),
            active=len(active),
            groups=group_rows(park, written.table, groups[offset : offset + limit], located),
        )

    @router.get("/api/alarms/journal", responses={**AWAY, **UNREADABLE})
    def get_journal(
        event: Annotated[list[Sought], Query(default_factory=list, description="only these; all")],
        alarm: Annotated[Sought, Query(description="only of this alarm")] = "",
        equipment: Annotated[Sought, Query(description="at this id, or anything below it")] = "",
        by: Annotated[Sought, Query(description="only of this person, or system")] = "",
        start: Annotated[
            str, Query(alias="from", description="RFC 3339, ms since the epoch, or now-1h")
        ] = "now-1d",
        end: Annotated[str, Query(alias="to", description="RFC 3339, ms since the epoch, or now")] = "now",
        before: Annotated[
            int | None, Query(ge=0, le=2**62, description="the page behind the one whose 'next' this is")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=1000, description="at most so many")] = 200,
    ) -> JournalAnswer:
        """Return what happened to alarms, by whom and when, the newest first; nothing of it ever changes."""
        written, now = journal(), clock()
        first, last = interval(start, end, now)
        entries = list_entries(
            written.engine,
            written.park,
            start=first,
            end=last + 1,
            limit=limit,
            before=before,
            alarm=alarm,
            equipment=place(equipment),
            events=event,
            by=by,
            within=within,
        )
        more = entries[-1].number if len(entries) == limit else None
        return JournalAnswer(entries=journal_rows(entries), next=more)

    return router
