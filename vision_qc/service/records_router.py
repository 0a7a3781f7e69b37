"""What was inspected: found by id, serial, station, time and verdict; with picture, heat map and reviews."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final

import cv2
from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from twin.contract.clock import from_iso
from twin.contract.inspection import Inspection, Truth, Verdict
from twin.identity.guard import needs
from twin.identity.principal import WHO, Signed
from vision_qc.errors import UnknownInspectionError
from vision_qc.explain import paint
from vision_qc.service.index import MOST_ROWS, InspectionIndex, Wanted
from vision_qc.service.inspector import Inspector, differences
from vision_qc.service.rows import (
    InspectionsAnswer,
    OneInspection,
    ReviewRow,
    one_inspection,
    review_row,
)
from vision_qc.service.runtime import GetRuntime
from vision_qc.service.same_site import same_site

MEDIA: Final = {".jpg": "image/jpeg", ".png": "image/png", ".bmp": "image/bmp", ".tif": "image/tiff"}
_HEADERS: Final = {
    # what a station sent is shown as a picture and as nothing else
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=3600",
}
_UNKNOWN: Final[dict[int | str, dict[str, Any]]] = {
    404: {"description": "no such inspection, or its picture is not kept (any more)"},
    503: {"description": "the index does not answer"},
}
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="at most so many")]
Before = Annotated[int | None, Query(description="sequence number below which to look: the next page")]


class ReviewBody(BaseModel):
    """What a person says of a product."""

    truth: Truth = Field(description="what the product really is")
    by: Signed = Field(min_length=1, max_length=200, description=WHO)
    defect: str = Field("", max_length=64, description="type of the defect")
    reason: str = Field("", max_length=2000, description="in words")
    blind: bool = Field(
        False, description="the person did not see the verdict; only then it measures agreement"
    )


class AgainAnswer(BaseModel):
    """A kept picture was judged again with the recipe it was judged with."""

    same: bool = Field(description="whether every number is the same, bit by bit")
    differences: dict[str, tuple[Any, Any]] = Field(description="by field what it was and what it is now")


def records_router(runtime: GetRuntime) -> APIRouter:
    """Make the router."""
    router = APIRouter(
        tags=["records"], dependencies=[needs("inspection.read"), Depends(same_site)], responses=_UNKNOWN
    )

    @router.get("/api/inspections")
    async def get_inspections(
        station: str | None = None,
        serial: str | None = None,
        product: str | None = None,
        verdict: Annotated[list[Verdict] | None, Query(description="any of these")] = None,
        begin: Annotated[str | None, Query(description="received at or after, RFC 3339")] = None,
        end: Annotated[str | None, Query(description="received before, RFC 3339")] = None,
        before: Before = None,
        limit: Limit = 100,
    ) -> InspectionsAnswer:
        """List inspections, the newest first by sequence number."""
        return await _page(
            runtime().index,
            Wanted(
                station=station,
                serial=serial,
                product=product,
                verdicts=tuple(verdict or ()),
                begin=None if begin is None else from_iso(begin),
                end=None if end is None else from_iso(end),
                before=before,
                limit=limit,
            ),
        )

    @router.get("/api/review-queue")
    async def get_review_queue(
        station: str | None = None, before: Before = None, limit: Limit = 100
    ) -> InspectionsAnswer:
        """List the products that somebody must look at: review or cannot_judge, and nobody has said yet."""
        verdicts = (Verdict.REVIEW, Verdict.CANNOT_JUDGE)
        return await _page(
            runtime().index,
            Wanted(station=station, verdicts=verdicts, unreviewed=True, before=before, limit=limit),
        )

    @router.get("/api/inspections/{key}")
    async def get_inspection(key: str) -> OneInspection:
        """Return one inspection with everything said about it since."""
        inspection = await runtime().inspector.get(key)
        reviews = await asyncio.to_thread(runtime().index.reviews, [key])
        return one_inspection(inspection, reviews.get(key, []))

    @router.get("/api/inspections/{key}/picture", response_class=Response)
    async def get_picture(key: str) -> Response:
        """Return the picture as the station sent it, byte by byte."""
        data, suffix = await runtime().inspector.picture(await runtime().inspector.get(key))
        return Response(data, media_type=MEDIA[suffix], headers=_HEADERS)

    @router.get("/api/inspections/{key}/heat.png", response_class=Response)
    async def get_heat(key: str) -> Response:
        """Return the picture with its heat map. The scale is fixed: below 1, what good products reach,
        nothing glows; at 2 all is red."""
        inspection = await runtime().inspector.get(key)
        return Response(
            await _heat_png(runtime().inspector, inspection), media_type="image/png", headers=_HEADERS
        )

    @router.post("/api/inspections/{key}/judge-again", dependencies=[needs("inspection.review")])
    async def post_judge_again(key: str) -> AgainAnswer:
        """Judge the kept picture again with the recipe named in its verdict, and compare bit by bit."""
        inspection = await runtime().inspector.get(key)
        found = differences(inspection, await runtime().inspector.judge_again(inspection))
        return AgainAnswer(same=not found, differences=dict(found))

    @router.post("/api/inspections/{key}/reviews", status_code=201, dependencies=[needs("inspection.review")])
    async def post_review(key: str, said: ReviewBody) -> ReviewRow:
        """Take down what a person says of a product. It changes no verdict; rates, agreement and the next
        teaching rest on it."""
        review, _ = await runtime().inspector.review(
            await runtime().inspector.get(key),
            said.truth,
            by=said.by,
            defect=said.defect,
            reason=said.reason,
            blind=said.blind,
        )
        return review_row(review)

    return router


async def _page(index: InspectionIndex, wanted: Wanted) -> InspectionsAnswer:
    def ask() -> InspectionsAnswer:
        found = index.find(wanted)
        reviews = index.reviews(inspection.id for inspection in found)
        return InspectionsAnswer(
            inspections=[one_inspection(row, reviews.get(row.id, [])) for row in found],
            next_before=found[-1].sequence if len(found) == wanted.limit else None,
        )

    return await asyncio.to_thread(ask)


async def _heat_png(inspector: Inspector, inspection: Inspection) -> bytes:
    judged = await inspector.judge_again(inspection)
    if judged.picture is None or judged.heat is None:
        raise UnknownInspectionError(f"inspection {inspection.id}: has no heat map ({judged.gate})")
    picture, heat = judged.picture, judged.heat

    def draw() -> bytes:
        painted = cv2.cvtColor(paint(picture, heat), cv2.COLOR_RGB2BGR)
        return cv2.imencode(".png", painted)[1].tobytes()

    return await asyncio.to_thread(draw)
