"""A real twin in a process of its own, on an embedded bus, and somebody who publishes to that bus."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.twin.state.parks import Row, connected, make_frame, tag_set
from twin.bus.base import Bus, Message
from twin.bus.connect import open_bus
from twin.contract.codec import encode_message, frame_headers
from twin.contract.frame import encode_frame
from twin.contract.messages import SourceState, TagSet
from twin.contract.topics import READINGS, SOURCE_STATES, TAG_SETS
from twin.park.model import Park
from twin.park.park_file import load_park

PARK_FILE = Path(__file__).parent / "park" / "park.yaml"
OVEN = "thu/nha-may/xuong/lo1"
START_S = 120.0


@dataclass
class Plant:
    """A source called ``lo`` as a connector would show it on the bus."""

    bus: Bus
    park: Park
    sequence: int = 0
    tags: TagSet = field(init=False)

    def __post_init__(self) -> None:
        self.tags = tag_set(self.park, "lo")
        value, headers = encode_message(
            self.tags, message_id=self.tags.id, source="lo", time_ns=time.time_ns()
        )
        self.bus.publish([Message(TAG_SETS.name, self.tags.id, value, headers)])

    def tell(self, rows: Sequence[Row]) -> None:
        """Publish readings of (index, source time [ns], value[, status[, text]])."""
        self.sequence += 1
        frame = make_frame(rows, sequence=self.sequence, identifier="lo", set_id=self.tags.id)
        headers = frame_headers(frame, time.time_ns())
        self.bus.publish([Message(READINGS.name, "lo", encode_frame(frame), headers)])

    def beat(self, state: SourceState | None = None) -> None:
        """Publish a heartbeat."""
        state = state or connected("lo", time=time.time_ns())
        value, headers = encode_message(state, message_id=uuid4().hex, source="lo", time_ns=time.time_ns())
        self.bus.publish([Message(SOURCE_STATES.name, "lo", value, headers)])


@dataclass
class RunningTwin:
    """A twin that serves."""

    url: str
    process: subprocess.Popen[bytes]
    plant: Plant
    client: httpx.Client

    @property
    def stream_url(self) -> str:
        return self.url.replace("http", "ws", 1) + "/api/stream"

    def wait(
        self, path: str, ready: Callable[[httpx.Response], bool], timeout_s: float = START_S
    ) -> httpx.Response:
        """Ask until the answer is as wanted."""
        return until(lambda: self.client.get(path), ready, timeout_s)


def until(
    ask: Callable[[], httpx.Response], ready: Callable[[httpx.Response], bool], timeout_s: float = START_S
) -> httpx.Response:
    """Ask until ``ready``; of a part that is not there yet (a problem with 503) it is not asked."""
    deadline = time.monotonic() + timeout_s
    while True:
        answer = ask()
        waits = answer.status_code == 503 and "problem" in answer.headers["content-type"]
        if not waits and ready(answer):
            return answer
        if time.monotonic() > deadline:
            pytest.fail(f"not within {timeout_s} s: {answer.status_code} {answer.text[:2000]}")
        time.sleep(0.05)


@contextmanager
def running_twin(directory: Path, **environment: str) -> Iterator[RunningTwin]:
    """Start a twin in ``directory``, end it with SIGTERM."""
    bus_url = f"embedded:{directory / 'bus'}"
    variables = {name: text for name, text in os.environ.items() if not name.startswith("PARKTWIN_")} | {
        "PARKTWIN_BUS": bus_url,
        "PARKTWIN_DATA_DIR": str(directory / "twin"),
        "PARKTWIN_PARK": str(PARK_FILE),
        "PARKTWIN_TICK_S": "0.1",
        "PARKTWIN_SNAPSHOT_S": "0.3",
    }
    address = directory / "twin" / "twin.url"
    address.unlink(missing_ok=True)  # one that was killed leaves it behind
    process = subprocess.Popen([sys.executable, "-m", "twin"], env=variables | environment)
    bus = open_bus(bus_url)
    try:
        deadline = time.monotonic() + START_S
        while not address.exists():
            assert process.poll() is None, "the twin ended at once"
            assert time.monotonic() < deadline, "the twin did not come up"
            time.sleep(0.02)
        url = address.read_text()
        token = environment.get("PARKTWIN_ACCESS_TOKEN")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        with httpx.Client(base_url=url, headers=headers, timeout=20.0) as client:
            plant = Plant(bus, load_park(PARK_FILE, environment={}))
            yield RunningTwin(url, process, plant, client)
    finally:
        process.terminate()
        try:
            process.wait(20.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            bus.close()
