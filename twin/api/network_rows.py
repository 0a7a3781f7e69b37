"""Networks as the API tells them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from twin.api.what_if_rows import ElementRow, Names
from twin.networks.desk import ElectricityNow, WaterNow
from twin.networks.meters import MeterReport
from twin.networks.park_water import BAR_PER_M, HEADER
from twin.networks.wastewater import Rise, Wastewater


class PowerRow(ElementRow):
    """An element of the electricity network; null where it has no voltage, or none was solved."""

    loading_percent: float | None
    volts_percent: float | None = Field(description="of the nominal voltage")
    kw: float | None = Field(description="that flows into it")
    losses_kw: float | None


class ElectricityAnswer(BaseModel):
    """The electricity network now."""

    elements: list[PowerRow]
    losses_kw: float | None
    dark: list[str] = Field(description="ids of equipment without electricity, by connectivity")
    missing: list[str] = Field(description="ids of equipment whose meter says nothing")
    trouble: str = Field(description="why there is no power flow, and where it gives way; else empty")


class MeterRow(ElementRow):
    """A meter, and what all the others say."""

    measured_kw: float
    expected_kw: float
    score: float | None = Field(description="difference in standard deviations; null = the others cannot say")


class SuspectRow(BaseModel):
    """A meter that reads wrong."""

    meters: list[ElementRow] = Field(description="it, and those that cannot be told apart from it")
    measured_kw: float
    expected_kw: float
    score: float


class MetersAnswer(BaseModel):
    """All meters of power."""

    moments: int = Field(description="how many moments the powers are the mean of")
    suspects: list[SuspectRow]
    meters: list[MeterRow]


class PressureRow(ElementRow):
    """A pressure at the end of a pipe."""

    measured_bar: float | None
    solved_bar: float | None


class PlaceRow(ElementRow):
    """Where it may leak."""

    chance: float


class LeakRow(ElementRow):
    """A main that loses water."""

    m3_h: float
    places: list[PlaceRow]


class LevelRow(ElementRow):
    """A tank's level, hour by hour."""

    level_m: list[float]
    empty_after_h: float | None = Field(description="null = not within the hours asked for")


class WaterAnswer(BaseModel):
    """The water network now and in the hours ahead, drawn from as it is now."""

    pressures: list[PressureRow]
    unaccounted_m3_h: dict[str, float] = Field(description="what a main takes and its users do not, by id")
    leaks: list[LeakRow]
    levels: list[LevelRow]
    missing: list[str]
    trouble: str


class ShareRow(ElementRow):
    """An outlet and its share of the rise."""

    before_mg_l: float
    now_mg_l: float
    share: float


class RiseAnswer(BaseModel):
    """Who made the outfall rise."""

    risen: bool
    before_mg_l: float | None
    now_mg_l: float | None
    outlets: list[ShareRow] = Field(description="the greatest share first")


def electricity_answer(now: ElectricityNow, names: Names) -> ElectricityAnswer:
    """Put the electricity network into rows, the highest loading first."""
    result = now.solved.result
    rows = []
    for name in result.volts if result is not None else ():
        assert result is not None
        if "/in" in name[-3:]:
            continue
        rows.append(
            PowerRow.model_validate(
                {
                    **names.element(name),
                    "loading_percent": _number(now.loadings.get(name)),
                    "volts_percent": _number(result.volts.get(name), 100.0),
                    "kw": _number(result.mw.get(name), 1000.0),
                    "losses_kw": _number(result.losses_mw.get(name), 1000.0),
                }
            )
        )
    rows.sort(key=lambda row: -(row.loading_percent or 0.0))
    losses = [row.losses_kw for row in rows if row.losses_kw is not None]
    return ElectricityAnswer(
        elements=rows,
        losses_kw=sum(losses) if losses else None,
        dark=sorted(now.dark),
        missing=list(now.solved.missing),
        trouble=now.solved.trouble,
    )


def meters_answer(report: MeterReport, names: Names, moments: int) -> MetersAnswer:
    """Put meters into rows, the most suspicious first."""
    return MetersAnswer.model_validate(
        {
            "moments": moments,
            "suspects": [
                {
                    "meters": [names.element(name) for name in one.equipment],
                    "measured_kw": one.measured_kw,
                    "expected_kw": one.expected_kw,
                    "score": one.score,
                }
                for one in report.suspects
            ],
            "meters": [
                {
                    **names.element(one.equipment),
                    "measured_kw": one.measured_kw,
                    "expected_kw": one.expected_kw,
                    "score": one.score,
                }
                for one in sorted(report.checks, key=lambda check: -(check.score or 0.0))
            ],
        }
    )


def water_answer(now: WaterNow, names: Names, tanks: list[str]) -> WaterAnswer:
    """Put the water network into rows."""
    measured = now.live.pressures
    levels = []
    for tank in tanks if now.ahead is not None else ():
        assert now.ahead is not None
        level = now.ahead.pressure(tank)
        empty = [hour for hour, metres in enumerate(level.tolist()) if metres <= 0.01]
        levels.append(
            {
                **names.element(tank),
                "level_m": level.tolist(),
                "empty_after_h": float(empty[0]) if empty else None,
            }
        )
    return WaterAnswer.model_validate(
        {
            "pressures": [
                {
                    **names.element(name),
                    "measured_bar": _number(measured.get(name), BAR_PER_M),
                    "solved_bar": _number(now.pressures_m.get(name), BAR_PER_M),
                }
                for name in sorted({*measured, *now.pressures_m} - {HEADER})
            ],
            "unaccounted_m3_h": now.unaccounted,
            "leaks": [
                {
                    **names.element(one.main),
                    "m3_h": one.m3_h,
                    "places": [{**names.element(p.id), "chance": p.chance} for p in one.places],
                }
                for one in now.leaks
            ],
            "levels": levels,
            "missing": list(now.live.missing),
            "trouble": now.trouble,
        }
    )


def rise_answer(rise: Rise | None, wastewater: Wastewater, names: Names) -> RiseAnswer:
    """Put a rise into rows."""
    if rise is None:
        return RiseAnswer(risen=False, before_mg_l=None, now_mg_l=None, outlets=[])
    return RiseAnswer.model_validate(
        {
            "risen": True,
            "before_mg_l": _number(rise.before),
            "now_mg_l": _number(rise.now),
            "outlets": [
                {
                    **names.element(one.outlet),
                    "before_mg_l": one.before,
                    "now_mg_l": one.now,
                    "share": one.share,
                }
                for one in rise.contributions
            ],
        }
    )


def _number(value: float | None, scale: float = 1.0) -> float | None:
    return None if value is None or value != value else value * scale
