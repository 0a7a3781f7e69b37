"""Waits, as a browser would, until a reading has reached the page."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import monotonic

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from twin.stream.frame import HEADER

_VALUES = 5
"""Where the number of values stands in the header of a stream frame."""


def wait_for_first_reading(
    url: str, timeout_s: float, watch: Callable[[], None], token: str = ""
) -> float | None:
    """Listen to the twin's stream until a frame carries a value.

    Args:
        url: of the page.
        timeout_s: how long to wait [s].
        token: that lets it in; empty = PARKTWIN_ACCESS_TOKEN, if that is set.
        watch: called about once a second meanwhile; what it raises ends the wait.

    Returns:
        Seconds until the first reading, None if there was none in time.
    """
    shown = token or os.environ.get("PARKTWIN_ACCESS_TOKEN")
    headers = {"Authorization": f"Bearer {shown}"} if shown else None
    start = monotonic()
    while monotonic() - start < timeout_s:
        watch()
        try:
            with connect(
                url.replace("http", "ws", 1) + "/api/stream",
                additional_headers=headers,
                open_timeout=5,
                max_size=None,
            ) as socket:
                while monotonic() - start < timeout_s:
                    watch()
                    try:
                        message = socket.recv(timeout=1.0)
                    except TimeoutError:
                        continue
                    if isinstance(message, bytes) and HEADER.unpack_from(message)[_VALUES]:
                        return monotonic() - start
        except (OSError, WebSocketException):
            continue
    return None
