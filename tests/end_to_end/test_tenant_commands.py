"""Commands and networks across tenants: a tenant's people command what is theirs, the park's people what they
have themselves and what a tenant lets them, and nobody reads a withheld value off an interlock, a refusal, a
read-back or the audit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.end_to_end.test_consents import identities, share
from tests.end_to_end.test_tenants import POWER, VALUE, Estate, ask, estate
from tests.support.services import wait_for
from twin.bus.base import Message
from twin.contract.codec import encode_message
from twin.contract.command import CommandOutcome, CommandState
from twin.contract.topics import COMMAND_OUTCOMES
from twin.identity.identities import Identities

__all__ = ["estate", "identities"]

OVEN = "thu/beta/f1/oven1"
WISH = {"equipment": OVEN, "command": "set_heat", "value": 120, "by": "x", "reason": "a test"}
TRIED = {name: WISH[name] for name in ("equipment", "command", "value")}
BETA, GAMMA = str(VALUE["beta"]).encode(), str(VALUE["gamma"]).encode()


def say(estate: Estate, number: str, state: CommandState, value: float) -> None:
    """Say an outcome as a connector does; its words hold values of the machine, as those of one do."""
    outcome = CommandOutcome(
        command=number, number=0, source="src-beta", equipment=OVEN, name="set_heat", state=state,
        code=state.value, time=time.time_ns(), value=value, value_time=1, before=VALUE["beta"],
        params={"value": str(VALUE["beta"]), "wanted": "120", "seconds": "5"}, detail=f"read {VALUE['beta']}",
    )  # fmt: skip
    body, headers = encode_message(outcome, message_id=f"{number}:0", source="c", time_ns=1)
    estate.bus.publish([Message(COMMAND_OUTCOMES.name, number, body, headers)])
    wait_for(lambda: row(estate, "beta", "operator", number)["final"], "what became of it")


def row(estate: Estate, tenant: str, role: str, number: str) -> dict[str, Any]:
    answer = ask(estate, tenant, role, "GET", f"/api/commands/{number}")
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def open_ones(estate: Estate) -> Iterator[list[str]]:
    """Numbers of what a test asked for, brought to their end after it."""
    numbers: list[str] = []
    yield numbers
    for number in numbers:
        if not row(estate, "beta", "operator", number)["final"]:
            say(estate, number, CommandState.REFUSED, 0.0)


def test_a_tenants_people_command_their_own_with_interlocks_a_second_person_and_the_audit(
    estate: Estate, open_ones: list[str]
) -> None:
    blocked = ask(
        estate, "beta", "operator", "POST", "/api/commands", json={**WISH, "command": "empty", "value": None}
    )
    assert blocked.status_code == 409
    assert "It is cold" in blocked.json()["detail"]
    assert BETA in blocked.content, "it is his own value"
    asked = ask(
        estate, "beta", "operator", "POST", "/api/commands", json={**WISH, "command": "stop", "value": None}
    )
    number = asked.json()["id"]
    assert asked.json()["state"] == "waiting"
    assert asked.json()["requested_by"].endswith("(operator.beta)")
    own = {"by": "x", "reason": "x"}
    assert (
        ask(estate, "beta", "operator", "POST", f"/api/commands/{number}/approve", json=own).status_code
        == 403
    )
    for act in ("approve", "decline", "withdraw"):
        other = ask(estate, "alpha", "engineer", "POST", f"/api/commands/{number}/{act}", json=own)
        assert other.status_code == 404, "a request of another tenant is not there"
    assert ask(estate, "alpha", "engineer", "GET", f"/api/commands/{number}").status_code == 404
    let = ask(estate, "beta", "engineer", "POST", f"/api/commands/{number}/approve", json=own)
    assert let.json()["state"] == "issued"
    open_ones.append(number)
    say(estate, number, CommandState.HELD, VALUE["beta"])
    found = row(estate, "beta", "operator", number)
    assert found["read_back"] == VALUE["beta"]
    assert [step["event"] for step in found["steps"]] == ["requested", "approved", "issued", "outcome"]
    lines = ask(estate, "beta", "manager", "GET", "/api/commands/audit?limit=10000").json()["lines"]
    assert number in {line["command"] for line in lines}
    others = ask(estate, "alpha", "manager", "GET", "/api/commands/audit?limit=10000").json()["lines"]
    assert number not in {line["command"] for line in others}


def test_a_tenant_is_told_how_an_interlock_on_anothers_value_stands_and_not_the_value(
    estate: Estate, open_ones: list[str]
) -> None:
    got = ask(estate, "beta", "operator", "GET", f"/api/commands/catalogue?equipment={OVEN}")
    rows = {one["id"]: one for one in got.json()["commands"][0]["interlocks"]}
    assert (rows["own"]["verdict"], rows["own"]["withheld"]) == ("holds", False)
    assert rows["own"]["seen"][0]["value"] == VALUE["beta"]
    gamma = rows["gamma"]
    assert (gamma["verdict"], gamma["withheld"], gamma["seen"], gamma["when"]) == ("holds", True, [], "")
    asked = ask(estate, "beta", "operator", "POST", "/api/commands", json=WISH)
    assert asked.status_code == 202, asked.text
    open_ones.append(asked.json()["id"])
    for answer in (
        got,
        asked,
        ask(
            estate,
            "beta",
            "operator",
            "POST",
            "/api/commands/rehearse",
            json=TRIED,
        ),
        ask(estate, "beta", "operator", "GET", f"/api/commands/{asked.json()['id']}"),
        ask(estate, "beta", "manager", "GET", "/api/commands/audit?limit=10000"),
    ):
        assert GAMMA not in answer.content
        assert b"thu/gamma" not in answer.content


@pytest.mark.slow
@pytest.mark.parametrize(
    ("groups", "may", "sees"),
    [
        ((), False, False),
        (("energy", "production", "process", "alarms", "quality", "maintenance"), False, True),
        (("commands",), True, False),
        (("commands", "production"), True, False),
        (("commands", "energy", "production", "process"), True, True),
    ],
)
def test_the_park_commands_in_a_tenants_plant_what_that_tenant_lets_it_and_sees_what_it_shares(
    estate: Estate,
    identities: Identities,
    open_ones: list[str],
    groups: tuple[str, ...],
    may: bool,
    sees: bool,
) -> None:
    share(estate, identities, {"beta": groups})
    got = ask(estate, "", "engineer", "GET", f"/api/commands/catalogue?equipment={OVEN}")
    asked = ask(estate, "", "engineer", "POST", "/api/commands", json=WISH)
    assert (got.status_code, asked.status_code) == ((200, 202) if may else (404, 404)), asked.text
    shown = ask(estate, "", "viewer", "GET", "/api/park").content
    assert (OVEN.encode() in shown) is bool(groups and groups != ("energy",))
    if not may:
        return
    number = asked.json()["id"]
    open_ones.append(number)
    interlocks = {one["id"]: one for one in got.json()["commands"][0]["interlocks"]}
    assert {name: one["verdict"] for name, one in interlocks.items()} == {"own": "holds", "gamma": "holds"}
    assert (interlocks["own"]["withheld"], interlocks["gamma"]["withheld"]) == (not sees, True)
    refused = ask(
        estate, "", "engineer", "POST", "/api/commands", json={**WISH, "command": "empty", "value": None}
    )
    assert refused.status_code == 409
    assert "interlock cold (Lò đã nguội / It is cold) does not hold" in refused.json()["detail"]
    say(estate, number, CommandState.TIMED_OUT, VALUE["beta"])
    found = row(estate, "", "engineer", number)
    assert (found["state"], found["final"]) == ("timed_out", True)
    assert (found["read_back"] == VALUE["beta"]) is sees
    everything = [
        got, asked, refused,
        ask(estate, "", "engineer", "GET", f"/api/commands/{number}"),
        ask(estate, "", "engineer", "GET", "/api/commands?limit=1000"),
        ask(estate, "", "manager", "GET", "/api/commands/audit?limit=10000"),
        ask(estate, "", "engineer", "POST", "/api/commands/rehearse", json=TRIED),
    ]  # fmt: skip
    assert all(one.status_code in (200, 202, 409) for one in everything)
    assert any(BETA in one.content for one in everything) is sees
    for one in everything:
        assert GAMMA not in one.content
        assert b"thu/gamma" not in one.content
    full = ask(estate, "beta", "manager", "GET", f"/api/commands/audit?limit=10000&command={number}")
    assert BETA in full.content, "the audit keeps the true values for whose they are"


def test_the_park_commands_its_own_whatever_tenants_share(estate: Estate, identities: Identities) -> None:
    share(estate, identities, {})
    wish = {"equipment": "thu/grid/f-beta", "command": "open", "by": "x", "reason": "a test"}
    asked = ask(estate, "", "operator", "POST", "/api/commands", json=wish)
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    number = asked.json()["id"]
    seen = ask(estate, "beta", "engineer", "GET", "/api/commands?limit=1000").json()["requests"]
    assert number not in {one["id"] for one in seen}
    decline = {"by": "x", "reason": "only a test"}
    theirs = ask(estate, "beta", "engineer", "POST", f"/api/commands/{number}/decline", json=decline)
    assert theirs.status_code == 404
    done = ask(estate, "", "engineer", "POST", f"/api/commands/{number}/decline", json=decline)
    assert done.json()["state"] == "declined"
    assert "only a test" in done.json()["text"]["en"], "a person's words are theirs to tell"


def test_what_a_tenant_asks_of_the_networks_is_answered_with_what_is_his(estate: Estate) -> None:
    choices = ask(estate, "beta", "engineer", "GET", "/api/what-if/choices").json()
    assert choices["breakers"] == ["thu/beta/f1/board", "thu/beta/f1/tx", "thu/grid/f-beta"]
    lost = {"changes": [{"change": "open", "equipment": "thu/grid/f-beta"}], "lasts_h": 2}
    found = ask(estate, "beta", "engineer", "POST", "/api/what-if", json=lost).json()
    own = {f"thu/beta/f1/{name}" for name in ("board", "tx", "oven0", "oven1")}
    assert {one["id"] for one in found["affected"]} == own
    assert found["lost_kw"] == pytest.approx(POWER["beta"])
    assert found["lost_kwh"] == pytest.approx(2 * POWER["beta"])
    assert [one["id"] for one in found["tenants"]] == ["thu/beta"]
    called = [(one["of"], one["phone"]) for one in found["calls"]]
    assert called == [("thu", "0222 000"), ("thu/beta", f"09 {VALUE['beta']:.0f}")]
    rows = ask(estate, "beta", "engineer", "GET", "/api/networks/electricity").json()["elements"]
    kw = {one["id"]: one["kw"] for one in rows if one["kw"] is not None}
    assert kw == {"thu/grid/f-beta": pytest.approx(940, abs=20), "thu/beta/f1/tx": pytest.approx(940, abs=20)}
    worst = ask(estate, "beta", "engineer", "GET", "/api/what-if/elements").json()["contingencies"]
    assert {one["id"] for one in worst} == own | {"thu/grid/f-beta"}
    assert worst[0]["affected"] == len(own)
    assert ask(estate, "beta", "engineer", "GET", "/api/networks/electricity/overloads").status_code == 404
