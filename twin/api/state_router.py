"""``GET /api/state``: last values for programs; the page gets them over the stream."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from twin.api.json_response import FastJson, numbers
from twin.api.moment import Moment, moment
from twin.api.past_state import PastStates
from twin.contract.clock import NS_PER_MS, Clock, to_iso
from twin.contract.errors import ParkTwinError
from twin.contract.status import quality
from twin.identity.guard import needs
from twin.park.model import Park
from twin.state.condition import Condition
from twin.state.last_values import NEVER
from twin.state.twin_state import TwinState

MAX_TAGS = 10_000


class UnknownEquipmentError(ParkTwinError, LookupError):
    """The park has no such equipment."""

    code: ClassVar[str] = "state.unknown_equipment"


class UnknownParkTagError(ParkTwinError, LookupError):
    """The park has no such tag."""

    code: ClassVar[str] = "state.unknown_tag"


class StateQuestionError(ParkTwinError, ValueError):
    """The question names neither tags nor equipment, or too many."""

    code: ClassVar[str] = "state.question"


class TagState(BaseModel):
    """A tag's last value with everything one must know to trust it."""

    tag: str
    value: float | None = Field(description="null where it is text or missing")
    text: str | None
    unit: str
    time: str | None = Field(description="source time, RFC 3339; null if there never was a value")
    status: int = Field(description="OPC UA status code, whole")
    quality: str = Field(description="good, uncertain or bad")
    age_ms: float | None = Field(description="now minus the source time")
    stale: bool = Field(description="true if it must not be taken for the present")
    simulated: bool = Field(description="true if a simulator said it")


class EquipmentState(BaseModel):
    """The condition of one machine."""

    id: str
    condition: str = Field(description="name of its condition, e.g. running, critical, stale")


class StateAnswer(BaseModel):
    """Last values at one moment."""

    time: str = Field(description="when it was answered, RFC 3339")
    equipment: list[EquipmentState]
    tags: list[TagState]


def state_router(
    park: Park, state: TwinState, clock: Clock, past: PastStates, questions: Executor
) -> APIRouter:
    """Make the router; ``past`` is asked in ``questions``."""
    router = APIRouter(tags=["state"], dependencies=[needs("state.read")])
    machines = {machine.id: index for index, machine in enumerate(park.equipment)}
    spans: dict[int, range] = {}
    for tag in park.tags:
        start = spans[tag.equipment].start if tag.equipment in spans else tag.index
        spans[tag.equipment] = range(start, tag.index + 1)

    @router.get(
        "/api/state",
        response_model=StateAnswer,
        responses={
            400: {"description": "nothing asked for, or too much, or a time that cannot be read"},
            404: {"description": "no such thing"},
            503: {"description": "of the past: the history or the database is away"},
        },
    )
    async def get_state(
        equipment: Annotated[
            list[str], Query(default_factory=list, description="equipment ids; all their tags")
        ],
        tag: Annotated[list[str], Query(default_factory=list, description="tags")],
        at: Moment = None,
    ) -> Response:
        """Return last values with time, status, age and whether to trust them; with `at` as they were
        then."""
        wanted: dict[int, None] = {}
        for name in equipment:
            if name not in machines:
                raise UnknownEquipmentError(f"equipment {name!r}: not in park {park.id!r}; see /api/park")
            wanted |= dict.fromkeys(spans.get(machines[name], ()))
        for name in tag:
            number = state.table.number.get(name)
            if number is None:
                raise UnknownParkTagError(f"tag {name!r}: not in park {park.id!r}; see /api/park")
            wanted[number] = None
        if not equipment and not tag:
            raise StateQuestionError("no equipment and no tag named; add ?equipment=<id> or ?tag=<tag>")
        if len(wanted) > MAX_TAGS:
            raise StateQuestionError(
                f"{len(wanted)} tags asked for; at most {MAX_TAGS} at once, or use the stream"
            )
        now, shown = clock(), state
        if at is not None:
            now = moment(at, now)
            shown = await asyncio.get_running_loop().run_in_executor(questions, past.at, list(wanted), now)
        return FastJson(
            {
                "time": to_iso(now),
                "equipment": [
                    {"id": name, "condition": Condition(shown.condition(machines[name])).name.lower()}
                    for name in equipment
                ],
                "tags": _tag_rows(shown, list(wanted), now),
            }
        )

    return router


def _tag_rows(state: TwinState, numbers_wanted: Sequence[int], now: int) -> list[dict[str, Any]]:
    picked = state.pick(list(numbers_wanted))
    names = state.tag_names
    rows = []
    for row, (number, value) in enumerate(zip(numbers_wanted, numbers(picked.value), strict=True)):
        time = int(picked.source_time[row])
        status = int(picked.status[row])
        known = time != NEVER
        rows.append(
            {
                "tag": names[number],
                "value": value,
                "text": picked.texts.get(row),
                "unit": state.table.unit[number],
                "time": to_iso(time) if known else None,
                "status": status,
                "quality": quality(status).name.lower(),
                "age_ms": (now - time) / NS_PER_MS if known else None,
                "stale": bool(picked.stale[row]),
                "simulated": bool(picked.simulated[row]),
            }
        )
    return rows
