"""Packed on the way where that helps, and the same once unpacked."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import httpx
import pytest
from fastapi import Response
from fastapi.responses import FileResponse

from tests.twin.api.running_twin import OVEN, RunningTwin
from twin.api.packed_file import PACK_FROM_BYTES, packed_response
from twin.api.service import WEB

MODULE = "/vendor/three/three.core.min.js"


def raw(twin: RunningTwin, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """Ask as a browser does and return the bytes as they came over the wire."""
    with twin.client.stream("GET", path, headers={"accept-encoding": "gzip, br"} | headers) as answer:
        return answer, b"".join(answer.iter_raw())


def test_a_file_of_the_page_is_packed_and_the_same_once_unpacked(twin: RunningTwin) -> None:
    whole = (WEB / MODULE[1:]).read_bytes()
    answer, body = raw(twin, MODULE)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert len(body) == int(answer.headers["content-length"]) < len(whole) / 3
    assert gzip.decompress(body) == whole
    plain, body = raw(twin, MODULE, **{"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"
    assert body == whole


def test_whoever_has_it_gets_it_no_second_time_packed_or_not(twin: RunningTwin) -> None:
    etags = [
        raw(twin, MODULE, **{"accept-encoding": encoding})[0].headers["etag"]
        for encoding in ("gzip", "identity")
    ]
    assert etags[0] == etags[1]
    assert etags[0].startswith('W/"'), "two codings of one file are equal only in what they mean"
    again, body = raw(twin, MODULE, **{"if-none-match": etags[0]})
    assert (again.status_code, body) == (304, b"")


def test_a_part_of_a_file_is_sent_as_it_is(twin: RunningTwin) -> None:
    answer, body = raw(twin, MODULE, range="bytes=10-19")
    assert answer.status_code == 206
    assert body == (WEB / MODULE[1:]).read_bytes()[10:20]


@pytest.mark.parametrize(
    "path", ["/openapi.json", f"/api/history?tag={OVEN}:temperature&points=500", "/metrics"]
)
def test_a_large_answer_is_packed(twin: RunningTwin, path: str) -> None:
    twin.wait(path, lambda answer: len(answer.content) > PACK_FROM_BYTES)
    answer, body = raw(twin, path)
    assert answer.headers["content-encoding"] == "gzip"
    assert len(gzip.decompress(body)) > 2 * len(body)


def test_a_small_answer_is_not(twin: RunningTwin) -> None:
    assert "content-encoding" not in raw(twin, "/api/health")[0].headers


def test_a_changed_file_is_packed_anew(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"

    def ask() -> Response:
        found = file.stat()
        return packed_response(FileResponse(file, stat_result=found), found, {"accept-encoding": "gzip"})

    for text in (b"first" * PACK_FROM_BYTES, b"other" * PACK_FROM_BYTES):
        file.write_bytes(text)
        os.utime(file, ns=(0, len(text) + text[0]))
        assert gzip.decompress(bytes(ask().body)) == text
    assert ask().body is ask().body, "packed once"
