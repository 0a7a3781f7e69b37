"""REST of maintenance: forecasts, one machine's with reasons and history, outcomes, the track record."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field

from maintenance.live.follower import Follower
from maintenance.live.ledger import KeptForecast, Outcome, OutcomeError
from maintenance.live.track_record import LifeScore, TrackRecord, track_records
from twin.contract.clock import Clock, from_iso, to_iso
from twin.contract.errors import ContractError
from twin.contract.tag import check_equipment_id
from twin.identity.guard import needs
from twin.identity.principal import WHO, Signed

State = Literal["healthy", "degrading", "failing", "not_enough_data"]
_URGENCY = {"failing": 0, "degrading": 1, "healthy": 2, "not_enough_data": 3}


class Quantiles(BaseModel):
    """Running time to functional failure [h], by its quantiles."""

    p05: float
    p10: float
    p50: float
    p90: float
    p95: float


class Mode(BaseModel):
    """A failure mode and the probability that it is the one on its way (ISO 14224:2016)."""

    mode: str
    iso14224: str
    mechanism: str
    probability: float
    name_vi: str
    name_en: str


class Reason(BaseModel):
    """A signal that speaks for the forecast, and its share of all that does."""

    signal: str
    contribution: float
    vi: str
    en: str


class Step(BaseModel):
    """A block of what is known, and the median running time to failure with it and all before it [h]."""

    block: Literal["age", "signals", "course"]
    remaining_h: float
    vi: str
    en: str


class Similar(BaseModel):
    """A past machine of the kind that once looked the same, and how it ended."""

    life: str
    distance: float = Field(description="root mean square difference of the severities of the modes")
    remaining_h: float = Field(description="running time that it lasted from there [h]")
    mode: str
    vi: str
    en: str


class ForecastRow(BaseModel):
    """How a machine is and how long it will last; with too little data there is no number, and the note says
    what is missing."""

    machine: str
    time: str = Field(description="of the newest reading it rests on, RFC 3339")
    running_h: float = Field(description="running time seen since new, overhauled or first seen [h]")
    state: State
    kind: str
    health: float | None
    indicative: bool
    remaining: Quantiles | None
    healthy_beyond_h: float | None
    modes: list[Mode]
    reasons: list[Reason]
    trend_vi: str = Field(description="how the most probable mode has come on of late")
    trend_en: str
    steps: list[Step] = Field(description="what each block of knowledge does to the median, in turn")
    similar: list[Similar] = Field(description="past machines that looked alike, nearest first")
    note_vi: str
    note_en: str
    model: str
    model_version: str
    inputs_hash: str
    gap_share: float


class ForecastPage(BaseModel):
    """The newest forecast of every machine, the most urgent first."""

    counts: dict[str, int]
    forecasts: list[ForecastRow]


class OutcomeBody(BaseModel):
    """What became of a machine."""

    machine: str
    what: Literal["failed", "serviced"]
    mode: str = Field("", max_length=80, description="failure mode found, empty for nothing")
    overhauled: bool = Field(True, description="as new in all that wears")
    reported_by: Signed = Field(min_length=1, max_length=120, description=WHO)
    time: str = Field("", description="RFC 3339; empty = now")


class OutcomeRow(OutcomeBody):
    """What became of a machine, as it is in the ledger."""

    number: int
    reported_at: str


class MachinePage(BaseModel):
    """One machine: its newest forecast, those before it, and what became of it."""

    newest: ForecastRow
    history: list[ForecastRow]
    outcomes: list[OutcomeRow]


class RecordRow(BaseModel):
    """How good a model's forecasts were; null where nothing has been scored yet."""

    model: str
    ended: int = Field(description="machines that failed or were serviced")
    failed: int
    coverage: float | None = Field(description="share of truths inside the 90 % interval")
    alpha_lambda: float | None = Field(description="share within 20 % of the truth at half-life")
    horizon_h: float | None = Field(description="median prognostic horizon [h]")
    ranked_first: float | None = Field(description="share whose true mode was ranked first")
    false_alarms: int
    unexpected: int = Field(description="failures that came without a warning")
    demoted: bool = Field(description="indicative only: its intervals have not held")


