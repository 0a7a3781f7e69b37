"""Every row of the table of permissions, allowed and refused, over REST and WebSocket; and the door itself.

All services' apps stand in this process, with one database of identities; nothing but the gate, the guard and
the routes answers, so what is allowed may still be 404, 422 or 503.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.types import Message

from tests.end_to_end.apps_under_test import all_apps
from twin.contract.clock import system_clock
from twin.identity.gate import COOKIE
from twin.identity.guard import OPEN, SIGNED_IN, declared
from twin.identity.identities import Identities
from twin.identity.permissions import PERMISSIONS, ROLES

PASSWORD = "bốn chữ dài đủ rồi"
TOKEN = "a-token-of-some-length"
HOST = "park.example"
OWN_PAGE = {"origin": f"http://{HOST}"}
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
REFUSED = {401, 403}


@dataclass
class House:
    """All apps, one of each kind of people, and their sessions."""

    apps: dict[str, FastAPI]
    identities: Identities
    sessions: dict[str, str] = field(default_factory=dict)

    def person(self, name: str, *roles: str, tenant: str = "") -> str:
        """Make an account and return a session of it."""
        self.identities.accounts.add(name, display=f"{name} Trần", roles=roles, tenant=tenant, by="test")
        self.identities.accounts.set_password(name, PASSWORD, by="test")
        return self.identities.sessions.open(name)

    @asynccontextmanager
    async def client(
        self, app: str = "twin", session: str = "", bearer: str = "", address: str = "127.0.0.1"
    ) -> Any:
        """A client of an app, from a browser's page or a program, at an address."""
        headers = {"authorization": f"Bearer {bearer}"} if bearer else OWN_PAGE
        cookies = {COOKIE: session} if session else None
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.apps[app], raise_app_exceptions=False, client=(address, 123)),
            base_url=f"http://{HOST}",
            headers=headers,
            cookies=cookies,
        ) as client:
            yield client


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    url = f"sqlite:///{folder / 'identity.sqlite3'}"
    identities = Identities(url, clock=system_clock, hasher=CHEAP)
    with all_apps(folder, identity=url, access_token=TOKEN) as apps:
        made = House(apps, identities)
        for role in ROLES:
            made.sessions[role] = made.person(role, role)
        yield made
    identities.close()


def filled(path: str) -> str:
    """A path with something in the place of its parameters."""
    return re.sub(r"\{[^}]*\}", "x", path)


async def socket(app: FastAPI, path: str, headers: dict[str, str]) -> Message:
    """Open a WebSocket; return the first thing that the app says."""
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"} if not said else {"type": "websocket.disconnect", "code": 1000}

    async def send(message: Message) -> None:
        said.append(message)

    raw = [(b"host", HOST.encode()), *((name.encode(), text.encode()) for name, text in headers.items())]
    scope = {
        "type": "websocket",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": raw,
    }
    await app(
        {**scope, "scheme": "ws", "server": (HOST, 80), "client": ("10.0.0.7", 1), "subprotocols": []},
        receive,
        send,
    )
    return said[0]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("service", ["twin", "qc", "maintenance", "connectors"])
async def test_every_route_is_answered_to_who_has_what_it_names_and_to_nobody_else(
    house: House, service: str, role: str
) -> None:
    seen: set[str] = set()
    async with house.client(service, house.sessions[role]) as client:
        for method, path, named in declared(house.apps[service]):
            if OPEN in named or SIGNED_IN in named:
                continue
            permitted = all(role in PERMISSIONS[one].roles for one in named)
            if method == "WS":
                cookie = {"cookie": f"{COOKIE}={house.sessions[role]}", **OWN_PAGE}
                first = await socket(house.apps[service], path, cookie)
                assert (first["type"] == "websocket.accept") is permitted, (path, first)
                assert permitted or first["code"] == 4403
            elif service == "qc" and permitted and method == "GET" and "{" in path:
                continue  # they wait for a network that this process has not loaded
            else:
                answer = await client.request(method, filled(path), content=b"")
                assert (answer.status_code not in REFUSED) is permitted, (method, path, answer.text[:200])
                assert permitted or answer.json()["code"] == "forbidden"
            seen.update(named)
    assert seen


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
async def test_a_token_may_do_what_its_scope_names_and_nothing_else(house: House, permission: str) -> None:
    token = house.identities.tokens.issue(f"only-{permission}", [permission], days=1, by="test")
    for service, app in house.apps.items():
        async with house.client(service, bearer=token) as client:
            for method, path, named in declared(app):
                if OPEN in named or SIGNED_IN in named:
                    continue
                permitted = set(named) == {permission}
                if method == "WS":
                    first = await socket(app, path, {"authorization": f"Bearer {token}"})
                    assert (first["type"] == "websocket.accept") is permitted
                elif not permitted or service != "qc":
                    answer = await client.request(method, filled(path), content=b"")
                    assert (answer.status_code not in REFUSED) is permitted, (method, path)


