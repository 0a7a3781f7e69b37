"""The page itself, as plain files, and what its browser may do with it."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twin.api.packed_file import packed_response
from twin.api.page_desk import STYLE, DeskPage
from twin.identity.guard import for_everybody, needs
from twin.service.headers import HSTS

FOLDERS = ("src", "style", "vendor", "locales")
"""What of the page's folder is served besides ``index.html`` and its icon."""

DESKS = {
    "/": ("src/scene.js", "src/scene_file.js", "src/warm_up.js"),
    "/quality": ("src/desk_start.js", "src/quality_desk.js"),
    "/consents": ("src/desk_start.js", "src/consents_desk.js"),
    "/maintenance": ("src/desk_start.js", "src/maintenance_desk.js"),
}
"""Addresses of the page, and the modules that it imports there once it runs."""

_INLINE = {
    "script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL),
    "style": re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL),
}


class PageFiles(StaticFiles):
    """Static files that a browser asks about each time (304 if unchanged), so that an update is seen at
    once."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Add the caching rule, and pack the file for who can unpack it."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = "no-cache"
        if isinstance(response, FileResponse):
            return packed_response(response, stat_result, Headers(scope=scope))
        return response


def add_page(app: FastAPI, folder: Path) -> None:
    """Serve the page of ``folder`` from ``/``, and under the names of its other desks."""
    for path, later in DESKS.items():
        _add_desk(app, path, DeskPage(folder, path.strip("/") or "twin", later))
    for name in FOLDERS:
        app.mount(f"/{name}", PageFiles(directory=folder / name, check_dir=False), name=name)

    @app.get("/shell_worker.js", include_in_schema=False, dependencies=[needs("park.read")])
    async def get_shell_worker() -> Response:
        # a service worker may serve what is below its own address: it has to stand beside the page
        script = folder / "src" / "shell_worker.js"
        return FileResponse(script, media_type="text/javascript", headers={"cache-control": "no-cache"})

    @app.get("/favicon.svg", include_in_schema=False, dependencies=[for_everybody()])
    async def get_icon() -> Response:
        return FileResponse(folder / "favicon.svg", headers={"cache-control": "max-age=86400"})


def _add_desk(app: FastAPI, path: str, desk: DeskPage) -> None:
    """Serve a desk; the style sheets of all desks are the same."""
    files = {path: "index.html"} | {f"/{name}": name for name in (desk.script, desk.source_map)}
    if path == "/":
        files[f"/{STYLE}"] = STYLE
    for address, name in files.items():
        app.add_api_route(
            address, _answers(desk, name), include_in_schema=False, dependencies=[needs("park.read")]
        )


def _answers(desk: DeskPage, name: str) -> Callable[[Request], Awaitable[Response]]:
    async def get_file(request: Request) -> Response:
        return desk.answer(name, request)

    return get_file


def content_security_policy(index: str) -> str:
    """Write the policy for a page: nothing from any other host, and of inline scripts (an import map can be
    no other) only those that the page has, by their hash.

    >>> content_security_policy('<script type="importmap">{}</script>').split("; ")[1]
    "script-src 'self' 'sha256-RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o='"
    """
    allowed = {kind: " ".join(["'self'", *_hashes(index, kind)]) for kind in _INLINE}
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {allowed['script']}",
            f"style-src {allowed['style']}",
            "connect-src 'self' blob:",  # glTF textures are fetched from blobs
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    """Puts the policy and its companions on every answer; pure ASGI.

    Args:
        app: to protect.
        index: the page's file, read again when it changes.
    """

    def __init__(self, app: ASGIApp, index: Path) -> None:
        self._app = app
        self._index = index
        self._read: tuple[float, list[tuple[bytes, bytes]]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _extend(message, self._headers())
                if scope["path"].startswith("/api/"):
                    MutableHeaders(scope=message).setdefault("cache-control", "no-store")
                if scope["scheme"] == "https":
                    _extend(message, [(HSTS[0].encode(), HSTS[1].encode())])
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _headers(self) -> list[tuple[bytes, bytes]]:
        try:
            changed = self._index.stat().st_mtime
        except OSError:
            changed = 0.0
        if self._read is None or self._read[0] != changed:
            index = self._index.read_text() if changed else ""
            headers = {
                "content-security-policy": content_security_policy(index),
                "x-content-type-options": "nosniff",
                "referrer-policy": "no-referrer",
                "cross-origin-opener-policy": "same-origin",
                "cross-origin-resource-policy": "same-origin",
                "permissions-policy": "camera=(), microphone=(), geolocation=()",
            }
            self._read = (changed, [(name.encode(), text.encode()) for name, text in headers.items()])
        return self._read[1]


def _extend(message: MutableMapping[str, Any], headers: list[tuple[bytes, bytes]]) -> None:
    message["headers"] = [*message.get("headers", ()), *headers]


def _hashes(index: str, kind: str) -> list[str]:
    digests = [hashlib.sha256(inline.encode()).digest() for inline in _INLINE[kind].findall(index)]
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
