"""Made-up questions to every operation that a service describes, by Schemathesis, and what is wrong with the
answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.security.estate import STATION, Estate
from tests.twin.api.running_twin import OVEN

MODES: Final = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
AWAY: Final = 503
"""Says that a part is not there now, or is asked too much; no fault, and named so."""
KNOWN: Final[dict[str, list[Any]]] = {
    "tag": [f"{OVEN}:temperature", f"{OVEN}:state", f"{OVEN}:none"],
    "equipment": [OVEN, "thu", "thu/nha-may"],
    "place": [OVEN, "thu", "thu/nha-may"],
    "line": [OVEN, "thu/nha-may/xuong"],
    "machine": [OVEN],
    "station": [STATION],
    "from": ["now-1h", "2026-01-01T00:00:00Z", "now-100y", "9" * 30],
    "to": ["now", "2026-01-01T00:00:00+07:00", "-1"],
    "at": ["now-10s", "2026-01-01T00:00:00Z"],
    "number": [1, 2, 2**63, "%00"],
    "path": ["inspections", "forecasts", "stations", "../identities", "%2e%2e/x"],
}
"""What a question has to name before it comes to anything; put in the place of half of what was made up."""

Operation = APIOperation[Any, Any, Any, Any]


@dataclass(frozen=True)
class Fault:
    """Something that an answer should not be."""

    operation: str
    what: str
    how: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.what}\n{self.how}"


def operations(estate: Estate, service: str) -> list[Operation]:
    """Every operation that a service describes."""
    with estate.client(service, **estate.bearer) as client:
        schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    schema.config.update(base_url=estate.urls[service])
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


def faults(estate: Estate, service: str, examples: int) -> Iterator[Fault]:
    """Put made-up questions to every operation of a service.

    Args:
        estate: that runs.
        service: of it.
        examples: of each operation that the description allows, and as many that it forbids.
    """
    with requests.Session() as session:
        for operation in operations(estate, service):
            for mode in MODES:
                yield from ask(estate, session, operation, mode, examples)


def ask(
    estate: Estate, session: requests.Session, operation: Operation, mode: GenerationMode, examples: int
) -> list[Fault]:
    """Put questions to one operation; a fault of a kind is told once."""
    found: dict[str, str] = {}
    is_open = operation.definition.raw["x-permission"] == "open"
    asked_without = False

    @seed(20)
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def put(case: Case[Operation], data: st.DataObject) -> None:
        nonlocal asked_without
        with_known(case, data.draw)
        answer = case.call(headers=estate.bearer, session=session, timeout=120)
        curl = case.as_curl_command()
        if answer.status_code >= 500 and answer.status_code != AWAY:
            found[f"{answer.status_code}"] = f"{curl}\n{answer.text[:600]}"
        if answer.status_code == 401:
            found["the token is not taken"] = curl
        try:
            case.validate_response(answer, checks=[response_schema_conformance])
        except BaseExceptionGroup as group:
            found["not as described"] = f"{curl}\n{group.exceptions[0]}"
        if not is_open and not asked_without:
            asked_without = True
            bare = case.call(session=session, timeout=120)
            if bare.status_code != 401:
                found["answered without a sign-in"] = f"{bare.status_code} {curl}\n{bare.text[:300]}"

    try:
        put()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, operation.label  # it takes nothing that could be wrong
    return [Fault(operation.label, what, how) for what, how in found.items()]


def with_known(case: Case[Operation], draw: Any) -> None:
    """Let half of what a question names be what there is."""
    for container in (case.query, case.path_parameters):
        for name in KNOWN.keys() & (container or {}).keys():
            if draw(st.booleans()):
                container[name] = draw(st.sampled_from(KNOWN[name]))
