"""What a camera inspection says of a product, and what an inspector says of it afterwards."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import msgspec

from twin.contract.payload import Count, Int64, Payload


class Verdict(StrEnum):
    """What becomes of a product."""

    PASS = "pass"
    REVIEW = "review"
    REJECT = "reject"
    CANNOT_JUDGE = "cannot_judge"
    """The picture says nothing about the product; treat it as one to look at again."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Where a product is unlike good ones.

    Args:
        type: of the defect; ``unlike_good`` where only that is known.
        box: left, top, right, bottom in the picture [px], the last two excluded.
        score: heat at its hottest place: 1 = as hot as good products get.
        type_confidence: chance that the type is right, given that it is one that was taught, 0 to 1; null
            where only one was taught, or it is of none.
    """

    type: str
    box: tuple[Count, Count, Count, Count]
    score: float
    type_confidence: float | None = None


class MeasuredValue(msgspec.Struct, frozen=True, kw_only=True):
    """A dimension against its tolerance.

    Args:
        name: of the characteristic.
        value_mm, u_mm, guard_mm: value, its combined standard uncertainty (JCGM 100) and the guard band (ISO
            14253-1); null where it could not be measured.
        lower_mm, upper_mm: of the tolerance.
        verdict: ``accept``, ``review`` or ``reject``, of this dimension alone.
    """

    name: str
    value_mm: float | None
    u_mm: float | None
    guard_mm: float | None
    lower_mm: float
    upper_mm: float
    verdict: str


class Inspection(Payload, frozen=True, kw_only=True):
    """The verdict on one product, with all that it takes to come to it again from the picture.

    The same picture of the same product and serial number at the same station is one inspection and has one
    ``id``, however often it is sent. Inspections of one ``recorder`` came in the order of ``sequence``,
    whatever the clocks said.

    Args:
        id: 32 hex digits, made of station, product, serial number and picture; told twice, it is the same
            inspection.
        recorder: which service judged it; 32 hex digits, for the life of its data folder.
        sequence: of the recorder, from 1 on, growing.
        station: equipment id of the inspection station.
        product, serial: as the station named them.
        recipe: name of the recipe.
        recipe_version: of it, from 1 on.
        recipe_sha256: of the recipe's content: thresholds, learnt arrays, size.
        network, network_sha256: the feature network.
        software: version of ours.
        verdict: what becomes of the product.
        score: larger is worse; null where the picture could not be judged at all.
        review_from, reject_from: thresholds of the score.
        scores: of each detector by name.
        chance_of_defect: of the head that learnt from defects; null where none did.
        findings: the hottest first.
        gate: why it is to be judged so whatever the score: the image-quality gate, a part that cannot be laid
            straight, a dimension, a code that cannot be read; "" = the score decided.
        figures: of the picture, as the quality gate measures them: brightness, contrast, sharpness [DN].
        picture_sha256: of the file as it was sent.
        picture_kept: whether the file can still be had from the service (later, retention may remove it).
        width, height: of the picture [px].
        mm_per_px: scale of the camera; null where the recipe does not know it.
        captured: when the picture was taken by the station's clock, ns; null where the station did not say.
        received: when it came in by the service's clock, ns.
        simulated: True if a simulator made the picture.
        code: that was read in the picture, a serial number say; "" = none was asked for, or could be read.
        measurements: in the order of the recipe.
    """

    TYPE: ClassVar[str] = "inspection@1"

    id: str
    recorder: str
    sequence: Count
    station: str
    product: str
    serial: str
    recipe: str
    recipe_version: Count
    recipe_sha256: str
    network: str
    network_sha256: str
    software: str
    verdict: Verdict
    score: float | None
    review_from: float
    reject_from: float
    received: Int64
    picture_sha256: str
    width: Count
    height: Count
    picture_kept: bool = True
    captured: Int64 | None = None
    gate: str = ""
    scores: dict[str, float] = msgspec.field(default_factory=dict)
    chance_of_defect: float | None = None
    findings: tuple[Finding, ...] = ()
    figures: dict[str, float] = msgspec.field(default_factory=dict)
    mm_per_px: float | None = None
    simulated: bool = False
    code: str = ""
    measurements: tuple[MeasuredValue, ...] = ()


class Truth(StrEnum):
    """What an inspector, or a later finding, says a product really is."""

    GOOD = "good"
    DEFECTIVE = "defective"


class InspectionReview(Payload, frozen=True, kw_only=True):
    """What a person says of an inspected product; it changes no verdict, it stands beside it.

    Args:
        id: 32 hex digits; told twice, it is the same review.
        inspection: id of the inspection.
        station, serial: of it.
        sequence: of the recorder, in one row with its inspections.
        recorder: which service took it down.
        truth: what the product really is.
        defect: type of the defect, "" if good or not said.
        by: who says so.
        reason: in words, "" if none was given.
        blind: True if the person did not see the verdict: only such reviews measure agreement.
        time: when, ns.
    """

    TYPE: ClassVar[str] = "inspection_review@1"

    id: str
    inspection: str
    station: str
    serial: str
    recorder: str
    sequence: Count
    truth: Truth
    by: str
    time: Int64
    defect: str = ""
    reason: str = ""
    blind: bool = False
