"""The clock of the simulation over HTTP."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sim.control.bodies import answer, read_body
from sim.control.sim_clock import FASTEST, SimClock
from sim.truth.event import shown_time


class SpeedBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How fast to go: seconds simulated in a second."""

    speed: Annotated[float, msgspec.Meta(gt=0, le=FASTEST)]


def clock_routes(clock: SimClock) -> list[BaseRoute]:
    """Make the routes."""

    def shown() -> Response:
        return answer({"now": shown_time(clock.now_ns), "speed": clock.speed})

    async def get_clock(_: Request) -> Response:
        """Tell the simulated time and how fast it goes."""
        return shown()

    async def set_clock(request: Request) -> Response:
        """Change how fast it goes."""
        clock.set_speed((await read_body(request, SpeedBody)).speed)
        return shown()

    return [
        Route("/api/clock", get_clock, methods=["GET"]),
        Route("/api/clock", set_clock, methods=["POST"]),
    ]
