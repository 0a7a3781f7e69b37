"""A Kafka broker that dies under 10,000 values a second, and comes back: what is lost, how long it takes.

    python -m benchmarks.bench_outage --minutes 10

Real OPC UA server, connector, Apache Kafka, twin with history, and one viewer; the broker is killed with
SIGKILL. Every value of the server counts up by one, so that the history itself says what is missing and what
is there twice. In ``make bench`` the outage lasts 20 s. The last row sends readings through outbox and broker
as fast as one core can.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from benchmarks.load_park import write_load_park
from benchmarks.processes import cpu_s, memory_mb, running, stream_url
from benchmarks.table import Row, as_markdown
from benchmarks.viewer import source_times_ms
from tests.support.kafka import KafkaBroker
from twin.bus.base import Bus
from twin.bus.connect import open_bus
from twin.contract.frame import decode_frame
from twin.contract.topics import READINGS

TAGS = 10_000
RATE_HZ = 1.0
WARM_UP_S = 12.0
LIVE_MS = 2_000.0
"""A frame in which half of all tags are younger than this is live."""
THROUGH_TAGS, THROUGH_ROUNDS = 5_000, 600


@dataclass(slots=True)
class Outcome:
    """What an outage did.

    Args:
        produced: values of the server from the first to the last that the history has, by its own counting.
        stored: rows of the history.
        lost: values between the first and the last of a tag that the history does not have.
        doubled: rows of the history whose value is there before.
        last_value, last_stored: what the server counted up to, and the least of the tags' last stored ones.
        sent, sent_twice: readings on topic ``readings``, and those of frames that were sent again.
        outage_s: from the kill to the broker's first answer.
        live_rate: values a second that the connector took meanwhile.
        live_after_s: from the broker's first answer until the viewer saw the present again.
        drain_s: from the broker's first answer until nothing waited in the outbox.
        drained: readings that went out meanwhile.
        ahead: readings that overtook the backlog.
        memory_mb: resident memory of the connector, the most of all.
        memory_before_mb, memory_away_mb: before the outage, and the most until the broker was back.
        outbox_mb: the most that the outbox held.
        connector_cpu_s: of the connector while it drained.
        ages_before_ms, ages_ms: of values as they reach the viewer, before and while the outbox drained.
    """

    produced: int = 0
    stored: int = 0
    lost: int = 0
    doubled: int = 0
    last_value: int = 0
    last_stored: int = 0
    sent: int = 0
    sent_twice: int = 0
    outage_s: float = 0.0
    live_rate: float = 0.0
    live_after_s: float = 0.0
    drain_s: float = 0.0
    drained: int = 0
    ahead: int = 0
    memory_mb: float = 0.0
    memory_before_mb: float = 0.0
    memory_away_mb: float = 0.0
    outbox_mb: float = 0.0
    connector_cpu_s: float = 0.0
    ages_before_ms: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    ages_ms: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    @property
    def times_live(self) -> float:
        """How many times faster than the live rate the outbox was emptied."""
        return self.drained / self.drain_s / self.live_rate

    @property
    def summary(self) -> str:
        """The counts in one line."""
        return (
            f"{self.produced:,} produced, {self.stored:,} stored, {self.lost} lost, {self.doubled} doubled; "
            f"{self.sent:,} sent, {self.sent_twice:,} of them a second time, {self.ahead:,} ahead too; "
            f"{self.outage_s:.1f} s away, the present after {self.live_after_s:.1f} s, empty after "
            f"{self.drain_s:.1f} s; connector {self.memory_mb:.0f} MB"
        )


class Viewer(threading.Thread):
    """Notes when each frame of the stream came and how old its values were then."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__(daemon=True)
        self._socket = socket
        self._frames: list[tuple[float, npt.NDArray[np.float32]]] = []
        self.start()

    def run(self) -> None:
        """Receive until the connection is closed."""
        with suppress(ConnectionClosed):
            while True:
                message = self._socket.recv()
                now = time.time()
                if isinstance(message, bytes):
                    self._frames.append((now, (now * 1000 - source_times_ms(message)).astype(np.float32)))

    def ages_ms(self, start: float, end: float) -> npt.NDArray[np.float64]:
        """Ages at arrival of every value that came between two moments [s since the epoch]."""
        ages = [ages for at, ages in self._frames if start <= at <= end]
        return np.concatenate([np.zeros(0), *ages])

    def live_at(self, since: float, tags: int) -> float | None:
        """When the first frame came since then that shows the present; None if none has."""
        for at, ages in list(self._frames):
            if at >= since and np.count_nonzero(ages < LIVE_MS) >= tags / 2:
                return at
        return None


