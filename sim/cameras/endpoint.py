"""The cameras over HTTP: which there are, the next piece's picture, a picture by serial number.

===================================================  =====================================================
``GET /cameras``                                     stations, sizes, kinds, counts
``GET /cameras/{station}/next?timeout=20&format=``   the next piece that nobody took yet; waits for it
``GET /cameras/{station}/next?after=17``             the oldest piece after capture 17; takes nothing away
``GET /cameras/{station}/picture/{serial}?format=``  the picture of a piece that is still kept
``GET /cameras/{station}/sample/{number}?product=``  a good piece of a product, set aside for teaching
``POST /cameras/{station}/gate/{serial}?goes_on=``   what an inspection says of a piece that lies there
===================================================  =====================================================

A picture comes with ``X-Serial-Number`` and ``X-Product`` (percent-encoded), ``X-Captured-At`` (RFC 3339),
``X-Capture`` (the number for ``after``) and ``X-Dropped`` (pieces of this camera that came and went while
nobody took them). Nothing else goes out with it: what is wrong with a piece is for an inspection to find.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from sim.cameras.errors import BadQueryError, CameraDeadError, CameraError, UnknownCameraError
from sim.cameras.feed import Capture, Feed
from sim.cameras.park_cameras import Format, ParkCameras
from twin.contract.clock import to_iso

MOST_TIMEOUT_S = 60.0
DEFAULT_TIMEOUT_S = 20.0
MOST_SAMPLES = 1000


def camera_router(cameras: ParkCameras) -> Router:
    """Make the routes under ``/cameras``, an ASGI app by itself, to be mounted at ``/``."""
    endpoint = _Endpoint(cameras)
    return Router(
        [
            Route("/cameras", endpoint.index),
            Route("/cameras/{station:path}/next", endpoint.next),
            Route("/cameras/{station:path}/picture/{serial}", endpoint.picture),
            Route("/cameras/{station:path}/sample/{number:int}", endpoint.sample),
            Route("/cameras/{station:path}/gate/{serial}", endpoint.gate, methods=["POST"]),
        ],
        default=endpoint.nothing,
    )


class _Endpoint:
    """What answers."""

    def __init__(self, cameras: ParkCameras) -> None:
        self._cameras = cameras

    async def index(self, _: Request) -> Response:
        return JSONResponse({"cameras": [_describe(feed) for feed in self._cameras.feeds.values()]})

    async def next(self, request: Request) -> Response:
        return await _answer(self._next(request))

    async def picture(self, request: Request) -> Response:
        return await _answer(self._picture(request))

    async def sample(self, request: Request) -> Response:
        return await _answer(self._sample(request))

    async def gate(self, request: Request) -> Response:
        return await _answer(self._gate(request))

    async def nothing(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        known = ", ".join(self._cameras.feeds) or "none"
        detail = (
            f"no {scope['path']} here; there are /cameras, /cameras/STATION/next, "
            "/cameras/STATION/picture/SERIAL, /cameras/STATION/sample/NUMBER and "
            f"/cameras/STATION/gate/SERIAL for the stations {known}"
        )
        await problem(HTTPStatus.NOT_FOUND, "not_found", detail)(scope, receive, send)

    async def _next(self, request: Request) -> Response:
        station = request.path_params["station"]
        feed, form = self._cameras.feed(station), _format(request)
        timeout_s = _number(request, "timeout", DEFAULT_TIMEOUT_S, MOST_TIMEOUT_S)
        after = request.query_params.get("after")
        after_number = None if after is None else int(_number(request, "after", 0, 2**53))
        capture = await _wait(feed, after_number, timeout_s, request)
        if capture is None:
            return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "no-store"})
        return await self._send(feed, capture, form, "no-store")

    async def _picture(self, request: Request) -> Response:
        station, serial = request.path_params["station"], request.path_params["serial"]
        feed, form = self._cameras.feed(station), _format(request)
        capture = feed.find(serial)
        if capture is None:
            kept = feed.serials()
            which = f"the {len(kept)} from {kept[0]} to {kept[-1]}" if kept else "none yet"
            raise UnknownCameraError(
                f"camera {station}: keeps no picture of serial number {serial!r}, only {which}; ask sooner"
            )
        return await self._send(feed, capture, form, "private, max-age=3600")

    async def _sample(self, request: Request) -> Response:
        station, number = request.path_params["station"], request.path_params["number"]
        feed, form = self._cameras.feed(station), _format(request)
        product = request.query_params.get("product", "")
        if not product or number > MOST_SAMPLES:
            raise BadQueryError(
                f"sample {number} of product {product!r}: name a product, and a number up to {MOST_SAMPLES}"
            )
        body = await self._cameras.sample(feed.camera.station, product, number, form)
        headers = {"X-Product": quote(product), "Cache-Control": "private, max-age=3600", "Vary": "Accept"}
        return Response(body, media_type=f"image/{form}", headers=headers)

    async def _gate(self, request: Request) -> Response:
        feed = self._cameras.feed(request.path_params["station"])
        goes_on = request.query_params.get("goes_on")
        if goes_on not in ("true", "false"):
            raise BadQueryError(f"goes_on={goes_on!r}: must be true or false")
        gate = self._cameras.gates[feed.camera.station]
        in_time = gate.tell(request.path_params["serial"], goes_on == "true")
        return JSONResponse({"in_time": in_time}, headers={"Cache-Control": "no-store"})

    async def _send(self, feed: Feed, capture: Capture, form: Format, cache: str) -> Response:
        station, piece = feed.camera.station, capture.piece
        body = await self._cameras.picture(station, capture, form)
        headers = {
            "X-Serial-Number": quote(piece.serial),
            "X-Product": quote(piece.product),
            "X-Captured-At": to_iso(piece.time_ns),
            "X-Capture": str(capture.number),
            "X-Dropped": str(feed.dropped),
            "Cache-Control": cache,
            "Vary": "Accept",
        }
        return Response(body, media_type=f"image/{form}", headers=headers)


async def _wait(feed: Feed, after: int | None, timeout_s: float, request: Request) -> Capture | None:
    """Wait for a capture; None if none came in time or the client has left.

    A piece is taken only for a client that is still there: a picture sent to one that gave up would be lost.
    """
    gone = asyncio.create_task(_gone(request))
    takes = after is None and request.method == "GET"
    loop = asyncio.get_running_loop()
    ends = loop.time() + timeout_s
    try:
        with feed.listening() as news:
            gone.add_done_callback(lambda _: news.set())
            await asyncio.sleep(0)  # a client that left already is noticed now
            while not gone.done():
                news.clear()
                capture = feed.take() if takes else feed.peek(after)
                if capture is not None:
                    return capture
                async with asyncio.timeout_at(ends):
                    await news.wait()
    except TimeoutError:
        return None
    finally:
        gone.cancel()
    return None


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _answer(work: Awaitable[Response]) -> Response:
    """Turn what can be explained into a problem response (RFC 9457)."""
    try:
        return await work
    except CameraDeadError as error:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, error.code, str(error), {"Retry-After": "5"})
    except CameraError as error:
        if isinstance(error, LookupError):
            return problem(HTTPStatus.NOT_FOUND, error.code, str(error))
        if isinstance(error, BadQueryError):
            return problem(HTTPStatus.BAD_REQUEST, error.code, str(error))
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, error.code, str(error))


def problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Build a problem response: ``{type, title, status, code, detail}``."""
    body = {
        "type": f"urn:parktwin:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
    }
    return JSONResponse(body, int(status), headers, media_type="application/problem+json")


