from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tests.twin.api.running_twin import OVEN, RunningTwin

PATHS = {
    "/api/park",
    "/api/park/revisions",
    "/api/scene",
    "/scene/{name}.glb",
    "/api/state",
    "/api/sources",
    "/api/alarms",
    "/api/alarms/groups",
    "/api/alarms/journal",
    "/api/alarms/kpi",
    "/api/alarms/acknowledge",
    "/api/alarms/reset",
    "/api/alarms/shelve",
    "/api/alarms/unshelve",
    "/api/alarms/out-of-service",
    "/api/alarms/return-to-service",
    "/api/alarms/comment",
    "/api/commands",
    "/api/commands/catalogue",
    "/api/commands/rehearse",
    "/api/commands/audit",
    "/api/commands/{number}",
    "/api/commands/{number}/approve",
    "/api/commands/{number}/decline",
    "/api/commands/{number}/withdraw",
    "/api/kpi",
    "/api/kpi/stops",
    "/api/kpi/interval",
    "/api/kpi/timeline",
    "/api/kpi/reasons",
    "/api/kpi/corrections",
    "/api/kpi/inspections",
    "/api/kpi/energy",
    "/api/kpi/balances",
    "/api/kpi/environment",
    "/api/what-if",
    "/api/what-if/choices",
    "/api/what-if/elements",
    "/api/networks/electricity",
    "/api/networks/electricity/meters",
    "/api/networks/electricity/overloads",
    "/api/networks/water",
    "/api/networks/wastewater/rise",
    "/api/history",
    "/api/me",
    "/api/desks",
    "/api/qc/{path}",
    "/api/qc/inspections/{path}",
    "/api/qc/lessons",
    "/api/qc/lessons/{path}",
    "/api/qc/stations/{station}/recipes/{path}",
    "/api/qc/stations/{station}/challenge",
    "/api/qc/stations/{station}/challenge/plan",
    "/api/maintenance/{path}",
    "/api/maintenance/outcomes",
    "/api/maintenance/work-orders/decisions",
    "/api/incidents/bundle",
    "/api/incidents/key",
    "/api/backup/history",
    "/api/consents",
    "/api/consents/journal",
    "/api/health",
    "/metrics",
}


@pytest.fixture(scope="module")
def schema(twin: RunningTwin) -> dict[str, Any]:
    described: dict[str, Any] = twin.client.get("/openapi.json").json()
    return described


def test_every_route_is_described(schema: dict[str, Any]) -> None:
    assert set(schema["paths"]) == PATHS
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            assert operation["description"].strip(), path
            assert operation["tags"], path


def test_every_parameter_of_a_question_says_what_it_means(schema: dict[str, Any]) -> None:
    for path in (
        "/api/state",
        "/api/history",
        "/api/park/revisions",
        "/api/alarms",
        "/api/alarms/groups",
        "/api/alarms/journal",
        "/api/alarms/kpi",
        "/api/kpi",
        "/api/kpi/stops",
        "/api/kpi/interval",
        "/api/kpi/timeline",
        "/api/commands",
        "/api/commands/catalogue",
        "/api/commands/audit",
    ):
        for parameter in schema["paths"][path]["get"]["parameters"]:
            assert parameter["description"], (path, parameter["name"])


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/park", ""),
        ("/api/park/revisions", "?limit=2"),
        ("/api/sources", ""),
        ("/api/alarms", "?limit=5"),
        ("/api/alarms/journal", ""),
        ("/api/alarms/kpi", ""),
        ("/api/kpi/reasons", ""),
        ("/api/kpi/energy", f"?place={OVEN}"),
        ("/api/kpi/environment", ""),
        ("/api/commands", "?state=waiting&limit=5"),
        ("/api/commands/catalogue", f"?equipment={OVEN}"),
        ("/api/commands/audit", ""),
        ("/api/state", f"?equipment={OVEN}"),
        ("/api/history", f"?tag={OVEN}:temperature"),
    ],
)
def test_answers_are_what_the_description_promises(
    twin: RunningTwin, schema: dict[str, Any], path: str, query: str
) -> None:
    answer = twin.wait(path + query, lambda answer: answer.status_code == 200)
    promised = schema["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer.json(), {**promised, "components": schema["components"]})
