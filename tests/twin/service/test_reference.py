from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Annotated

import httpx
from fastapi import Query

from twin.service.app import create_registry, create_service_app
from twin.service.settings import ServiceSettings, load


def page(path: str, tmp_path: Path) -> httpx.Response:
    app = create_service_app(
        title="Probe & co",
        version="1",
        settings=load(ServiceSettings, data_dir=tmp_path),
        registry=create_registry(),
        health=dict,
    )

    @app.get("/api/sum")
    async def get_sum(a: Annotated[int, Query(description="the <first> number")], b: int = 7) -> int:
        """Add two numbers."""
        return a + b

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1"
        ) as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_the_reference_describes_every_route_and_asks_no_other_host(tmp_path: Path) -> None:
    answer = page("/api/docs", tmp_path)
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>Probe &amp; co 1</h1>" in answer.text
    assert "GET /api/sum" in answer.text
    assert "Add two numbers." in answer.text
    assert "the &lt;first&gt; number" in answer.text
    assert "default 7" in answer.text
    assert "GET /api/health" in answer.text
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", answer.text)
    assert "<script" not in answer.text


def test_there_is_no_other_reference(tmp_path: Path) -> None:
    assert page("/docs", tmp_path).status_code == 404
    assert page("/redoc", tmp_path).status_code == 404
