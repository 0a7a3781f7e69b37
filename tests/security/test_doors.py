"""Attacks on the way in: secrets that are forged, old, of somebody else or shown twice, and pages that are
made to send people away. All apps stand in this process, with one database of identities; see
docs/attacks.md."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import sqlite3
import time
from collections.abc import Iterator
from statistics import median
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError as SqlError

from tests.end_to_end.apps_under_test import all_apps
from tests.end_to_end.test_gate import HOST, OWN_PAGE, PASSWORD, House, socket
from tests.security.estate import CHEAP
from twin.contract.clock import NS_PER_S, system_clock
from twin.identity.accounts import TRIES
from twin.identity.errors import AccountError, SignInError
from twin.identity.gate import COOKIE
from twin.identity.identities import Identities
from twin.identity.tables import CHAIN, LINKS, SESSIONS, TOKENS
from twin.service.audit_chain import AuditError
from twin.service.database import open_database, writing
from twin.service.logging import configure_logging


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    url = f"sqlite:///{folder / 'identity.sqlite3'}"
    identities = Identities(url, clock=system_clock, hasher=CHEAP)
    with all_apps(folder, identity=url, rate_factor=0.0) as apps:
        yield House(apps, identities)
    identities.close()


async def me(house: House, **shown: str) -> httpx.Response:
    """Ask who somebody is taken for."""
    async with house.client(**shown) as client:
        answer: httpx.Response = await client.get("/api/me")
    return answer


async def sign_in(house: House, address: str = "127.0.0.1", **form: str) -> httpx.Response:
    async with house.client(address=address) as client:
        answer: httpx.Response = await client.post("/sign-in", data=form)
    return answer


def unsigned(claims: dict[str, Any]) -> str:
    """A JSON Web Token that says of itself that nobody signed it (RFC 7519 6)."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts) + "."


async def test_a_token_of_another_kind_is_nobodys(house: House) -> None:
    house.person("lan", "administrator")
    session = house.identities.sessions.open("lan")
    token = house.identities.tokens.issue("station-1", ["park.read"], days=1, by="test")
    number, secret = token.removeprefix("ptt_").split("_", 1)
    other = house.identities.tokens.issue("station-2", ["identity.read"], days=1, by="test")
    wrong = [
        unsigned({"sub": "lan", "roles": ["administrator"]}),
        session.replace("pts_", "ptt_"),
        token.replace("ptt_", "pts_"),
        f"ptt_{other.removeprefix('ptt_').split('_', 1)[0]}_{secret}",  # one's secret, another's number
        f"ptt_{number}_{secret[:-1]}",
        f"ptt_{number}_{secret}x",
        token.upper(),
        token + ",",
        "ptt_%_" + secret,
        "",
    ]
    for shown in wrong:
        assert (await me(house, session=shown)).status_code == 401, shown
        assert (await me(house, bearer=shown)).status_code == 401, shown
    raw = [(b"authorization", f"Bearer ptt_{number}_{secret}".encode() + b"\xff")]
    async with house.client() as client:
        assert (await client.get("/api/me", headers=raw)).status_code == 401
    assert (await me(house, bearer=token)).json()["permissions"] == ["park.read"]


async def test_what_stands_in_the_database_lets_nobody_in(house: House) -> None:
    house.person("reader", "administrator")
    house.identities.tokens.issue("reader-1", ["park.read"], days=1, by="test")
    house.identities.links.make("reader", by="test")
    with house.identities.store.reading() as connection:
        stolen = [
            row.hash for table in (SESSIONS, TOKENS, LINKS) for row in connection.execute(table.select())
        ]
        number = connection.execute(TOKENS.select()).first()
    assert stolen
    assert number is not None
    for kept in stolen:
        for shown in (kept, f"pts_{kept}", f"ptt_{number.id}_{kept[:43]}"):
            assert (await me(house, bearer=shown)).status_code == 401
        assert (await sign_in(house, link=kept, new=PASSWORD)).status_code in {404, 429}


