"""``GET /api/park``: the asset table that the page lays everything else over."""

from __future__ import annotations

import gzip
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, Field

from twin.identity.guard import needs
from twin.park.model import EquipmentKind, Name, Park, SignalKind


class ParkTags(BaseModel):
    """The tags in columns of one length, in the order of their dense numbers."""

    tag: list[str] = Field(description="<equipment id>:<signal>")
    equipment: list[int] = Field(description="index into equipment")
    signal: list[str] = Field(description="name of the signal within the equipment's kind")
    source: list[str] = Field(description="id of the source that feeds it, empty if none does")
    overrides: dict[str, dict[str, Any]] = Field(
        description="by tag number: the signal as this equipment has it, where that differs from its kind"
    )


class ParkDocument(BaseModel):
    """The park as the page needs it."""

    id: str
    display: dict[str, str] = Field(description="name in vi and en")
    timezone: str = Field(description="IANA name")
    revision: str = Field(description="content hash of the park; the stream's frames carry it")
    kinds: dict[str, Any] = Field(description="kinds of equipment by name: display, shape, signals")
    places: list[dict[str, Any]] = Field(description="hierarchy above equipment: id, level, display")
    equipment: list[dict[str, Any]] = Field(description="machines; tags of one follow one another")
    tags: ParkTags
    sources: list[dict[str, Any]]
    links: list[dict[str, Any]] = Field(description="what feeds what, over which network")
    site: list[dict[str, Any]] = Field(description="ground, roads and halls")


def park_document(park: Park) -> dict[str, Any]:
    """Write a park as the plain data that ``GET /api/park`` answers with."""
    first: dict[int, int] = {}
    count: dict[int, int] = {}
    overrides: dict[str, dict[str, Any]] = {}
    kind_signals = {
        id(machine.kind): {signal.name: signal for signal in machine.kind.signals}
        for machine in park.equipment
    }
    for tag in park.tags:
        first.setdefault(tag.equipment, tag.index)
        count[tag.equipment] = count.get(tag.equipment, 0) + 1
        if kind_signals[id(park.equipment[tag.equipment].kind)].get(tag.signal.name) != tag.signal:
            overrides[str(tag.index)] = _signal(tag.signal)
    return {
        "id": park.id,
        "display": _name(park.display),
        "timezone": park.timezone,
        "revision": park.revision,
        "kinds": {machine.kind.name: _kind(machine.kind) for machine in park.equipment},
        "places": [
            {"id": place.id, "level": place.level, "display": _name(place.display)} for place in park.places
        ],
        "equipment": [
            {
                "index": index,
                "id": machine.id,
                "kind": machine.kind.name,
                "display": _name(machine.display),
                "position": machine.position,
                "size": machine.size,
                "rotation_deg": machine.rotation_deg,
                "simulated": machine.simulated,
                "note": None if machine.note is None else _name(machine.note),
                "first_tag": first.get(index, 0),
                "tag_count": count.get(index, 0),
            }
            for index, machine in enumerate(park.equipment)
        ],
        "tags": {
            "tag": [tag.tag for tag in park.tags],
            "equipment": [tag.equipment for tag in park.tags],
            "signal": [tag.signal.name for tag in park.tags],
            "source": [tag.source for tag in park.tags],
            "overrides": overrides,
        },
        "sources": [
            {"id": source.id, "display": _name(source.display), "simulated": source.simulated}
            for source in park.sources
        ],
        "links": [asdict(link) for link in park.links],
        "site": [asdict(element) for element in park.site],
    }


def park_router(park: Park) -> APIRouter:
    """Make the router; the answer is encoded once."""
    router = APIRouter(tags=["park"], dependencies=[needs("park.read")])
    body = msgspec.json.encode(park_document(park))
    packed = gzip.compress(body, 6, mtime=0)
    etag = f'W/"{park.revision}"'  # weak: packed or not, it is the same park

    @router.get("/api/park", response_model=ParkDocument, responses={304: {"description": "not changed"}})
    async def get_park(
        if_none_match: Annotated[str | None, Header(description="revision the caller has")] = None,
        accept_encoding: Annotated[str, Header()] = "",
    ) -> Response:
        """Return the asset table: kinds, places, equipment, tags, sources, links and the site."""
        headers = {"etag": etag, "cache-control": "no-cache"}
        if if_none_match is not None and f'"{park.revision}"' in if_none_match:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if "gzip" in accept_encoding:
            headers |= {"content-encoding": "gzip", "vary": "Accept-Encoding"}
            return Response(packed, headers=headers, media_type="application/json")
        return Response(body, headers=headers, media_type="application/json")

    return router


def _name(name: Name) -> dict[str, str]:
    return {"vi": name.vi, "en": name.en}


def _kind(kind: EquipmentKind) -> dict[str, Any]:
    return {
        "display": _name(kind.display),
        "shape": kind.shape,
        "signals": [_signal(signal) for signal in kind.signals],
    }


def _signal(signal: SignalKind) -> dict[str, Any]:
    return asdict(signal)
