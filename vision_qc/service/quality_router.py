"""Charts, drift, agreement and rates of a station over HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from twin.identity.guard import needs
from vision_qc.baseline import Baseline
from vision_qc.service.index import MOST_ROWS
from vision_qc.service.quality import (
    DRIFT_WINDOW,
    agreements,
    charts,
    estimate_rates,
    find_drift,
    last_inspections,
)
from vision_qc.service.recipe_library import Release
from vision_qc.service.runtime import GetRuntime

MOST_INSPECTIONS = 20_000
Station = Annotated[str, Path(description="equipment id of the station")]
Product = Annotated[str | None, Query(description="may be left out where there is one")]
Window = Annotated[int, Query(ge=1, le=MOST_INSPECTIONS, description="the last so many inspections")]


class StatisticsAnswer(BaseModel):
    """A statistic and what it rests on; see the modules of ``vision_qc.spc`` for what the fields mean."""

    station: str
    product: str
    recipe_version: int
    inspections: int = Field(description="how many it rests on")
    result: dict[str, Any] | None = Field(description="null where there are too few to say anything")


def quality_router(runtime: GetRuntime) -> APIRouter:
    """Make the router."""
    router = APIRouter(
        tags=["quality"],
        dependencies=[needs("inspection.read")],
        responses={404: {"description": "no active recipe for this station or product"}},
    )

    def active(station: str, product: str | None) -> tuple[Release, Baseline | None]:
        library = runtime().library
        return library.baseline(station, *library.choose(station, product))

    def answer(release: Release, inspections: int, result: dict[str, Any] | None) -> StatisticsAnswer:
        return StatisticsAnswer(
            station=release.station,
            product=release.product,
            recipe_version=release.version,
            inspections=inspections,
            result=result,
        )

    @router.get("/api/stations/{station:path}/charts")
    async def get_charts(
        station: Station,
        product: Product = None,
        window: Window = 2000,
        subgroup: Annotated[int, Query(ge=2, le=1000, description="inspections in a point")] = 50,
        laney: Annotated[bool, Query(description="limits by Laney's p' instead of p")] = True,
    ) -> StatisticsAnswer:
        """The share of rejects (p chart, ISO 7870-2) and the score (EWMA, ISO 7870-6), by the active recipe.

        A recipe without a baseline has no chart of the score."""

        def work() -> StatisticsAnswer:
            release, baseline = active(station, product)
            rows = last_inspections(runtime().index, station, release.product, window, release.sha256)
            drawn = charts(rows, baseline, subgroup=subgroup, laney=laney)
            return answer(release, len(rows), asdict(drawn))

        return await asyncio.to_thread(work)

    @router.get("/api/stations/{station:path}/drift")
    async def get_drift(
        station: Station, product: Product = None, window: Window = DRIFT_WINDOW
    ) -> StatisticsAnswer:
        """Whether pictures and scores are still like those taught."""

        def work() -> StatisticsAnswer:
            release, baseline = active(station, product)
            rows = last_inspections(runtime().index, station, release.product, window, release.sha256)
            found = find_drift(rows, baseline)
            return answer(release, len(rows), asdict(found) | {"alarms": found.alarms})

        return await asyncio.to_thread(work)

    @router.get("/api/stations/{station:path}/agreement")
    async def get_agreement(
        station: Station,
        product: Product = None,
        window: Annotated[
            int, Query(ge=1, le=MOST_ROWS, description="the last so many reviewed")
        ] = MOST_ROWS,
    ) -> StatisticsAnswer:
        """Attribute agreement between the camera and people, and of people among each other (AIAG MSA)."""

        def work() -> StatisticsAnswer:
            release, _ = active(station, product)
            told = [
                row for row in runtime().index.reviewed(station, window) if row[0].product == release.product
            ]
            found = agreements(told)
            return answer(release, len(told), {name: asdict(row) for name, row in found.items()} or None)

        return await asyncio.to_thread(work)

    @router.get("/api/stations/{station:path}/rates")
    async def get_rates(station: Station, product: Product = None, window: Window = 2000) -> StatisticsAnswer:
        """False rejects and escapes by what people said afterwards, with intervals."""

        def work() -> StatisticsAnswer:
            release, _ = active(station, product)
            rows = last_inspections(runtime().index, station, release.product, window)
            reviews = runtime().index.reviews(row.id for row in rows)
            return answer(release, len(rows), asdict(estimate_rates(rows, reviews)))

        return await asyncio.to_thread(work)

    return router
