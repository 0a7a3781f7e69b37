"""The services behind the desks of the page, reached through the twin: one origin, one door, one policy.

DeskError (ConnectionError)   a service does not answer, or is not configured
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, ClassVar, Final

import httpx
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi import Path as PathParameter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException

from twin.api.alarm_actions_router import same_site
from twin.contract.errors import ParkTwinError
from twin.identity.gate import secret_of
from twin.identity.guard import STATE, needs
from twin.identity.permissions import PermissionName
from twin.identity.principal import DEMO, Principal
from twin.service.tls import side_at_fault

CONNECT_S: Final = 2.0
ANSWER_S: Final = 120.0
"""A plan may take 20 s, and a taught recipe is large."""
MOST_PASSED_BYTES: Final = 257 << 20
"""Of a question: a taught recipe is as large; what it may really be is the service's to say."""
MOST_AT_A_TIME: Final = 64
"""Questions under way to one service; more wait so long as to connect, then are refused."""

_ASKED: Final = ("accept", "content-type", "content-length", "if-none-match")
_TOLD: Final = ("content-type", "cache-control", "content-disposition", "etag", "retry-after")

READS: Final[Mapping[str, PermissionName]] = {
    "quality": "inspection.read",
    "maintenance": "maintenance.read",
}
"""What somebody needs to sit at a desk."""
OF_INSPECTION: Final = ("stations", "inspections", "review-queue", "lessons")
"""What of the inspection service the page reads; health and metrics are no desk's business."""

Pass = Callable[[Request], Awaitable[StreamingResponse]]
Rest = Annotated[str, PathParameter(description="path of the service, as its own /api/docs tells it")]


class DeskError(ParkTwinError, ConnectionError):
    """A service behind a desk cannot be reached."""

    code: ClassVar[str] = "desk.away"


@dataclass(frozen=True, slots=True)
class DeskService:
    """A service that a desk of the page speaks to.

    Args:
        desk: name of the desk.
        address: ``https://...``, or a file that holds it; "" = there is none.
        token: access token of the service, "" for none.
        below: path of the service that its routes stand under.
        trust: whom it is believed by, and what is shown to it; None = as the machine has it.
    """

    desk: str
    address: str
    token: str
    below: str
    trust: ssl.SSLContext | None = None

    def away(self, base: str, error: httpx.HTTPError) -> str:
        """Say that it does not answer, and which side has to do something where TLS is why."""
        why = side_at_fault(error)
        more = f": {why}" if why else f" ({type(error).__name__}); see its log"
        return f"desk {self.desk}: its service at {base} does not answer{more}"

    def url(self) -> str:
        """Where the service is now.

        Raises:
            DeskError: it is not configured, or has not written its address yet.
        """
        if not self.address:
            raise DeskError(
                f"desk {self.desk}: no service is configured; set PARKTWIN_{self.desk.upper()}_SERVICE"
            )
        if self.address.startswith(("http://", "https://")):
            return self.address.rstrip("/")
        try:
            return Path(self.address).read_text().strip()
        except OSError as error:
            raise DeskError(
                f"desk {self.desk}: its service is not running (no {self.address}: {error.strerror}); "
                "see its log"
            ) from error


class DesksAnswer(BaseModel):
    """The desks of the page."""

    desks: list[str] = Field(description="twin, and those whose service is configured: quality, maintenance")


class Passage:
    """Passes questions on to services, and their answers back, as streams.

    Only what an answer is made of is passed on: of the page its session, so that a service writes down who it
    was, and no header of a service reaches the page but its type, its caching and its Retry-After.
    """

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self._client = httpx.AsyncClient(
            verify=True if trust is None else trust,
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S, pool=CONNECT_S),
            limits=httpx.Limits(max_connections=MOST_AT_A_TIME, max_keepalive_connections=8),
            trust_env=False,
        )

    async def ask(self, service: DeskService, prefix: str, request: Request) -> StreamingResponse:
        """Ask a service for what the page asked for.

        Args:
            service: to be asked.
            prefix: of the twin's path, in place of which stands what the service has its routes below.
            request: of the page.

        Raises:
            DeskError: nobody answers.
        """
        base = await asyncio.to_thread(service.url)
        asked = {name: request.headers[name] for name in _ASKED if name in request.headers}
        principal: Principal | None = request.scope.get(STATE)
        signed_in = principal is not None and principal.key  # then the service knows them too, by name
        if secret := secret_of(request.headers) if signed_in else service.token:
            asked["authorization"] = f"Bearer {secret}"
        path = bytes(request.scope["raw_path"]).removeprefix(prefix.encode())
        query = bytes(request.scope["query_string"])
        question = self._client.build_request(
            request.method,
            httpx.URL(base).copy_with(
                raw_path=service.below.encode() + path + (b"?" + query if query else b"")
            ),
            headers=asked | {"accept-encoding": "identity"},
            content=request.stream() if request.method == "POST" else None,
        )
        try:
            answer = await self._client.send(question, stream=True)
        except httpx.HTTPError as error:
            raise DeskError(service.away(base, error)) from error
        told = {name: answer.headers[name] for name in _TOLD if name in answer.headers}
        return StreamingResponse(
            answer.aiter_raw(), answer.status_code, told, background=BackgroundTask(answer.aclose)
        )

    async def close(self) -> None:
        """End what is under way."""
        await self._client.aclose()


