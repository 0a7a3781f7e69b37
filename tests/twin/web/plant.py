"""A twin that really runs, and a plant on its bus whose machines a test puts into any condition it likes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import numpy as np

from twin.bus.base import Bus, Message
from twin.bus.connect import open_bus
from twin.contract.codec import encode_message, frame_headers
from twin.contract.frame import Frame, encode_frame
from twin.contract.messages import Connection, FailedItem, Payload, SourceState, TagSet
from twin.contract.topics import READINGS, SOURCE_STATES, TAG_SETS
from twin.park.model import Park
from twin.park.park_file import load_park

PARK_FILE = Path(__file__).parent / "park" / "park.yaml"
START_S = 120.0
S = 1_000_000_000

Value = float | str
"""A number or a text."""


@dataclass
class Plant:
    """The sources of the test park, as their connectors would show them on the bus."""

    bus: Bus
    park: Park
    sequence: int = 0
    tag_sets: dict[str, TagSet] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for source in self.park.sources:
            tags = [tag for tag in self.park.tags if tag.source == source.id]
            known = TagSet(
                source=source.id,
                tags=tuple(tag.tag for tag in tags),
                units=tuple(tag.signal.unit for tag in tags),
                data_types=tuple(tag.signal.data_type for tag in tags),
                simulated=True,
            )
            self.tag_sets[source.id] = known
            self._publish(TAG_SETS.name, known.id, source.id, known)

    def tell(self, values: dict[str, Value], *, status: int = 0, time_ns: int | None = None) -> None:
        """Publish one reading for each tag, now or at ``time_ns``."""
        time_ns = time_ns or time.time_ns()
        for source, known in self.tag_sets.items():
            here = {known.tags.index(tag): value for tag, value in values.items() if tag in known.tags}
            if not here:
                continue
            self.sequence += 1
            texts = tuple(value if isinstance(value, str) else None for value in here.values())
            frame = Frame(
                source=source,
                sequence=self.sequence,
                tag_set=known.id,
                index=np.array(list(here), "<u4"),
                source_time=np.full(len(here), time_ns, "<i8"),
                status=np.full(len(here), status, "<u4"),
                value=np.array([np.nan if isinstance(v, str) else v for v in here.values()], "<f8"),
                text=texts if any(text is not None for text in texts) else None,
            )
            headers = frame_headers(frame, time.time_ns())
            self.bus.publish([Message(READINGS.name, source, encode_frame(frame), headers)])

    def beat(self, *, failed: tuple[FailedItem, ...] = (), lost: tuple[str, ...] = ()) -> None:
        """Publish the heartbeat of every source, some of them lost or without some of their items."""
        now = time.time_ns()
        for source, known in self.tag_sets.items():
            missing = tuple(item for item in failed if item.tag in known.tags)
            state = SourceState(
                source=source,
                connection=Connection.LOST if source in lost else Connection.CONNECTED,
                since=now - 754 * S,
                time=now,
                last_heard=now,
                requested=len(known.tags),
                monitored=len(known.tags) - len(missing),
                failed=missing,
                last_error="BadConnectionClosed: the server closed the connection" if source in lost else "",
            )
            self._publish(SOURCE_STATES.name, source, source, state)

    def settle(self) -> None:
        """Put every machine into a calm condition."""
        self.tell(calm_values(self.park))

    def _publish(self, topic: str, key: str, source: str, message: Payload) -> None:
        value, headers = encode_message(
            message, message_id=uuid4().hex, source=source, time_ns=time.time_ns()
        )
        self.bus.publish([Message(topic, key, value, headers)])


def calm_values(park: Park) -> dict[str, Value]:
    """A value within limits for every tag."""
    usual: dict[str, Value] = {
        "discharge_pressure": 7.42,
        "discharge_temperature": 82.5,
        "speed": 2960.0,
        "state": "Execute",
        "running_hours": 18_432.0,
        "good_count": 20_000_001.0,
        "rate": 41_250.0,
        "door_open": 0.0,
        "oil_temperature": 61.3,
        "active_power": 18.47,
        "breaker_closed": 1.0,
        "on_duty": 1.0,
    }
    return {tag.tag: usual.get(tag.signal.name, 205.0) for tag in park.tags}


@dataclass
class RunningTwin:
    """A twin that serves the page at ``url``."""

    url: str
    process: subprocess.Popen[bytes]
    plant: Plant


@contextmanager
def running_twin(
    directory: Path,
    port: int = 0,
    scenes: Path | None = None,
    park: Path = PARK_FILE,
    start_s: float = START_S,
    bus_url: str = "",
) -> Iterator[RunningTwin]:
    """Start a twin of ``park`` in ``directory`` on an embedded bus or that of ``bus_url``, its scenes in
    ``scenes``, within ``start_s``; end it with SIGTERM."""
    bus_url = bus_url or f"embedded:{directory / 'bus'}"
    (directory / "twin").mkdir(exist_ok=True)
    if scenes is not None and not (directory / "twin" / "scene").exists():
        (directory / "twin" / "scene").symlink_to(scenes)
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PARKTWIN_")} | {
        "PARKTWIN_BUS": bus_url,
        "PARKTWIN_DATA_DIR": str(directory / "twin"),
        "PARKTWIN_PARK": str(park),
        "PARKTWIN_PORT": str(port),
    }
    bus = open_bus(bus_url)
    process = subprocess.Popen([sys.executable, "-m", "twin"], env=environment)
    try:
        address = directory / "twin" / "twin.url"
        deadline = time.monotonic() + start_s
        while not address.exists():
            assert process.poll() is None, "the twin ended at once"
            assert time.monotonic() < deadline, f"the twin did not come up within {start_s} s"
            time.sleep(0.05)
        yield RunningTwin(address.read_text(), process, Plant(bus, load_park(park, environment={})))
    finally:
        process.terminate()
        try:
            process.wait(20.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        bus.close()
