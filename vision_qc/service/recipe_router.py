"""Recipes over HTTP: which there are, install, activate, roll back."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from twin.contract.clock import to_iso
from twin.identity.guard import needs
from twin.identity.principal import WHO, Signed
from vision_qc.errors import RequestError
from vision_qc.service.recipe_library import Activation, RecipeFiles, RecipeLibrary, Release
from vision_qc.service.runtime import GetRuntime
from vision_qc.service.same_site import same_site
from vision_qc.service.upload import is_form, read_body, take_apart

MOST_RECIPE_BYTES: Final = 256 << 20
_READ_S: Final = 120.0

Station = Annotated[str, Path(description="equipment id of the station")]
Product = Annotated[str, Path(description="name of the product")]
By = Annotated[Signed, Field(min_length=1, max_length=200, description=WHO)]
Reason = Annotated[str, Field(max_length=2000, description="in words")]


class ReleaseRow(BaseModel):
    """One version of a recipe."""

    station: str
    product: str
    version: int
    sha256: str
    by: str
    reason: str
    installed_at: str = Field(description="RFC 3339")
    mm_per_px: float | None
    active: bool


class ActivationRow(BaseModel):
    """A version became the one to judge with."""

    version: int
    by: str
    reason: str
    activated_at: str = Field(description="RFC 3339")


class RecipeAnswer(BaseModel):
    """The recipe of a product: its versions, and what was active when; both the oldest first."""

    versions: list[ReleaseRow]
    activations: list[ActivationRow]


class StationsAnswer(BaseModel):
    """The stations that have an active recipe."""

    stations: dict[str, dict[str, int]] = Field(description="by station and product the active version")


class ChangeBody(BaseModel):
    """Who wants a change, and why."""

    by: By
    reason: Reason = ""


class ActivateBody(ChangeBody):
    """The same, with the version."""

    version: int = Field(ge=1)


_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["recipe", "arrays"],
                    "properties": {
                        name: {"type": "string", "format": "binary"}
                        for name in ("recipe", "arrays", "baseline")
                    },
                }
            }
        },
    }
}
_UNKNOWN: Final[dict[int | str, dict[str, Any]]] = {
    404: {"description": "no such station, product or version"}
}


def recipe_router(runtime: GetRuntime) -> APIRouter:
    """Make the router."""
    router = APIRouter(
        tags=["recipes"],
        dependencies=[Depends(same_site)],
        responses=_UNKNOWN,
        max_body_size=MOST_RECIPE_BYTES + (1 << 20),
    )

    @router.get("/api/stations", dependencies=[needs("inspection.read")])
    async def get_stations() -> StationsAnswer:
        """List the stations that can inspect."""
        return StationsAnswer(stations=runtime().library.stations())

    @router.get("/api/stations/{station:path}/recipes/{product}", dependencies=[needs("inspection.read")])
    async def get_recipe(station: Station, product: Product) -> RecipeAnswer:
        """List the versions of a recipe and what was active when."""
        return await asyncio.to_thread(_recipe_answer, runtime().library, station, product)

    @router.post(
        "/api/stations/{station:path}/recipes/{product}",
        status_code=201,
        dependencies=[needs("recipe.change")],
        openapi_extra=_BODY,
    )
    async def post_recipe(
        request: Request,
        station: Station,
        product: Product,
        by: Annotated[Signed, Query(min_length=1, max_length=200, description=WHO)],
        reason: Annotated[str, Query(max_length=2000, description="in words")] = "",
        mm_per_px: Annotated[float | None, Query(gt=0, le=1000, description="scale of the camera")] = None,
        activate: Annotated[bool, Query(description="judge with it from now on")] = False,
    ) -> ReleaseRow:
        """Install a taught recipe as the next version: a form with the parts ``recipe`` (recipe.json),
        ``arrays`` (arrays.npz) and, for drift, ``baseline`` (baseline.json)."""
        if not is_form(request):
            raise RequestError("recipe: send multipart/form-data with the parts recipe and arrays")
        body = await read_body(request, MOST_RECIPE_BYTES, _READ_S)
        parts = await asyncio.to_thread(take_apart, request.headers["content-type"], body)
        if missing := {"recipe", "arrays"} - parts.keys():
            raise RequestError(f"recipe: the form has no part {', '.join(sorted(missing))}")
        files = RecipeFiles(parts["recipe"], parts["arrays"], parts.get("baseline"))

        def install() -> ReleaseRow:
            library = runtime().library
            release = library.install(station, product, files, by=by, reason=reason, mm_per_px=mm_per_px)
            if activate:
                runtime().library.activate(station, product, release.version, by=by, reason=reason)
            return _release_row(release, active=activate)

        return await asyncio.to_thread(install)

    @router.post(
        "/api/stations/{station:path}/recipes/{product}/activate", dependencies=[needs("recipe.change")]
    )
    async def post_activate(station: Station, product: Product, asked: ActivateBody) -> ActivationRow:
        """Judge with a version from the next picture on."""
        return _activation_row(
            await asyncio.to_thread(
                runtime().library.activate, station, product, asked.version, by=asked.by, reason=asked.reason
            )
        )

    @router.post(
        "/api/stations/{station:path}/recipes/{product}/roll-back", dependencies=[needs("recipe.change")]
    )
    async def post_roll_back(station: Station, product: Product, asked: ChangeBody) -> ActivationRow:
        """Judge again with the version that was active before."""
        return _activation_row(
            await asyncio.to_thread(
                runtime().library.roll_back, station, product, by=asked.by, reason=asked.reason
            )
        )

    return router


def _recipe_answer(library: RecipeLibrary, station: str, product: str) -> RecipeAnswer:
    active = library.stations().get(station, {}).get(product)
    return RecipeAnswer(
        versions=[
            _release_row(release, active=release.version == active)
            for release in library.releases(station, product)
        ],
        activations=[_activation_row(entry) for entry in library.activations(station, product)],
    )


def _release_row(release: Release, *, active: bool) -> ReleaseRow:
    return ReleaseRow(
        station=release.station,
        product=release.product,
        version=release.version,
        sha256=release.sha256,
        by=release.by,
        reason=release.reason,
        installed_at=to_iso(release.time),
        mm_per_px=release.mm_per_px,
        active=active,
    )


def _activation_row(entry: Activation) -> ActivationRow:
    return ActivationRow(
        version=entry.version, by=entry.by, reason=entry.reason, activated_at=to_iso(entry.time)
    )