def measure(
    folder: Path,
    broker: KafkaBroker,
    outage_s: float,
    *,
    tags: int = TAGS,
    warm_up_s: float = WARM_UP_S,
    falls: int = 1,
) -> Outcome:
    """Run everything, kill the broker for ``outage_s``, and count.

    Args:
        folder: for park, data and logs.
        broker: runs; it is killed and started again.
        outage_s: how long.
        tags: of the server, each with a new value a second.
        warm_up_s: before the outage.
        falls: how often the broker is killed: a second time while the outbox drains, at once back then.
    """
    done = Outcome()
    with ExitStack() as stack:
        serving = ["-m", "sim.load_server", "--tags", str(tags), "--rate", str(RATE_HZ)]
        server = stack.enter_context(running(serving, {}))
        assert server.stdout is not None
        park = folder / "park.yaml"
        write_load_park(park, tags, json.loads(server.stdout.readline())["endpoint"])
        settings = {"PARKTWIN_BUS": f"kafka://{broker.bootstrap}", "PARKTWIN_PARK": str(park)}
        services = {}
        for module in ("twin", "connectors"):
            own = settings | {"PARKTWIN_DATA_DIR": str(folder / module)}
            services[module] = stack.enter_context(running(["-m", module], own))
        connector = services["connectors"]
        urls = {module: folder / module / f"{module}.url" for module in services}
        viewer = Viewer(stack.enter_context(connect(stream_url(urls["twin"]), max_size=None)))
        _until(lambda: viewer.live_at(0.0, tags) is not None, 120, "everything is monitored")
        begun = time.time()
        time.sleep(warm_up_s)
        done.ages_before_ms = viewer.ages_ms(begun, time.time())
        done.memory_before_mb = memory_mb(connector)
        broker.kill()
        killed, first = time.time(), _connector(urls["connectors"])
        while time.time() < killed + outage_s:
            _note(done, connector, urls["connectors"])
            time.sleep(1.0)
        done.memory_away_mb = done.memory_mb
        broker.start()
        back, cpu, held = time.time(), cpu_s(connector), _connector(urls["connectors"])
        done.outage_s = back - killed
        done.live_rate = (held.readings - first.readings) / done.outage_s

        for _ in range(falls - 1):
            _until(lambda: _connector(urls["connectors"]).ahead > 0, 60, "the outbox drains")
            broker.kill()
            broker.start()

        def drained() -> bool:
            _note(done, connector, urls["connectors"])
            return _connector(urls["connectors"]).unsent <= 2 * RATE_HZ

        _until(drained, 600, "the outbox is empty")
        end = time.time()
        now = _connector(urls["connectors"])
        done.ahead = round(now.ahead)
        done.drain_s, done.connector_cpu_s = end - back, cpu_s(connector) - cpu
        done.drained = round(now.readings - first.readings)
        _until(lambda: viewer.live_at(back, tags) is not None, 60, "the viewer sees the present")
        live = viewer.live_at(back, tags) or end
        done.live_after_s = live - back
        time.sleep(2.0)
        done.ages_ms = viewer.ages_ms(live, max(end, live + 2.0))
        server.terminate()
        done.last_value = json.loads(server.communicate(timeout=60)[0].splitlines()[-1])["last_value"]
        time.sleep(2.0)
        _until(lambda: _connector(urls["connectors"]).unsent == 0, 120, "the last values are sent")
        with closing(open_bus(settings["PARKTWIN_BUS"])) as bus:
            done.sent, done.sent_twice = _on_bus(bus)
        _until(lambda: _stored(urls["twin"]) >= done.sent, 600, "the history has all that is on the bus")
    _count_history(done, folder / "twin")
    return done


