"""What maintenance says of a machine: how it is, how long it will last, what of it fails, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec

from twin.contract.errors import ContractError
from twin.contract.payload import Int64, Payload

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Hours = Annotated[float, msgspec.Meta(ge=0.0)]


class HealthState(StrEnum):
    """How a machine is, as far as its signals tell."""

    HEALTHY = "healthy"
    DEGRADING = "degrading"
    FAILING = "failing"
    NOT_ENOUGH_DATA = "not_enough_data"


class RemainingLife(msgspec.Struct, frozen=True, kw_only=True):
    """The distribution of the running time to functional failure [h], by its quantiles."""

    p05: Hours
    p10: Hours
    p50: Hours
    p90: Hours
    p95: Hours


class RankedMode(msgspec.Struct, frozen=True, kw_only=True):
    """A failure mode that may be on its way.

    Args:
        mode: name of it among those of the machine's kind.
        iso14224, mechanism: failure mode code and mechanism of ISO 14224:2016 annex B.
        probability: that this is the one.
        name_vi, name_en: for people.
    """

    mode: str
    iso14224: str
    mechanism: str
    probability: Share
    name_vi: str
    name_en: str


class HealthReason(msgspec.Struct, frozen=True, kw_only=True):
    """A signal that speaks for what is said of a machine.

    Args:
        signal: of the machine.
        contribution: its share of all that speaks.
        vi, en: a sentence.
    """

    signal: str
    contribution: Share
    vi: str
    en: str


class HealthStep(msgspec.Struct, frozen=True, kw_only=True):
    """One block of what is known, and the median running time to failure with it and all before it.

    Args:
        block: ``age`` (and kind), ``signals`` (of now), ``course`` (of what was before).
        remaining_h: median [h].
        vi, en: a sentence.
    """

    block: str
    remaining_h: Hours
    vi: str
    en: str


class SimilarLife(msgspec.Struct, frozen=True, kw_only=True):
    """A past machine of the kind that once looked as this one does now, and how it ended.

    Args:
        life: its name among those that were learned from.
        distance: root mean square difference of the severities of the modes; 0 = the same.
        remaining_h: running time that it lasted from there [h].
        mode: failure mode that it ended with.
        vi, en: a sentence.
    """

    life: str
    distance: Annotated[float, msgspec.Meta(ge=0.0)]
    remaining_h: Hours
    mode: str
    vi: str
    en: str


class MachineHealth(Payload, frozen=True, kw_only=True):
    """How a machine is, what will fail, when, and how sure that is (ISO 13374-1 blocks HA and PA).

    Either ``remaining`` or ``healthy_beyond_h`` is there, or neither: with too little data there is no
    number. ``note_vi`` and ``note_en`` then say what is missing.

    Args:
        machine: equipment id.
        time: of the newest reading that it rests on, ns.
        kind: of machine, "" if no model knows it.
        state: how it is.
        health: 1 as its own healthy self, 0 at functional failure; null if not known.
        indicative: the numbers are not to be planned by; the note says why.
        remaining: running time to failure.
        healthy_beyond_h: healthy, and for more than so many hours [h].
        modes: from the most probable down.
        reasons: from the strongest down.
        trend_vi, trend_en: how the most probable mode has come on of late.
        steps: what each block of knowledge does to the forecast, one after the other; the last is the median.
        similar: past machines that looked alike, nearest first.
        note_vi, note_en: what a reader must know besides.
        model, model_version: what forecast.
        inputs_hash: of everything that went in, 32 hex digits: same hash and version, same forecast.
        gap_share: of the time looked at, how much has no data.
    """

    TYPE: ClassVar[str] = "machine_health@1"

    machine: str
    time: Int64
    state: HealthState
    kind: str = ""
    health: Share | None = None
    indicative: bool = False
    remaining: RemainingLife | None = None
    healthy_beyond_h: Hours | None = None
    modes: tuple[RankedMode, ...] = ()
    reasons: tuple[HealthReason, ...] = ()
    trend_vi: str = ""
    trend_en: str = ""
    steps: tuple[HealthStep, ...] = ()
    similar: tuple[SimilarLife, ...] = ()
    note_vi: str = ""
    note_en: str = ""
    model: str = ""
    model_version: str = ""
    inputs_hash: str = ""
    gap_share: Share = 0.0

    def __post_init__(self) -> None:
        if self.remaining is not None and self.healthy_beyond_h is not None:
            raise ContractError(f"health of {self.machine!r}: a remaining life or a bound of it, not both")
        if self.state is HealthState.NOT_ENOUGH_DATA and not (
            self.remaining is None and self.healthy_beyond_h is None and self.health is None
        ):
            raise ContractError(f"health of {self.machine!r}: not enough data, so there is no number to say")
