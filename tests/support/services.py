"""Services of ours as real processes, to be started, killed and started again by a test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx


def wait_for(happened: Callable[[], bool], what: str, timeout_s: float = 60.0, poll_s: float = 0.1) -> None:
    """Poll until ``happened``; fail naming ``what`` if it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < deadline, f"{what}: not within {timeout_s:.0f} s"
        time.sleep(poll_s)


@dataclass(slots=True)
class ServiceProcess:
    """One ``python -m <module>`` with a folder of its own.

    Args:
        module: what to run.
        directory: its data folder; ``<module>.log`` stands beside it.
        environment: its settings; an access token in them is shown by :meth:`get`.
        name: under which it writes its address; the module's if left out.
    """

    module: str
    directory: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None)
    name: str = ""

    @property
    def log(self) -> Path:
        """Where it writes."""
        return self.directory.with_suffix(".log")

    def start(self) -> None:
        """Start it; it must not be running."""
        assert self.process is None
        self.directory.mkdir(parents=True, exist_ok=True)
        self._address.unlink(missing_ok=True)  # of a life that was killed
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                env=os.environ | {"PARKTWIN_DATA_DIR": str(self.directory)} | dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        """SIGKILL: nothing of it runs another instruction."""
        self._end(signal.SIGKILL)

    def stop(self, grace_s: float = 20.0) -> int:
        """SIGTERM, and the exit status; killed after the grace."""
        return self._end(signal.SIGTERM, grace_s)

    def pause(self) -> None:
        """SIGSTOP: it is there and does nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def url(self, timeout_s: float = 60.0) -> str:
        """Wait until it listens; return where."""
        address = self._address
        wait_for(lambda: address.exists() or self._dead(), f"{self.module} listens", timeout_s)
        assert not self._dead(), f"{self.module} ended at start:\n{self.log.read_text()[-3000:]}"
        return address.read_text()

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> httpx.Response:
        """Ask it over HTTP."""
        return httpx.get(self.url() + path, params=query, headers=self.headers, timeout=30)

    @property
    def headers(self) -> dict[str, str]:
        """What lets a caller in."""
        token = self.environment.get("PARKTWIN_ACCESS_TOKEN")
        return {"authorization": f"Bearer {token}"} if token else {}

    @property
    def _address(self) -> Path:
        return self.directory / f"{self.name or self.module}.url"

    def _dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def _end(self, number: signal.Signals, grace_s: float = 20.0) -> int:
        if self.process is None:
            return 0
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(number)
        try:
            return process.wait(grace_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