@dataclass(frozen=True, slots=True)
class _Connector:
    readings: float
    unsent: float
    outbox_bytes: float
    ahead: float


def _connector(address: Path) -> _Connector:
    found = _metrics(address, "parktwin_connector_")
    return _Connector(
        found["readings_total"],
        found["unsent_messages"],
        found["outbox_bytes"],
        found["ahead_readings_total"],
    )


def _stored(address: Path) -> float:
    return _metrics(address, "parktwin_history_").get("readings_stored_total", 0.0)


def _metrics(address: Path, prefix: str) -> dict[str, float]:
    """Metrics by name without prefix, those of all labels added up."""
    names = ("readings_total", "unsent_messages", "outbox_bytes", "ahead_readings_total")
    found = dict.fromkeys(names, 0.0)
    with urllib.request.urlopen(address.read_text() + "/metrics", timeout=30) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(prefix):
                name, _, value = line.removeprefix(prefix).rpartition(" ")
                name = name.partition("{")[0]
                found[name] = found.get(name, 0.0) + float(value)
    return found


def _note(done: Outcome, process: subprocess.Popen[bytes], address: Path) -> None:
    done.memory_mb = max(done.memory_mb, memory_mb(process))
    done.outbox_mb = max(done.outbox_mb, _connector(address).outbox_bytes / 2**20)


def _until(happened: Callable[[], bool], within_s: float, what: str) -> None:
    deadline = time.monotonic() + within_s
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {within_s:g} s in vain until {what}")
        time.sleep(0.1)


def _on_bus(bus: Bus) -> tuple[int, int]:
    """Count the readings on the bus, and those of frames that stand there a second time."""
    seen: set[str] = set()
    sent = twice = 0
    with closing(bus.consumer([READINGS.name])) as consumer:
        while consumer.lag() != 0:
            for received in consumer.poll(1.0):
                frame = decode_frame(received.message.value)
                sent += len(frame)
                twice += len(frame) if frame.message_id in seen else 0
                seen.add(frame.message_id)
    return sent, twice


def _count_history(done: Outcome, data: Path) -> None:
    """Count by tag what is in the history: values count up, so a hole shows. The twin must have ended."""
    from twin.historian.embedded import EmbeddedEngine

    engine = EmbeddedEngine(data / "history")
    try:
        found = engine.query(
            "SELECT sum(rows) AS rows, sum(span) AS span, sum(kinds) AS kinds, min(last) AS last FROM ("
            " SELECT count() AS rows, uniqExact(value) AS kinds, toUInt64(max(value)) AS last,"
            " toUInt64(max(value) - min(value) + 1) AS span"
            " FROM readings FINAL WHERE isFinite(value) GROUP BY tag)",
            {},
        )
    finally:
        engine.close()
    rows, span, kinds, last = (int(np.asarray(found[name])[0]) for name in ("rows", "span", "kinds", "last"))
    done.stored, done.produced, done.last_stored = rows, span, last
    done.lost, done.doubled = span - kinds, rows - kinds


