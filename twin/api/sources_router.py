"""``GET /api/sources``: every source with what it says of itself, failed signals by name."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from twin.api.json_response import FastJson
from twin.api.source_rows import SourceRows
from twin.identity.guard import needs


class SourceConfigRow(BaseModel):
    """What the park file says of a source."""

    protocol: str
    endpoint: str
    publishing_interval_ms: float
    sampling_interval_ms: float
    items: int = Field(description="signals it is to be asked for")


class UnknownTags(BaseModel):
    """Tags that the source sends and the park does not take."""

    count: int
    listed: dict[str, str] = Field(description="some of them (at most 1,000) with the reason")


class SourceRow(BaseModel):
    """One source."""

    id: str
    display: dict[str, str]
    simulated: bool
    config: SourceConfigRow
    silent: bool = Field(description="true if three heartbeats are missing, or none ever came")
    heard_ms: float | None = Field(description="when its last heartbeat came, ms since the epoch")
    state: dict[str, Any] | None = Field(
        description="its newest heartbeat: connection, requested, monitored, readings, unsent, last_error, "
        "failed [{tag, node, status, reason}], conditions; times in ms since the epoch"
    )
    unknown_tags: UnknownTags


def sources_router(sources: SourceRows) -> APIRouter:
    """Make the router."""
    router = APIRouter(tags=["sources"], dependencies=[needs("source.read")])

    @router.get("/api/sources", response_model=list[SourceRow])
    async def get_sources() -> Response:
        """Return every source of the park: configuration, newest word, failed signals by name."""
        return FastJson(sources.rows())

    return router
