"""``GET /api/park/revisions``: which park was loaded when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import Engine

from twin.contract.clock import to_iso
from twin.identity.guard import needs
from twin.park.revisions import list_loadings


class LoadingRow(BaseModel):
    """One loading of a park; it was in force until the next one."""

    revision: str = Field(description="content hash of the park, as in /api/park")
    loaded_at: str = Field(description="RFC 3339, UTC")
    files: list[str] = Field(description="what it was read from, relative to the first one's folder")


def revisions_router(database: Callable[[], Engine]) -> APIRouter:
    """Make the router."""
    router = APIRouter(tags=["park"], dependencies=[needs("park.read")])

    @router.get("/api/park/revisions", responses={503: {"description": "the database is away"}})
    def get_revisions(
        limit: Annotated[int, Query(ge=1, le=1000, description="at most so many, the newest")] = 100,
    ) -> list[LoadingRow]:
        """Return the loadings of the park, newest first; a restart on the same park is none."""
        return [
            LoadingRow(
                revision=loading.revision, loaded_at=to_iso(loading.loaded_at), files=list(loading.files)
            )
            for loading in list_loadings(database(), limit=limit)
        ]

    return router
