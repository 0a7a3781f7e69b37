from __future__ import annotations

import base64
import hashlib
import re
import shutil
from pathlib import Path

import httpx
import pytest
from fastapi import Request

from tests.twin.api.running_twin import RunningTwin, running_twin
from twin.api.page_desk import DeskPage
from twin.api.page_router import DESKS, content_security_policy
from twin.api.service import WEB

TOKEN = "a-token-of-some-length"


def test_the_page_and_its_parts_are_served_and_asked_about_each_time(twin: RunningTwin) -> None:
    page = twin.client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    for path in ("/", "/src/main.js", "/locales/vi.json", "/vendor/three/three.module.min.js"):
        answer = twin.client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == "no-cache"
    script = twin.client.get("/src/main.js")
    assert "javascript" in script.headers["content-type"]
    again = twin.client.get("/src/main.js", headers={"if-none-match": script.headers["etag"]})
    assert again.status_code == 304


def test_nothing_but_the_page_is_served(twin: RunningTwin) -> None:
    for path in ("/src/../../state/snapshot.py", "/src/%2e%2e/%2e%2e/__main__.py", "/park.yaml", "/src/"):
        assert twin.client.get(path).status_code == 404, path


def test_every_answer_keeps_the_browser_in(twin: RunningTwin) -> None:
    for path in ("/", "/api/park", "/src/main.js", "/api/nowhere", "/metrics"):
        headers = twin.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy, "no other host, ever"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_the_import_map_of_the_page_is_allowed_by_its_hash(twin: RunningTwin) -> None:
    page = twin.client.get("/")
    maps = re.findall(r'<script type="importmap">(.*?)</script>', page.text, re.DOTALL)
    assert len(maps) == 1
    digest = base64.b64encode(hashlib.sha256(maps[0].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.headers["content-security-policy"]


def test_a_script_by_address_needs_no_hash_and_a_style_has_its_own() -> None:
    policy = content_security_policy('<script type="module" src="./a.js"></script><style>b{}</style>')
    assert "script-src 'self';" in policy
    assert "style-src 'self' 'sha256-" in policy


def test_no_part_of_the_page_names_another_host() -> None:
    named = re.compile(rb"""(?:src|href|from|import|fetch)\W{1,3}["'(`](?:https?:)?//""")
    own = [
        path
        for path in WEB.rglob("*")
        if path.suffix in {".js", ".html", ".css"} and "vendor" not in path.parts
    ]
    assert own
    assert [path.name for path in own if named.search(path.read_bytes())] == []


def test_a_desk_comes_in_few_files_that_are_asked_for_at_once(twin: RunningTwin) -> None:
    def linked(path: str) -> set[str]:
        return set(re.findall(r'(?:src|href)="\./((?:src|style|vendor)/[^"]+)"', twin.client.get(path).text))

    for path in linked("/") | linked("/quality"):
        assert twin.client.get(f"/{path}").status_code == 200, path
    three = {f"vendor/three/three.{part}.min.js" for part in ("core", "module")}
    loader = "vendor/three/addons/loaders/GLTFLoader.js"
    assert (
        linked("/")
        >= {"src/twin.pack.js", "style/page.pack.css", "vendor/uplot/uPlot.esm.js", loader} | three
    )
    assert not linked("/quality") & three, "who draws no scene needs nothing that does"
    assert all(len(linked(path)) < 12 for path in ("/", "/quality", "/maintenance", "/consents"))


def test_a_packed_file_is_as_any_other(twin: RunningTwin) -> None:
    for path, kind in {
        "/src/twin.pack.js": "text/javascript",
        "/src/quality.pack.js": "text/javascript",
        "/src/twin.pack.js.map": "application/json",
        "/style/page.pack.css": "text/css",
    }.items():
        answer = twin.client.get(path)
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["cache-control"] == "no-cache"
        assert twin.client.get(path, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
        plain = twin.client.get(path, headers={"accept-encoding": "identity"})
        assert plain.content == answer.content
        assert "content-encoding" not in plain.headers
    script, style = (twin.client.get(path).text for path in ("/src/twin.pack.js", "/style/page.pack.css"))
    assert (WEB / "style" / "tokens.css").read_text() in style
    assert "const MOST_CAUSES = 3;" in script


def test_an_update_of_any_part_is_seen_at_once(tmp_path: Path) -> None:
    web = tmp_path / "web"
    shutil.copytree(WEB, web)
    desk = DeskPage(web, "twin", DESKS["/"])
    before = desk.answer(desk.script, asking()).headers["etag"]
    assert desk.answer(desk.script, asking(before)).status_code == 304
    with (web / "src" / "dom.js").open("a") as module:
        module.write("// changed\n")
    assert desk.answer(desk.script, asking(before)).status_code == 200


def test_the_page_is_not_sent_again_to_who_has_it(twin: RunningTwin) -> None:
    etag = twin.client.get("/").headers["etag"]
    assert twin.client.get("/", headers={"if-none-match": etag}).status_code == 304
    assert twin.client.get("/maintenance").headers["etag"] != etag


def asking(etag: str = "") -> Request:
    """Ask for a file of which one state is known."""
    return Request({"type": "http", "headers": [(b"if-none-match", etag.encode())]})


@pytest.mark.slow
def test_away_from_loopback_nothing_is_told_without_the_token(tmp_path: Path) -> None:
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    door = {"PARKTWIN_HOST": "0.0.0.0", "PARKTWIN_ACCESS_TOKEN": TOKEN, "PARKTWIN_PLAIN_HTTP": "true"}
    with running_twin(tmp_path, **door) as running:
        for path in (
            "/",
            "/api/park",
            "/api/state",
            "/api/sources",
            "/metrics",
            "/src/main.js",
            "/openapi.json",
        ):
            assert httpx.get(running.url + path).status_code == 401, path
            assert running.client.get(path).status_code in {200, 400}, path
        assert httpx.get(running.url + "/api/health").status_code in {200, 503}
        with pytest.raises(InvalidStatus), connect(running.stream_url):
            pass
        bearer = {"authorization": f"Bearer {TOKEN}"}
        with connect(running.stream_url, additional_headers=bearer) as viewer:
            assert viewer.recv(20.0)
        with httpx.Client(base_url=running.url, follow_redirects=True) as browser:
            assert browser.get(f"/sign-in?token={TOKEN}").status_code == 200
            cookie = browser.cookies["parktwin_token"]
        with connect(running.stream_url, additional_headers={"cookie": f"parktwin_token={cookie}"}) as viewer:
            assert viewer.recv(20.0)