def desk_router(services: Iterable[DeskService]) -> APIRouter:
    """Make the router; the services have one trust."""
    known = {service.desk: service for service in services}
    passage = Passage(next((service.trust for service in known.values()), None))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await passage.close()

    router = APIRouter(tags=["desks"], lifespan=lifespan, max_body_size=MOST_PASSED_BYTES)

    @router.get("/api/desks", dependencies=[needs("park.read")])
    async def get_desks(request: Request) -> DesksAnswer:
        """List the desks that whoever asks may sit at."""
        principal: Principal = request.scope.get(STATE) or DEMO
        there = [name for name, one in known.items() if one.address and READS[name] in principal.permissions]
        return DesksAnswer(desks=["twin", *there])

    async def of_inspection(request: Request) -> StreamingResponse:
        return await passage.ask(known["quality"], "/api/qc", request)

    async def of_maintenance(request: Request) -> StreamingResponse:
        return await passage.ask(known["maintenance"], "/api/maintenance", request)

    _add_quality(router, of_inspection)
    _add_maintenance(router, of_maintenance)
    return router


def _add_quality(router: APIRouter, of_inspection: Pass) -> None:
    @router.get(
        "/api/qc/{path:path}", response_class=StreamingResponse, dependencies=[needs("inspection.read")]
    )
    async def get_qc(path: Rest, request: Request) -> StreamingResponse:
        """Ask the inspection service for what is at ``/api/{path}`` there."""
        if path.split("/")[0] not in OF_INSPECTION:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"{path}: is none of {', '.join(OF_INSPECTION)}")
        return await of_inspection(request)

    @router.post(
        "/api/qc/inspections/{path:path}",
        response_class=StreamingResponse,
        dependencies=[Depends(same_site), needs("inspection.review")],
    )
    async def post_inspection(path: Rest, request: Request) -> StreamingResponse:
        """Say what a product really was, or judge its picture again; ``/api/inspections/{path}`` there."""
        return await of_inspection(request)

    @router.post(
        "/api/qc/stations/{station:path}/recipes/{path:path}",
        response_class=StreamingResponse,
        dependencies=[Depends(same_site), needs("recipe.change")],
    )
    async def post_recipe(station: Rest, path: Rest, request: Request) -> StreamingResponse:
        """Change recipes; ``/api/stations/{station}/recipes/{path}`` there."""
        return await of_inspection(request)

    @router.post(
        "/api/qc/stations/{station:path}/challenge",
        response_class=StreamingResponse,
        dependencies=[Depends(same_site), needs("inspection.judge")],
    )
    async def post_piece(station: Rest, request: Request) -> StreamingResponse:
        """Show a station's picture of a labelled piece; ``/api/stations/{station}/challenge`` there."""
        return await of_inspection(request)

    @router.post(
        "/api/qc/stations/{station:path}/challenge/plan",
        response_class=StreamingResponse,
        dependencies=[Depends(same_site), needs("recipe.change")],
    )
    async def post_challenge_plan(station: Rest, request: Request) -> StreamingResponse:
        """Say which pieces a station must be shown; the same route there."""
        return await of_inspection(request)

    @router.post(
        "/api/qc/lessons",
        response_class=StreamingResponse,
        dependencies=[Depends(same_site), needs("recipe.change")],
    )
    async def post_lesson(request: Request) -> StreamingResponse:
        """Begin to teach a product; ``/api/lessons`` there."""
        return await of_inspection(request)

    @router.post(
        "/api/qc/lessons/{path:path}",
        response_class=StreamingResponse,
        dependencies=[Depends(same_site), needs("recipe.change")],
    )
    async def post_of_lesson(path: Rest, request: Request) -> StreamingResponse:
        """Send pictures, teach, try and install; ``/api/lessons/{path}`` there."""
        return await of_inspection(request)


def _add_maintenance(router: APIRouter, of_maintenance: Pass) -> None:
    @router.get(
        "/api/maintenance/{path:path}",
        response_class=StreamingResponse,
        dependencies=[needs("maintenance.read")],
    )
    async def get_maintenance(path: Rest, request: Request) -> StreamingResponse:
        """Ask the maintenance service for what is at ``/api/maintenance/{path}`` there."""
        return await of_maintenance(request)

    @router.post(
        "/api/maintenance/outcomes",
        response_class=StreamingResponse,
        dependencies=[Depends(same_site), needs("maintenance.report")],
    )
    async def post_outcome(request: Request) -> StreamingResponse:
        """Report what became of a machine; the same route there."""
        return await of_maintenance(request)

    @router.post(
        "/api/maintenance/work-orders/decisions",
        response_class=StreamingResponse,
        dependencies=[Depends(same_site), needs("maintenance.plan")],
    )
    async def post_decision(request: Request) -> StreamingResponse:
        """Accept, move, reject or withdraw a work order; the same route there."""
        return await of_maintenance(request)
