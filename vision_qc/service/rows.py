"""Inspections as REST tells them: the message, its times in words, where picture and heat map are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from pydantic import BaseModel, Field

from twin.contract.clock import to_iso
from twin.contract.inspection import Finding, Inspection, InspectionReview, Verdict
from vision_qc.service.challenge import BLOCKED

_WORDS = {
    Verdict.PASS: ("Đạt", "pass"),
    Verdict.REVIEW: ("Cần xem lại", "look again"),
    Verdict.REJECT: ("Không đạt", "reject"),
    Verdict.CANNOT_JUDGE: ("Không thể đánh giá", "cannot judge"),
}

_BLOCKS = (
    ("challenge due (start)", "phải thử bằng mẫu chuẩn (vừa khởi động)"),
    ("challenge due (changeover)", "phải thử bằng mẫu chuẩn (đổi sản phẩm)"),
    ("challenge due (recipe)", "phải thử bằng mẫu chuẩn (đổi công thức)"),
    ("challenge due (interval)", "phải thử bằng mẫu chuẩn (đã đến hạn)"),
    ("challenge due (plan)", "phải thử bằng mẫu chuẩn (kế hoạch thử mới)"),
    ("challenge failed", "thử bằng mẫu chuẩn không đạt ({detail})"),
)


class Text(BaseModel):
    """A text in both languages."""

    vi: str
    en: str


class ReviewRow(BaseModel):
    """What a person said of a product."""

    id: str
    inspection: str
    truth: str = Field(description="good or defective")
    defect: str
    by: str
    reason: str
    blind: bool = Field(description="said without having seen the verdict")
    time: str = Field(description="RFC 3339")


class FindingRow(BaseModel):
    """Where a product is unlike good ones."""

    type: str
    box_px: tuple[int, int, int, int] = Field(description="left, top, right, bottom")
    box_mm: tuple[float, float, float, float] | None = Field(description="the same, where the scale is known")
    score: float = Field(description="1 = as hot as good products get")
    type_confidence: float | None = Field(
        description="chance that the type is right, 0 to 1; null where only one was taught or it is of none"
    )


class MeasuredRow(BaseModel):
    """A dimension against its tolerance, with standard uncertainty and guard band (ISO 14253-1)."""

    name: str
    value_mm: float | None
    u_mm: float | None
    guard_mm: float | None
    lower_mm: float
    upper_mm: float
    verdict: str = Field(description="accept, review or reject, of this dimension alone")


class InspectionRow(BaseModel):
    """One inspection; see the message ``inspection@1`` for what the fields mean."""

    id: str
    recorder: str
    sequence: int
    station: str
    product: str
    serial: str
    verdict: str = Field(description="pass, review, reject or cannot_judge")
    why: Text
    score: float | None
    review_from: float
    reject_from: float
    scores: dict[str, float]
    chance_of_defect: float | None
    findings: list[FindingRow]
    gate: str = Field(description="what decided whatever the score; empty = the score did")
    figures: dict[str, float]
    recipe: str
    recipe_version: int
    recipe_sha256: str
    network: str
    network_sha256: str
    software: str
    captured_at: str | None = Field(description="by the station's clock, RFC 3339")
    received_at: str = Field(description="by the service's clock, RFC 3339")
    width: int
    height: int
    picture_sha256: str
    picture_kept: bool
    simulated: bool
    code: str = Field(description="that was read in the picture, a serial number say")
    measurements: list[MeasuredRow]
    picture: str = Field(description="where the picture is, as long as it is kept")
    heat: str = Field(description="where the heat map is")


class InspectAnswer(InspectionRow):
    """The verdict as the station hears it."""

    durable: bool = Field(description="false while the disk is full: it is only in memory")
    repeated: bool = Field(description="true if this very picture was judged before")


class OneInspection(InspectionRow):
    """An inspection with everything said about it since."""

    reviews: list[ReviewRow]


class InspectionsAnswer(BaseModel):
    """A page of inspections, the newest first."""

    inspections: list[OneInspection]
    next_before: int | None = Field(description="give as 'before' for the next page; null at the end")


def inspection_row(inspection: Inspection) -> dict[str, Any]:
    """Return the fields of an :class:`InspectionRow`."""
    told: dict[str, Any] = msgspec.to_builtins(inspection)
    captured, received = told.pop("captured"), told.pop("received")
    scale = told.pop("mm_per_px")
    return told | {
        "why": _why(inspection),
        "findings": [_finding(finding, scale) for finding in inspection.findings],
        "captured_at": None if captured is None else to_iso(captured),
        "received_at": to_iso(received),
        "picture": f"/api/inspections/{inspection.id}/picture",
        "heat": f"/api/inspections/{inspection.id}/heat.png",
    }


def review_row(review: InspectionReview) -> ReviewRow:
    """Return a review as it is told."""
    return ReviewRow(
        id=review.id,
        inspection=review.inspection,
        truth=review.truth.value,
        defect=review.defect,
        by=review.by,
        reason=review.reason,
        blind=review.blind,
        time=to_iso(review.time),
    )


def one_inspection(inspection: Inspection, reviews: Sequence[InspectionReview]) -> OneInspection:
    """Return an inspection with its reviews as it is told."""
    return OneInspection(**inspection_row(inspection), reviews=[review_row(review) for review in reviews])


def _finding(finding: Finding, mm_per_px: float | None) -> dict[str, Any]:
    box = finding.box
    left, top, right, bottom = (round(side * (mm_per_px or 0), 4) for side in box)
    box_mm = None if mm_per_px is None else (left, top, right, bottom)
    return {
        "type": finding.type,
        "box_px": box,
        "box_mm": box_mm,
        "score": finding.score,
        "type_confidence": finding.type_confidence,
    }


def told_block(gate: str) -> Text:
    """Return why a station is blocked in both languages; empty of what is no block."""
    if not gate.startswith(BLOCKED):
        return Text(vi="", en="")
    what = gate.removeprefix(BLOCKED)
    vi = next((vi for en, vi in _BLOCKS if what.startswith(en)), what)
    detail = what.partition("(")[2].removesuffix(")")
    return Text(vi=f"Trạm bị khóa: {vi.format(detail=detail)}", en=f"Station blocked: {what}")


def _why(inspection: Inspection) -> dict[str, str]:
    vi, en = _WORDS[inspection.verdict]
    if inspection.gate.startswith(BLOCKED):
        return told_block(inspection.gate).model_dump()
    if inspection.gate:
        return {"vi": f"{vi}: {inspection.gate}", "en": f"{en}: {inspection.gate}"}
    if inspection.verdict is Verdict.PASS or not inspection.findings:
        return {"vi": vi, "en": en}
    left, top, right, bottom = inspection.findings[0].box
    place = f"x {left}–{right}, y {top}–{bottom} px"
    return {"vi": f"{vi}: khác với sản phẩm tốt tại {place}", "en": f"{en}: unlike good products at {place}"}
