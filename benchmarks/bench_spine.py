"""The spine after decode, every service a process of its own, all of them on one core:
outbox -> embedded bus -> state -> stream frame.

The clock runs from the first reading handed to the outbox until a viewer has the last round of readings.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from websockets.sync.client import connect

from benchmarks.load_park import write_load_park
from benchmarks.processes import cpu_s, memory_mb, running, stream_url
from benchmarks.table import Row
from benchmarks.viewer import newest_source_time_ms
from twin.contract.clock import NS_PER_MS

TAGS = 5_000
ROUNDS = 1_000
CORE = {0}


def run() -> list[Row]:
    """Measure; about 30 s."""
    with tempfile.TemporaryDirectory() as folder:
        return _run(Path(folder))


def _run(folder: Path) -> list[Row]:
    park = folder / "park.yaml"
    write_load_park(park, TAGS, "opc.tcp://127.0.0.1:9/")
    bus = f"embedded:{folder / 'bus'}"
    settings = {"PARKTWIN_BUS": bus, "PARKTWIN_PARK": str(park), "PARKTWIN_DATA_DIR": str(folder / "twin")}
    feeding = ["-m", "benchmarks.feed_outbox", bus, str(folder), str(TAGS), str(ROUNDS)]
    with (
        running(["-m", "twin"], settings | {"PARKTWIN_ROLES": "serve"}, CORE) as twin,
        running(feeding, settings, CORE) as feeder,
    ):
        assert feeder.stdin is not None
        assert feeder.stdout is not None
        assert feeder.stdout.readline() == b"ready\n"
        with connect(stream_url(folder / "twin" / "twin.url"), max_size=None) as viewer:
            viewer.recv()
            before = cpu_s(feeder), cpu_s(twin)
            start = time.time_ns() // NS_PER_MS * NS_PER_MS
            last_ms = start // NS_PER_MS + ROUNDS - 1
            begun = time.perf_counter()
            feeder.stdin.write(f"{start}\n".encode())
            feeder.stdin.flush()
            newest = None
            while newest is None or newest < last_ms:
                message = viewer.recv(timeout=60)
                newest = newest_source_time_ms(message) if isinstance(message, bytes) else None
            seconds = time.perf_counter() - begun
            cpu = cpu_s(feeder) - before[0], cpu_s(twin) - before[1]
        memory = memory_mb(twin)
    readings = TAGS * ROUNDS
    rate = readings / seconds
    connector_us, twin_us = (share / readings * 1e6 for share in cpu)
    return [
        Row(
            "spine",
            "outbox to stream frame, one core",
            rate,
            "readings/s",
            "at least 200,000",
            rate >= 200_000,
            f"{readings:,} readings of {TAGS:,} tags; CPU a reading: connector {connector_us:.2f} us, "
            f"twin {twin_us:.2f} us; twin {memory:.0f} MB",
        )
    ]
