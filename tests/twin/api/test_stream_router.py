from __future__ import annotations

import json
import time
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.twin.api.running_twin import RunningTwin
from tests.twin.stream.decoder import decode

LIVENESS_S = 20.0


def frames(viewer: ClientConnection) -> dict[str, Any]:
    """The next frame, passing over events."""
    while True:
        item = viewer.recv(LIVENESS_S)
        if isinstance(item, bytes):
            return decode(item)


def test_a_page_gets_a_snapshot_events_and_then_what_changes(twin: RunningTwin) -> None:
    with connect(twin.stream_url) as viewer:
        first = viewer.recv(LIVENESS_S)
        assert isinstance(first, str)
        assert json.loads(first)["event"] == "sources"
        assert json.loads(first)["sources"][0]["id"] == "lo"
        snapshot = frames(viewer)
        assert snapshot["snapshot"]
        assert snapshot["value"][:1] == [222.5]
        assert snapshot["text"][1] == "Execute"
        assert snapshot["revision"] == twin.client.get("/api/park").json()["revision"]

        twin.plant.tell([(4, time.time_ns(), 0.0, 0, "Held")])
        deadline = time.monotonic() + LIVENESS_S
        while True:
            change = frames(viewer)
            assert not change["snapshot"]
            if 4 in change["index"]:
                break
            assert time.monotonic() < deadline
        assert change["text"][change["index"].index(4)] == "Held"
        assert dict(zip(change["equipment"], change["condition"], strict=True))[1] == 2


def test_ticks_come_even_when_nothing_changes(twin: RunningTwin) -> None:
    with connect(twin.stream_url) as viewer:
        ticks = [frames(viewer)["tick"] for _ in range(5)]
    assert ticks == list(range(ticks[0], ticks[0] + 5))


def test_the_page_of_another_site_may_not_listen(twin: RunningTwin) -> None:
    from websockets.typing import Origin

    with (
        pytest.raises(InvalidStatus, match="403"),
        connect(twin.stream_url, origin=Origin("https://evil.example")),
    ):
        pass
    with connect(twin.stream_url, origin=Origin(twin.url)) as viewer:
        assert viewer.recv(LIVENESS_S)


def test_what_a_viewer_says_is_ignored(twin: RunningTwin) -> None:
    with connect(twin.stream_url) as viewer:
        viewer.send("hello")
        viewer.send(b"\x00")
        assert frames(viewer)["snapshot"]
        assert not frames(viewer)["snapshot"]


def test_a_viewer_that_says_too_much_loses_only_its_own_connection(twin: RunningTwin) -> None:
    with connect(twin.stream_url) as viewer, pytest.raises(ConnectionClosed):
        say_too_much(viewer)
    assert twin.client.get("/api/health").status_code == 200


def say_too_much(viewer: ClientConnection) -> None:
    viewer.send(bytes(32 << 20))
    deadline = time.monotonic() + LIVENESS_S
    while time.monotonic() < deadline:
        viewer.recv(LIVENESS_S)
