"""``POST /api/stations/{station}/inspect``: a picture in, a verdict out."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.exceptions import HTTPException

from twin.contract.clock import from_iso
from twin.identity.guard import needs
from vision_qc.errors import ImageError, RequestError
from vision_qc.service.inspector import Answer, Asked
from vision_qc.service.metrics import InspectMetrics
from vision_qc.service.room import Room
from vision_qc.service.rows import InspectAnswer, inspection_row
from vision_qc.service.runtime import GetRuntime
from vision_qc.service.same_site import same_site
from vision_qc.service.upload import field, is_form, read_body, take_apart, told_size

SERIAL: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,128}")
RETRY_AFTER_S: Final = 1
_FORM_SLACK: Final = 64 << 10
"""What boundaries and short fields may add to a picture [bytes]."""

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            **{
                f"image/{form}": {"schema": {"type": "string", "format": "binary"}}
                for form in ("jpeg", "png", "bmp", "tiff")
            },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["picture"],
                    "properties": {
                        "picture": {"type": "string", "format": "binary"},
                        **{name: {"type": "string"} for name in ("serial", "product", "captured")},
                    },
                }
            },
        },
    }
}
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    400: {"description": "no picture that a station may send (code vision.image...), or no serial number"},
    404: {"description": "no active recipe for this station or product; the text lists the known"},
    408: {"description": "the body did not come in time"},
    413: {"description": "more bytes than are taken"},
    503: {"description": "too many pictures at a time; come again after Retry-After seconds"},
}


def inspect_router(
    runtime: GetRuntime, metrics: InspectMetrics, *, most_bytes: int, waiting: int, waiting_bytes: int
) -> APIRouter:
    """Make the router.

    Args:
        runtime: gives the verdicts.
        metrics: counts them.
        most_bytes: of a picture file.
        waiting, waiting_bytes: pictures taken in at a time; bound memory.
    """
    router = APIRouter(
        tags=["inspection"],
        dependencies=[needs("inspection.judge"), Depends(same_site)],
        max_body_size=2 * most_bytes + _FORM_SLACK,  # the route itself says more exactly what is too much
    )
    room = Room(waiting, waiting_bytes)

    @router.post(
        "/api/stations/{station:path}/inspect",
        response_model=InspectAnswer,
        responses=_REFUSED,
        openapi_extra=_BODY,
    )
    async def post_inspect(
        request: Request,
        station: Annotated[str, Path(description="equipment id of the station")],
        serial: Annotated[
            str | None, Query(description="serial number; or header X-Serial-Number, or a form field")
        ] = None,
        product: Annotated[
            str | None, Query(description="or header X-Product; may be left out where there is one")
        ] = None,
        captured: Annotated[
            str | None, Query(description="RFC 3339, by the station's clock; or header X-Captured-At")
        ] = None,
        simulated: Annotated[bool, Query(description="a simulator made the picture")] = False,
    ) -> InspectAnswer:
        """Judge a picture of a product; the body is the file itself, or a form with the part ``picture``.

        The verdict is on disk before it is told. The same picture of the same serial number gives the same
        inspection again (``repeated``), so a station that heard no answer just asks again.
        """
        size = told_size(request, most_bytes)
        if not room.take(size):
            metrics.turned_away.inc()
            raise HTTPException(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"{room.pictures} pictures are being judged; come again in {RETRY_AFTER_S} s",
                {"Retry-After": str(RETRY_AFTER_S)},
            )
        told = metrics.begin(station)
        try:
            try:
                answer = await inspect(request, station, serial, product, captured, simulated)
            except ImageError as error:
                told.refused(error.code)
                raise
            told.verdict(answer)
        finally:
            room.give_back(size)
        return InspectAnswer(
            **inspection_row(answer.inspection), durable=answer.durable, repeated=answer.repeated
        )

    async def inspect(
        request: Request,
        station: str,
        serial: str | None,
        product: str | None,
        captured: str | None,
        simulated: bool,
    ) -> Answer:
        form = is_form(request)
        body = await read_body(request, most_bytes + (_FORM_SLACK if form else 0))
        headers = request.headers
        serial = serial or _unquoted(headers.get("x-serial-number"))
        product = product or _unquoted(headers.get("x-product"))
        captured = captured or headers.get("x-captured-at")
        if form:
            parts = take_apart(headers["content-type"], body)
            if "picture" not in parts:
                raise RequestError(f"form: has no part 'picture', only {', '.join(parts) or 'none'}")
            body = parts["picture"]
            serial = serial or field(parts, "serial")
            product = product or field(parts, "product")
            captured = captured or field(parts, "captured")
        if not serial or not SERIAL.fullmatch(serial):
            shown = "missing" if not serial else f"{serial[:40]!r}"
            raise RequestError(
                f"serial number {shown}: 1 to 128 visible characters, as ?serial=, X-Serial-Number or a form "
                "field"
            )
        captured_ns = None if captured is None else from_iso(captured)
        if captured_ns is not None and not -(2**63) <= captured_ns < 2**63:
            raise RequestError(f"captured {captured!r}: outside of the years 1678 to 2262; set the clock")
        return await runtime().inspector.inspect(
            Asked(station, product, serial, captured_ns, simulated), body
        )

    return router


def _unquoted(text: str | None) -> str | None:
    return None if text is None else unquote(text)
