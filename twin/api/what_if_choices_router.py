"""``GET /api/what-if/choices``: what can be changed in a what-if, so that nobody has to guess."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from twin.identity.guard import needs
from twin.networks.changes import LONGEST_H, with_breaker
from twin.park.model import Park


class ChoicesAnswer(BaseModel):
    """What a what-if takes."""

    breakers: list[str] = Field(description="ids of equipment that can be opened or derated")
    elements: list[str] = Field(description="ids of equipment that something hangs on, which can be lost")
    lines: list[str] = Field(description="ids of lines whose output can be changed")
    longest_h: float = Field(description="for how long at most")


def what_if_choices_router(park: Park) -> APIRouter:
    """Make the router."""
    router = APIRouter(tags=["what-if"], dependencies=[needs("what_if.ask")])

    @router.get("/api/what-if/choices")
    def get_choices() -> ChoicesAnswer:
        """Return what can be opened, lost, derated, or made more or less of."""
        upstream = {link.upstream for link in park.links}
        return ChoicesAnswer(
            breakers=sorted(with_breaker(park.networks)),
            elements=[one.id for one in park.equipment if one.id in upstream],
            lines=[place.id for place in park.places if place.level == "line"],
            longest_h=LONGEST_H,
        )

    return router