def through_kafka(folder: Path, broker: KafkaBroker) -> Row:
    """Send readings through outbox, sender and broker as fast as one core can."""
    bus_url = f"kafka://{broker.bootstrap}"
    arguments = [str(folder), str(THROUGH_TAGS), str(THROUGH_ROUNDS)]
    with closing(open_bus(bus_url)) as bus:
        _on_bus(bus)  # Java is slow until it is warm, and the topic is there
        with closing(bus.consumer([READINGS.name])) as consumer:
            while consumer.lag() != 0:
                consumer.poll(1.0)
            with running(["-m", "benchmarks.feed_outbox", bus_url, *arguments], {}, {0}) as feeder:
                assert feeder.stdin is not None
                assert feeder.stdout is not None
                feeder.stdout.readline()
                cpu, begun, rows = cpu_s(feeder), time.perf_counter(), 0
                feeder.stdin.write(f"{time.time_ns()}\n".encode())
                feeder.stdin.flush()
                while rows < THROUGH_TAGS * THROUGH_ROUNDS:
                    rows += sum(len(decode_frame(one.message.value)) for one in consumer.poll(1.0))
                seconds, cpu = time.perf_counter() - begun, cpu_s(feeder) - cpu
    rate = rows / cpu
    by_clock = f"{rows / seconds:,.0f} a second by the clock"
    note = f"{rows:,} readings of {THROUGH_TAGS:,} tags, commits synced; {by_clock}"
    return Row(
        "outage", "outbox and sender into Kafka, readings a second of CPU", rate, "1/s", "at least 200,000",
        rate >= 200_000, f"{1e6 * cpu / rows:.2f} us a reading; {note}",
    )  # fmt: skip


def rows_of(done: Outcome) -> list[Row]:
    """Say an outcome as rows of the table."""
    p50, p99, worst = np.percentile(done.ages_ms, [50, 99, 100]) / 1000
    b50, b99 = np.percentile(done.ages_before_ms, [50, 99]) / 1000
    length = f"{done.outage_s:.0f} s without broker at {done.live_rate:,.0f} values/s"
    counts = f"{done.produced:,} produced, {done.stored:,} stored"
    sent = f"{done.sent:,} readings sent, {done.sent_twice:,} of them a second time"
    backlog = f"{done.drained:,} readings; outbox up to {done.outbox_mb:.0f} MB"
    cpu_us = 1e6 * done.connector_cpu_s / done.drained
    grown = f"{done.memory_before_mb:.0f} MB before, at most {done.memory_away_mb:.0f} MB without the broker"
    area, memory = "outage", "memory of the connector, most"
    return [
        Row(area, "values lost", done.lost, "", "0", done.lost == 0, f"{length}; {counts}"),
        Row(area, "values stored twice", done.doubled, "", "0", done.doubled == 0, sent),
        Row(area, memory, done.memory_mb, "MB", "under 200", done.memory_mb < 200, grown),
        Row(area, "until the outbox is empty", done.drain_s, "s", "under 120", done.drain_s < 120, backlog),
        Row(area, "drained, times the live rate", done.times_live, "x", "at least 5", done.times_live >= 5,
            f"connector {cpu_us:.2f} us of CPU a reading, the live ones' reception included"),
        Row(area, "broker back until the viewer sees the present", done.live_after_s, "s"),
        Row(area, "age at the viewer while draining, p99", float(p99), "s", "", None,
            f"p50 {p50:.2f} s, worst {worst:.2f} s; before the outage p50 {b50:.2f} s, p99 {b99:.2f} s"),
    ]  # fmt: skip


def run(outage_s: float = 20.0) -> list[Row]:
    """Measure in a directory of its own; about a minute and the outage."""
    with tempfile.TemporaryDirectory(prefix="parktwin-bench-") as name:
        folder = Path(name)
        (folder / "kafka").mkdir()
        broker = KafkaBroker(folder / "kafka")
        broker.start()
        try:
            done = measure(folder, broker, outage_s)
            return [*rows_of(done), through_kafka(folder, broker)]
        finally:
            broker.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long the broker is away")
    sys.stdout.write(as_markdown(run(60 * parser.parse_args().minutes)) + "\n")
