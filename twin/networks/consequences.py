"""What follows from changes: the plain result of a what-if."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from twin.park.name import Name
from twin.park.networks import Contact


@dataclass(frozen=True, slots=True)
class Affected:
    """Equipment that lacks something.

    Args:
        equipment: id.
        lacks: networks that no longer supply it.
        after_min: when it begins to [min]; above 0 where a tank stands between.
    """

    equipment: str
    lacks: tuple[str, ...]
    after_min: float = 0.0


@dataclass(frozen=True, slots=True)
class LineImpact:
    """What a line loses, or makes more.

    Args:
        line: id of the place.
        equipment: what of it is affected.
        lost_share: of its output, 0 to 1; less than 0 where it makes more.
        lost_units: units of sale over the time asked for; None if the park file has no cycle times for it.
        unit: what a piece is.
    """

    line: str
    equipment: tuple[str, ...]
    lost_share: float
    lost_units: float | None = None
    unit: Name | None = None


@dataclass(frozen=True, slots=True)
class Overload:
    """An element beyond its rating.

    Args:
        equipment: id.
        percent: of its (perhaps derated) rating.
        before: without the changes [%]; None where there was no answer.
    """

    equipment: str
    percent: float
    before: float | None


@dataclass(frozen=True, slots=True)
class VoltageOut:
    """A voltage beyond ±10 % (IEC 60038)."""

    equipment: str
    percent: float


@dataclass(frozen=True, slots=True)
class Reserve:
    """A tank that empties, or a basin that fills.

    Args:
        equipment: id.
        becomes: ``empty`` or ``full``.
        minutes: until then, with the changes; None = it does not.
        before: without them.
    """

    equipment: str
    becomes: str
    minutes: float | None
    before: float | None


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call, and about how much of the affected equipment."""

    contact: Contact
    affected: int


@dataclass(frozen=True, slots=True)
class Consequences:
    """All of it.

    Args:
        affected: equipment that lacks something and did not before.
        lines, tenants: where that stands; tenants are ids of enterprises.
        overloads, voltages: of the electricity network with the changes.
        reserves: tanks and basins.
        lost_kw: power that is not drawn; less than nothing where more is.
        lost_kwh: that over the time asked for.
        lost_by: of which element how much of it is [kW].
        calls: in the order in which to call.
        notes: what could not be reckoned and why, and what was assumed.
    """

    affected: tuple[Affected, ...]
    lines: tuple[LineImpact, ...]
    tenants: tuple[str, ...]
    overloads: tuple[Overload, ...]
    voltages: tuple[VoltageOut, ...]
    reserves: tuple[Reserve, ...]
    lost_kw: float
    lost_kwh: float
    calls: tuple[Call, ...]
    notes: tuple[Name, ...]
    lost_by: Mapping[str, float] = field(default_factory=dict)
