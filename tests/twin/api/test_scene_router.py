from __future__ import annotations

import asyncio
import stat
import sys
import time
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.twin.api.running_twin import PARK_FILE, RunningTwin
from twin.api.scene_builder import SceneBuilder, SceneNotReadyError
from twin.api.scene_router import scene_router


@pytest.mark.slow
def test_the_scene_is_there_after_a_while_and_kept_for_ever(twin: RunningTwin) -> None:
    scene = twin.wait("/api/scene", lambda answer: answer.status_code == 200, 90.0).json()
    assert "reflow_oven" in scene["shapes"]
    geometry = twin.client.get(scene["url"])
    assert geometry.content[:4] == b"glTF"
    assert geometry.headers["content-type"] == "model/gltf-binary"
    assert "immutable" in geometry.headers["cache-control"]
    assert geometry.headers["content-encoding"] == "gzip"
    assert geometry.headers["vary"] == "Accept-Encoding"
    assert twin.client.get("/scene/ffffffffffffffff.glb").json()["code"] == "scene.unknown"
    assert twin.client.get("/scene/..%2Ftwin.sqlite3.glb").status_code == 404


def get(builder: SceneBuilder, path: str) -> httpx.Response:
    app = FastAPI()
    app.include_router(scene_router(builder))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://twin") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_until_then_one_is_told_to_come_back(tmp_path: Path) -> None:
    answer = get(SceneBuilder(PARK_FILE, tmp_path), "/api/scene")
    assert (answer.status_code, answer.json()["code"]) == (503, "scene.not_ready")
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo 'no such shape: ofen' >&2; exit 3", "no such shape: ofen"),
        ("exit 3", "exit status 3"),
        ("echo not json", "cannot be read"),
        ("true", "cannot be read"),
        ("""echo '{"hash": "abcdef12", "path": "/no/such.glb", "shapes": []}'""", "no file to serve"),
    ],
)
async def test_a_builder_that_fails_is_no_secret(
    tmp_path: Path, script: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(program))
    builder = SceneBuilder(PARK_FILE, tmp_path)
    await builder.build()
    assert why in builder.trouble
    with pytest.raises(SceneNotReadyError, match="could not be built"):
        _ = builder.scene


async def test_stopping_ends_the_builders_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, mark = tmp_path / "python", tmp_path / "pid"
    program.write_text(f"#!/bin/sh\necho $$ > {mark}\nexec sleep 600\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(program))
    building = asyncio.create_task(SceneBuilder(PARK_FILE, tmp_path).build())
    pid = await asyncio.to_thread(wait_for_text, mark)
    assert Path(f"/proc/{pid}").exists()  # noqa: ASYNC240
    building.cancel()
    await asyncio.gather(building, return_exceptions=True)
    assert not Path(f"/proc/{pid}").exists()  # noqa: ASYNC240


def wait_for_text(path: Path) -> str:
    deadline = time.monotonic() + 20.0
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return path.read_text().strip()
