"""Lessons over HTTP: send good pictures, teach, try, install."""

from __future__ import annotations

import asyncio
import base64
from typing import Annotated, Any, Final

import cv2
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from twin.contract.clock import to_iso
from twin.identity.guard import needs
from vision_qc.explain import paint
from vision_qc.recipe import load
from vision_qc.service.judge import Judged
from vision_qc.service.lessons import Kind, Lesson, LessonState
from vision_qc.service.recipe_router import By, Reason
from vision_qc.service.runtime import GetRuntime
from vision_qc.service.same_site import same_site
from vision_qc.service.upload import read_body
from vision_qc.teach import LEAST_GOOD

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            f"image/{form}": {"schema": {"type": "string", "format": "binary"}}
            for form in ("jpeg", "png", "bmp", "tiff")
        },
    }
}
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    400: {"description": "no picture that a station may send, too few, or not now"},
    404: {"description": "no such lesson"},
}


class BeginBody(BaseModel):
    """What is to be taught."""

    station: str = Field(max_length=700, description="equipment id of the station")
    product: str = Field(max_length=64, description="letters, digits, '.', '_', '-'")
    by: By


class LessonRow(BaseModel):
    """A lesson as it is now."""

    id: str
    station: str
    product: str
    by: str
    begun_at: str = Field(description="RFC 3339")
    state: LessonState
    why: str = Field(description="of a failed one")
    good: int = Field(description="good pictures")
    bad: int = Field(description="pictures of defects")
    held: int = Field(description="pictures that nothing is learnt from, to compare on")
    least_good: int = Field(description="so many good pictures are needed")
    review_from: float | None = Field(description="of a taught one: score from which a person looks")
    reject_from: float | None


class TriedRow(BaseModel):
    """What would have been said of a picture; it counts for nothing."""

    verdict: str = Field(description="pass, review, reject or cannot_judge")
    score: float | None
    gate: str = Field(description="what decided whatever the score; empty = the score did")
    findings: int
    heat: str = Field(description="the picture with its heat map, as a data URL; empty if there is none")


class InstallBody(BaseModel):
    """Who wants it, and why."""

    by: By
    reason: Reason = ""
    activate: bool = Field(True, description="judge with it from now on")


class InstalledRow(BaseModel):
    """What was installed."""

    station: str
    product: str
    version: int
    sha256: str
    active: bool


def lesson_router(runtime: GetRuntime, *, most_bytes: int) -> APIRouter:
    """Make the router.

    Args:
        runtime: gives the lessons.
        most_bytes: of a picture file.
    """
    router = APIRouter(
        tags=["lessons"],
        dependencies=[Depends(same_site)],
        responses=_REFUSED,
        max_body_size=2 * most_bytes + (1 << 20),  # the routes themselves say more exactly what is too much
    )
    change, read = [needs("recipe.change")], [needs("inspection.read")]

    @router.get("/api/lessons", dependencies=read)
    async def get_lessons() -> list[LessonRow]:
        """List the lessons, the newest first."""
        return await asyncio.to_thread(lambda: [_row(one) for one in runtime().lessons.all()])

    @router.post("/api/lessons", status_code=201, dependencies=change)
    async def post_lesson(asked: BeginBody) -> LessonRow:
        """Begin to teach a product, new or known; nothing changes for the line before it is installed."""
        return await asyncio.to_thread(
            lambda: _row(runtime().lessons.begin(asked.station, asked.product, asked.by))
        )

    @router.get("/api/lessons/{key}", dependencies=read)
    async def get_lesson(key: str) -> LessonRow:
        """Return a lesson, to see how far it has come."""
        return await asyncio.to_thread(lambda: _row(runtime().lessons.get(key)))

    @router.post("/api/lessons/{key}/pictures", status_code=201, dependencies=change, openapi_extra=_BODY)
    async def post_picture(
        key: str,
        request: Request,
        kind: Annotated[Kind, Query(description="of a good product, or of a defect")] = "good",
        defect: Annotated[
            str, Query(max_length=64, description="type of the defect; types are named later")
        ] = "",
    ) -> LessonRow:
        """Add a picture; the body is the file itself."""
        body = await read_body(request, most_bytes)
        named = defect if kind == "bad" else ""
        return await asyncio.to_thread(lambda: _row(runtime().lessons.add(key, kind, body, defect=named)))

    @router.post("/api/lessons/{key}/teach", status_code=202, dependencies=change)
    async def post_teach(key: str) -> LessonRow:
        """Begin to teach; it gives way to inspections, and takes some minutes of one core."""
        return await asyncio.to_thread(lambda: _row(runtime().lessons.teach(key)))

    @router.post("/api/lessons/{key}/try", dependencies=change, openapi_extra=_BODY)
    async def post_try(key: str, request: Request) -> TriedRow:
        """Judge a picture with what was learnt; it is not kept and counts for nothing."""
        body = await read_body(request, most_bytes)
        return await asyncio.to_thread(lambda: _tried(runtime().lessons.try_out(key, body)))

    @router.post("/api/lessons/{key}/install", status_code=201, dependencies=change)
    async def post_install(key: str, asked: InstallBody) -> InstalledRow:
        """Make what was learnt the next version of the product's recipe, and judge with it from now on."""

        def work() -> InstalledRow:
            parts = runtime()
            about, library = parts.lessons.get(key).about, parts.library
            files = parts.lessons.files(key)
            release = library.install(
                about.station, about.product, files, by=asked.by, reason=asked.reason, mm_per_px=None
            )
            if asked.activate:
                library.activate(
                    about.station, about.product, release.version, by=asked.by, reason=asked.reason
                )
            return InstalledRow(
                station=release.station,
                product=release.product,
                version=release.version,
                sha256=release.sha256,
                active=asked.activate,
            )

        return await asyncio.to_thread(work)

    @router.post("/api/lessons/{key}/discard", status_code=204, dependencies=change)
    async def post_discard(key: str) -> None:
        """Forget a lesson with its pictures; what was installed of it stays."""
        await asyncio.to_thread(runtime().lessons.discard, key)

    return router


def _row(lesson: Lesson) -> LessonRow:
    threshold = load(lesson.recipe).station.threshold if lesson.state is LessonState.TAUGHT else None
    return LessonRow(
        id=lesson.id,
        station=lesson.about.station,
        product=lesson.about.product,
        by=lesson.about.by,
        begun_at=to_iso(lesson.about.begun),
        state=lesson.state,
        why=lesson.why,
        good=lesson.pictures("good"),
        bad=lesson.pictures("bad"),
        held=lesson.pictures("held/good") + lesson.pictures("held/bad"),
        least_good=LEAST_GOOD,
        review_from=None if threshold is None else threshold.review,
        reject_from=None if threshold is None else threshold.reject,
    )


def _tried(judged: Judged) -> TriedRow:
    heat = ""
    if judged.picture is not None and judged.heat is not None:
        painted = cv2.cvtColor(paint(judged.picture, judged.heat), cv2.COLOR_RGB2BGR)
        file = cv2.imencode(".jpg", painted)[1].tobytes()
        heat = f"data:image/jpeg;base64,{base64.b64encode(file).decode()}"
    return TriedRow(
        verdict=judged.verdict.value,
        score=judged.score,
        gate=judged.gate,
        findings=len(judged.findings),
        heat=heat,
    )