async def test_nobody_is_let_in_without_saying_who_it_is(house: House) -> None:
    for service, app in house.apps.items():
        async with house.client(service) as client:
            for method, path, named in declared(app):
                if method == "WS":
                    assert (await socket(app, path, OWN_PAGE))["code"] == 4401
                elif OPEN not in named:
                    answer = await client.request(method, filled(path), content=b"")
                    assert answer.status_code == 401, (service, method, path)
            for path in ("/openapi.json", "/src/main.js", "/nowhere"):
                assert (await client.get(path)).status_code == 401, path
            health = await client.get("/api/health")
            assert health.json()["reasons"] == {}, "why a service is not well is not for everybody"
            for wrong in (
                "",
                "Bearer x",
                "Bearer pts_x",
                "Bearer ptt_000000000000_" + "x" * 43,
                "Basic eDp5",
            ):
                answer = await client.get("/metrics", headers={"authorization": wrong})
                assert answer.status_code == 401


async def test_the_access_token_goes_on_to_be_a_service_and_sees_no_accounts(house: House) -> None:
    async with house.client(bearer=TOKEN) as client:
        assert (await client.get("/api/park")).status_code == 200
        assert (await client.get("/api/identities")).status_code == 403
        me = (await client.get("/api/me")).json()
        assert (me["kind"], me["name"]) == ("token", "PARKTWIN_ACCESS_TOKEN")


async def test_a_browser_is_sent_to_sign_in_and_comes_back_with_a_cookie_no_script_can_read(
    house: House,
) -> None:
    async with house.client() as browser:
        sent = await browser.get("/", headers={"accept": "text/html,*/*"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in")
        page = await browser.get("/sign-in")
        assert page.headers["cache-control"] == "no-store"
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "<script" not in page.text
        for word in ("Đăng nhập", "Sign in", "Mật khẩu", "Password"):
            assert word in page.text
        refused = await browser.post("/sign-in", data={"name": '"><b>lan', "password": "no"})
        assert refused.status_code == 401
        assert "<b>" not in refused.text
        taken = await browser.post("/sign-in", data={"name": "operator", "password": PASSWORD})
        assert (taken.status_code, taken.headers["location"]) == (303, "/")
        cookie = taken.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "secure" not in cookie, "this was plain http"
        me = (await browser.get("/api/me")).json()
        assert (me["kind"], me["display"], me["roles"]) == ("person", "operator Trần", ["operator"])
        assert "alarm.act" in me["permissions"]
        out = await browser.post("/sign-out")
        assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
        assert (await browser.get("/api/me")).status_code == 401
    async with house.client(session=browser.cookies.get(COOKIE) or "") as again:
        assert (await again.get("/api/me")).status_code == 401


@pytest.mark.parametrize(
    "sender",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": f"http://{HOST}"},
        {},
    ],
)
async def test_another_sites_page_does_nothing_with_the_cookie(house: House, sender: dict[str, str]) -> None:
    session = house.sessions["operator"]
    async with house.client(session=session) as client:
        client.headers.pop("origin")
        for path in ("/api/alarms/acknowledge", "/sign-out", "/sign-in"):
            answer = await client.post(path, headers=sender, json={"alarms": ["x"], "by": "x"})
            assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin"), path
    first = await socket(house.apps["twin"], "/api/stream", {"cookie": f"{COOKIE}={session}", **sender})
    assert first["code"] == 4403


async def test_who_guesses_from_one_address_has_to_wait(house: House) -> None:
    async with house.client() as browser:
        codes = [
            (await browser.post("/sign-in", data={"link": f"guess{n}", "new": PASSWORD})).status_code
            for n in range(25)
        ]
    assert codes[0] == 404
    assert codes[-1] == 429


async def test_the_administrator_sees_accounts_and_the_audit_and_no_secret(house: House) -> None:
    async with house.client(session=house.sessions["administrator"]) as client:
        found = await client.get("/api/identities")
        assert {row["name"] for row in found.json()["accounts"]} >= set(ROLES)
        assert "argon2" not in found.text
        audit = (await client.get("/api/identities/audit?limit=2")).json()
        assert [line["number"] for line in audit["lines"]] == [1, 2]
        assert audit["head"].partition(":")[0].isdigit()


async def test_a_disabled_account_is_out_within_seconds(house: House) -> None:
    session = house.person("leaver", "operator")
    async with house.client(session=session) as client:
        assert (await client.get("/api/me")).status_code == 200
        house.identities.accounts.disable("leaver", by="test")
        await asyncio.sleep(2.2)
        assert (await client.get("/api/me")).status_code == 401


async def test_every_service_tells_browsers_to_do_nothing_but_read(house: House) -> None:
    for service in house.apps:
        async with house.client(service, bearer=TOKEN) as client:
            for path in ("/api/health", "/metrics", "/nowhere"):
                headers = (await client.get(path)).headers
                assert "default-src 'none'" in headers["content-security-policy"], (service, path)
                assert headers["x-content-type-options"] == "nosniff"
                assert headers["referrer-policy"] == "no-referrer"
                assert "strict-transport-security" not in headers, "this was plain http"
            assert len(headers.get_list("content-security-policy")) == 1


async def test_a_body_that_is_too_large_is_refused_while_it_comes(house: House) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 64 << 20:
            sent += 1 << 16
            yield b" " * (1 << 16)

    async with house.client(session=house.sessions["operator"]) as client:
        for path in ("/api/alarms/acknowledge", "/api/commands"):
            sent = 0
            answer = await client.post(path, content=endless(), headers={"content-type": "application/json"})
            assert answer.status_code == 413, path
            assert sent < 4 << 20, "it was not read to its end"
