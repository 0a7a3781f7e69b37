"""A real OPC UA server process to the browser's frame, every service a process of its own, nothing pinned.

Every tag changes once a second, all at the same moment, so every value is seen in a frame; its age is taken
when the frame has arrived at a viewer. One clock serves all: they run on one machine.
"""

from __future__ import annotations

import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt
from websockets.sync.client import ClientConnection, connect

from benchmarks.load_park import write_load_park
from benchmarks.processes import cpu_s, memory_mb, running, stream_url
from benchmarks.table import Row
from benchmarks.viewer import source_times_ms

TAGS = 10_000
RATE_HZ = 1.0
WARM_UP_S = 6.0
SECONDS = 30.0


def run() -> list[Row]:
    """Measure; about 50 s."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        return _run(Path(folder), stack)


def _run(folder: Path, stack: ExitStack) -> list[Row]:
    serving = ["-m", "sim.load_server", "--tags", str(TAGS), "--rate", str(RATE_HZ)]
    server = stack.enter_context(running(serving, {}))
    assert server.stdout is not None
    endpoint = json.loads(server.stdout.readline())["endpoint"]
    park = folder / "park.yaml"
    write_load_park(park, TAGS, endpoint)
    settings = {"PARKTWIN_BUS": f"embedded:{folder / 'bus'}", "PARKTWIN_PARK": str(park)}
    services = {"OPC UA server": server}
    for module in ("twin", "connectors"):
        own = settings | {"PARKTWIN_DATA_DIR": str(folder / module)}
        services[module] = stack.enter_context(running(["-m", module], own))
    with connect(stream_url(folder / "twin" / "twin.url"), max_size=None) as viewer:
        while len(_ages_ms(viewer, 1.0)) < TAGS / 2:
            pass  # until everything is monitored
        _ages_ms(viewer, WARM_UP_S)
        before = {name: cpu_s(process) for name, process in services.items()}
        begun = time.monotonic()
        ages = _ages_ms(viewer, SECONDS)
        seconds = time.monotonic() - begun
        cpu = {name: (cpu_s(process) - before[name]) / seconds for name, process in services.items()}
        memory = {name: memory_mb(process) for name, process in services.items()}
    p50, p99, worst = np.percentile(ages, [50, 99, 100]) / 1000
    rate = len(ages) / seconds
    note = f"{TAGS:,} tags at {RATE_HZ:g} Hz, {rate:,.0f} values/s seen; p50 {p50:.2f} s, worst {worst:.2f} s"
    met = bool(p99 < 1.0 and rate > 0.99 * TAGS * RATE_HZ)
    what = "OPC UA server to browser frame, p99"
    return [
        Row("end to end", what, float(p99), "s", "under 1 at 10,000 values/s", met, note),
        *(
            Row("end to end", f"CPU of {name}", 100 * share, "% of a core", note=f"{memory[name]:.0f} MB")
            for name, share in cpu.items()
        ),
    ]


def _ages_ms(viewer: ClientConnection, seconds: float) -> npt.NDArray[np.float64]:
    """Age at arrival [ms] of every value that comes within ``seconds``."""
    ages = [np.zeros(0)]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        message = viewer.recv()
        if isinstance(message, bytes):
            ages.append(time.time() * 1000 - source_times_ms(message))
    return np.concatenate(ages)
