"""How long a service waits for a client that does not go on: whoever sends a request letter by letter ("slow
loris") holds a connection for seconds, not for ever."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from twin.service.problems import problem

HEAD_S: Final = 10.0
"""From the first letter of a connection or request to the end of its headers."""
BODY_S: Final = 30.0
"""Between two parts of a body."""


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which closes a connection whose request does not become whole in time."""

    head_s: float = HEAD_S
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See :class:`asyncio.Protocol`."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """See :class:`asyncio.Protocol`."""
        super().data_received(data)
        if self._is_answering():
            self._stop_waiting()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """See :class:`asyncio.Protocol`."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _is_answering(self) -> bool:
        """Whether a request is whole up to its headers, and not answered yet."""
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn leaves out that there may be none
        return self.transport.get_protocol() is not self or (
            cycle is not None and not cycle.response_complete
        )

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.head_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self._is_answering() and not self.transport.is_closing():
            self.transport.close()


class PatientBody:
    """Ends a request whose body does not go on: to the app it is as if the client had gone. One that says the
    length of its body in two ways is refused, as a proxy may have believed the other one (RFC 9112 6.1:
    request smuggling). Pure ASGI.

    Args:
        app: to protect.
        body_s: between two parts.
    """

    def __init__(self, app: ASGIApp, body_s: float = BODY_S) -> None:
        self._app = app
        self._body_s = body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        names = [name for name, _ in scope["headers"]]
        if b"content-length" in names and b"transfer-encoding" in names:
            text = "content-length and transfer-encoding: a body has one length; send one of them"
            refusal = problem(HTTPStatus.BAD_REQUEST, "request", text, {"connection": "close"})
            await refusal(scope, receive, send)
            return
        whole = False

        async def receive_in_time() -> Message:
            nonlocal whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout(self._body_s):
                    message = await receive()
            except TimeoutError:
                message = {"type": "http.disconnect"}
            whole = not message.get("more_body", False)
            return message

        await self._app(scope, receive_in_time, send)
