"""Services among themselves: HTTPS with the certificates of a closed network, callers known by certificate
too, and a refusal that says which side has to do something."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.support.services import ServiceProcess
from tests.twin.api.running_twin import PARK_FILE
from twin.api.desk_router import DeskService, desk_router
from twin.api.settings import TwinSettings
from twin.contract.clock import system_clock
from twin.identity.identities import Identities
from twin.service.closed_network import make_network
from twin.service.problems import install_problem_handlers
from twin.service.settings import ServiceSettings, SettingsError, load
from twin.service.tls import client_context
from vision_qc.client import QcClient
from vision_qc.errors import ServiceAwayError

TOKEN = "a-token-of-some-length"


@dataclass
class Network:
    """Two authorities, a qc and a twin that believe the first, and their one token."""

    folder: Path
    qc: str
    twin: str
    token: str

    def settings(self, shows: str = "right", believes: str = "right", host: str = "twin") -> ServiceSettings:
        """Of a service in it that asks; ``""`` = shows, or names, nothing."""
        named: dict[str, object] = {}
        if shows:
            named["tls_certificate"] = self.folder / shows / f"{host}.pem"
            named["tls_key"] = self.folder / shows / f"{host}.key.pem"
        if believes:
            named["tls_authority"] = self.folder / believes / "ca.pem"
        return load(ServiceSettings, **named)


def environment(folder: Path, host: str) -> dict[str, str]:
    return {
        "PARKTWIN_TLS_CERTIFICATE": str(folder / "right" / f"{host}.pem"),
        "PARKTWIN_TLS_KEY": str(folder / "right" / f"{host}.key.pem"),
        "PARKTWIN_TLS_AUTHORITY": str(folder / "right" / "ca.pem"),
    }


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    folder = tmp_path_factory.mktemp("network")
    for authority in ("right", "wrong"):
        make_network(folder / authority, ["qc=127.0.0.1", "twin=127.0.0.1"], system_clock)
    url = f"sqlite:///{folder / 'identity.sqlite3'}"
    identities = Identities(url, clock=system_clock)
    token = identities.tokens.issue(
        "twin", ["park.read", "inspection.read", "service.read"], days=1, by="test"
    )
    common = {
        "PARKTWIN_BUS": f"embedded:{folder / 'bus'}", "PARKTWIN_PORT": "0", "PARKTWIN_IDENTITY": url,
        "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    qc = ServiceProcess(
        "vision_qc.service",
        folder / "qc",
        common | environment(folder, "qc") | {"PARKTWIN_TLS_CLIENTS": "true"},
        name="qc",
    )
    twin = ServiceProcess(
        "twin",
        folder / "twin",
        common
        | environment(folder, "twin")
        | {
            "PARKTWIN_PARK": str(PARK_FILE),
            "PARKTWIN_QUALITY_SERVICE": str(folder / "qc" / "qc.url"),
            "PARKTWIN_DESKS_TOKEN": token,
        },
    )
    try:
        qc.start()
        twin.start()
        yield Network(folder, qc.url(120), twin.url(120), token)
    finally:
        twin.stop()
        qc.stop()
        identities.close()


def test_the_twin_asks_the_inspection_service_over_tls(network: Network) -> None:
    assert network.qc.startswith("https://")
    bearer = {"authorization": f"Bearer {network.token}"}
    trust = client_context(network.settings(shows=""))
    with httpx.Client(base_url=network.twin, headers=bearer, verify=trust, trust_env=False) as person:
        answer = person.get("/api/qc/stations", timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"stations": {}}


def test_a_port_with_a_certificate_speaks_no_http(network: Network) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(network.twin.replace("https", "http") + "/api/health", trust_env=False)


def ask(address: str, token: str, trust: ssl.SSLContext | None) -> httpx.Response:
    """Ask by the twin's way to a desk, with this trust."""
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(desk_router([DeskService("quality", address, token, "/api", trust)]))

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://twin") as client:
            return await client.get("/api/qc/stations", timeout=60)

    return asyncio.run(asked())


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        ({"believes": "wrong"}, "its certificate does not prove who it is"),
        ({"believes": ""}, "its certificate does not prove who it is"),
        ({"shows": ""}, "does not believe our certificate; set PARKTWIN_TLS_CERTIFICATE"),
        ({"shows": "wrong"}, "does not believe our certificate; set PARKTWIN_TLS_CERTIFICATE"),
    ],
)
def test_a_wrong_authority_is_refused_and_it_is_said_which_side(
    network: Network, made: dict[str, str], sentence: str
) -> None:
    trust = client_context(network.settings(**made))
    refused = ask(network.qc, network.token, trust)
    assert (refused.status_code, refused.json()["code"]) == (503, "desk.away")
    assert sentence in refused.json()["detail"]
    client = QcClient(network.qc, token=network.token, trust=trust)
    with client, pytest.raises(ServiceAwayError, match=sentence):
        client.stations()


