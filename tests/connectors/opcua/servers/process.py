"""OPC UA servers as processes that a test starts, orders about, stops, kills and lets go on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Final

from tests.support.cache import cache_dir
from tests.support.ports import free_port
from tests.support.require import missing

NAMESPACE: Final = "urn:parktwin:test"
NODE_PACKAGE: Final = "node-opcua-server@2.160.0"
START_S: Final = 60.0

Node = tuple[str, str, Any]
"""Name, kind and first value of a variable."""

_HERE = Path(__file__).parent


class ServerProcess:
    """One server process; the log of what it was given outlives its restarts.

    Args:
        folder: where the log goes.
        nodes: variables it begins with.
        namespaces: URIs in the order in which the server registers them; only asyncua's.
        security: certificate, policies and users, as each of the servers wants them.
        history: None = it keeps none; "memory", or "file": what it keeps outlives a restart (asyncua only).
    """

    def __init__(
        self,
        folder: Path,
        nodes: Sequence[Node],
        *,
        namespaces: Sequence[str] = (NAMESPACE,),
        security: dict[str, Any] | None = None,
        history: str | None = None,
    ) -> None:
        self.port = free_port()
        self.nodes = list(nodes)
        self.namespaces = list(namespaces)
        self.security = security
        self.log_path = folder / "given.jsonl"
        self.history = str(folder / "history.sqlite3") if history == "file" else history or ""
        self._process: subprocess.Popen[str] | None = None
        self._answers: Queue[dict[str, Any]] = Queue()

    @property
    def endpoint(self) -> str:
        """Where clients find it."""
        return f"opc.tcp://127.0.0.1:{self.port}/"

    def command(self) -> list[str]:
        """The command line that starts it."""
        nodes = json.dumps(self.nodes)
        script = str(_HERE / "asyncua_server.py")
        spaces = ",".join(self.namespaces)
        return [
            sys.executable,
            script,
            str(self.port),
            str(self.log_path),
            "--namespaces",
            spaces,
            "--nodes",
            nodes,
            "--security",
            json.dumps(self.security),
            "--history",
            self.history,
        ]

    def start(self) -> None:
        """Start it and wait until it listens."""
        process = subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._process = process
        self._answers = Queue()
        threading.Thread(target=self._listen, args=(process, self._answers), daemon=True).start()
        assert self._answer() == {"ready": True}

    def order(self, do: str, **what: Any) -> None:
        """Have something done and wait until it is."""
        self.begin(do, **what)
        assert self._answer() == {"done": do}

    def begin(self, do: str, **what: Any) -> None:
        """Have something done and do not wait for it."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **what}) + "\n")
        self._process.stdin.flush()

    def wait_done(self) -> None:
        """Wait for what was begun."""
        assert "done" in self._answer()

    def pause(self) -> None:
        """Let it stop answering without closing anything."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a paused server go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it at once."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            self._signal(signal.SIGCONT)
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        self._process = None

    def given(self) -> list[dict[str, Any]]:
        """Every value it was given, in order; a line that a kill cut short was never given."""
        entries = []
        for line in self.log_path.read_text().splitlines():
            try:
                entries.append(json.loads(line))
            except json.JSONDecodeError:
                continue
        return entries

    def _signal(self, number: int) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)

    def _answer(self) -> dict[str, Any]:
        try:
            return self._answers.get(timeout=START_S)
        except Empty:
            raise AssertionError("the server process does not answer") from None

    @staticmethod
    def _listen(process: subprocess.Popen[str], answers: Queue[dict[str, Any]]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                answers.put(json.loads(line))
        answers.put({"ended": True})


class NodeOpcUaProcess(ServerProcess):
    """A node-opcua server."""

    def command(self) -> list[str]:
        """The command line that starts it."""
        script = str(_HERE / "node_opcua_server.js")
        return [
            "node",
            script,
            str(node_modules()),
            str(self.port),
            str(self.log_path),
            json.dumps(self.nodes),
            json.dumps(self.security),
            self.history,
        ]


class SimProcess(ServerProcess):
    """The simulator's server, with its bad days."""

    def command(self) -> list[str]:
        """The command line that starts it."""
        script = str(_HERE / "sim_server.py")
        return [sys.executable, script, str(self.port), str(self.log_path), json.dumps(self.nodes)]


def node_modules() -> Path:
    """Return the folder in which ``node_modules`` holds node-opcua; npm fetches it the first time."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        missing("Node.js with npm", "apt-get install nodejs npm")
    folder = cache_dir("node-opcua")
    done = folder / f"installed-{NODE_PACKAGE.replace('@', '-')}"
    if not done.exists():
        options = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        result = subprocess.run(
            [npm, "install", *options, "--loglevel=error", NODE_PACKAGE],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        if result.returncode:
            missing(f"npm package {NODE_PACKAGE}", f"npm said: {result.stderr[-500:]}")
        done.touch()
    return folder
