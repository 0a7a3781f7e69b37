"""Retraining over HTTP: reviewed products into a lesson, what was learnt against the recipe in force,
thresholds set anew.

Nothing here changes what a station judges with; a person does, by installing and activating.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from twin.identity.guard import needs
from vision_qc.errors import UnknownStationError
from vision_qc.service.lessons import MOST_PICTURES
from vision_qc.service.recipe_router import By, Reason
from vision_qc.service.retraining import Side, compare, gather, set_anew
from vision_qc.service.runtime import GetRuntime
from vision_qc.service.same_site import same_site

Station = Annotated[str, Path(description="equipment id of the station")]
Product = Annotated[str, Path(description="name of the product")]


class ReviewedBody(BaseModel):
    """What is to be taken into a lesson beside the reviewed products."""

    passed: int = Field(
        0,
        ge=0,
        le=MOST_PICTURES,
        description="so many that passed unseen are taken for good, the newest first",
    )


class GatheredRow(BaseModel):
    """What was taken into a lesson."""

    good: int = Field(description="pictures to learn from")
    bad: int
    held_good: int = Field(description="pictures to compare on, one product in four; never learnt from")
    held_bad: int
    passed: int = Field(description="of the good ones, those that nobody has reviewed")
    missing: int = Field(description="reviewed products whose picture is not kept (any more)")


class SideRow(BaseModel):
    """How a recipe does on products that were held out."""

    good: int
    bad: int
    good_rejected: int
    good_looked_at: int = Field(description="good products that go to a person")
    bad_passed: int = Field(description="bad products that go on unseen")
    image_auroc: float | None = Field(description="null where there are only good or only bad ones")


class ComparisonAnswer(BaseModel):
    """The recipe in force and what was learnt, on the same pictures."""

    active_version: int | None = Field(description="null where none is in force")
    active: SideRow | None
    learnt: SideRow


class RecalibrateBody(BaseModel):
    """Who wants thresholds set anew, and to what."""

    by: By
    reason: Reason = ""
    target_fpr: float = Field(
        0.02, ge=0.001, le=0.2, description="share of good products that may be rejected"
    )


class LimitsRow(BaseModel):
    """Thresholds of the score."""

    review_from: float
    reject_from: float


class RecalibratedAnswer(BaseModel):
    """A new version, not yet in force, and both on reviewed products that were held out."""

    version: int
    before: LimitsRow
    after: LimitsRow
    scores: int = Field(description="good products that the new thresholds rest on, the unreviewed estimated")
    held_before: SideRow
    held_after: SideRow


def retrain_router(runtime: GetRuntime) -> APIRouter:
    """Make the router."""
    router = APIRouter(
        tags=["lessons"],
        dependencies=[Depends(same_site)],
        responses={404: {"description": "no such lesson, station or product"}},
    )
    change = [needs("recipe.change")]

    @router.post("/api/lessons/{key}/reviewed", status_code=201, dependencies=change)
    async def post_reviewed(key: str, asked: ReviewedBody) -> GatheredRow:
        """Take in what people said of this station's products: good ones, defects by their type."""
        parts = runtime()
        found = await asyncio.to_thread(
            gather, parts.lessons, key, parts.index, parts.pictures, passed=asked.passed
        )
        return GatheredRow(**asdict(found))

    @router.post("/api/lessons/{key}/comparison", dependencies=change)
    async def post_comparison(key: str) -> ComparisonAnswer:
        """Judge the held-out pictures with the recipe in force and with what was learnt."""
        parts = runtime()

        def work() -> ComparisonAnswer:
            lesson, learnt = parts.lessons.get(key), parts.lessons.recipe(key)
            good, bad = lesson.paths("held/good"), lesson.paths("held/bad")
            about, network = lesson.about, parts.inspector.network
            try:
                _, version = parts.library.choose(about.station, about.product)
            except UnknownStationError:
                return ComparisonAnswer(
                    active_version=None, active=None, learnt=_side(compare(learnt, good, bad, network))
                )
            active = parts.library.load(about.station, about.product, version).recipe
            return ComparisonAnswer(
                active_version=version,
                active=_side(compare(active, good, bad, network)),
                learnt=_side(compare(learnt, good, bad, network)),
            )

        return await asyncio.to_thread(work)

    @router.post(
        "/api/stations/{station:path}/recipes/{product}/recalibrate", status_code=201, dependencies=change
    )
    async def post_recalibrate(
        station: Station, product: Product, asked: RecalibrateBody
    ) -> RecalibratedAnswer:
        """Install the recipe in force anew with thresholds from what it judged since and from reviews.

        The new version is not in force before somebody activates it."""
        parts = runtime()
        name, version = parts.library.choose(station, product)
        found = await asyncio.to_thread(
            set_anew,
            parts.library,
            parts.index,
            station,
            name,
            version,
            target_fpr=asked.target_fpr,
            by=asked.by,
            reason=asked.reason,
        )
        before, after = (
            LimitsRow(review_from=limits.review, reject_from=limits.reject)
            for limits in (found.before, found.after)
        )
        return RecalibratedAnswer(
            version=found.release.version,
            before=before,
            after=after,
            scores=found.after.scores,
            held_before=_side(found.held_before),
            held_after=_side(found.held_after),
        )

    return router


def _side(side: Side) -> SideRow:
    return SideRow(**asdict(side))
