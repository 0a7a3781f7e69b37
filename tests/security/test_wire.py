"""What somebody sends who does not use a browser: requests letter by letter, two in one, too large, with NUL
in them. A real service on a real socket; see docs/attacks.md."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator

import pytest

from tests.security.probe import PATIENCE_S, Probe, read_all, running_probe

MANY_S = 15.0
"""Ends are waited for so long on a busy machine; a connection that is held for ever is longer."""


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    with running_probe(tmp_path_factory.mktemp("probe")) as running:
        yield running


def status(answer: bytes) -> int:
    """The status of an answer, 0 if there is none."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def post(probe: Probe, body: bytes, *more: bytes, path: bytes = b"/api/word") -> bytes:
    """Send a body with headers of one's own."""
    head = b"POST " + path + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + probe.shown
    lines = b"".join(line + b"\r\n" for line in more)
    return probe.say(head + lines + b"content-type: application/json\r\n\r\n" + body)


def length(body: bytes) -> bytes:
    return b"content-length: %d" % len(body)


def test_a_request_that_comes_letter_by_letter_is_ended(probe: Probe) -> None:
    begun = time.monotonic()
    lines = [probe.dial() for _ in range(8)]
    for line in lines:
        line.sendall(b"GET /api/word HTTP/1.1\r\nhost: x\r\n")
    ended = 0
    while ended < len(lines) and time.monotonic() - begun < MANY_S:
        for line in [one for one in lines if one.fileno() != -1]:
            try:
                line.sendall(b"x")  # a letter of a header that never ends
                line.settimeout(0.05)
                over = line.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                over = True
            if over:
                ended += 1
                line.close()
    assert ended == len(lines)
    assert time.monotonic() - begun >= PATIENCE_S * 0.9, "whoever is merely slow is waited for"
    assert status(probe.say(b"GET /api/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")) == 200


def test_a_connection_on_which_nothing_is_said_is_ended(probe: Probe) -> None:
    with probe.dial() as line:
        assert read_all(line) == b""


def test_a_second_request_on_a_connection_has_to_become_whole_too(probe: Probe) -> None:
    with probe.dial() as line:
        line.sendall(b"GET /api/health HTTP/1.1\r\nhost: x\r\n\r\n")
        assert status(line.recv(65536)) == 200
        line.sendall(b"GET /api/health HTTP/1.1\r\nhos")
        read_all(line)  # to its end


def test_a_body_that_does_not_go_on_is_ended(probe: Probe) -> None:
    head = b"POST /api/raw HTTP/1.1\r\nhost: x\r\n" + probe.shown + b"content-length: 100\r\n\r\nabc"
    begun = time.monotonic()
    answer = probe.say(head)
    assert time.monotonic() - begun < MANY_S
    assert status(answer) != 200


@pytest.mark.parametrize(
    "headers",
    [
        [b"content-length: 4", b"transfer-encoding: chunked"],
        [b"content-length: 4", b"content-length: 44"],
        [b"transfer-encoding: xchunked"],
        [b"transfer-encoding: chunked, identity"],
        [b"transfer-encoding : chunked"],
        [b"content-length: +4"],
        [b"content-length: 0x4"],
        [b"content-length: -1"],
    ],
    ids=lambda lines: b"; ".join(lines).decode(),
)
def test_no_second_request_is_smuggled_in_a_body(probe: Probe, headers: list[bytes]) -> None:
    inner = b"GET /api/word HTTP/1.1\r\nhost: x\r\n" + probe.shown + b"\r\n"
    body = b"0\r\n\r\n" + inner
    head = b"POST /api/raw HTTP/1.1\r\nhost: x\r\n" + probe.shown
    answer = probe.say(head + b"".join(line + b"\r\n" for line in headers) + b"\r\n" + body)
    assert b"secret" not in answer
    assert status(answer) in {400, 501}, answer[:200]


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /api/word HTTP/1.1\r\nhost: x\r\nx: a\x00b\r\n\r\n",
        b"GET /api/word\x00 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /api/word HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        b"GET /api/word HTTP/1.1\r\n\r\n",
        b"GET http://evil.example/ api HTTP/1.1\r\nhost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /api/word HTTP/1.1\r\nhost: x\r\n folded: y\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused_and_the_service_goes_on(probe: Probe, raw: bytes) -> None:
    assert status(probe.say(raw)) in {0, 400, 401}
    assert status(probe.say(b"GET /api/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")) == 200


def test_headers_that_do_not_end_are_refused(probe: Probe) -> None:
    with probe.dial() as line:
        sent = 0
        try:
            line.sendall(b"GET /api/word HTTP/1.1\r\nhost: x\r\n")
            while sent < 8 << 20:
                line.sendall(b"x-%d: " % sent + b"y" * 8192 + b"\r\n")
                sent += 8192
        except OSError:
            pass
        assert sent < 4 << 20, "it was not read to its end"


