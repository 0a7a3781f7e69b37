"""Commands, requests and the audit as the API tells them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from twin.commands.catalogue import Catalogue, Offer
from twin.commands.interlock import InterlockState, SeenValue
from twin.commands.queries import AuditLine
from twin.commands.reach import EVERYTHING, Reach, Told, told_line, told_request
from twin.commands.rehearsal import Rehearsal
from twin.commands.request import Request
from twin.commands.texts import text_of
from twin.contract.clock import to_iso
from twin.contract.command import Identity
from twin.identity.principal import WHO, Signed
from twin.park.name import Name

Given = StrictBool | StrictInt | StrictFloat | StrictStr
Person = Annotated[Signed, Field(min_length=1, max_length=200, description=WHO)]
Why = Annotated[str, Field(max_length=2000, description="in words")]
MOST_HANGING = 500
_ALL = Told()


class Wording(BaseModel):
    """A text in both languages."""

    vi: str
    en: str


class SeenRow(BaseModel):
    """A value as it is now."""

    tag: str
    value: Given | None
    unit: str
    quality: str = Field(description="good, uncertain or bad")
    stale: bool
    time: str | None = Field(description="source time, RFC 3339")


class InterlockRow(BaseModel):
    """A condition that must hold."""

    id: str
    name: Wording
    when: str = Field(description="the condition, as the park file has it; empty where it is withheld")
    verdict: str = Field(description="holds, fails, or unknown where what it looks at is not good")
    seen: list[SeenRow]
    withheld: bool = Field(False, description="it looks at values that are not shared: the verdict is true")


class ArgumentRow(BaseModel):
    """What is to be given along."""

    type: str
    low: float | None
    high: float | None
    unit: str
    options: list[Given]


class OfferRow(BaseModel):
    """A command that equipment has."""

    equipment: str
    command: str
    name: Wording
    risk: str = Field(description="low, medium or high; high needs a second person")
    argument: ArgumentRow | None = Field(description="null where nothing is given along")
    consequence: Wording | None
    expires_s: float
    shows: str | None = Field(description="the tag that shows it when it is done; null if it is not shared")
    interlocks: list[InterlockRow]


class CatalogueAnswer(BaseModel):
    """The commands of a piece of equipment."""

    commands: list[OfferRow]


class Rehearsing(BaseModel):
    """Which command to try."""

    model_config = ConfigDict(extra="forbid")

    equipment: str = Field(max_length=700)
    command: str = Field(max_length=60)
    value: Given | None = None


class Wishing(Rehearsing):
    """What a person asks for."""

    by: Person
    reason: Why
    dry_run: bool = Field(False, description="the connector looks at the device and writes nothing")
    id: str = Field(
        "",
        pattern=r"^([0-9a-zA-Z_-]{8,64})?$",
        description="chosen by who asks, so that a request sent twice is one; empty = a new one",
    )


class Deciding(BaseModel):
    """Who decides, and why."""

    model_config = ConfigDict(extra="forbid")

    by: Person
    reason: Why = ""


class RehearsalAnswer(BaseModel):
    """What a command would do; nothing was sent."""

    command: OfferRow
    value: Given | None = Field(description="what would be written")
    now: SeenRow | None = Field(description="what shows it, as it is")
    wanted: list[Given] = Field(description="what it should show afterwards")
    let_through: bool = Field(description="whether every interlock holds now")
    needs_approval: bool
    hangs_on_it: list[str] = Field(description="equipment that it supplies, nearest first, the first 500")
    hangs_on_it_count: int


class RequestRow(BaseModel):
    """A request and how it stands."""

    id: str
    equipment: str
    command: str
    name: Wording | None = Field(description="null where the park file has no such command any more")
    value: Given | None
    risk: str
    reason: str
    dry_run: bool
    state: str
    final: bool
    text: Wording = Field(description="how it stands, in a sentence")
    code: str
    detail: str = Field(description="for the engineer")
    status: int = Field(description="OPC UA status the device answered, 0 = good or none")
    requested_by: str
    requested_at: str
    decided_by: str
    decided_at: str | None
    issued: str | None
    expires: str | None
    updated: str
    before: Given | None = Field(description="what was read before the write")
    read_back: Given | None
    read_back_at: str | None
    identity: str = Field(description="how the name of who asked is known: verified by sign-in, or claimed")


class RequestsAnswer(BaseModel):
    """Requests, the newest first."""

    requests: list[RequestRow]
    total: int


class LineRow(BaseModel):
    """A line of the audit."""

    number: int
    time: str
    command: str
    event: str
    by: str
    body: dict[str, Any]
    previous: str
    hash: str


class RequestAnswer(RequestRow):
    """A request with its lines of the audit."""

    steps: list[LineRow]


class AuditAnswer(BaseModel):
    """Lines of the audit, the oldest first."""

    lines: list[LineRow]
    head: str = Field(description="number and hash of the newest line; keep it elsewhere")


def wording(name: Name) -> Wording:
    """A name as the API tells it."""
    return Wording(vi=name.vi, en=name.en)


def seen_row(seen: SeenValue) -> SeenRow:
    """A value as the API tells it."""
    time = None if seen.time is None else to_iso(seen.time)
    return SeenRow(
        tag=seen.tag, value=seen.value, unit=seen.unit, quality=seen.quality, stale=seen.stale, time=time
    )


def offer_row(offer: Offer, states: tuple[InterlockState, ...], reach: Reach = EVERYTHING) -> OfferRow:
    """A command as the API tells it to somebody, with how its interlocks stand."""
    rule, argument = offer.rule, offer.rule.argument
    return OfferRow(
        equipment=offer.equipment.id,
        command=rule.id,
        name=wording(rule.display),
        risk=rule.risk,
        argument=None
        if argument is None
        else ArgumentRow(
            type=argument.type,
            low=argument.low,
            high=argument.high,
            unit=argument.unit,
            options=list(argument.options),
        ),
        consequence=None if rule.consequence is None else wording(rule.consequence),
        expires_s=rule.expires_s,
        shows=offer.shows.tag if offer.shows is not None and reach.sees([offer.shows.tag]) else None,
        interlocks=[_interlock_row(one, reach) for one in states],
    )


def _interlock_row(one: InterlockState, reach: Reach) -> InterlockRow:
    whole = reach.sees(seen.tag for seen in one.seen)
    return InterlockRow(
        id=one.interlock.id,
        name=wording(one.interlock.display),
        when=one.interlock.expression if whole else "",
        verdict=one.verdict,
        seen=[seen_row(seen) for seen in one.seen if reach.sees([seen.tag])],
        withheld=not whole,
    )


def rehearsal_answer(tried: Rehearsal, reach: Reach = EVERYTHING) -> RehearsalAnswer:
    """A dry run as the API tells it to somebody."""
    hangs_on_it = [one for one in tried.hangs_on_it if reach.knows(one)]
    return RehearsalAnswer(
        command=offer_row(tried.offer, tried.interlocks, reach),
        value=tried.value,
        now=seen_row(tried.now) if tried.now is not None and reach.sees([tried.now.tag]) else None,
        wanted=list(tried.wanted),
        let_through=tried.let_through,
        needs_approval=tried.offer.rule.risk == "high",
        hangs_on_it=hangs_on_it[:MOST_HANGING],
        hangs_on_it_count=len(hangs_on_it),
    )


def request_row(request: Request, catalogue: Catalogue, known: Identity) -> RequestRow:
    """A request as the API tells it; ``known`` = how the name of who asked is."""
    name = catalogue.name_of(request.equipment, request.command)
    request = told_request(request, catalogue.told(request.equipment, request.command))
    text = text_of(request)
    return RequestRow(
        id=request.id,
        equipment=request.equipment,
        command=request.command,
        name=None if name is None else wording(name),
        value=request.value,
        risk=request.risk,
        reason=request.reason,
        dry_run=request.dry_run,
        state=request.state.value,
        final=request.is_final,
        text=Wording(vi=text.vi, en=text.en),
        code=request.code,
        detail=request.detail,
        status=request.status,
        requested_by=request.requested_by,
        requested_at=to_iso(request.requested_at),
        decided_by=request.decided_by,
        decided_at=_time(request.decided_at),
        issued=_time(request.issued),
        expires=_time(request.expires),
        updated=to_iso(request.updated),
        before=request.before,
        read_back=request.read_back,
        read_back_at=_time(request.read_back_at),
        identity=known,
    )


def line_row(line: AuditLine, told: Told = _ALL, reach: Reach = EVERYTHING) -> LineRow:
    """A line of the audit as the API tells it to somebody."""
    return LineRow(
        number=line.number,
        time=to_iso(line.time),
        command=line.command,
        event=line.event,
        by=line.by,
        body=told_line(line.event, line.body, told, reach),
        previous=line.previous,
        hash=line.hash,
    )


def _time(time_ns: int) -> str | None:
    return to_iso(time_ns) if time_ns else None
