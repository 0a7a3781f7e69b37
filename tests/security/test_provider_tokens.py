"""A provider of OpenID Connect whose answers were forged on the way: every identity token that is not exactly
what was asked for lets nobody in. The provider is ours, over HTTP; its signatures are by joserfc."""

from __future__ import annotations

import base64
import hmac
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.middleware.sessions import SessionMiddleware

from tests.security.estate import CHEAP
from tests.support.services import wait_for
from twin.api.provider_router import Provider, provider_router
from twin.contract.clock import NS_PER_S, system_clock
from twin.identity.gate import COOKIE
from twin.identity.identities import Identities

CLIENT = "parktwin"
HOST = "park.example"


@dataclass
class Forger:
    """A provider whose next identity token a test writes."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    token: str = ""

    def app(self) -> FastAPI:
        """What a provider answers."""
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def get_configuration() -> dict[str, Any]:
            return {
                "issuer": self.url,
                "authorization_endpoint": self.url + "/authorize",
                "token_endpoint": self.url + "/token",
                "jwks_uri": self.url + "/jwks",
                "id_token_signing_alg_values_supported": ["RS256"],
            }

        @app.get("/jwks")
        async def get_keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.post("/token")
        async def post_token() -> dict[str, Any]:
            return {"access_token": "x", "token_type": "Bearer", "expires_in": 60, "id_token": self.token}

        return app

    def claims(self, nonce: str) -> dict[str, Any]:
        """What a right token says."""
        now = system_clock() // NS_PER_S
        return {
            "iss": self.url, "sub": "person-1", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce,
            "preferred_username": "lan",
        }  # fmt: skip

    def signed(self, claims: dict[str, Any]) -> str:
        """Sign as the provider does."""
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)


@pytest.fixture(scope="module")
def forger() -> Iterator[Forger]:
    made = Forger()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(made.app(), log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        wait_for(lambda: server.started, "the provider listens")
        yield made
        server.should_exit = True
        thread.join(30)


@pytest.fixture
async def browser(forger: Forger, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A browser before a twin that lets the provider's people in."""
    identities = Identities(f"sqlite:///{tmp_path / 'i.sqlite3'}", clock=system_clock, hasher=CHEAP)
    identities.accounts.add("lan", roles=["operator"], issuer=forger.url, by="test")
    app = FastAPI()
    app.include_router(provider_router(identities, Provider(forger.url, CLIENT, "secret-of-the-test")))
    app.add_middleware(SessionMiddleware, secret_key="of the test", session_cookie="oidc")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=f"http://{HOST}", follow_redirects=False
    ) as client:
        yield client
    identities.close()


async def begin(browser: httpx.AsyncClient) -> tuple[str, str]:
    """Go to the provider; return state and nonce."""
    sent = await browser.get("/sign-in/provider")
    asked = parse_qs(urlsplit(sent.headers["location"]).query)
    return asked["state"][0], asked["nonce"][0]


async def come_back(browser: httpx.AsyncClient, state: str) -> bool:
    """Come back from there; whether it is signed in."""
    answer = await browser.get("/sign-in/provider/back", params={"code": "x", "state": state})
    let_in = COOKIE in answer.headers.get("set-cookie", "")
    assert answer.headers["location"] == ("/" if let_in else "/sign-in?trouble=away")
    return let_in


async def test_what_the_provider_signed_for_this_sign_in_lets_in(
    browser: httpx.AsyncClient, forger: Forger
) -> None:
    state, nonce = await begin(browser)
    forger.token = forger.signed(forger.claims(nonce))
    assert await come_back(browser, state)
    assert not await come_back(browser, state), "a state is good once"


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"sub": None},
        {"iat": 9_999_999_999},
    ],
    ids=json.dumps,
)
async def test_a_token_of_another_sign_in_issuer_client_or_time_lets_nobody_in(
    browser: httpx.AsyncClient, forger: Forger, change: dict[str, Any]
) -> None:
    state, nonce = await begin(browser)
    claims = {name: value for name, value in (forger.claims(nonce) | change).items() if value is not None}
    forger.token = forger.signed(claims)
    assert not await come_back(browser, state)


@pytest.mark.parametrize("how", ["none", "public key as a secret", "another key", "key in the header", "cut"])
async def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    browser: httpx.AsyncClient, forger: Forger, how: str
) -> None:
    state, nonce = await begin(browser)
    claims, another = forger.claims(nonce), RSAKey.generate_key(2048, {"kid": "1"})
    head = {"alg": "RS256", "kid": "1"}
    forger.token = {
        "none": _unsigned(claims),
        "public key as a secret": _by_secret(claims, forger.key.as_pem(private=False)),
        "another key": jwt.encode(head, claims, another),
        "key in the header": jwt.encode(head | {"jwk": another.as_dict(private=False)}, claims, another),
        "cut": forger.signed(claims).rpartition(".")[0] + ".",
    }[how]
    assert not await come_back(browser, state)


async def test_an_answer_to_a_sign_in_that_another_browser_began_lets_nobody_in(
    browser: httpx.AsyncClient, forger: Forger
) -> None:
    state, nonce = await begin(browser)
    forger.token = forger.signed(forger.claims(nonce))
    browser.cookies.clear()
    assert not await come_back(browser, state)


def _unsigned(claims: dict[str, Any]) -> str:
    return _written({"alg": "none"}, claims) + "."


def _by_secret(claims: dict[str, Any], secret: bytes) -> str:
    """What a verifier takes that lets the token say how it is verified."""
    body = _written({"alg": "HS256", "kid": "1"}, claims)
    return f"{body}.{_coded(hmac.new(secret, body.encode(), 'sha256').digest())}"


def _written(*parts: dict[str, Any]) -> str:
    return ".".join(_coded(json.dumps(part).encode()) for part in parts)


def _coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
