"""People of the park see of tenants what they share, and no byte more: asked of every route and the stream,
while consents come and go."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import closing

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.end_to_end.test_tenants import TENANTS, VALUE, Estate, ask, estate
from tests.support.services import wait_for
from twin.contract.clock import system_clock
from twin.identity.consents import GROUPS, Consents
from twin.identity.identities import Identities
from twin.identity.tables import CHAIN

__all__ = ["estate"]

QUERIES: tuple[dict[str, str], ...] = tuple(
    {"tag": f"thu/{name}/f1/oven0:{signal}", "equipment": f"thu/{name}", "place": f"thu/{name}/f1"}
    for name, signal in zip(TENANTS, ("heat", "state", "heat"), strict=True)
)


@pytest.fixture
def identities(estate: Estate) -> Iterator[Identities]:
    """The accounts of the estate."""
    with closing(Identities(estate.identity, clock=system_clock)) as opened:
        yield opened


def share(estate: Estate, identities: Identities, wanted: Mapping[str, tuple[str, ...]]) -> None:
    """Have tenants share this and nothing else, and wait until it counts."""
    consents = Consents(identities.store)
    for tenant in TENANTS:
        groups = wanted.get(tenant, ())
        gone = [one for one in GROUPS if one not in groups]
        if gone:
            consents.revoke(f"thu/{tenant}", gone, by="test")
        if groups:
            consents.give(f"thu/{tenant}", groups, by="test")
    time.sleep(2.2)  # what was looked up before counts no longer


def forbidden(tenant: str, groups: tuple[str, ...]) -> list[bytes]:
    """What may not be in an answer of a tenant that shares these groups."""
    words = [f"src-{tenant}", f"{tenant}.example"] if len(groups) < len(GROUPS) else []
    if not groups:
        words += [f"/{tenant}/f1/oven", f"Oven {tenant}Word", f"Shop {tenant}Word"]
    if "process" not in groups and "alarms" not in groups:
        words.append(str(VALUE[tenant]))
    if "production" not in groups:
        words.append(f"Text of {tenant}")
    return [word.encode() for word in words]


def look_everywhere(estate: Estate, wanted: Mapping[str, tuple[str, ...]]) -> None:
    """Ask every route as somebody of the park who may do everything, and search what comes."""
    paths = [path for method, path in estate.paths if method == "GET" and "{" not in path and "/api/" in path]
    assert len(paths) > 25
    answered = 0
    for path in paths:
        for query in ({}, *QUERIES):
            answer = ask(estate, "", "all", "GET", path, params=query)
            answered += answer.is_success
            for tenant in TENANTS:
                for word in forbidden(tenant, wanted.get(tenant, ())):
                    if word.decode() not in " ".join(query.values()) and not _names(path):
                        assert word not in answer.content, (path, query, word)
            if answer.status_code == 403 or path in _LARGE:
                break  # refused whatever is asked; a large file that is the same
    assert answered > 25


_LARGE = frozenset(("/api/scene", "/api/docs", "/api/openapi.json"))


def _names(path: str) -> bool:
    """Whether a route is about accounts: who has one of whose, and what is refused, is no data of plants."""
    return path.startswith(("/api/identities", "/api/consents"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"alpha": ("process",), "beta": ("production",)},
        {"beta": ("energy", "production", "quality", "maintenance"), "gamma": ("alarms",)},
    ],
)
def test_what_is_withheld_is_nowhere(
    estate: Estate, identities: Identities, wanted: dict[str, tuple[str, ...]]
) -> None:
    share(estate, identities, wanted)
    look_everywhere(estate, wanted)


def test_what_is_shared_is_there_and_goes_when_it_is_taken_back(
    estate: Estate, identities: Identities
) -> None:
    share(estate, identities, {"alpha": ("process",), "gamma": ("alarms",)})
    park = ask(estate, "", "viewer", "GET", "/api/park").json()
    foreign = [machine["id"] for machine in park["equipment"] if "/grid/" not in machine["id"]]
    assert foreign == ["thu/alpha/f1/oven0", "thu/alpha/f1/oven1"]
    state = ask(estate, "", "viewer", "GET", "/api/state?equipment=thu/alpha/f1/oven1").json()
    assert [(row["tag"], row["value"]) for row in state["tags"]] == [
        ("thu/alpha/f1/oven1:heat", VALUE["alpha"])
    ]
    assert state["equipment"][0]["condition"] == "no_data"  # it would tell of tags that are not shared
    alarms = ask(estate, "", "viewer", "GET", "/api/alarms").json()
    assert {row["equipment"].split("/")[1] for row in alarms["alarms"]} == {"gamma"}
    refused = ask(estate, "", "engineer", "GET", "/api/networks/electricity")
    assert refused.status_code == 403
    assert "thu/beta does not share energy, production" in refused.json()["detail"]
    share(estate, identities, {})
    kept = ask(estate, "", "viewer", "GET", "/api/park").json()["equipment"]
    assert {machine["id"].split("/")[1] for machine in kept} == {"grid"}
    assert ask(estate, "", "viewer", "GET", "/api/alarms").json()["total"] == 0
    everything = dict.fromkeys(TENANTS, tuple(GROUPS))
    share(estate, identities, everything)
    whole = ask(estate, "", "viewer", "GET", "/api/park").json()
    assert len(whole["equipment"]) == len(estate.park.equipment)
    assert ask(estate, "", "engineer", "GET", "/api/networks/electricity").status_code == 200


def test_an_open_stream_ends_when_something_is_withheld(estate: Estate, identities: Identities) -> None:
    share(estate, identities, dict.fromkeys(TENANTS, tuple(GROUPS)))
    with stream(estate) as viewer:
        assert struct.pack("<f", VALUE["beta"]) in first(viewer)
        share(estate, identities, {"alpha": ("process",)})
        with pytest.raises(ConnectionClosed) as closed:
            list(iter(lambda: viewer.recv(30), None))
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
    with stream(estate) as viewer:
        seen = first(viewer)
    assert struct.pack("<f", VALUE["alpha"]) in seen
    for tenant in ("beta", "gamma"):
        assert struct.pack("<f", VALUE[tenant]) not in seen
    assert b"Text of" not in seen


def stream(estate: Estate) -> ClientConnection:
    """The stream as a viewer of the park."""
    bearer = {"authorization": f"Bearer {estate.sessions['', 'viewer']}"}
    return connect(estate.url.replace("http", "ws") + "/api/stream", additional_headers=bearer)


def first(viewer: ClientConnection) -> bytes:
    """The first frames of a stream, the snapshot among them."""
    frames: list[bytes] = []

    def some() -> bool:
        message = viewer.recv(20)
        if isinstance(message, bytes):
            frames.append(message)
        return len(frames) > 2

    wait_for(some, "frames")
    return b"".join(frames)


def test_only_a_tenants_manager_changes_what_it_shares(estate: Estate, identities: Identities) -> None:
    share(estate, identities, {"alpha": ("process",)})
    share(estate, identities, {})
    body = {"groups": ["energy", "alarms"], "given": True, "reason": "Bill of the quarter"}
    for tenant, role, status in (
        ("beta", "engineer", 403),
        ("beta", "administrator", 403),
        ("", "manager", 403),
        ("beta", "manager", 200),
    ):
        answer = ask(estate, tenant, role, "POST", "/api/consents", json=body)
        assert answer.status_code == status, (tenant, role, answer.text)
    own = ask(estate, "beta", "manager", "GET", "/api/consents").json()
    assert [row["tenant"] for row in own["tenants"]] == ["thu/beta"]
    assert [row["group"] for row in own["tenants"][0]["groups"] if row["given"]] == ["energy", "alarms"]
    assert {row["reason"] for row in own["tenants"][0]["groups"]} == {"Bill of the quarter", ""}
    assert own["missing"] == [], "what the park lacks is told to the park"
    seen = ask(estate, "", "manager", "GET", "/api/consents").json()
    given = {
        row["tenant"]: [one["group"] for one in row["groups"] if one["given"]] for row in seen["tenants"]
    }
    assert given == {"thu/alpha": [], "thu/beta": ["energy", "alarms"], "thu/gamma": []}
    lacking = {row["part"]: row["withheld_by"] for row in seen["missing"]}
    assert lacking["alarm_figures"] == ["thu/alpha", "thu/gamma"]
    assert lacking["networks"] == ["thu/alpha", "thu/beta", "thu/gamma"]
    taken = {"groups": ["energy", "alarms"], "given": False}
    assert ask(estate, "beta", "manager", "POST", "/api/consents", json=taken).status_code == 200
    assert ask(
        estate, "beta", "manager", "POST", "/api/consents", json={"groups": ["all"], "given": True}
    ).is_error
    journal = ask(estate, "beta", "manager", "GET", "/api/consents/journal").json()["lines"]
    assert [(line["given"], line["reason"]) for line in journal[:2]] == [
        (False, ""),
        (True, "Bill of the quarter"),
    ]
    assert {line["tenant"] for line in journal} == {"thu/beta"}, "of nobody else there is a line"
    of_all = ask(estate, "", "manager", "GET", "/api/consents/journal").json()["lines"]
    assert {line["tenant"] for line in of_all} >= {"thu/alpha", "thu/beta"}
    assert ask(estate, "beta", "viewer", "GET", "/api/consents/journal").status_code == 403
    with identities.store.reading() as connection:
        table = CHAIN.table
        lines = connection.execute(
            table.select().where(table.c.subject == "thu/beta").order_by(table.c.number.desc()).limit(2)
        ).all()
    assert [line.event for line in lines] == ["consent revoked", "consent given"]
    assert all("manager.beta" in line.by for line in lines)
