"""The bus between processes: frames of 1,000 readings (24 kB), a process that publishes and processes that
read.

*CPU* is user and system time of the process, per reading. *Wake-up* is from the publisher's time stamp, taken
before its commit, to the return of the ``poll`` that was waiting in the other process.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.table import Row, as_markdown
from twin.bus.base import Bus, Message, Start
from twin.bus.connect import open_bus
from twin.contract.codec import frame_headers
from twin.contract.frame import Frame, encode_frame

READINGS = 1_000
FRAMES = 3_000
PER_PUBLISH = 10
KAFKA_FRAMES = 2_000
WAKE_UPS = 400
PACED_S = 5.0
PACED_FRAMES_S = 200
ROOT = Path(__file__).parents[1]


class Usage(NamedTuple):
    """What a process used: seconds on the clock and of CPU."""

    wall_s: float
    cpu_s: float


def make_frames() -> list[Message]:
    """Some frames that differ, of six sources."""
    rng = np.random.default_rng(2)
    messages = []
    for number in range(60):
        source = f"source{number % 6}"
        frame = Frame(
            source=source,
            sequence=number,
            tag_set="0" * 32,
            index=np.arange(READINGS, dtype=np.uint32),
            source_time=np.full(READINGS, time.time_ns(), np.int64),
            status=np.zeros(READINGS, np.uint32),
            value=rng.standard_normal(READINGS),
        )
        messages.append(
            Message("readings", source, encode_frame(frame), frame_headers(frame, time.time_ns()))
        )
    return messages


def publish(bus: Bus, frames: int) -> Usage:
    """Publish as fast as the bus takes them."""
    messages = make_frames()
    wall, cpu = time.perf_counter(), time.process_time()
    for start in range(0, frames, PER_PUBLISH):
        at = start % len(messages)
        bus.publish(messages[at : at + PER_PUBLISH])
    return Usage(time.perf_counter() - wall, time.process_time() - cpu)


def publish_paced(bus: Bus) -> Usage:
    """Publish one frame at a time at a steady pace."""
    messages = make_frames()
    wall, cpu = time.perf_counter(), time.process_time()
    for number in range(int(PACED_S * PACED_FRAMES_S)):
        bus.publish([messages[number % len(messages)]])
        time.sleep(max(0.0, wall + (number + 1) / PACED_FRAMES_S - time.perf_counter()))
    return Usage(time.perf_counter() - wall, time.process_time() - cpu)


def consume(url: str, group: str, frames: int) -> dict[str, object]:
    """In a process of its own: read that many frames, committing, and say what it cost."""
    waits: list[int] = []
    with (
        closing(open_bus(url)) as bus,
        closing(bus.consumer(["readings"], group=group, start=Start.EARLIEST)) as reader,
    ):
        reader.poll(0.0)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        got, wall, cpu = 0, 0.0, time.process_time()
        while got < frames:
            received = reader.poll(1.0)
            now_ns = time.time_ns()
            if received and not got:
                wall = time.perf_counter()
            waits += [now_ns - each.time_ns for each in received]
            got += len(received)
            reader.commit()
        return {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu, "waits": waits}


def idle(url: str, seconds: float) -> dict[str, object]:
    """In a process of its own: wait for what does not come."""
    with (
        closing(open_bus(url)) as bus,
        closing(bus.consumer(["readings"], group="idle", start=Start.LATEST)) as reader,
    ):
        reader.poll(0.0)
        cpu = time.process_time()
        reader.poll(seconds)
        return {"cpu_s": time.process_time() - cpu}


class Reader:
    """A process that runs one of the functions above."""

    def __init__(self, *arguments: object) -> None:
        command = [sys.executable, "-m", "benchmarks.bench_bus", *map(str, arguments)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._said = self._process.stdout

    def wait_until_ready(self) -> None:
        """Wait until it has joined its group."""
        assert self._said.readline() == "ready\n"

    def result(self) -> dict[str, float | list[int]]:
        """Wait for its end."""
        said = json.loads(self._said.read())
        self._said.close()
        self._process.wait()
        assert isinstance(said, dict)
        return said


def us_per_reading(usage: float, frames: int) -> float:
    """Microseconds a reading."""
    return usage / frames / READINGS * 1e6


def through(area: str, name: str, url: str, frames: int, readers: int, note: str = "") -> list[Row]:
    """Publish and read at the same time, as fast as it goes."""
    others = [Reader("consume", url, f"group{n}", frames) for n in range(readers)]
    for other in others:
        other.wait_until_ready()
    start = time.perf_counter()
    with closing(open_bus(url)) as bus:
        published = publish(bus, frames)
    results = [other.result() for other in others]
    seconds = time.perf_counter() - start
    read_cpu = [float(result["cpu_s"]) for result in results if not isinstance(result["cpu_s"], list)]
    rate = frames * READINGS / seconds
    target = "at least 200,000" if area == "bus embedded" else ""
    return [
        Row(
            area, f"{name}: readings a second", rate, "/s", target, rate >= 200_000 if target else None, note
        ),
        Row(area, f"{name}: CPU of the publisher", us_per_reading(published.cpu_s, frames), "us/reading"),
        Row(area, f"{name}: CPU of a reader", us_per_reading(sum(read_cpu) / readers, frames), "us/reading"),
    ]


def embedded(url: str) -> list[Row]:
    """All figures of the embedded bus."""
    rows = through("bus embedded", "one reader", f"{url}/one", FRAMES, 1, "10 frames a publish")
    rows += through(
        "bus embedded", "three readers", f"{url}/three", FRAMES, 3, "3 groups, each reads everything"
    )
    paced = int(PACED_S * PACED_FRAMES_S)
    reader = Reader("consume", f"{url}/paced", "group", paced)
    reader.wait_until_ready()
    with closing(open_bus(f"{url}/paced")) as bus:
        published = publish_paced(bus)
    result = reader.result()
    cpu_s = result["cpu_s"]
    assert isinstance(cpu_s, float)
    rows.append(
        Row(
            "bus embedded",
            "200,000 readings a second: CPU of publisher and reader",
            100 * (published.cpu_s + cpu_s) / published.wall_s,
            "% of a core",
            note="200 publishes of 1 frame a second",
        )
    )
    rows += wake_up(f"{url}/wake")
    open_bus(f"{url}/idle").close()
    rested = Reader("idle", f"{url}/idle", 4).result()["cpu_s"]
    assert isinstance(rested, float)
    rows.append(Row("bus embedded", "CPU of a reader that waits", 100 * rested / 4, "% of a core"))
    return rows


def wake_up(url: str) -> list[Row]:
    """How long after a publish a waiting reader of another process has the frame."""
    reader = Reader("consume", url, "group", WAKE_UPS)
    reader.wait_until_ready()
    rng = random.Random(3)
    message = make_frames()[0]
    with closing(open_bus(url)) as bus:
        for _ in range(WAKE_UPS):
            time.sleep(rng.uniform(0.005, 0.015))
            bus.publish([message])
    waits = reader.result()["waits"]
    assert isinstance(waits, list)
    p50, p99 = np.percentile(np.array(waits) / 1e6, [50, 99]).tolist()
    return [
        Row("bus embedded", "wake-up of another process, p50", p50, "ms"),
        Row("bus embedded", "wake-up of another process, p99", p99, "ms", "under 50", p99 < 50),
    ]


@contextmanager
def broker(folder: Path) -> Iterator[str | None]:
    """A broker, if its jars have been fetched by the tests and java is here."""
    from tests.support.cache import cache_dir
    from tests.support.kafka import KAFKA_VERSION, KafkaBroker

    if shutil.which("java") is None or not (cache_dir(f"kafka-{KAFKA_VERSION}") / "complete").exists():
        yield None
        return
    running = KafkaBroker(folder)
    running.start()
    try:
        yield running.bootstrap
    finally:
        running.stop()


def kafka(folder: Path) -> list[Row]:
    """The same over a broker on this machine, with each compression."""
    rows: list[Row] = []
    with broker(folder) as bootstrap:
        if bootstrap is None:
            return [Row("bus kafka", "not measured", 0, "", note="run the tests once: they fetch the broker")]
        through("", "", f"kafka://{bootstrap}", KAFKA_FRAMES // 4, 1)  # Java is slow until it is warm
        for compression in ("none", "lz4", "zstd"):
            delete_topic(bootstrap)
            url = f"kafka://{bootstrap}?compression={compression}"
            rows += through(
                "bus kafka", compression, url, KAFKA_FRAMES, 1, "acks=all, broker on this machine"
            )
    return rows


def delete_topic(bootstrap: str) -> None:
    """Begin the next run with an empty topic."""
    from kafka import KafkaAdminClient

    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.delete_topics(["readings"])
    while "readings" in admin.list_topics():
        time.sleep(0.05)
    admin.close()


def run() -> list[Row]:
    """Measure in a directory of its own, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="parktwin-bench-"))
    try:
        return embedded(f"embedded:{folder}") + kafka(folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["consume"]:
        sys.stdout.write(json.dumps(consume(sys.argv[2], sys.argv[3], int(sys.argv[4]))))
    elif sys.argv[1:2] == ["idle"]:
        sys.stdout.write(json.dumps(idle(sys.argv[2], float(sys.argv[3]))))
    else:
        print(as_markdown(run()))
