"""Files as gzip, each packed once: every browser asks for the same ones."""

from __future__ import annotations

import gzip
import os
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from fastapi import Response
from fastapi.responses import FileResponse

PACK_FROM_BYTES = 1400
"""What fits into one packet anyway is sent as it is."""

_KEPT = 256
"""Packed files in memory: the page's and a scene or two, together some hundred kilobytes."""


def packed_response(file: FileResponse, found: os.stat_result, request: Mapping[str, str]) -> Response:
    """Return the answer as gzip if the caller can unpack that, else as it is, as is a part of a file.

    The ETag turns weak: what was packed and what was not are the same only once unpacked (RFC 9110, 8.8.1).

    Args:
        file: the whole file as it would be sent; its headers are kept.
        found: what the file system says of it, by which a changed file is packed anew.
        request: headers of the request, names in lower case.
    """
    file.headers["etag"] = "W/" + file.headers["etag"].removeprefix("W/")
    unpacks = "gzip" in request.get("accept-encoding", "")
    if not unpacks or "range" in request or found.st_size < PACK_FROM_BYTES:
        return file
    body = _pack(str(file.path), found.st_mtime_ns, found.st_size)
    headers = {name: text for name, text in file.headers.items() if name != "content-length"}
    return Response(body, HTTPStatus.OK, headers | {"content-encoding": "gzip", "vary": "Accept-Encoding"})


@lru_cache(_KEPT)
def _pack(path: str, _changed_ns: int, _size: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)
