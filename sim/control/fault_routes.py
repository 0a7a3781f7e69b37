"""Faults, repairs and scenarios over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sim.control.bodies import answer, read_body
from sim.faults.board import ActiveFault, FaultBoard
from sim.faults.fault_kind import OF_ANY_MACHINE, OF_ANY_STATION, FaultKind
from sim.faults.order import CheckedOrder, FaultOrder
from sim.faults.plant_view import PlantView
from sim.faults.scenario import read_scenario
from sim.truth.event import shown_time


class RepairBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A repair: of one failure mode, or of all that wear."""

    equipment: str
    mode: str | None = None


class ScenarioBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scenario: the text of its file, and what to call it in errors."""

    text: str
    name: str = "scenario"


def fault_routes(board: FaultBoard, now: Callable[[], int]) -> list[BaseRoute]:
    """Make the routes.

    Args:
        board: of the simulation; its methods are called on the thread of the event loop, which steps it.
        now: simulated time, ns since the epoch.
    """

    async def get_catalogue(_: Request) -> Response:
        """List every fault that this plant can have."""
        return answer({"faults": [_kind(row, board.plant) for row in board.catalogue.rows]})

    async def get_active(_: Request) -> Response:
        """List what is on, and what is to come."""
        now_ns = now()
        return answer(
            {
                "now": shown_time(now_ns),
                "active": [_active(fault, now_ns) for fault in board.active],
                "coming": [
                    _order(number, order) | {"begins": shown_time(begins_ns)}
                    for begins_ns, number, order in board.coming
                ],
            }
        )

    async def inject(request: Request) -> Response:
        """Bring about a fault."""
        order = await read_body(request, FaultOrder)
        now_ns = now()
        return answer(_active(board.inject(order, now_ns), now_ns), HTTPStatus.CREATED)

    async def clear(request: Request) -> Response:
        """End a fault, or strike one that is to come."""
        board.clear(request.path_params["number"], now())
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def repair(request: Request) -> Response:
        """Make a machine as good as new."""
        body = await read_body(request, RepairBody)
        events = board.repair(body.equipment, now(), body.mode)
        return answer({"equipment": body.equipment, "repaired": [event.mode for event in events]})

    async def play(request: Request) -> Response:
        """Play a scenario from now on."""
        body = await read_body(request, ScenarioBody)
        scenario = read_scenario(
            body.text, body.name, check=board.check, now_ns=now(), utc_offset_h=board.plant.utc_offset_h
        )
        numbers = board.schedule(scenario.orders)
        return answer(
            {
                "name": scenario.name,
                "about": scenario.about,
                "faults": [
                    _order(number, order) | {"begins": shown_time(begins_ns)}
                    for number, (begins_ns, order) in zip(numbers, scenario.orders, strict=True)
                ],
            },
            HTTPStatus.CREATED,
        )

    return [
        Route("/api/faults", get_catalogue, methods=["GET"]),
        Route("/api/faults", inject, methods=["POST"]),
        Route("/api/faults/active", get_active, methods=["GET"]),
        Route("/api/faults/{number:int}", clear, methods=["DELETE"]),
        Route("/api/repairs", repair, methods=["POST"]),
        Route("/api/scenario", play, methods=["POST"]),
    ]


def _kind(row: FaultKind, plant: PlantView) -> dict[str, Any]:
    """A row of the catalogue, with how many can have it and one that can."""
    if row.acts == "sensor":
        targets = list(plant.tags)
    elif row in OF_ANY_STATION:
        targets = [equipment for equipment, kind in plant.kind_of.items() if kind.station]
    elif row in OF_ANY_MACHINE:
        targets = [equipment for equipment, kind in plant.kind_of.items() if kind.operated or kind.station]
    else:
        targets = [equipment for equipment, kind in plant.kind_of.items() if kind.name == row.kind]
    described: dict[str, Any] = msgspec.to_builtins(row)
    return described | {"targets": len(targets), "example": targets[0] if targets else ""}


def _order(number: int, order: CheckedOrder) -> dict[str, Any]:
    return {
        "id": number,
        "fault": order.kind.id,
        "acts": order.kind.acts,
        "equipment": order.target,
        "strength": order.strength,
        "unit": order.kind.unit,
        "ramp_s": order.ramp_s,
        "duration_s": order.duration_s,
    }


def _active(fault: ActiveFault, now_ns: int) -> dict[str, Any]:
    return _order(fault.number, fault.order) | {
        "strength_now": fault.strength_at(now_ns),
        "begun": shown_time(fault.begun_ns),
        "ends": None if fault.ends_ns is None else shown_time(fault.ends_ns),
    }