async def test_a_session_that_was_planted_is_not_the_one_that_is_signed_in(house: House) -> None:
    house.person("mark", "operator")
    planted = "pts_" + "a" * 43
    async with house.client(session=planted) as client:
        taken = await client.post("/sign-in", data={"name": "mark", "password": PASSWORD})
    assert taken.status_code == 303
    assert planted not in taken.headers["set-cookie"]
    assert (await me(house, session=planted)).status_code == 401


async def test_each_sign_in_is_a_session_of_its_own(house: House) -> None:
    house.person("twice", "operator")
    cookies = {
        (await sign_in(house, name="twice", password=PASSWORD)).headers["set-cookie"].partition(";")[0]
        for _ in range(2)
    }
    assert len(cookies) == 2


async def test_nobody_is_sent_anywhere_by_signing_in_or_out(house: House) -> None:
    house.person("away", "operator")
    evil = "https://evil.example/"
    query = f"?next={evil}&return_to={evil}&redirect={evil}&trouble={evil}&url=//evil.example"
    async with house.client() as client:
        page = await client.get("/sign-in" + query)
        assert "evil.example" not in page.text
        for host in ("evil.example", HOST):
            foreign = {"origin": f"http://{host}", "host": host, "x-forwarded-host": "evil.example"}
            taken = await client.post(
                "/sign-in" + query, data={"name": "away", "password": PASSWORD, "next": evil}, headers=foreign
            )
            assert (taken.status_code, taken.headers["location"]) == (303, "/")
        out = await client.post("/sign-out" + query, headers={"x-forwarded-host": "evil.example"})
        assert out.headers["location"] == "/sign-in"
        sent = await client.get("/", headers={"accept": "text/html", "host": "evil.example"})
        assert sent.headers["location"] == "/sign-in"
        over = await client.get("//evil.example/..", headers={"accept": "text/html"})
        assert "evil.example" not in over.headers.get("location", "")


@pytest.mark.parametrize(
    "host", ["evil.example", "park.example@evil.example", "park.example:80@evil.example", "", "[::1"]
)
async def test_a_page_of_a_host_that_is_named_in_the_request_is_not_our_own(house: House, host: str) -> None:
    session = house.person(f"host{abs(hash(host)) % 10**8}", "operator")
    async with house.client(session=session) as client:
        foreign = {"origin": f"http://{host}"}
        answer = await client.post(
            "/api/alarms/acknowledge", headers=foreign, json={"alarms": ["x"], "by": "x"}
        )
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


async def test_cookies_are_kept_from_scripts_other_sites_and_plain_http(house: House) -> None:
    house.person("cookie", "operator")
    transport = httpx.ASGITransport(house.apps["twin"])
    async with httpx.AsyncClient(
        transport=transport, base_url=f"https://{HOST}", headers={"origin": f"https://{HOST}"}
    ) as client:
        taken = await client.post("/sign-in", data={"name": "cookie", "password": PASSWORD})
        flags = {part.strip().lower() for part in taken.headers["set-cookie"].split(";")[1:]}
        assert {"httponly", "secure", "samesite=lax", "path=/"} <= flags
        assert not any(flag.startswith("domain") for flag in flags)
        assert taken.headers["strict-transport-security"] == "max-age=31536000"
        out = await client.post("/sign-out")
        assert "max-age=0" in out.headers["set-cookie"].lower()


PRIVATE = ("/api/me", "/api/identities", "/api/alarms", "/api/commands", "/api/nowhere", "/sign-in")


async def test_what_is_private_is_kept_by_no_cache(house: House) -> None:
    session = house.person("cache", "administrator", "engineer")
    for service in house.apps:
        async with house.client(service, session=session) as client:
            for path in (
                "/api/me",
                "/api/identities",
                "/api/alarms",
                "/api/commands",
                "/api/nowhere",
                "/sign-in",
            ):
                headers = (await client.get(path)).headers
                assert headers["cache-control"] in {"no-store", "private, no-cache", "no-cache"}, (
                    service,
                    path,
                )
                assert "public" not in headers["cache-control"]


