"""Processes of a benchmark: started with settings, pinned if asked, ended at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil


@contextmanager
def running(
    arguments: Sequence[str], settings: Mapping[str, str], cores: Collection[int] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``python <arguments>`` with these settings, on these cores if given; SIGTERM at the end."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env=os.environ | settings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    if cores is not None:
        os.sched_setaffinity(process.pid, cores)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def cpu_s(process: subprocess.Popen[bytes]) -> float:
    """Processor seconds a process has used."""
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)


def memory_mb(process: subprocess.Popen[bytes]) -> float:
    """Resident memory of a process."""
    return float(psutil.Process(process.pid).memory_info().rss / 2**20)


def stream_url(address: Path) -> str:
    """Wait until the twin has written its address; return that of its stream."""
    while not address.exists():
        time.sleep(0.05)
    return address.read_text().replace("http", "ws", 1) + "/api/stream"
