"""The truth log over HTTP, for scoring."""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from sim.control.bodies import BodyError
from sim.faults.moments import parse_duration_s
from sim.truth.event import KINDS, shown_time
from sim.truth.log import TruthLog
from twin.contract.clock import NS_PER_S, from_iso
from twin.contract.errors import ContractError

_AGO = re.compile(r"\d[\d.smhd]*")


def truth_routes(log: TruthLog, now: Callable[[], int]) -> list[BaseRoute]:
    """Make the route.

    Args:
        log: what is read.
        now: simulated time, ns since the epoch.
    """

    async def get_truth(request: Request) -> Response:
        """Stream rows as CSV: ``?kind=`` an event or how it begins, ``?since=`` RFC 3339 or ``2h`` ago."""
        kind = request.query_params.get("kind", "")
        if not any(name.startswith(kind) for name in KINDS):
            raise BodyError(f"kind {kind!r}: must be one of {', '.join(KINDS)}, or how some of them begin")
        since = request.query_params.get("since", "")
        from_time = shown_time(_since_ns(since, now())) if since else ""
        log.flush()
        return StreamingResponse(log.csv(kind=kind, since=from_time), media_type="text/csv; charset=utf-8")

    return [Route("/truth.csv", get_truth, methods=["GET"])]


def _since_ns(text: str, now_ns: int) -> int:
    if _AGO.fullmatch(text):
        return max(now_ns - round(parse_duration_s(text) * NS_PER_S), 0)
    try:
        # a plus in a query string that was not escaped arrives as a space
        return from_iso(text.replace(" ", "+"))
    except ContractError as error:
        raise BodyError(
            f"since {text!r}: write 2h for two simulated hours ago, or {shown_time(now_ns)}"
        ) from error
