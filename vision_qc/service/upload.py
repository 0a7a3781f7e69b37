"""Bodies of requests: read within bounds of bytes and time, taken apart where they come in parts."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from vision_qc.errors import RequestError

READ_S: Final = 20.0
"""A body that takes longer to come is refused: a station that trickles holds a place that others need."""
MOST_PARTS: Final = 16
MOST_FIELD_BYTES: Final = 4096
_FORM: Final = "multipart/form-data"

Parts = dict[str, bytes]
"""Content of each part by its name."""


async def read_body(request: Request, most_bytes: int, timeout_s: float = READ_S) -> bytes:
    """Read the body of a request.

    Raises:
        HTTPException: 413 larger than ``most_bytes``, by its header or while reading; 408 it did not come in
            time.
        RequestError: the client left before its end.
    """
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told) > most_bytes:
        raise _too_large(int(told), most_bytes)
    chunks, size = [], 0
    try:
        async with asyncio.timeout(timeout_s):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most_bytes:
                    raise _too_large(size, most_bytes)
                chunks.append(chunk)
    except TimeoutError as error:
        raise HTTPException(
            HTTPStatus.REQUEST_TIMEOUT, f"body: {size} bytes came within {timeout_s:g} s; send it faster"
        ) from error
    except ClientDisconnect as error:
        raise RequestError(f"body: the sender left after {size} bytes; send it again") from error
    return b"".join(chunks)


def told_size(request: Request, most_bytes: int) -> int:
    """Return how many bytes a body will have: what its header says, or the most there may be."""
    told = request.headers.get("content-length", "")
    return min(int(told), most_bytes) if told.isdigit() else most_bytes


def is_form(request: Request) -> bool:
    """Whether the body comes in parts."""
    return request.headers.get("content-type", "").lower().startswith(_FORM)


def take_apart(content_type: str, body: bytes) -> Parts:
    """Take a ``multipart/form-data`` body apart.

    Args:
        content_type: of the request; names the boundary.
        body: the whole of it.

    Raises:
        RequestError: it is none, has too many parts, two of the same name, or ends early.

    Example:
        >>> body = b'--b\\r\\nContent-Disposition: form-data; name="serial"\\r\\n\\r\\nA-1\\r\\n--b--\\r\\n'
        >>> take_apart("multipart/form-data; boundary=b", body)
        {'serial': b'A-1'}
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary or len(boundary) > 200:
        raise RequestError(f"content-type {content_type[:80]!r}: names no boundary; add boundary=...")
    form = _Form()
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": form.begin,
            "on_header_field": form.header_name,
            "on_header_value": form.header_value,
            "on_header_end": form.header_end,
            "on_headers_finished": form.headers_end,
            "on_part_data": form.data,
            "on_part_end": form.end,
            "on_end": form.finish,
        },
        max_size=len(body) + 1,
    )
    try:
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise RequestError(f"body in parts: {error}; send multipart/form-data") from error
    if not form.whole:
        raise RequestError("body in parts: ends before its last boundary; send it again")
    return form.parts


def field(parts: Parts, name: str) -> str | None:
    """Return a part that is a short text, None if it is not there.

    Raises:
        RequestError: it is long, or no UTF-8.
    """
    value = parts.get(name)
    if value is None:
        return None
    if len(value) > MOST_FIELD_BYTES:
        raise RequestError(f"field {name!r}: {len(value)} bytes, at most {MOST_FIELD_BYTES}; shorten it")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError(f"field {name!r}: is no UTF-8 text; send it as such") from error


class _Form:
    """Collects what the parser meets."""

    def __init__(self) -> None:
        self.parts: Parts = {}
        self.whole = False
        self._name = ""
        self._value = b""
        self._header: tuple[bytes, bytes] = (b"", b"")
        self._chunks: list[bytes] = []
        self._count = 0

    def begin(self) -> None:
        self._count += 1
        if self._count > MOST_PARTS:
            raise RequestError(f"body in parts: more than {MOST_PARTS} parts; send fewer")
        self._name, self._chunks = "", []
        self._header = (b"", b"")

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], self._header[1])

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def header_end(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._name = parse_options_header(value)[1].get(b"name", b"").decode("utf-8", "replace")
        self._header = (b"", b"")

    def headers_end(self) -> None:
        if not self._name or self._name in self.parts:
            raise RequestError(
                f"body in parts: part {self._count} is named {self._name!r}; give each a name of its own"
            )

    def data(self, data: bytes, start: int, end: int) -> None:
        self._chunks.append(data[start:end])

    def end(self) -> None:
        self.parts[self._name] = b"".join(self._chunks)

    def finish(self) -> None:
        self.whole = True


def _too_large(size: int, most: int) -> HTTPException:
    return HTTPException(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"body of {size} bytes or more: at most {most} are taken; crop or compress the picture",
    )
