"""Challenge checks over HTTP: the plan, how a station stands, pieces shown, the journal."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field

from twin.contract.clock import to_iso
from twin.contract.inspection import Truth
from twin.identity.guard import needs
from twin.identity.principal import WHO, Signed
from vision_qc.service.challenge import MOST_PIECES
from vision_qc.service.challenge_journal import Entry, Piece, Plan
from vision_qc.service.recipe_router import By, Reason
from vision_qc.service.rows import Text, told_block
from vision_qc.service.runtime import GetRuntime, Runtime
from vision_qc.service.same_site import same_site
from vision_qc.service.upload import read_body

MOST_ENTRIES: Final = 1000
Station = Annotated[str, Path(description="equipment id of the station")]
Product = Annotated[str | None, Query(description="may be left out where there is one")]
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            f"image/{form}": {"schema": {"type": "string", "format": "binary"}}
            for form in ("jpeg", "png", "bmp", "tiff")
        },
    }
}


class PieceBody(BaseModel):
    """A labelled piece that is kept beside the line."""

    piece: str = Field(min_length=1, max_length=64, description="as it is labelled")
    truth: Truth = Field(description="a good one must pass, a defective one must be rejected")


class PlanBody(BaseModel):
    """Which pieces a station must be shown, and when."""

    by: By
    reason: Reason = ""
    pieces: list[PieceBody] = Field(
        max_length=MOST_PIECES,
        description="a good and a defective one at least; empty = no check is asked for",
    )
    every_hours: float = Field(
        0,
        ge=0,
        le=24 * 31,
        description="a check holds so long; 0 = until start, changeover or change of recipe",
    )
    changeover: bool = Field(
        True, description="another product in between ends what was checked; false where products are mixed"
    )


class StandingAnswer(BaseModel):
    """How a station stands."""

    station: str
    product: str
    recipe_version: int
    blocked: bool = Field(description="no product passes while it is")
    why: Text
    pieces: list[PieceBody]
    every_hours: float
    changeover: bool
    shown: list[str] = Field(description="pieces judged right since the check began")
    passed_at: str | None = Field(description="when the last check was passed, RFC 3339")


class ShownAnswer(BaseModel):
    """What came of showing a piece; it is no inspection and counts in no rate."""

    piece: str
    truth: Truth
    verdict: str = Field(description="pass, review, reject or cannot_judge")
    score: float | None
    right: bool = Field(description="judged as it must be; one that is not ends the check and blocks")
    missing: list[str] = Field(description="pieces still to be shown")
    blocked: bool
    why: Text


class EntryRow(BaseModel):
    """An entry of the journal."""

    kind: str = Field(description="plan, blocked, shown, passed or failed")
    time: str = Field(description="RFC 3339")
    by: str
    why: str
    recipe_version: int
    piece: str
    truth: str
    verdict: str
    score: float | None
    picture_sha256: str
    pieces: list[PieceBody] | None = Field(description="of a plan")


def challenge_router(runtime: GetRuntime, *, most_bytes: int) -> APIRouter:
    """Make the router.

    Args:
        runtime: gives the parts.
        most_bytes: of a picture file.
    """
    router = APIRouter(
        tags=["challenge"],
        dependencies=[Depends(same_site)],
        responses={404: {"description": "no active recipe, or no plan, for this station or product"}},
        max_body_size=2 * most_bytes + (1 << 20),
    )
    read = [needs("inspection.read")]

    @router.get("/api/stations/{station:path}/challenge", dependencies=read)
    async def get_challenge(station: Station, product: Product = None) -> StandingAnswer:
        """Return whether a station is blocked, why, and which pieces it wants to see."""
        return _standing(runtime(), station, *runtime().library.choose(station, product))

    @router.post("/api/stations/{station:path}/challenge/plan", dependencies=[needs("recipe.change")])
    async def post_plan(station: Station, asked: PlanBody, product: Product = None) -> StandingAnswer:
        """Set the plan; a check is due at once."""
        parts = runtime()
        name, version = parts.library.choose(station, product)
        plan = Plan(
            pieces=tuple(Piece(piece=one.piece, truth=one.truth) for one in asked.pieces),
            every_s=asked.every_hours * 3600,
            changeover=asked.changeover,
        )
        await asyncio.to_thread(
            parts.challenges.set_plan, station, name, plan, by=asked.by, reason=asked.reason
        )
        return _standing(parts, station, name, version)

    @router.post(
        "/api/stations/{station:path}/challenge",
        dependencies=[needs("inspection.judge")],
        openapi_extra=_BODY,
    )
    async def post_piece(
        request: Request,
        station: Station,
        piece: Annotated[str, Query(min_length=1, max_length=64, description="as the plan names it")],
        by: Annotated[Signed, Query(min_length=1, max_length=200, description=WHO)],
        product: Product = None,
    ) -> ShownAnswer:
        """Show the station's picture of a labelled piece; the body is the file itself."""
        body = await read_body(request, most_bytes)
        parts = runtime()
        name, version = parts.library.choose(station, product)
        wanted = parts.challenges.piece(station, name, piece)
        judged = await parts.inspector.judge_only(station, name, version, body)
        shown = await asyncio.to_thread(parts.challenges.show, station, name, version, wanted, judged, by=by)
        return ShownAnswer(
            piece=piece,
            truth=wanted.truth,
            verdict=judged.verdict.value,
            score=judged.score,
            right=shown.right,
            missing=list(shown.missing),
            blocked=shown.block is not None,
            why=told_block("" if shown.block is None else shown.block.gate),
        )

    @router.get("/api/stations/{station:path}/challenge/journal", dependencies=read)
    async def get_journal(
        station: Station,
        product: Product = None,
        limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES, description="the last so many")] = 100,
    ) -> list[EntryRow]:
        """Return plans, blocks, pieces shown and what came of them, the oldest first."""
        name, _ = runtime().library.choose(station, product)
        entries = await asyncio.to_thread(runtime().challenges.journal, station, name)
        return [_entry_row(entry) for entry in entries[-limit:]]

    return router


def _standing(parts: Runtime, station: str, product: str, version: int) -> StandingAnswer:
    plan, block, shown, passed = parts.challenges.standing(station, product, version)
    return StandingAnswer(
        station=station,
        product=product,
        recipe_version=version,
        blocked=block is not None,
        why=told_block("" if block is None else block.gate),
        pieces=_pieces(plan),
        every_hours=plan.every_s / 3600,
        changeover=plan.changeover,
        shown=list(shown),
        passed_at=None if passed is None else to_iso(passed),
    )


def _pieces(plan: Plan) -> list[PieceBody]:
    return [PieceBody(piece=one.piece, truth=one.truth) for one in plan.pieces]


def _entry_row(entry: Entry) -> EntryRow:
    return EntryRow(
        kind=entry.kind,
        time=to_iso(entry.time),
        by=entry.by,
        why=entry.why,
        recipe_version=entry.version,
        piece=entry.piece,
        truth="" if entry.truth is None else entry.truth.value,
        verdict=entry.verdict,
        score=entry.score,
        picture_sha256=entry.picture_sha256,
        pieces=None if entry.plan is None else _pieces(entry.plan),
    )
