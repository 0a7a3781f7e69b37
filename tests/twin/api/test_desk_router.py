"""The twin hands the questions of a desk to its service: a real one behind it, over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response

from tests.support.services import wait_for
from twin.api.desk_router import DeskService, desk_router
from twin.service.problems import install_problem_handlers


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started or not thread.is_alive(), "the service listens")
    (listener,) = server.servers
    try:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


def service() -> FastAPI:
    app = FastAPI()

    @app.api_route("/api/{path:path}", methods=["GET", "POST"])
    async def tell(path: str, request: Request) -> Response:
        if path == "stations/busy":
            return Response("{}", 503, {"retry-after": "1", "set-cookie": "a=b"})
        told: dict[str, Any] = {
            "path": request.scope["raw_path"].decode(),
            "query": request.url.query,
            "headers": sorted(request.headers),
            "authorization": request.headers.get("authorization"),
            "bytes": len(await request.body()),
        }
        return Response(httpx.Response(200, json=told).content, media_type="application/json")

    return app


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("qc") / "qc.url"
    with listening(service()) as url:
        path.write_text(url)
        yield path


@pytest.fixture(scope="module")
def page(address: Path) -> Iterator[httpx.Client]:
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(
        desk_router(
            [
                DeskService("quality", str(address), "a-token-of-some-length", "/api"),
                DeskService("maintenance", "", "", "/api/maintenance"),
            ]
        )
    )
    with listening(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def test_a_question_arrives_with_its_path_query_and_the_services_own_token(page: httpx.Client) -> None:
    told = page.get(
        "/api/qc/stations/park/f1/line%201/charts?window=5&product=a%26b",
        headers={"cookie": "parktwin_token=secret", "authorization": "Bearer of-the-page"},
    ).json()
    assert told["path"] == "/api/stations/park/f1/line%201/charts"
    assert told["query"] == "window=5&product=a%26b"
    assert told["authorization"] == "Bearer a-token-of-some-length"
    assert "cookie" not in told["headers"]
    assert "origin" not in told["headers"]


def test_a_large_body_is_handed_on_whole(page: httpx.Client) -> None:
    told = page.post(
        "/api/qc/stations/a/b/recipes/plate", content=b"x" * 3_000_000, headers={"origin": str(page.base_url)}
    )
    assert told.json()["bytes"] == 3_000_000


def test_another_site_may_not_act(page: httpx.Client) -> None:
    answer = page.post(
        "/api/qc/inspections/1/reviews", content=b"x", headers={"origin": "http://elsewhere.example"}
    )
    assert answer.status_code == 403


def test_only_what_a_desk_reads_is_passed_on(page: httpx.Client) -> None:
    assert page.get("/api/qc/health").status_code == 404
    assert page.post("/api/qc/stations/a/b/inspect", content=b"x").status_code == 405


def test_a_refusal_comes_back_with_its_hint_and_no_cookie(page: httpx.Client) -> None:
    answer = page.get("/api/qc/stations/busy")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "set-cookie" not in answer.headers


def test_only_configured_desks_are_offered(page: httpx.Client) -> None:
    assert page.get("/api/desks").json() == {"desks": ["twin", "quality"]}
    answer = page.get("/api/maintenance/plan")
    assert answer.status_code == 503
    assert "PARKTWIN_MAINTENANCE_SERVICE" in answer.json()["detail"]


def test_a_service_that_is_gone_is_said_to_be_and_found_again(page: httpx.Client, address: Path) -> None:
    here = address.read_text()
    address.write_text("http://127.0.0.1:9")
    answer = page.get("/api/qc/stations")
    assert answer.status_code == 503
    assert answer.json()["code"] == "desk.away"
    assert "does not answer (ConnectError)" in answer.json()["detail"]
    address.unlink()
    assert "is not running" in page.get("/api/qc/stations").json()["detail"]
    address.write_text(here)
    assert page.get("/api/qc/stations").status_code == 200