async def test_nothing_but_the_page_lies_open(house: House) -> None:
    session = house.person("lister", "administrator")
    async with house.client(session=session) as client:
        for path in (
            "/.git/HEAD", "/.git/", "/.env", "/src/", "/src", "/style/", "/vendor/", "/locales/", "/twin.url",
            "/src/../../api/service.py", "/src/%2e%2e/%2e%2e/api/service.py", "/vendor/..%2f..%2fcli.py",
            "/src/..\\..\\cli.py", "/src//etc/passwd", "/pki/incidents.key.pem", "/identity.sqlite3",
            "/src/main.js/../../../cli.py", "/src/main.js%00.css", "/docs", "/redoc", "/api/docs/../cli.py",
        ):  # fmt: skip
            answer = await client.get(path)
            assert answer.status_code in {404, 403, 400, 307}, (path, answer.status_code, answer.text[:80])
            assert "import " not in answer.text
            assert not answer.is_redirect or answer.headers["location"] == f"http://{HOST}{path}/"


async def test_a_page_may_not_be_framed_sniffed_or_told_of(house: House) -> None:
    session = house.person("framed", "administrator")
    async with house.client(session=session) as client:
        for path in ("/", "/quality", "/maintenance", "/consents", "/sign-in", "/api/docs", "/src/main.js"):
            headers = (await client.get(path)).headers
            assert "frame-ancestors 'none'" in headers["content-security-policy"], path
            assert "unsafe" not in headers["content-security-policy"], path
            assert headers["x-content-type-options"] == "nosniff", path
            assert headers["referrer-policy"] == "no-referrer", path
            assert headers["cross-origin-resource-policy"] == "same-origin", path


async def test_a_role_that_was_taken_is_gone_at_once_with_its_session(house: House) -> None:
    session = house.person("demoted", "administrator")
    assert (await me(house, session=session)).status_code == 200
    house.identities.accounts.set_roles("demoted", ["viewer"], by="test")
    deadline = time.monotonic() + 10
    while (await me(house, session=session)).status_code != 401:
        assert time.monotonic() < deadline, "an answer of the database is remembered for two seconds"
        await asyncio.sleep(0.1)
    fresh = house.identities.sessions.open("demoted")
    async with house.client(session=fresh) as client:
        assert (await client.get("/api/identities")).status_code == 403


async def test_a_token_that_is_over_rotated_or_revoked_is_nobodys(house: House) -> None:
    tokens = house.identities.tokens
    short = tokens.issue("short", ["park.read"], days=1e-8, by="test")
    gone = tokens.issue("gone", ["park.read"], days=1, by="test")
    tokens.revoke(gone.split("_")[1], by="test")
    old = tokens.issue("old", ["park.read"], days=1, by="test")
    new = tokens.rotate(old.split("_")[1], days=1, by="test")
    await asyncio.sleep(0.01)
    for over in (short, gone):
        assert (await me(house, bearer=over)).status_code == 401
    assert (await me(house, bearer=new)).status_code == 200
    tokens.revoke(new.split("_")[1], by="test")
    deadline = time.monotonic() + 10
    for over in (new, old):
        while (await me(house, bearer=over)).status_code != 401:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)


async def test_nobody_gives_themselves_more_than_they_have(house: House) -> None:
    session = house.person("climber", "viewer")
    extra = {"roles": "administrator", "tenant": "", "permissions": "identity.read", "kind": "demo"}
    taken = await sign_in(house, name="climber", password=PASSWORD, **extra)
    assert taken.status_code == 303
    async with house.client(session=session) as client:
        told = (await client.get("/api/me", params=extra, headers={"x-role": "administrator"})).json()
        assert (told["roles"], told["kind"]) == (["viewer"], "person")
        for scope in ({"x-forwarded-user": "lan"}, {"x-original-url": "/api/health"}, {"remote-user": "lan"}):
            answer = await client.get("/api/identities", headers=scope)
            assert answer.status_code == 403
    with pytest.raises(AccountError):
        house.identities.tokens.issue("climber", ["park.read", "root"], days=1, by="test")


