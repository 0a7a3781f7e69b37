"""``/sign-in/provider``: the way in with a company's accounts, by OpenID Connect.

Authorization code with PKCE (RFC 7636, S256), state and nonce, by Authlib; the provider's keys and addresses
are discovered from its issuer. A company account is let in if the administrator has made a place for it
(``parktwin users add NAME --issuer URL``); it is known by the provider's own id from the first time on.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import httpx
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from joserfc.errors import JoseError

from twin.api.sign_in_router import signed_in
from twin.identity.errors import SignInError
from twin.identity.guard import for_everybody
from twin.identity.identities import Identities

_LOG = logging.getLogger(__name__)

TIMEOUT_S: Final = 10.0
_SCOPE: Final = "openid profile email"


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of OpenID Connect.

    Args:
        issuer: its address; what it signs must name it.
        client_id, client_secret: what the twin is registered as there.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


def provider_router(identities: Identities, provider: Provider) -> APIRouter:
    """Make the router; its app needs a session cookie for the minutes that a sign-in takes."""
    router = APIRouter(include_in_schema=False)
    oauth = OAuth()
    oauth.register(
        name="provider",
        server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        client_kwargs={
            "scope": _SCOPE,
            "code_challenge_method": "S256",
            "timeout": TIMEOUT_S,
            "trust_env": False,
        },
    )

    @router.get("/sign-in/provider", dependencies=[for_everybody()])
    async def get_provider(request: Request) -> Response:
        try:
            sent: Response = await oauth.provider.authorize_redirect(
                request, str(request.url_for("get_back"))
            )
        except (httpx.HTTPError, OAuthError, ValueError) as error:
            _LOG.warning("sign-in: %s does not answer as a provider should: %r", provider.issuer, error)
            return _back("away")
        return sent

    @router.get("/sign-in/provider/back", dependencies=[for_everybody()])
    async def get_back(request: Request) -> Response:
        try:
            token = await oauth.provider.authorize_access_token(request)
            told: dict[str, Any] = dict(token["userinfo"])
            if "preferred_username" not in told and "email" not in told:
                told |= {**await oauth.provider.userinfo(token=token), "sub": told["sub"]}
        except (httpx.HTTPError, OAuthError, JoseError, ValueError, KeyError) as error:
            _LOG.warning("sign-in: what came back from %s does not hold: %r", provider.issuer, error)
            return _back("away")
        where = request.client.host if request.client else ""
        try:
            account = await asyncio.to_thread(
                identities.accounts.sign_in_by_provider,
                provider.issuer,
                str(told["sub"]),
                names_of(told),
                where=where,
            )
        except SignInError:
            return _back("stranger")
        return await signed_in(identities, request, account.name)

    return router


def names_of(told: dict[str, Any]) -> list[str]:
    """The names of accounts that may be meant: an address only if the provider has verified it.

    >>> names_of({"preferred_username": "Lan", "email": "lan@x.vn", "email_verified": False})
    ['lan']
    """
    names = [
        told.get("preferred_username"),
        told.get("email") if told.get("email_verified") is True else None,
    ]
    return [str(name).casefold() for name in names if name]


def _back(trouble: str) -> Response:
    return RedirectResponse(f"/sign-in?trouble={trouble}", HTTPStatus.SEE_OTHER)
