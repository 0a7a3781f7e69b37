"""The connector process against a server under load: values a second, and processor time a value.

The peer is an asyncua client with a subscription handler that notes the value and nothing else: no outbox, no
bus. Both run against the same load server, one after the other.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asyncua import ua
from asyncua.client.client import Client

from benchmarks.processes import cpu_s, memory_mb, running
from benchmarks.table import Row, as_markdown
from tests.support.ports import free_port
from twin.bus.base import Message
from twin.bus.connect import open_bus
from twin.contract.codec import encode_message
from twin.contract.messages import SourceConfig, SourceItem
from twin.contract.topics import SOURCE_CONFIGS

NAMESPACE = "urn:parktwin:load"
SECONDS = 6.0
LOADS = ((1_000, 10.0), (5_000, 10.0), (10_000, 20.0))
PEER_LOAD = LOADS[0]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a client did over a while."""

    values: float
    seconds: float
    cpu_s: float
    memory_mb: float = 0.0

    @property
    def us_per_value(self) -> float:
        """Processor time a value."""
        return 1e6 * self.cpu_s / max(self.values, 1)


def run() -> list[Row]:
    """Measure the connector under three loads, and the peer under the lightest."""
    rows = []
    costs = {}
    for tags, rate in LOADS:
        with load_server(tags, rate) as endpoint:
            cost = costs[tags, rate] = connector(endpoint, tags)
            if (tags, rate) == PEER_LOAD:
                peer = asyncua_handler(endpoint, tags)
        name = f"{tags:,} tags at {rate:.0f} Hz"
        got = cost.values / cost.seconds
        share = f"{100 * cost.cpu_s / cost.seconds:.0f} % of a core, {cost.memory_mb:.0f} MB"
        rows.append(
            Row("connector", f"{name}: values taken", got, "1/s", note=f"{share}; outbox and embedded bus")
        )
        rows.append(Row("connector", f"{name}: processor time", cost.us_per_value, "us/value"))
    ratio = peer.us_per_value / costs[PEER_LOAD].us_per_value
    note = f"a handler that only notes the value: {peer.us_per_value:.1f} us a value"
    rows.append(Row("connector", "cheaper than an asyncua handler", ratio, "x", note=f"{note}, same server"))
    return rows


@contextmanager
def load_server(tags: int, rate: float) -> Iterator[str]:
    """Run the simulator's load server; yields its endpoint."""
    port = free_port()
    arguments = ["-m", "sim.load_server", "--tags", str(tags), "--rate", str(rate), "--port", str(port)]
    with running(arguments, {}):
        yield f"opc.tcp://127.0.0.1:{port}/"


def connector(endpoint: str, tags: int) -> Cost:
    """Run ``python -m connectors`` on the endpoint and read its metrics twice."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"embedded:{folder}/bus"
        config = SourceConfig(
            source="load",
            protocol="opcua",
            endpoint=endpoint,
            publishing_interval_ms=100.0,
            sampling_interval_ms=0.0,
            items=tuple(
                SourceItem(tag=f"park/load:s{n}", node=f"nsu={NAMESPACE};s=load_{n:06d}")
                for n in range(1, tags + 1)
            ),
        )
        value, headers = encode_message(config, message_id="c", source="bench", time_ns=1)
        bus = open_bus(url)
        bus.publish([Message(SOURCE_CONFIGS.name, config.source, value, headers)])
        bus.close()
        settings = {"PARKTWIN_BUS": url, "PARKTWIN_DATA_DIR": folder}
        with running(["-m", "connectors"], settings) as process:
            first = wait_for_readings(Path(folder) / "connectors.url", 2 * tags)
            start, cpu = time.perf_counter(), cpu_s(process)
            time.sleep(SECONDS)
            last = readings(Path(folder) / "connectors.url")
            seconds = time.perf_counter() - start
            return Cost(last - first, seconds, cpu_s(process) - cpu, memory_mb(process))


def readings(address: Path) -> float:
    """Read the count of readings from the connector's metrics."""
    try:
        with urllib.request.urlopen(address.read_text() + "/metrics", timeout=10) as answer:
            text = answer.read().decode()
    except OSError:
        return 0.0
    lines = (line for line in text.splitlines() if line.startswith("parktwin_connector_readings_total{"))
    return sum(float(line.rpartition(" ")[2]) for line in lines)


def wait_for_readings(address: Path, n: int) -> float:
    """Wait until the connector has taken n readings; return how many it has."""
    deadline = time.monotonic() + 60
    while (count := readings(address)) < n:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the connector took {count:.0f} readings in a minute")
        time.sleep(0.1)
    return count


def asyncua_handler(endpoint: str, tags: int) -> Cost:
    """Run the peer as a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bench_connector", endpoint, str(tags)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return Cost(**json.loads(done.stdout))


async def peer(endpoint: str, tags: int) -> None:
    """Subscribe as asyncua's documentation does, note each value, and print what it cost."""
    values: dict[Any, Any] = {}
    count = 0

    class Handler:
        def datachange_notification(self, node: Any, val: Any, data: Any) -> None:
            nonlocal count
            count += 1
            values[node] = val

    async with Client(endpoint) as client:
        index = await client.get_namespace_index(NAMESPACE)
        nodes = [client.get_node(f"ns={index};s=load_{n:06d}") for n in range(1, tags + 1)]
        subscription = await client.create_subscription(100, Handler())
        await subscription.subscribe_data_change(nodes, queuesize=100, sampling_interval=ua.Duration(0))
        await asyncio.sleep(2)
        start, cpu, before = time.perf_counter(), time.process_time(), count
        await asyncio.sleep(SECONDS)
        cost = {
            "values": count - before,
            "seconds": time.perf_counter() - start,
            "cpu_s": time.process_time() - cpu,
        }
        print(json.dumps(cost))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(peer(sys.argv[1], int(sys.argv[2])))
    else:
        print(as_markdown(run()))
