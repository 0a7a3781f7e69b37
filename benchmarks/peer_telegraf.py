"""Telegraf's ``inputs.opcua_listener``, built here with Go from the module proxy, with the discarding output.

A slim build: that input, Telegraf's own counters, and two outputs. The counters say how many values the input
took; the processor time is read from outside.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from tests.support.cache import cache_dir

VERSION: Final = "v1.37.2"
MODULE: Final = "github.com/influxdata/telegraf"
PARTS: Final = (
    "inputs.opcua_listener",
    "inputs.internal",
    "outputs.discard",
    "outputs.file",
    "serializers.influx",
)
BUILD_S: Final = 3_600
WARM_UP_S: Final = 8.0


class NotBuiltError(Exception):
    """Telegraf cannot be built here; the text says why."""


def binary() -> Path:
    """Return the program, built the first time.

    Raises:
        NotBuiltError: there is no Go, or it cannot fetch or build.
    """
    folder = cache_dir(f"telegraf-{VERSION}")
    program = folder / "telegraf"
    if program.exists():
        return program
    go = shutil.which("go")
    if go is None:
        raise NotBuiltError("Go is not installed")
    (folder / "go.mod").write_text("module bench\n\ngo 1.24\n")
    target = f"{program}.part"
    for arguments in (
        ["get", f"{MODULE}/cmd/telegraf@{VERSION}"],
        ["build", "-tags", ",".join(("custom", *PARTS)), "-o", target, f"{MODULE}/cmd/telegraf"],
    ):
        try:
            done = subprocess.run(
                [go, *arguments], cwd=folder, capture_output=True, text=True, timeout=BUILD_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise NotBuiltError(f"go {arguments[0]} took longer than {BUILD_S} s") from error
        if done.returncode:
            raise NotBuiltError(f"go {arguments[0]}: {done.stderr.strip().splitlines()[-1:]}")
    Path(target).rename(program)
    return program


def measure(endpoint: str, tags: int, seconds: float) -> dict[str, float]:
    """Run it on the load server and read its counters and its processor time twice.

    Raises:
        NotBuiltError: see :func:`binary`.
    """
    with tempfile.TemporaryDirectory() as folder:
        config, counters = Path(folder) / "telegraf.conf", Path(folder) / "counters"
        config.write_text(_config(endpoint, tags, counters))
        with _running([str(binary()), "--config", str(config), "--quiet"]) as process:
            time.sleep(WARM_UP_S)
            first, begun = _gathered(counters), time.perf_counter()
            cpu = _cpu_s(process)
            time.sleep(seconds)
            cost = {"cpu_s": _cpu_s(process) - cpu, "seconds": time.perf_counter() - begun}
            cost["values"] = float(_gathered(counters) - first)
            return cost


def _config(endpoint: str, tags: int, counters: Path) -> str:
    """The load server's namespace by index: this version looks a URI up before it has connected, and ends."""
    nodes = ",\n".join(f'    {{name="s{n}", identifier="load_{n:06d}"}}' for n in range(1, tags + 1))
    return f"""
[agent]
  interval = "1s"
  flush_interval = "1s"
  metric_batch_size = 10000
  metric_buffer_limit = 1000000
  omit_hostname = true
[[outputs.discard]]
  namedrop = ["internal_*"]
[[outputs.file]]
  files = [{json.dumps(str(counters))}]
  namepass = ["internal_gather"]
[[inputs.internal]]
[[inputs.opcua_listener]]
  endpoint = {json.dumps(endpoint)}
  subscription_interval = "100ms"
  security_policy = "None"
  security_mode = "None"
  timestamp = "source"
  [[inputs.opcua_listener.group]]
  namespace = "2"
  identifier_type = "s"
  sampling_interval = "0s"
  nodes = [
{nodes}
  ]
"""


def _gathered(counters: Path) -> int:
    """Values that the input has taken, by Telegraf's newest line about itself."""
    pattern = r"input=opcua_listener[^ ]* [^ ]*metrics_gathered=(\d+)i"
    deadline, size = time.monotonic() + 10, counters.stat().st_size if counters.exists() else 0
    while time.monotonic() < deadline:  # until it has written again
        if counters.exists() and counters.stat().st_size > size:
            found = re.findall(pattern, counters.read_text())
            if found:
                return int(found[-1])
        time.sleep(0.02)
    raise NotBuiltError("Telegraf says nothing of its input")


@contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _cpu_s(process: subprocess.Popen[bytes]) -> float:
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)