async def test_a_socket_of_another_site_or_without_a_sign_in_is_not_opened(house: House) -> None:
    session = house.person("socket", "viewer")
    cookie = {"cookie": f"{COOKIE}={session}"}
    twin = house.apps["twin"]
    assert (await socket(twin, "/api/stream", {**cookie, "origin": "http://evil.example"}))["code"] == 4403
    assert (await socket(twin, "/api/stream", {**cookie, "origin": "null"}))["code"] == 4403
    assert (await socket(twin, "/api/stream", OWN_PAGE))["code"] == 4401
    for protocol in (f"bearer.{session}", session):  # a secret in a place that is logged
        assert (await socket(twin, "/api/stream", {**OWN_PAGE, "sec-websocket-protocol": protocol}))[
            "code"
        ] == 4401
    async with house.client() as client:
        for name in ("token", "access_token", "session", COOKIE):
            assert (await client.get("/api/me", params={name: session})).status_code == 401


async def test_a_code_or_a_link_is_good_once(house: House) -> None:
    house.person("factor", "operator")
    link = house.identities.accounts.set_totp("factor", on=True, by="test")
    totp = pyotp.TOTP(parse_qs(urlsplit(link).query)["secret"][0])
    code = totp.at(system_clock() // NS_PER_S)
    assert (await sign_in(house, name="factor", password=PASSWORD)).status_code == 401
    assert (await sign_in(house, name="factor", password=PASSWORD, code=code)).status_code == 303
    assert (await sign_in(house, name="factor", password=PASSWORD, code=code)).status_code == 401
    made = house.identities.links.make("factor", by="test").partition("link=")[2]
    house.identities.accounts.set_totp("factor", on=False, by="test")
    assert (await sign_in(house, link=made, new=PASSWORD)).status_code == 303
    assert (await sign_in(house, link=made, new=PASSWORD + "!")).status_code == 404
    assert (await sign_in(house, name="factor", password=PASSWORD)).status_code == 303


async def test_a_link_that_sets_a_password_does_not_go_round_the_second_factor(house: House) -> None:
    house.person("linked", "operator")
    house.identities.accounts.set_totp("linked", on=True, by="test")
    made = house.identities.links.make("linked", by="test").partition("link=")[2]
    answer = await sign_in(house, link=made, new=PASSWORD + "!")
    assert COOKIE not in answer.headers.get("set-cookie", ""), "a link alone is one factor"


def test_guessing_locks_the_account_and_tells_nobody_that_it_is_there(house: House) -> None:
    house.person("guessed", "operator")
    texts = set()
    for name in ("guessed", "nobody-there"):
        for _ in range(TRIES + 1):
            with pytest.raises(SignInError) as refused:
                house.identities.accounts.sign_in(name, "wrong wrong wrong")
            texts.add(str(refused.value))
    assert len(texts) == 1
    with pytest.raises(SignInError):
        house.identities.accounts.sign_in("guessed", PASSWORD)
    assert house.identities.accounts.get("guessed").locked_until > system_clock()


def test_a_name_that_is_not_there_takes_as_long_as_a_wrong_password(house: House, tmp_path: Any) -> None:
    """Without the hash that is reckoned for nobody, the one would take a hundredth of the other."""
    slow = PasswordHasher(time_cost=2, memory_cost=16384, parallelism=1)
    identities = Identities(f"sqlite:///{tmp_path / 'i.sqlite3'}", clock=system_clock, hasher=slow)
    took: dict[str, list[float]] = {"lan": [], "nobody-there": []}
    try:
        identities.accounts.add("lan", roles=["viewer"], by="test")
        identities.accounts.set_password("lan", PASSWORD, by="test")
        for turn in range(6):
            for name, times in took.items():
                begun = time.process_time()
                with pytest.raises(SignInError):
                    identities.accounts.sign_in(name, f"wrong wrong {turn}")
                times.append(time.process_time() - begun)
    finally:
        identities.close()
    known, unknown = (median(times) for times in took.values())
    assert 0.4 < unknown / known < 2.5


@pytest.mark.parametrize(
    "name", ["ｌａｎ２", "lan2\u200b", "lan2\u0301", "ļan2", "lаn2", "LAN2", " lan2 ", "lan2\x00"]
)
async def test_a_name_that_looks_like_another_is_not_it(house: House, name: str) -> None:
    if not any(account.name == "lan2" for account in house.identities.accounts.all()):
        house.person("lan2", "operator")
    same = name.strip().casefold() == "lan2"
    elsewhere = "192.0.2.7"  # an address may try so often a minute, and others here have tried
    answer = await sign_in(house, elsewhere, name=name, password=PASSWORD)
    assert answer.status_code == (303 if same else 401)
    if not same:
        with pytest.raises(AccountError):
            house.identities.accounts.add(name, roles=["viewer"], by="test")


async def test_a_line_break_in_a_name_makes_no_line_of_the_log(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    before = logging.getLogger().handlers[:]
    try:
        for style in ("text", "json"):
            configure_logging("debug", style)
            await sign_in(house, name="x\r\n2026-01-01 00:00:00 INFO root: all is well", password="x\ny")
            logging.getLogger("twin.test").warning("user %s", "x\r\n2026 INFO root: all is well\x1b[2J")
        told = capfd.readouterr().err
    finally:
        logging.getLogger().handlers[:] = before
    assert "all is well" in told
    assert not any(
        line.startswith("2026") and "INFO root: all is well" in line[:40] for line in told.splitlines()
    )
    assert "\x1b" not in told


def test_the_audit_shows_what_was_changed_taken_out_moved_or_cut_off(house: House, tmp_path: Any) -> None:
    identities = Identities(f"sqlite:///{tmp_path / 'audit.sqlite3'}", clock=system_clock, hasher=CHEAP)
    try:
        for number in range(6):
            identities.accounts.add(f"person{number}", roles=["viewer"], by="test")
        engine = identities.store.engine()
        head = CHAIN.verify(engine)
        spoil = [
            "UPDATE identity_audit SET subject = 'somebody' WHERE number = 3",
            "DELETE FROM identity_audit WHERE number = 3",
            "UPDATE identity_audit SET number = number - 5 WHERE number IN (2, 3);"
            "UPDATE identity_audit SET number = -number WHERE number = -3;"
            "UPDATE identity_audit SET number = -number WHERE number = -2;"
            "DELETE FROM identity_audit WHERE number > 4",
        ]
        for statement in spoil:
            with pytest.raises(SqlError, match="only grows"), writing(engine) as connection:
                connection.execute(text(statement.partition(";")[0]))
        assert CHAIN.verify(engine, expect=head) == head
        whole = tmp_path / "audit.sqlite3"
        identities.close()
        for number, statement in enumerate(spoil):
            copy = tmp_path / f"copy{number}.sqlite3"
            with sqlite3.connect(whole) as kept, sqlite3.connect(copy) as spoilt:
                kept.backup(spoilt)  # by somebody who has the file, and takes the guards away
                for (guard,) in spoilt.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                ).fetchall():
                    spoilt.execute(f'DROP TRIGGER "{guard}"')
                spoilt.executescript(statement)
            spoilt.close()
            engine = open_database(f"sqlite:///{copy}")
            with pytest.raises(AuditError):
                CHAIN.verify(engine, expect=head)
            engine.dispose()
        kept.close()
    finally:
        identities.close()
