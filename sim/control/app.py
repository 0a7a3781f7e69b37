"""The HTTP app of the simulator: the control, behind its guard, and whatever else is to be served."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from sim.control.bad_day_routes import bad_day_routes
from sim.control.bad_days import BadDays
from sim.control.clock_routes import clock_routes
from sim.control.fault_routes import fault_routes
from sim.control.guard import ControlGuard
from sim.control.problems import HANDLERS
from sim.control.sim_clock import SimClock
from sim.control.truth_routes import truth_routes
from sim.faults.board import FaultBoard
from sim.truth.log import TruthLog

OPEN = ("/api/health", "/metrics")
"""What anybody may read: an orchestrator has no token."""


def create_control_app(
    *,
    board: FaultBoard,
    log: TruthLog,
    clock: SimClock,
    bad_days: BadDays,
    token: str = "",
    more: Sequence[BaseRoute] = (),
    open_prefixes: tuple[str, ...] = OPEN,
) -> ASGIApp:
    """Make the app.

    Args:
        board: of the simulation.
        log: of the truth.
        clock: of the simulation.
        bad_days: of its servers.
        token: what callers must show; "" lets in whoever is on this machine.
        more: routes of others: health, metrics, cameras.
        open_prefixes: paths that anybody may read.
    """
    routes = [
        *fault_routes(board, lambda: clock.now_ns),
        *truth_routes(log, lambda: clock.now_ns),
        *clock_routes(clock),
        *bad_day_routes(bad_days),
        *more,
    ]
    app = Starlette(routes=routes, exception_handlers=dict(HANDLERS))
    return ControlGuard(app, token, open_prefixes)
