"""A plain asyncua server as a process, driven by a test, and what it wrote down of every value it
produced."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tests.connectors.opcua.servers.asyncua_server as server_module
from tests.support.ports import free_port

NAMESPACE = server_module.NAMESPACE


class CountingServer:
    """Tags that count up together; every number is in the log before the server has it.

    Args:
        directory: where the log goes.
        tags: the names, which are the string node ids too.
    """

    def __init__(self, directory: Path, tags: Sequence[str]) -> None:
        self.port = free_port()
        self.endpoint = f"opc.tcp://127.0.0.1:{self.port}/"
        self._log = directory / "source.jsonl"
        self._tags = list(tags)
        nodes = [[tag, "Double", 0.0] for tag in tags]
        self._process = subprocess.Popen(
            [
                sys.executable,
                server_module.__file__,
                str(self.port),
                str(self._log),
                "--nodes",
                json.dumps(nodes),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._answer() == {"ready": True}

    def begin_counting(self, *, steps: int, every_s: float) -> None:
        """Count from 1 to ``steps`` in the background; :meth:`finish_counting` waits for the end."""
        self._order({"do": "count", "tags": self._tags, "start": 1, "steps": steps, "every_s": every_s})

    def finish_counting(self) -> None:
        """Wait until the count has reached its end."""
        assert self._answer() == {"done": "count"}

    def produced(self) -> Mapping[str, Mapping[int, float]]:
        """Return tag -> source time [µs since the epoch] -> value, of everything produced so far."""
        produced: dict[str, dict[int, float]] = {tag: {} for tag in self._tags}
        for line in self._log.read_text().splitlines():
            entry = json.loads(line)
            produced[entry["tag"]][entry["time"] // 1000] = entry["value"]
        return produced

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def _order(self, order: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


def park_of(tags: Sequence[str], endpoint: str) -> str:
    """Write a park file with one machine that has these signals (``park/line/machine:<signal>``)."""
    equipment, _, _ = tags[0].partition(":")
    signals = "\n".join(
        f"      - {{id: {tag.partition(':')[2]}, name: {{vi: Bộ đếm, en: Counter}}}}" for tag in tags
    )
    park, line, _ = equipment.split("/")
    return f"""
park: {{id: {park}, name: {{vi: Khu thử, en: Test park}}, timezone: Asia/Ho_Chi_Minh}}
places:
  - {{id: {park}/{line}, name: {{vi: Chuyền thử, en: Test line}}}}
kinds:
  - id: counter
    name: {{vi: Máy đếm, en: Counter}}
    shape: cabinet
    size: [1, 1, 2]
    signals:
{signals}
sources:
  - id: counting
    name: {{vi: Máy chủ đếm, en: Counting server}}
    protocol: opcua
    endpoint: {endpoint}
    node: nsu={NAMESPACE};s={{tag}}
    publishing_interval_ms: 100
    sampling_interval_ms: 10
equipment:
  - id: {equipment}
    kind: counter
    name: {{vi: Máy đếm, en: Counter}}
    position: [0, 0, 0]
    source: counting
"""