@pytest.mark.parametrize("path", [b"/api/word", b"/api/raw"])
def test_a_body_is_refused_by_its_length_and_while_it_comes(probe: Probe, path: bytes) -> None:
    head = b"POST " + path + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + probe.shown
    announced = head + b"content-type: application/json\r\ncontent-length: 99999999\r\n\r\n"
    assert status(probe.say(announced)) == 413
    with probe.dial() as line:
        line.sendall(head + b"content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        sent = 0
        try:
            while sent < 64 << 20:
                line.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
                sent += 65536
        except OSError:
            pass
        assert sent < 32 << 20, "it was not read to its end"


def test_a_packed_body_is_not_unpacked(probe: Probe) -> None:
    bomb = gzip.compress(b'{"text": "' + b"a" * (64 << 20) + b'"}', 9)
    assert len(bomb) < 128 << 10
    answer = post(probe, bomb, b"content-encoding: gzip", length(bomb))
    assert status(answer) in {400, 415, 422}


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 5000])
def test_a_number_that_is_none_is_told_back_as_a_problem_or_as_json(probe: Probe, number: bytes) -> None:
    body = b'{"text": "x", "number": ' + number + b"}"
    answer = post(probe, body, length(body))
    assert status(answer) < 500
    told = answer.partition(b"\r\n\r\n")[2]
    json.loads(told, parse_constant=lambda name: pytest.fail(f"{name} is no JSON (RFC 8259)"))


def test_json_that_is_nested_without_end_is_refused(probe: Probe) -> None:
    for body in (b"[" * 100_000, b'{"text":' * 50_000):
        assert status(post(probe, body, length(body))) in {400, 422}


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"PUT", b"DELETE", b"PATCH", b"PROPFIND", b"get"])
def test_a_method_that_a_route_does_not_have_does_nothing(probe: Probe, method: bytes) -> None:
    answer = probe.say(
        method + b" /api/word HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + probe.shown
        + b"x-secret-header: told-back\r\n\r\n"
    )  # fmt: skip
    assert status(answer) in {400, 403, 404, 405}
    assert b"told-back" not in answer


def test_another_method_in_a_header_is_not_believed(probe: Probe) -> None:
    for name in (b"x-http-method-override", b"x-method-override", b"x-http-method"):
        answer = probe.say(
            b"GET /api/raw HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
            + probe.shown
            + name
            + b": POST\r\n\r\n"
        )
        assert status(answer) == 405


@pytest.mark.parametrize("method", [b"HEAD", b"OPTIONS"])
def test_asking_for_less_than_get_needs_a_sign_in_too(probe: Probe, method: bytes) -> None:
    answer = probe.say(method + b" /api/word HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert status(answer) == 401
    assert b"access-control-allow" not in answer


def test_no_origin_is_allowed_to_read(probe: Probe) -> None:
    answer = probe.say(
        b"OPTIONS /api/word HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + probe.shown
        + b"origin: http://evil.example\r\naccess-control-request-method: GET\r\n\r\n"
    )  # fmt: skip
    assert b"access-control-allow" not in answer.lower()


@pytest.mark.parametrize(
    "path",
    [
        b"/../../etc/passwd",
        b"/%2e%2e/%2e%2e/etc/passwd",
        b"/..%2f..%2fetc/passwd",
        b"/..%5c..%5cetc/passwd",
        b"/.git/config",
        b"/.env",
        b"//evil.example/%2f..",
        b"/api/word%00.html",
        b"/api/word%0d%0aset-cookie:%20x=y",
    ],
)
def test_a_path_leads_nowhere_else(probe: Probe, path: bytes) -> None:
    answer = probe.say(
        b"GET " + path + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + probe.shown + b"\r\n"
    )
    assert status(answer) == 404
    assert b"root:" not in answer
    assert b"set-cookie" not in answer.partition(b"\r\n\r\n")[0].lower()
    assert b"\r\nlocation:" not in answer.partition(b"\r\n\r\n")[0].lower()


def test_a_crowd_of_connections_is_told_to_come_again_and_those_inside_go_on(probe: Probe) -> None:
    lines = []
    try:
        answers = set()
        for _ in range(90):  # of 64
            line = probe.dial()
            lines.append(line)
            line.sendall(
                b"POST /api/raw HTTP/1.1\r\nhost: x\r\n" + probe.shown + b"content-length: 2\r\n\r\na"
            )
        for line in lines[70:]:
            answers.add(status(line.recv(65536)))
        assert 503 in answers or answers <= {0, 400, 408}, "busy, or too slow to have been one of the crowd"
    finally:
        for line in lines:
            line.close()
    deadline = time.monotonic() + MANY_S
    while status(probe.say(b"GET /api/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")) != 200:
        assert time.monotonic() < deadline
