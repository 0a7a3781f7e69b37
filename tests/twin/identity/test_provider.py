"""Signing in by a real provider of OpenID Connect: code and PKCE, state and nonce, and who has a place."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from sqlalchemy import select

from tests.support.npm import install
from tests.support.ports import free_port
from tests.support.require import missing
from tests.twin.api.running_twin import PARK_FILE, running_twin
from twin.contract.clock import system_clock
from twin.identity.identities import Identities
from twin.identity.tables import AUDIT

pytestmark = [pytest.mark.node, pytest.mark.slow]

PROVIDER = "oidc-provider@9.13.3"
SCRIPT = Path(__file__).parent / "provider.mjs"
SECRET = "a-secret-of-the-test-alone"


@dataclass
class Company:
    """A twin, a provider beside it, and the accounts that have a place."""

    twin: str
    issuer: str
    identities: Identities

    def browser(self) -> httpx.Client:
        """Somebody who has never been here."""
        return httpx.Client(timeout=30, trust_env=False, follow_redirects=False)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        missing("Node.js with npm", "apt-get install nodejs npm")
    try:
        modules = install(npm, "oidc-provider", [PROVIDER])
    except subprocess.CalledProcessError as error:
        missing(PROVIDER, f"npm ended with {error.returncode}")
    folder = tmp_path_factory.mktemp("company")
    script = modules.parent / "provider.mjs"
    script.write_text(SCRIPT.read_text())  # beside the modules, which is where node looks for them
    port, own = free_port(), free_port()
    issuer, twin = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{own}"
    command = [node, str(script), str(port), f"{twin}/sign-in/provider/back", SECRET]
    url = f"sqlite:///{folder / 'identity.sqlite3'}"
    identities = Identities(url, clock=system_clock)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as provider:
        assert provider.stdout is not None
        assert provider.stdout.readline() == "ready\n"
        try:
            with running_twin(
                folder,
                PARKTWIN_PARK=str(PARK_FILE),
                PARKTWIN_PORT=str(own),
                PARKTWIN_IDENTITY=url,
                PARKTWIN_OIDC_ISSUER=issuer,
                PARKTWIN_OIDC_CLIENT_SECRET=SECRET,
            ):
                yield Company(twin, issuer, identities)
        finally:
            provider.terminate()
    identities.close()


def sign_in(company: Company, browser: httpx.Client, name: str) -> httpx.Response:
    """Go the way a browser goes, through the provider's own pages; return where it comes out."""
    answer = browser.get(company.twin + "/sign-in/provider")
    for _ in range(20):
        if answer.status_code in {302, 303}:
            target = urljoin(str(answer.url), answer.headers["location"])
            if target.startswith(company.twin) and "/back" not in target:
                return answer
            answer = browser.get(target)
        else:
            action = re.search(r'action="([^"]+)"', answer.text)
            assert action is not None, answer.text
            prompt = "login" if 'name="login"' in answer.text else "consent"
            form = {"prompt": prompt, "login": name, "password": "x"}
            answer = browser.post(urljoin(str(answer.url), unescape(action[1])), data=form)
    pytest.fail(f"the way in goes in a circle: {answer.url}")


def test_a_company_account_with_a_place_is_let_in_and_known_by_its_id(company: Company) -> None:
    company.identities.accounts.add(
        "lan", display="Trần Thị Lan", roles=["operator"], issuer=company.issuer, by="test"
    )
    with company.browser() as browser:
        assert "/sign-in/provider" in browser.get(company.twin + "/sign-in").text
        out = sign_in(company, browser, "lan")
        assert (out.status_code, out.headers["location"]) == (303, "/")
        me = browser.get(company.twin + "/api/me").json()
        assert (me["name"], me["roles"]) == ("lan", ["operator"])
    with company.identities.store.reading() as connection:
        events = [
            row.event for row in connection.execute(select(AUDIT.c.event).where(AUDIT.c.subject == "lan"))
        ]
    assert events == ["added", "bound", "signed in"]
    with pytest.raises(PermissionError):
        company.identities.accounts.sign_in("lan", "")
    with company.browser() as browser:
        assert sign_in(company, browser, "lan").headers["location"] == "/"


def test_a_company_account_without_a_place_is_told_so(company: Company) -> None:
    company.identities.accounts.add("minh", roles=["operator"], by="test")  # of ours, not of the company
    for name in ("stranger", "minh"):
        with company.browser() as browser:
            out = sign_in(company, browser, name)
            assert out.headers["location"] == "/sign-in?trouble=stranger"
            assert "no place here" in browser.get(company.twin + "/sign-in?trouble=stranger").text
            assert browser.get(company.twin + "/api/me").status_code == 401


def test_pkce_state_and_nonce_are_asked_for_and_a_strange_answer_lets_nobody_in(company: Company) -> None:
    with company.browser() as browser:
        asked = parse_qs(urlsplit(browser.get(company.twin + "/sign-in/provider").headers["location"]).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["response_type"] == ["code"]
        assert len(asked["code_challenge"][0]) == 43
        assert asked["nonce"]
        for query in ("?code=x&state=x", f"?code=x&state={asked['state'][0]}", "?error=access_denied", ""):
            answer = browser.get(company.twin + "/sign-in/provider/back" + query)
            assert answer.headers["location"] == "/sign-in?trouble=away", query
        assert browser.get(company.twin + "/api/me").status_code == 401
