"""What-ifs as the API takes and tells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from twin.api.command_rows import Wording
from twin.networks.changes import LONGEST_H, MOST_CHANGES, Change
from twin.networks.consequences import Consequences
from twin.networks.contingency import Contingency
from twin.park.model import Park
from twin.park.name import Name

Id = Annotated[str, Field(min_length=1, max_length=700, description="id of a piece of equipment")]


class OpenBreaker(BaseModel):
    """A breaker is opened: of a feeder, a transformer, a switchboard."""

    model_config = ConfigDict(extra="forbid")

    change: Literal["open"]
    equipment: Id


class SwitchOff(BaseModel):
    """A machine stands: a pump, a compressor, a boiler."""

    model_config = ConfigDict(extra="forbid")

    change: Literal["off"]
    equipment: Id


class Derate(BaseModel):
    """A feeder, transformer or switchboard can carry only a part of its rating."""

    model_config = ConfigDict(extra="forbid")

    change: Literal["derate"]
    equipment: Id
    percent: float = Field(description="of its rating that is left", examples=[60])


class Output(BaseModel):
    """A line makes more or less."""

    model_config = ConfigDict(extra="forbid")

    change: Literal["output"]
    line: str = Field(min_length=1, max_length=700, description="id of a line")
    percent: float = Field(description="20 = a fifth more, -100 = nothing", examples=[20])


AnyChange = Annotated[OpenBreaker | SwitchOff | Derate | Output, Field(discriminator="change")]


class Asking(BaseModel):
    """Changes, tried all together."""

    model_config = ConfigDict(extra="forbid")

    changes: list[AnyChange] = Field(min_length=1, max_length=MOST_CHANGES)
    lasts_h: float = Field(default=1.0, gt=0, le=LONGEST_H, description="how long it stays so [h]")


class ElementRow(BaseModel):
    """An element with its name."""

    id: str
    name: Wording


class AffectedRow(ElementRow):
    """Equipment that lacks something and does not lack it now."""

    lacks: list[str] = Field(description="networks that no longer supply it")
    after_min: float = Field(description="0 = at once; else when the tank before it is empty [min]")


class LineRow(ElementRow):
    """A line, and what it loses over the time asked for."""

    equipment: list[str] = Field(description="ids of what stands in it")
    lost_share: float = Field(description="of its output; below 0 = it makes more")
    lost_units: float | None = Field(description="units of sale; null if its cycle times are not known")
    unit: Wording | None


class OverloadRow(ElementRow):
    """An element beyond its rating."""

    percent: float
    before: float | None = Field(description="as it is now [%]")


class VoltageRow(ElementRow):
    """A voltage beyond ±10 %."""

    percent: float


class ReserveRow(ElementRow):
    """A tank that empties, or a basin that fills."""

    becomes: Literal["empty", "full"]
    minutes: float | None = Field(description="until then; null = it does not within a week")
    before: float | None = Field(description="the same without the changes")


class CallRow(BaseModel):
    """Whom to call."""

    of: str = Field(description="id of the place they answer for")
    name: Wording
    phone: str
    affected: int = Field(description="pieces of affected equipment in it")


class WhatIfAnswer(BaseModel):
    """What follows."""

    affected: list[AffectedRow]
    lines: list[LineRow]
    tenants: list[ElementRow]
    overloads: list[OverloadRow]
    voltages: list[VoltageRow]
    reserves: list[ReserveRow]
    lost_kw: float = Field(description="power that is not drawn; below 0 = more is")
    lost_kwh: float
    calls: list[CallRow] = Field(description="in this order")
    notes: list[Wording] = Field(description="what could not be reckoned, and what was assumed")


class ContingencyRow(ElementRow):
    """The loss of one element for an hour."""

    affected: int
    lines: int
    tenants: int
    overloads: int
    worst_percent: float | None = Field(description="of the most overloaded element")
    lost_kw: float
    soonest_min: float | None = Field(description="until a tank is empty or a basin full")


class ContingenciesAnswer(BaseModel):
    """The loss of every single element, the worst first."""

    at: str = Field(description="moment of the state it was reckoned on, RFC 3339")
    contingencies: list[ContingencyRow]


class Names:
    """Names of everything in a park."""

    def __init__(self, park: Park) -> None:
        self._of: Mapping[str, Name] = {
            **{one.id: one.display for one in park.places},
            **{one.id: one.display for one in park.equipment},
        }

    def element(self, name: str) -> dict[str, object]:
        """The keys of an :class:`ElementRow`."""
        return {"id": name, "name": wording(self._of.get(name, Name(name, name)))}


def wording(name: Name) -> Wording:
    """A name as the API tells it."""
    return Wording(vi=name.vi, en=name.en)


def change_of(row: OpenBreaker | SwitchOff | Derate | Output) -> Change:
    """A change as it was asked for."""
    if isinstance(row, Output):
        return Change("output", row.line, row.percent)
    if isinstance(row, Derate):
        return Change("derate", row.equipment, row.percent)
    return Change(row.change, row.equipment)


def what_if_answer(what: Consequences, names: Names) -> WhatIfAnswer:
    """Put consequences into words and rows."""
    of = names.element
    return WhatIfAnswer.model_validate(
        {
            "affected": [
                {**of(one.equipment), "lacks": list(one.lacks), "after_min": one.after_min}
                for one in what.affected
            ],
            "lines": [
                {
                    **of(one.line),
                    "equipment": list(one.equipment),
                    "lost_share": one.lost_share,
                    "lost_units": one.lost_units,
                    "unit": None if one.unit is None else wording(one.unit),
                }
                for one in what.lines
            ],
            "tenants": [of(one) for one in what.tenants],
            "overloads": [
                {**of(one.equipment), "percent": one.percent, "before": one.before} for one in what.overloads
            ],
            "voltages": [{**of(one.equipment), "percent": one.percent} for one in what.voltages],
            "reserves": [
                {**of(one.equipment), "becomes": one.becomes, "minutes": one.minutes, "before": one.before}
                for one in what.reserves
            ],
            "lost_kw": what.lost_kw,
            "lost_kwh": what.lost_kwh,
            "calls": [
                {
                    "of": one.contact.of,
                    "name": wording(one.contact.display),
                    "phone": one.contact.phone,
                    "affected": one.affected,
                }
                for one in what.calls
            ],
            "notes": [wording(one) for one in what.notes],
        }
    )


def contingency_row(one: Contingency, names: Names) -> ContingencyRow:
    """A contingency in a line."""
    what = one.consequences
    soonest = [row.minutes for row in what.reserves if row.minutes is not None and row.minutes != row.before]
    return ContingencyRow.model_validate(
        {
            **names.element(one.equipment),
            "affected": len(what.affected),
            "lines": len(what.lines),
            "tenants": len(what.tenants),
            "overloads": len(what.overloads),
            "worst_percent": max((row.percent for row in what.overloads), default=None),
            "lost_kw": what.lost_kw,
            "soonest_min": min(soonest, default=None),
        }
    )
