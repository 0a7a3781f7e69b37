"""The connector process against a server under load: values a second, processor time a value, memory, and how
long ten thousand monitored items take.

The machine may be shared, so the marks for speed are on processor time: the values that a second of one core
is enough for. The rate that was really taken is in the note.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.connector_process import (
    Cost,
    connector_cost,
    connector_process,
    load_nodes,
    load_server,
)
from benchmarks.processes import cpu_s, running
from benchmarks.table import Row, as_markdown
from tests.support.ports import free_port
from twin.contract.messages import SecurityPolicy, SourceSecurity

LOADS: Final = ((1_000, 10.0), (5_000, 10.0))
HEAVY: Final = (10_000, 20.0)
REPEATS: Final = 3
OPEN_TARGET: Final = 300_000
SECURE_TARGET: Final = 150_000
SECURE: Final[tuple[SecurityPolicy, ...]] = (
    "Basic256Sha256",
    "Aes128Sha256RsaOaep",
    "Aes256Sha256RsaPss",
)
MANY_TAGS: Final = 50_000
ITEMS: Final = 10_000
ITEMS_TARGET_S: Final = 3.0


def run() -> list[Row]:
    """Measure all of it; about four minutes on two free cores."""
    rows = []
    for tags, rate in LOADS:
        with load_server(tags, rate) as endpoint:
            cost = connector_cost(endpoint, tags)
        name = f"{tags:,} tags at {rate:.0f} Hz"
        share = f"{100 * cost.cpu_s / cost.seconds:.0f} % of a core, {cost.memory_mb:.0f} MB"
        got = cost.values / cost.seconds
        rows.append(
            Row("connector", f"{name}: values taken", got, "1/s", note=f"{share}; outbox and embedded bus")
        )
        rows.append(Row("connector", f"{name}: processor time", cost.us_per_value, "us/value"))
    return [*rows, *secured(), memory(), items()]


def secured() -> list[Row]:
    """Measure under the heaviest load, without and with encryption."""
    tags, rate = HEAVY
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        certificates = Path(folder)
        with load_server(tags, rate, certificates) as endpoint:
            costs = [connector_cost(endpoint, tags) for _ in range(REPEATS)]
            rows.append(_per_core("policy None", costs, OPEN_TARGET))
            for policy in SECURE:
                security = SourceSecurity(policy=policy)
                costs = [
                    connector_cost(endpoint, tags, security=security, certificates=certificates)
                    for _ in range(REPEATS)
                ]
                rows.append(_per_core(f"{policy}, SignAndEncrypt", costs, SECURE_TARGET))
    return rows


def _per_core(name: str, costs: list[Cost], target: int) -> Row:
    figure = median(cost.per_core_s for cost in costs)
    taken = median(cost.values / cost.seconds for cost in costs)
    us = median(cost.us_per_value for cost in costs)
    note = f"{us:.2f} us of CPU a value, outbox and bus included; {taken:,.0f} values/s taken; {_sizes()}"
    return Row(
        "connector",
        f"{name}: values a second that one core is enough for",
        figure,
        "/s",
        f"at least {target:,}",
        figure >= target,
        note,
    )


def _sizes() -> str:
    return f"{HEAVY[0]:,} tags at {HEAVY[1]:.0f} Hz asked for, median of {REPEATS}"


def memory() -> Row:
    """Measure a connector with many tags that change once a second."""
    with load_server(MANY_TAGS, 1.0) as endpoint:
        cost = connector_cost(endpoint, MANY_TAGS)
    target = 150 + MANY_TAGS / 1000
    return Row(
        "connector",
        f"memory with {MANY_TAGS:,} tags",
        cost.memory_mb,
        "MB",
        f"under 150 and 1 kB a tag: {target:.0f}",
        cost.memory_mb < target,
        f"{cost.values / cost.seconds:,.0f} values/s taken",
    )


def items() -> Row:
    """Measure from a configuration's arrival until every item of a stock asyncua server is monitored."""
    port = free_port()
    seconds, cpu_seconds = [], []
    with running(["-m", "benchmarks.stock_server", str(port), str(ITEMS)], {}) as server:
        assert server.stdout is not None
        server.stdout.readline()  # it listens
        for _ in range(REPEATS):
            with connector_process() as connector:
                connector.wait_until_up()
                start, cpu = time.perf_counter(), cpu_s(server) + cpu_s(connector.process)
                connector.read(f"opc.tcp://127.0.0.1:{port}/", load_nodes(ITEMS))
                connector.wait_for(lambda c=connector: c.monitored >= ITEMS, "monitor all")  # type: ignore[misc]
                seconds.append(time.perf_counter() - start)
                cpu_seconds.append(cpu_s(server) + cpu_s(connector.process) - cpu)
    figure = median(seconds)
    return Row(
        "connector",
        f"{ITEMS:,} items monitored on a stock asyncua server",
        figure,
        "s",
        f"under {ITEMS_TARGET_S:.0f}",
        figure < ITEMS_TARGET_S,
        f"connection and session included; median of {REPEATS}; of both processes' CPU "
        f"{median(cpu_seconds):.1f} s, which is what two free cores would take at most",
    )


if __name__ == "__main__":
    print(as_markdown(run()))
