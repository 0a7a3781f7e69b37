"""Key figures as rows of JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, Field

from twin.contract.clock import NS_PER_S, to_iso
from twin.kpi.amounts import UNITS, Amount, Balance
from twin.kpi.environment import Hours
from twin.kpi.packml import Use
from twin.kpi.pareto import Loss, Reliability
from twin.kpi.plan import KpiPlan
from twin.kpi.reasons import REASONS
from twin.kpi.report import Energy, Worked
from twin.kpi.stops import Stop
from twin.park.kpi import BalanceRule, PermitRule
from twin.park.name import Name

Share = float | None


class Times(BaseModel):
    """What planned, known time went into [s]; of machines in parallel their mean."""

    producing: float = Field(description="APT")
    setup: float = Field(description="AUST")
    waiting: float = Field(description="starved, blocked")
    held: float
    failed: float
    stopped: float


class WorkedRow(BaseModel):
    """Effectiveness by ISO 22400-2 of a place, a line or a station."""

    id: str
    name_vi: str
    name_en: str
    level: str
    availability: Share = Field(description="APT / PBT, 0 to 1")
    effectiveness: Share = Field(description="PRI x PQ / APT; above 1 where the ideal cycle is too long")
    quality: Share = Field(description="GQ / PQ")
    oee: Share = Field(description="their product")
    nee: Share = Field(description="the same, with setup as working time")
    setup_rate: Share = Field(description="AUST / AUPT")
    technical_efficiency: Share = Field(description="APT / (APT + ADET)")
    throughput_per_h: float | None = Field(description="pieces an hour of known planned time")
    gap_share: Share = Field(description="of the planned time that is not known; left out of every ratio")
    planned_s: float = Field(description="PBT")
    times_s: Times
    good: float = Field(description="pieces, planned or not")
    rejected: float
    piece_vi: str = Field(description="what a piece is; empty where lines make several kinds")
    piece_en: str
    units_per_piece: float | None = Field(description="units of sale in it")
    target: Share = Field(description="OEE that is aimed at, of one line; null where nobody has said one")
    unseen: float = Field(description="of them, counted over a time that is not known; in no ratio")


class KpiFigures(BaseModel):
    """A place, then the lines or stations below it."""

    start: str = Field(alias="from")
    end: str = Field(alias="to")
    rows: list[WorkedRow]


class StopRow(BaseModel):
    """A time in which a station that sets the pace did not produce."""

    station: str
    start: str
    end: str
    state: str = Field(description="setup, waiting, held, failed or stopped")
    lost_s: float = Field(description="of it, planned and known")
    reason: str
    because_of: str = Field(description="what made it wait or took its power; empty = itself")
    alarm: str = Field(description="that held there; empty if none did")
    corrected_by: str = Field(description="empty = first guess")
    comment: str


class LossRow(BaseModel):
    """What one reason cost; behind a reason come its parts."""

    reason: str
    parent: str
    name_vi: str
    name_en: str
    lost_s: float
    count: int
    share: float = Field(description="of all that was lost")


class StopsAnswer(BaseModel):
    """The stops of the lines of a place."""

    start: str = Field(alias="from")
    end: str = Field(alias="to")
    failures: int
    mtbf_h: float | None = Field(description="operating time by failures [h]")
    mttr_h: float | None = Field(description="time failed by failures [h]")
    micro_stops: int
    micro_stop_s: float
    changeovers: int
    pareto: list[LossRow]
    total: int = Field(description="stops in all")
    stops: list[StopRow] = Field(description="the costliest first")


class CorrectionRow(BaseModel):
    """A reason as it was written down."""

    number: int
    station: str
    start: str
    end: str
    reason: str
    by: str
    comment: str


class InspectedRow(BaseModel):
    """What the camera of a station said."""

    station: str
    passed: int
    rejected: int
    review: int
    cannot_judge: int
    overruled: int = Field(description="passed or rejected, of which a person said otherwise")
    quality: Share = Field(description="good by judged pieces, a person's word before the camera's")


class InspectedAnswer(BaseModel):
    """What cameras of a place said."""

    start: str = Field(alias="from")
    end: str = Field(alias="to")
    stations: list[InspectedRow]


class ReasonRow(BaseModel):
    """A reason that a stop can have."""

    id: str
    parent: str
    name_vi: str
    name_en: str
    guessed: bool = Field(description="false = only a person can say so")


class AmountRow(BaseModel):
    """How much was taken."""

    value: float
    own: float = Field(description="of it, made on the spot")
    unit: str
    gap_share: Share
    missing: int = Field(description="machines below of which nobody measures it")


class FactorRow(BaseModel):
    """An emission factor that was used."""

    year: int
    kg_per_kwh: float
    source: str


class EnergyAnswer(BaseModel):
    """What a place or machine took and emitted."""

    start: str = Field(alias="from")
    end: str = Field(alias="to")
    electricity: AmountRow
    water: AmountRow | None
    wastewater: AmountRow | None
    co2e_kg: float | None = Field(description="location-based; null without a factor")
    factors: list[FactorRow]
    good: float | None = Field(description="null where lines make several kinds of piece")
    kwh_per_good: float | None


class BalanceRow(BaseModel):
    """What went in, came out, stayed and is lost."""

    id: str
    name_vi: str
    name_en: str
    of: str
    unit: str
    inputs: float
    outputs: float
    stored: float
    loss: float
    loss_share: Share
    gap_share: Share


class BalancesAnswer(BaseModel):
    """The balances of a place."""

    start: str = Field(alias="from")
    end: str = Field(alias="to")
    balances: list[BalanceRow]


class ParameterRow(BaseModel):
    """One parameter of a permit, hour by hour."""

    signal: str
    low: float | None
    high: float | None
    hours: int = Field(description="clock hours that lie whole in the interval")
    completeness: Share = Field(description="share of them that have a mean")
    exceeded: int = Field(description="hours whose mean is beyond the limit")
    hour: list[str]
    mean: list[float | None]
    valid_share: list[float] = Field(description="of the hour; calibration, Bad and gaps left out")


class PermitRow(BaseModel):
    """A permit."""

    id: str
    name_vi: str
    name_en: str
    equipment: str
    reference: str
    parameters: list[ParameterRow]


class PermitsAnswer(BaseModel):
    """The permits of a place."""

    start: str = Field(alias="from")
    end: str = Field(alias="to")
    permits: list[PermitRow]


def worked_row(plan: KpiPlan, one: Worked) -> WorkedRow:
    """Write a place, line or station."""
    effort, figures, name = one.effort, one.oee, plan.names[one.id]
    lines = [plan.line_of[one.id]] if one.id in plan.line_of else plan.lines_at(one.id)
    pieces = {(line.rule.piece, line.rule.units_per_piece) for line in lines}
    piece, units = next(iter(pieces)) if len(pieces) == 1 else (Name("", ""), None)
    seconds = {use.name.lower(): effort.use_ns[use] / NS_PER_S for use in Use}
    return WorkedRow(
        id=one.id,
        name_vi=name.vi,
        name_en=name.en,
        level=plan.levels[one.id],
        availability=figures.availability,
        effectiveness=figures.effectiveness,
        quality=figures.quality,
        oee=figures.oee,
        nee=figures.nee,
        setup_rate=figures.setup_rate,
        technical_efficiency=figures.technical_efficiency,
        throughput_per_h=figures.throughput_per_h,
        gap_share=figures.gap_share,
        planned_s=effort.planned_ns / NS_PER_S,
        times_s=Times(**seconds),
        good=effort.good.total,
        rejected=effort.rejected.total,
        piece_vi=piece.vi,
        piece_en=piece.en,
        units_per_piece=units,
        target=_target(plan, one.id),
        unseen=effort.good.unseen + effort.rejected.unseen,
    )


def _target(plan: KpiPlan, place: str) -> Share:
    percent = plan.lines[place].rule.target_percent if place in plan.lines else None
    return None if percent is None else percent / 100.0


def stop_row(stop: Stop) -> StopRow:
    """Write a stop."""
    return StopRow(
        station=stop.station,
        start=to_iso(stop.start),
        end=to_iso(stop.end),
        state=stop.use.name.lower(),
        lost_s=stop.lost_ns / NS_PER_S,
        reason=stop.reason,
        because_of=stop.because_of,
        alarm=stop.alarm,
        corrected_by=stop.by,
        comment=stop.comment,
    )


def loss_row(loss: Loss) -> LossRow:
    """Write what a reason cost."""
    reason = REASONS[loss.reason]
    return LossRow(
        reason=reason.id,
        parent=reason.parent,
        name_vi=reason.display.vi,
        name_en=reason.display.en,
        lost_s=loss.lost_ns / NS_PER_S,
        count=loss.count,
        share=loss.share,
    )


def stops_answer(
    found: Sequence[Stop], losses: Iterable[Loss], once: Reliability, start: int, end: int, limit: int
) -> StopsAnswer:
    """Write the stops of a place."""
    costly = sorted(found, key=lambda stop: (-stop.lost_ns, stop.start, stop.station))[:limit]
    return StopsAnswer(
        **{"from": to_iso(start), "to": to_iso(end)},
        failures=once.failures,
        mtbf_h=once.mtbf_h,
        mttr_h=once.mttr_h,
        micro_stops=once.micro_stops,
        micro_stop_s=once.micro_stop_ns / NS_PER_S,
        changeovers=once.changeovers,
        pareto=[loss_row(loss) for loss in losses],
        total=len(found),
        stops=[stop_row(stop) for stop in costly],
    )


def amount_row(amount: Amount, unit: str) -> AmountRow:
    """Write an amount."""
    return AmountRow(
        value=amount.value, own=amount.own, unit=unit, gap_share=amount.gap_share, missing=amount.missing
    )


def energy_answer(energy: Energy, start: int, end: int) -> EnergyAnswer:
    """Write what a place took."""
    emission = energy.emission
    return EnergyAnswer(
        **{"from": to_iso(start), "to": to_iso(end)},
        electricity=amount_row(energy.electricity, UNITS["electricity"]),
        water=None if energy.water is None else amount_row(energy.water, UNITS["water"]),
        wastewater=None if energy.wastewater is None else amount_row(energy.wastewater, UNITS["wastewater"]),
        co2e_kg=None if emission is None else emission.kg,
        factors=[
            FactorRow(year=one.year, kg_per_kwh=one.kg_per_kwh, source=one.source)
            for one in (() if emission is None else emission.factors)
        ],
        good=energy.good,
        kwh_per_good=energy.kwh_per_good,
    )


def balance_row(rule: BalanceRule, found: Balance) -> BalanceRow:
    """Write a balance."""
    return BalanceRow(
        id=rule.id,
        name_vi=rule.display.vi,
        name_en=rule.display.en,
        of=rule.of,
        unit=UNITS[rule.carrier],
        inputs=found.inputs,
        outputs=found.outputs,
        stored=found.stored,
        loss=found.loss,
        loss_share=found.loss_share,
        gap_share=found.gap_share,
    )


def permit_row(rule: PermitRule, found: Iterable[Hours]) -> PermitRow:
    """Write a permit."""
    return PermitRow(
        id=rule.id,
        name_vi=rule.display.vi,
        name_en=rule.display.en,
        equipment=rule.equipment,
        reference=rule.reference,
        parameters=[
            ParameterRow(
                signal=one.limit.signal,
                low=one.limit.low,
                high=one.limit.high,
                hours=len(one.hours),
                completeness=one.completeness,
                exceeded=int(one.exceeded.sum()),
                hour=[to_iso(hour) for hour in one.hours[:, 0].tolist()],
                mean=[mean if mean == mean else None for mean in one.mean.tolist()],
                valid_share=one.share.tolist(),
            )
            for one in found
        ],
    )