def test_a_name_that_a_certificate_does_not_have_is_refused(network: Network) -> None:
    other = network.qc.replace("127.0.0.1", "localhost")
    refused = ask(other, network.token, client_context(network.settings()))
    assert "Hostname mismatch" in refused.json()["detail"]


def test_a_certificate_alone_lets_nobody_in(network: Network) -> None:
    trust = client_context(network.settings())
    assert ask(network.qc, "", trust).status_code == 401
    assert ask(network.qc, network.token, trust).status_code == 200


def test_a_service_that_speaks_no_tls_is_said_so(network: Network) -> None:
    with plain_service() as address:
        refused = ask(address.replace("http", "https"), network.token, client_context(network.settings()))
    assert "it speaks no TLS" in refused.json()["detail"]


@contextmanager
def plain_service() -> Iterator[str]:
    """Something that answers by HTTP."""
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(10)


HERE: dict[str, Any] = {"access_token": TOKEN}
PAIR: dict[str, Any] = {"tls_certificate": "/x.pem", "tls_key": "/x.key.pem"}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({**HERE, "host": "0.0.0.0"}, "PARKTWIN_PLAIN_HTTP=true"),
        ({"identity": "sqlite:///x", "host": "::"}, "in clear"),
        ({"tls_certificate": "/x.pem"}, "belong together"),
        ({**PAIR, "tls_clients": True}, "PARKTWIN_TLS_AUTHORITY"),
        (
            {**PAIR, "tls_authority": "/ca.pem", "tls_clients": True, "plain_http": True},
            "leave PARKTWIN_PLAIN",
        ),
    ],
)
def test_settings_that_would_tell_secrets_in_clear_are_refused(given: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load(ServiceSettings, **given)


@pytest.mark.parametrize(
    "given", [{**HERE, "host": "0.0.0.0", "plain_http": True}, {**HERE, **PAIR, "host": "0.0.0.0"}, HERE]
)
def test_settings_that_say_how_are_taken(given: dict[str, Any]) -> None:
    assert load(ServiceSettings, **given).secured


def test_a_desk_beyond_this_machine_is_not_asked_in_clear() -> None:
    there = {**HERE, "park": PARK_FILE, "quality_service": "http://qc:8420"}
    with pytest.raises(SettingsError, match="PARKTWIN_QUALITY_SERVICE=http://qc:8420"):
        load(TwinSettings, **there)
    for mended in (
        {"quality_service": "https://qc:8420"},
        {"plain_http": True},
        {"quality_service": "http://127.0.0.1:1"},
    ):
        assert load(TwinSettings, **{**there, **mended}).quality_service


def test_a_certificate_that_cannot_be_used_stops_the_service_at_start(
    tmp_path: Path, network: Network
) -> None:
    wrong = environment(network.folder, "twin") | {
        "PARKTWIN_TLS_KEY": str(network.folder / "wrong" / "twin.key.pem"),
        "PARKTWIN_BUS": "memory:tls", "PARKTWIN_IDENTITY": "", "PARKTWIN_PARK": str(PARK_FILE),
    }  # fmt: skip
    twin = ServiceProcess("twin", tmp_path / "twin", wrong)
    twin.start()
    assert twin.process is not None
    assert twin.process.wait(60) == 2
    assert "PARKTWIN_TLS_KEY" in twin.log.read_text()
    twin.stop()