def _describe(feed: Feed) -> dict[str, object]:
    """What a client may know of a camera; not its faults, and nothing of its pieces."""
    source = feed.camera.source
    width, height = source.size
    return {
        "station": feed.camera.station,
        "width": width,
        "height": height,
        "channels": 3 if source.colour else 1,
        "source": source.name,
        "kind": "real" if source.real else "synthetic",
        "defect_types": list(source.defects),
        "seen": feed.seen,
        "waiting": feed.waiting,
        "dropped": feed.dropped,
        "lost": feed.lost,
        "next": f"/cameras/{quote(feed.camera.station)}/next",
    }


def _format(request: Request) -> Format:
    """Choose JPEG or PNG: the query's ``format`` wins over ``Accept``; JPEG if both will do."""
    asked = request.query_params.get("format")
    if asked is not None:
        if asked in ("jpeg", "jpg"):
            return "jpeg"
        if asked == "png":
            return "png"
        raise BadQueryError(f"format={asked!r}: pictures come as jpeg or png; ask for one of these")
    weights = {"image/jpeg": 0.0, "image/png": 0.0}
    for item in request.headers.get("accept", "*/*").split(","):
        kind, _, parameters = item.strip().partition(";")
        weight = _weight(parameters)
        for name in weights:
            if kind.strip() in (name, "image/*", "*/*"):
                weights[name] = max(weights[name], weight)
    if not any(weights.values()):
        raise BadQueryError(
            f"Accept {request.headers['accept']!r}: pictures come as image/jpeg or image/png; accept one"
        )
    return "png" if weights["image/png"] > weights["image/jpeg"] else "jpeg"


def _weight(parameters: str) -> float:
    """Read the ``q`` of an Accept item; 1 unless it is given."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _number(request: Request, name: str, default: float, most: float) -> float:
    """Read a number from the query."""
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise BadQueryError(f"{name}={text!r}: must be a number from 0 to {most:g}")
    return value