class LifeRow(BaseModel):
    """How one machine was forecast until what became of it."""

    machine: str
    version: str
    what: str
    mode: str
    forecasts: int
    covered: float | None
    error_half: float | None
    horizon_h: float | None
    ranked_first: bool | None
    false_alarm: bool
    unexpected: bool


class TrackRecordPage(BaseModel):
    """The record of every model, and of each life that has ended."""

    models: list[RecordRow]
    lives: list[LifeRow]


def create_router(follower: Follower, clock: Clock) -> APIRouter:
    """Make the routes over what a follower keeps; handlers are plain functions, run in threads."""
    router = APIRouter(
        prefix="/api/maintenance", tags=["maintenance"], dependencies=[needs("maintenance.read")]
    )
    ledger = follower.ledger

    @router.get("/forecasts")
    def get_forecasts(state: State | None = None, kind: str | None = None) -> ForecastPage:
        """List the newest forecast of every machine, the most urgent first."""
        rows = [_row(one) for one in follower.latest.values()]
        counts = {name: sum(row.state == name for row in rows) for name in _URGENCY}
        chosen = [row for row in rows if state in (None, row.state) and kind in (None, row.kind)]
        return ForecastPage(counts=counts, forecasts=sorted(chosen, key=_urgency))

    @router.get("/forecasts/{machine:path}")
    def get_machine(machine: str, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> MachinePage:
        """Show one machine: its newest forecast with reasons, its history, what became of it."""
        kept = ledger.history(machine, limit=limit)
        if not kept:
            raise HTTPException(
                404, f"machine {machine!r}: no forecast yet; /forecasts lists those that have"
            )
        return MachinePage(
            newest=_row(kept[-1]),
            history=[_row(one) for one in kept[:-1]],
            outcomes=[_outcome(one) for one in ledger.outcomes(machine)],
        )

    @router.post("/outcomes", status_code=201, dependencies=[needs("maintenance.report")])
    def post_outcome(body: OutcomeBody) -> OutcomeRow:
        """Report that a machine failed or was serviced; its forecasts are scored by it."""
        now = clock()
        try:
            machine = check_equipment_id(body.machine)
            time = from_iso(body.time) if body.time else now
            if time > now:
                raise OutcomeError(f"outcome at {body.time}: lies in the future; give when it was")
            outcome = ledger.report(
                Outcome(machine, time, body.what, body.mode, body.overhauled, body.reported_by, now)
            )
        except ContractError as error:
            raise HTTPException(422, str(error)) from error
        except OutcomeError as error:
            raise HTTPException(422, str(error)) from error
        follower.report(outcome)
        return _outcome(outcome)

    @router.get("/outcomes")
    def get_outcomes(machine: str | None = None) -> list[OutcomeRow]:
        """List what became of machines, oldest first."""
        return [_outcome(one) for one in ledger.outcomes(machine)]

    @router.get("/track-record")
    def get_track_record() -> TrackRecordPage:
        """Show how good forecasts were, by model, and life by life."""
        records, lives = track_records(ledger)
        return TrackRecordPage(
            models=[_record(one) for one in records.values()], lives=[_life(one) for one in lives]
        )

    return router


def _row(kept: KeptForecast) -> ForecastRow:
    body = msgspec.to_builtins(kept.health)
    return ForecastRow(**{**body, "time": to_iso(kept.health.time), "running_h": kept.running_h})


def _urgency(row: ForecastRow) -> tuple[int, float, str]:
    return _URGENCY[row.state], row.remaining.p50 if row.remaining else float("inf"), row.machine


def _outcome(one: Outcome) -> OutcomeRow:
    return OutcomeRow(
        machine=one.machine,
        what=one.what,
        mode=one.mode,
        overhauled=one.overhauled,
        reported_by=one.reported_by,
        time=to_iso(one.time),
        number=one.number,
        reported_at=to_iso(one.reported_at),
    )


def _record(one: TrackRecord) -> RecordRow:
    fields = {name: getattr(one, name) for name in RecordRow.model_fields}
    return RecordRow(**fields)


def _life(one: LifeScore) -> LifeRow:
    return LifeRow(**{name: getattr(one, name) for name in LifeRow.model_fields})
