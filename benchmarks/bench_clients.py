"""OPC UA clients beside each other on one load server, in one run: processor time a value.

Ours does more than its peers: every value is on disk and on a bus when it counts. asyncua's handler is
measured doing that too (with our outbox) and noting the value only; node-opcua's client notes the value;
Telegraf hands it to the output that discards. Each is measured apart from the others, in turn, as often as
:data:`REPEATS`.
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import peer_telegraf
from benchmarks.connector_process import SECONDS, Cost, connector_cost, load_server
from benchmarks.table import Row, as_markdown
from tests.connectors.opcua.servers.process import node_modules

LIGHT: Final = (2_000, 10.0)
"""What asyncua's handlers can keep up with; tags, Hz."""
FULL: Final = (5_000, 10.0)
REPEATS: Final = 3
TARGET: Final = 10.0
TIMEOUT_S: Final = 180.0
TRIES: Final = 4
MIN_SHARE: Final = 0.2
"""Of what the server sends, a peer that works takes more."""

SAME_JOB: Final = "asyncua handler that does the same job"
NOTES: Final = "asyncua handler that notes the value"
TELEGRAF: Final = f"Telegraf {peer_telegraf.VERSION} opcua_listener"
NODE_OPCUA: Final = "node-opcua client"

Measure = Callable[[str, int], Cost]


def run() -> list[Row]:
    """Measure all clients that can run here; about five minutes on two free cores."""
    missing = {name: why for name, why in (_no_telegraf(), _no_node()) if why}
    light: dict[str, Measure] = {SAME_JOB: _asyncua, NOTES: partial(_asyncua, note=True)}
    full: dict[str, Measure] = {TELEGRAF: _telegraf, NODE_OPCUA: _node_opcua}
    return [*_beside(LIGHT, light, missing), *_beside(FULL, full, missing)]


def _beside(load: tuple[int, float], peers: dict[str, Measure], missing: dict[str, str]) -> list[Row]:
    tags, rate = load
    ours: list[Cost] = []
    theirs: dict[str, list[Cost]] = {name: [] for name in peers}
    with load_server(tags, rate) as endpoint:
        for _ in range(REPEATS):
            ours.append(connector_cost(endpoint, tags))
            for name, measure in peers.items():
                if name in missing:
                    continue
                try:
                    theirs[name].append(_taking(measure, endpoint, load))
                except peer_telegraf.NotBuiltError as error:  # a peer that does not run ends no benchmark
                    missing[name] = str(error)
    mine = median(cost.us_per_value for cost in ours)
    sizes = f"{tags:,} tags at {rate:.0f} Hz"
    note = f"{_taken(ours)}; median of {REPEATS}"
    rows = [Row("clients", f"{sizes}: connector, processor time", mine, "us/value", note=note)]
    for name, costs in theirs.items():
        what = f"{sizes}: cheaper than {name}"
        if not costs:
            rows.append(Row("clients", what, math.nan, "x", note=f"not run: {missing[name]}"))
            continue
        us = median(cost.us_per_value for cost in costs)
        aimed = TARGET if name == SAME_JOB else 1.0
        met = us / mine >= aimed
        note = f"{us:.2f} us a value; {_taken(costs)}"
        rows.append(Row("clients", what, us / mine, "x", f"at least {aimed:.0f}", met, note))
    return rows


def _taking(measure: Measure, endpoint: str, load: tuple[int, float]) -> Cost:
    """Measure a peer that takes values: one that lost its connection says nothing of its cost."""
    tags, rate = load
    for _ in range(TRIES):
        cost = measure(endpoint, tags)
        if cost.values >= MIN_SHARE * tags * rate * SECONDS:
            return cost
    raise RuntimeError(f"a peer took hardly any values in each of {TRIES} tries: the machine is too busy")


def _taken(costs: list[Cost]) -> str:
    return f"{median(cost.values / cost.seconds for cost in costs):,.0f} values/s taken"


def _asyncua(endpoint: str, tags: int, *, note: bool = False) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.peer_asyncua", endpoint, str(tags), str(SECONDS), folder]
        return _cost([*command, "note"] if note else command)


def _node_opcua(endpoint: str, tags: int) -> Cost:
    script = Path(__file__).with_name("peer_node_opcua.js")
    return _cost(["node", str(script), str(node_modules()), endpoint, str(tags), str(SECONDS)])


def _telegraf(endpoint: str, tags: int) -> Cost:
    return Cost(**peer_telegraf.measure(endpoint, tags, SECONDS))


def _cost(command: list[str]) -> Cost:
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[1:3]} failed: {done.stderr[-1000:]}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def _no_telegraf() -> tuple[str, str]:
    try:
        peer_telegraf.binary()
    except peer_telegraf.NotBuiltError as error:
        return TELEGRAF, str(error)
    return "", ""


def _no_node() -> tuple[str, str]:
    if shutil.which("node") is None or shutil.which("npm") is None:
        return NODE_OPCUA, "Node.js with npm is not installed"
    return "", ""


if __name__ == "__main__":
    print(as_markdown(run()))
