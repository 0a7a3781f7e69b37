"""The simulator's servers: the cost of a value beside stock asyncua, the load server, the start, the
machines.

The peer is a stock asyncua server written with ``write_value``: same variables, rate and client, same run.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil
from asyncua import ua
from asyncua.client.client import Client
from asyncua.server.server import Server

from benchmarks.table import Row, median_seconds
from sim.opcua.notification import HAS_SERVER_TIME, HAS_SOURCE_TIME, WIRE_FORMATS, encode_items
from sim.plant import read_plant
from sim.simulation import Simulation

TAGS = 1000
RATE_HZ = 10.0
SECONDS = 6.0
NAMESPACE = "urn:parktwin:load"
SERVED_S = 30.0
DAY_BEGINS_NS = 1_790_182_800 * 10**9
"""2026-09-23T17:00:00Z, midnight in Vietnam before a working Thursday."""


def run() -> list[Row]:
    """Measure; about ten minutes, most of them a simulated day."""
    logging.getLogger("asyncua").setLevel(
        logging.CRITICAL
    )  # it tells a stopped server as a stack trace a second
    ours = _under_load(["-m", "sim.load_server", "--tags", str(TAGS), "--rate", str(RATE_HZ)])
    stock = _under_load([str(Path(__file__)), "stock"])
    share = 100 * ours["cpu_s"] / ours["seconds"]
    ratio = stock["cpu_us_per_value"] / ours["cpu_us_per_value"]
    load = f"{TAGS:,} Doubles at {RATE_HZ:g} Hz; one plain client got {ours['heard']:,.0f}"
    return [
        Row(
            "sim",
            "served values",
            ours["values_per_s"],
            "1/s",
            note=load,
        ),
        Row("sim", "server CPU a value", ours["cpu_us_per_value"], "us", note="creating the items included"),
        Row(
            "sim",
            "the same, stock asyncua write_value",
            stock["cpu_us_per_value"],
            "us",
            note=f"at {stock['values_per_s']:,.0f} values/s",
        ),
        Row("sim", "stock / ours", ratio, "times", "at least 10", ratio >= 10),
        Row("sim", "load server at 10,000 values/s", share, "% of a core", "under 50", share < 50),
        _encoding(),
        *_start(),
        _day(),
    ]


def _under_load(command: Sequence[str]) -> dict[str, float]:
    """Run a server for a while under a plain client; what it reports of itself, and what the client heard."""
    with subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            endpoint = json.loads(process.stdout.readline())["endpoint"]
            heard = asyncio.run(_listen(endpoint))
            process.send_signal(signal.SIGTERM)
            report: dict[str, float] = json.loads(process.stdout.readline())
        finally:
            process.kill()
    return {**report, "heard": heard}


class _Counter:
    heard = 0

    def status_change_notification(self, _: object) -> None:
        """asyncua asks for it."""

    def datachange_notification(self, *_: object) -> None:
        self.heard += 1


async def _listen(endpoint: str) -> int:
    counter = _Counter()
    client = Client(endpoint, timeout=30)
    client.session_timeout = 60_000
    async with client:
        index = await client.get_namespace_index(NAMESPACE)
        subscription = await client.create_subscription(100, counter)
        nodes = [client.get_node(f"ns={index};s=load_{number:06}") for number in range(1, TAGS + 1)]
        await subscription.subscribe_data_change(nodes, queuesize=20)
        await asyncio.sleep(SECONDS)
    return counter.heard


async def _serve_stock() -> dict[str, float]:
    """A stock asyncua server, written value by value."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        endpoint = f"opc.tcp://127.0.0.1:{probe.getsockname()[1]}/"
    server = Server()
    await server.init()
    server.set_endpoint(endpoint)
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    index = await server.register_namespace(NAMESPACE)
    nodes = []
    for number in range(1, TAGS + 1):
        if number % 100 == 1:
            folder = await server.nodes.objects.add_folder(index, f"folder_{number}")
        name = f"load_{number:06}"
        nodes.append(await folder.add_variable(f"ns={index};s={name}", name, 0.0))
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with server:
        print(json.dumps({"endpoint": endpoint}), flush=True)
        values, started, cpu_s = 0, time.monotonic(), _cpu_s()
        while not ended.is_set():
            due = started + (values // TAGS) / RATE_HZ
            await asyncio.sleep(max(due - time.monotonic(), 0))
            for node in nodes:
                await node.write_value(float(values // TAGS))
            values += TAGS
        seconds, cpu_s = time.monotonic() - started, _cpu_s() - cpu_s
    return {
        "values": values,
        "seconds": seconds,
        "values_per_s": values / seconds,
        "cpu_s": cpu_s,
        "cpu_us_per_value": 1e6 * cpu_s / values,
    }


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _encoding() -> Row:
    n = 1000
    columns = (
        np.arange(n, dtype=np.uint32),
        np.full(n, WIRE_FORMATS["Double"][0], np.uint8),
        np.full(n, HAS_SOURCE_TIME | HAS_SERVER_TIME, np.uint8),
        np.arange(n, dtype=np.float64),
        np.zeros(n, np.uint32),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
    )
    seconds = median_seconds(lambda: [encode_items(*columns, None) for _ in range(1000)])
    return Row(
        "sim", "encoding of a value", seconds * 1e6 / (1000 * n), "us", note=f"{n:,} Doubles at a time"
    )


def _start() -> list[Row]:
    """From the start of the process until all servers listen and the first values are served; then a while
    of serving to nobody."""
    with tempfile.TemporaryDirectory() as folder:
        plant = read_plant()
        servers = [server.id for server in plant.servers] + [server.id for server in plant.meters.servers]
        ports = {f"PARKTWIN_SIM_PORT_{server.upper()}": "0" for server in servers}
        environ = {**os.environ, **ports, "PARKTWIN_DATA_DIR": folder, "PARKTWIN_LOG_LEVEL": "error"}
        started = time.monotonic()
        with subprocess.Popen([sys.executable, "-m", "sim"], env=environ) as process:
            while not (Path(folder) / "sim.url").exists() and process.poll() is None:
                time.sleep(0.01)
            seconds = time.monotonic() - started
            watched = psutil.Process(process.pid)
            cpu_s = sum(watched.cpu_times()[:2])
            time.sleep(SERVED_S)
            share = 100 * (sum(watched.cpu_times()[:2]) - cpu_s) / SERVED_S
            memory_gb = watched.memory_info().rss / 1e9
            process.terminate()
    what = f"{len(plant.units)} machines behind {len(servers)} servers"
    return [
        Row("sim", "start of python -m sim", seconds, "s", note=f"{what}; {cpu_s:.1f} s of CPU"),
        Row("sim", "the park in real time", share, "% of a core", note=f"{what}, nobody connected"),
        Row("sim", "memory of the whole park", memory_gb, "GB", "under 1.5", memory_gb < 1.5, what),
    ]


def _day() -> Row:
    """A whole day of the whole park, in its own steps, without the network."""
    plant = read_plant()
    simulation = Simulation(plant, seed=1, start_ns=DAY_BEGINS_NS)
    simulation.step(0.0)
    steps = round(86_400 / plant.tick_s)
    started = time.monotonic()
    for _ in range(steps):
        simulation.step(plant.tick_s)
    minutes = (time.monotonic() - started) / 60
    made = int(simulation.operation.lines.columns.made.sum())
    note = (
        f"{len(simulation.tags):,} tags in {steps:,} steps of {plant.tick_s:g} s; lines made {made:,} pieces"
    )
    return Row("sim", "24 h of the whole park", minutes, "min", "under 10", minutes < 10, note)


if __name__ == "__main__":
    if sys.argv[1:] == ["stock"]:
        print(json.dumps(asyncio.run(_serve_stock())), flush=True)
    else:
        from benchmarks.table import as_markdown

        print(as_markdown(run()))
