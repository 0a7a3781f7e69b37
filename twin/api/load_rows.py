"""Overloads that are coming as the API tells them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, Field

from twin.api.like_quarters import QUARTER_NS
from twin.api.load_ahead import LoadsAhead
from twin.api.what_if_rows import ElementRow, Names
from twin.contract.clock import to_iso
from twin.contract.frame import F64
from twin.networks.load_forecast import Record
from twin.networks.overloads_ahead import POSSIBLE, Ahead


class ReliefRow(ElementRow):
    """A load that could be put off, and what it will draw then."""

    kw: float


class RecordRow(BaseModel):
    """How far forecasts of the last week have been off; null = too few to say."""

    ahead_min: int
    count: int
    off_kw: float | None = Field(description="mean absolute error")
    as_now_kw: float | None = Field(description="of taking the last value")
    as_yesterday_kw: float | None = Field(description="of taking the value a day before")
    within: float | None = Field(description="share between the 10 % and the 90 % quantile; 0.8 is right")


class AheadRow(ElementRow):
    """An element in the hours ahead; lists go with ``at``, null = no answer."""

    low_percent: list[float | None] = Field(description="10 % quantile of its loading")
    middle_percent: list[float | None]
    high_percent: list[float | None] = Field(description="90 % quantile")
    chance: list[float | None] = Field(description="of having been beyond what it may carry by then")
    possible_at: str | None = Field(description=f"first time with a chance of {POSSIBLE:g} or more")
    likely_at: str | None = Field(description="first time with a chance of a half or more")
    highest_chance: float
    worst_at: str
    over_kw: float = Field(description="by how much the 90 % quantile is over, at most; to be put off")
    relief: list[ReliefRow] = Field(description="the greatest loads below it at the worst time")
    record: list[RecordRow]


class OverloadsAnswer(BaseModel):
    """The electricity network in the hours ahead."""

    percent: float = Field(description="of its rating that an element may carry")
    at: list[str] = Field(description="begin of the quarters of an hour")
    elements: list[AheadRow] = Field(description="the greatest chance first, then the highest loading")
    unknown: list[ElementRow] = Field(description="of which there is not enough history for a forecast")
    assumed: list[str] = Field(description="load points taken to stay as they are")
    history_days: float
    reading: bool = Field(description="true while older history has yet to be read: ask again")
    trouble: str = Field(description="why the power flow has no answer at some time; else empty")


def overloads_answer(found: LoadsAhead, names: Names, percent: float) -> OverloadsAnswer:
    """Put the hours ahead into rows."""
    at = [to_iso((found.first - 1 + step) * QUARTER_NS) for step in found.ahead.steps.tolist()]
    column = {name: number for number, name in enumerate(found.series.elements)}
    return OverloadsAnswer.model_validate(
        {
            "percent": percent,
            "at": at,
            "elements": [
                {
                    **_element(one, at, names),
                    "record": _record(found.record, column[one.equipment]),
                }
                for one in found.ahead.elements
            ],
            "unknown": [names.element(name) for name in found.ahead.unknown],
            "assumed": list(found.ahead.assumed),
            "history_days": found.days,
            "reading": not found.whole,
            "trouble": found.ahead.trouble,
        }
    )


def _element(one: Ahead, at: Sequence[str], names: Names) -> dict[str, object]:
    possible, likely = one.possible, one.likely
    return {
        **names.element(one.equipment),
        "low_percent": _told(one.low),
        "middle_percent": _told(one.middle),
        "high_percent": _told(one.high),
        "chance": _told(one.chance),
        "possible_at": None if possible is None else at[possible],
        "likely_at": None if likely is None else at[likely],
        "highest_chance": float(np.nanmax(one.chance)),
        "worst_at": at[one.worst],
        "over_kw": one.over_kw,
        "relief": [
            {**names.element(relief.point.removesuffix("/unmetered")), "kw": relief.kw}
            for relief in one.relief
        ],
    }


def _record(record: Record, column: int) -> list[dict[str, object]]:
    columns = (record.off, record.as_now, record.as_yesterday, record.within)
    return [
        {
            "ahead_min": 15 * step,
            "count": int(record.count[row, column]),
            **dict(
                zip(
                    ("off_kw", "as_now_kw", "as_yesterday_kw", "within"),
                    _told(np.array([one[row, column] for one in columns])),
                    strict=True,
                )
            ),
        }
        for row, step in enumerate(record.steps.tolist())
    ]


def _told(values: F64) -> list[float | None]:
    return [None if one != one else one for one in values.tolist()]
