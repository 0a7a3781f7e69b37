"""``python -m connectors`` as a process of its own, on an embedded bus."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from twin.bus.base import Bus, Message
from twin.bus.connect import open_bus
from twin.contract.codec import encode_message
from twin.contract.messages import SourceConfig
from twin.contract.topics import SOURCE_CONFIGS

ROOT = Path(__file__).parents[2]


class ConnectorProcess:
    """The service, which a test starts, kills and asks.

    Args:
        folder: holds the bus and the service's files; a second start on it is a restart.
        settings: ``PARKTWIN_*`` variables without the prefix.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self._settings = {
            "BUS": f"embedded:{folder / 'bus'}",
            "DATA_DIR": str(folder / "data"),
            "OUTBOX_SYNC": "normal",
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def open_bus(self) -> Bus:
        """The bus that the service uses, for the test to look at; the caller closes it."""
        return open_bus(f"embedded:{self.folder / 'bus'}")

    def say(self, config: SourceConfig) -> None:
        """Tell the service what to read."""
        value, headers = encode_message(config, message_id="config", source="twin", time_ns=1)
        bus = self.open_bus()
        bus.publish([Message(SOURCE_CONFIGS.name, config.source, value, headers)])
        bus.close()

    def start(self) -> None:
        """Start it and wait until it answers over HTTP."""
        environment = {f"PARKTWIN_{name}": value for name, value in self._settings.items()}
        address = self.folder / "data" / "connectors.url"
        address.unlink(missing_ok=True)
        with (self.folder / "connectors.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "connectors"],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while not address.exists():
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def limit_files(self, size: int) -> None:
        """Let no file grow beyond ``size`` bytes from now on: what a full disk is to a program."""
        assert self._process is not None
        _, hard = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (size, hard))

    def kill(self) -> None:
        """Kill it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self, within_s: float = 30) -> int:
        """Stop it as an operator does; return its exit status."""
        assert self._process is not None
        self._process.terminate()
        status = self._process.wait(within_s)
        self._process = None
        return status

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a request."""
        base = (self.folder / "data" / "connectors.url").read_text()
        try:
            with urllib.request.urlopen(base + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def health(self) -> dict[str, Any]:
        """What the service says of itself."""
        body: dict[str, Any] = json.loads(self.get("/api/health")[1])
        return body

    def metrics(self) -> dict[str, float]:
        """Every sample by its name with labels."""
        lines = [line for line in self.get("/metrics")[1].splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def log(self) -> str:
        """What it has logged."""
        return (self.folder / "connectors.log").read_text()
