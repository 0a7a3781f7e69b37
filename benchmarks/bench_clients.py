"""OPC UA clients beside each other on one load server, in one run: processor time a value.

Ours does more than its peers: every value is on disk and on a bus when it counts. asyncua's handler is
measured doing that too (with our outbox) and noting the value only; node-opcua's client notes the value;
Telegraf hands it to the output that discards. Each is measured apart from the others, in turn, as often as
:data:`REPEATS`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import peer_telegraf
from benchmarks.connector_process import SECONDS, Cost, connector_cost, load_server
from benchmarks.table import Row, as_markdown
from tests.connectors.opcua.servers.process import node_modules

TAGS: Final = 5_000
RATE_HZ: Final = 10.0
REPEATS: Final = 3
TARGET: Final = 10.0
TIMEOUT_S: Final = 180.0


def run() -> list[Row]:
    """Measure all clients that can run here."""
    measures: dict[str, Callable[[str], Cost]] = {
        "asyncua handler that does the same job": lambda endpoint: _asyncua(endpoint),
        "asyncua handler that notes the value": lambda endpoint: _asyncua(endpoint, "note"),
        f"Telegraf {peer_telegraf.VERSION} opcua_listener": _telegraf,
        "node-opcua client": _node_opcua,
    }
    missing = {name: why for name, why in (_no_telegraf(), _no_node()) if why}
    ours: list[Cost] = []
    theirs: dict[str, list[Cost]] = {name: [] for name in measures}
    with load_server(TAGS, RATE_HZ) as endpoint:
        for _ in range(REPEATS):
            ours.append(connector_cost(endpoint, TAGS))
            for name, measure in measures.items():
                if name not in missing:
                    theirs[name].append(measure(endpoint))
    mine = median(cost.us_per_value for cost in ours)
    sizes = f"{TAGS:,} tags at {RATE_HZ:.0f} Hz, median of {REPEATS}"
    rows = [Row("clients", "connector: processor time", mine, "us/value", note=f"{_taken(ours)}; {sizes}")]
    for name, costs in theirs.items():
        if not costs:
            rows.append(Row("clients", f"cheaper than {name}", 0.0, "x", note=f"not run: {missing[name]}"))
            continue
        us = median(cost.us_per_value for cost in costs)
        aimed = TARGET if "same job" in name else 1.0
        rows.append(
            Row(
                "clients",
                f"cheaper than {name}",
                us / mine,
                "x",
                f"at least {aimed:.0f}",
                us / mine >= aimed,
                f"{us:.2f} us a value; {_taken(costs)}",
            )
        )
    return rows


def _taken(costs: list[Cost]) -> str:
    return f"{median(cost.values / cost.seconds for cost in costs):,.0f} values/s taken"


def _asyncua(endpoint: str, *flags: str) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.peer_asyncua", endpoint, str(TAGS), str(SECONDS), folder]
        return _cost([*command, *flags])


def _node_opcua(endpoint: str) -> Cost:
    script = Path(__file__).with_name("peer_node_opcua.js")
    return _cost(["node", str(script), str(node_modules()), endpoint, str(TAGS), str(SECONDS)])


def _telegraf(endpoint: str) -> Cost:
    return Cost(**peer_telegraf.measure(endpoint, TAGS, SECONDS))


def _cost(command: list[str]) -> Cost:
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[1:3]} failed: {done.stderr[-1000:]}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def _no_telegraf() -> tuple[str, str]:
    try:
        peer_telegraf.binary()
    except peer_telegraf.NotBuiltError as error:
        return f"Telegraf {peer_telegraf.VERSION} opcua_listener", str(error)
    return "", ""


def _no_node() -> tuple[str, str]:
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node-opcua client", "Node.js with npm is not installed"
    return "", ""


if __name__ == "__main__":
    print(as_markdown(run()))
