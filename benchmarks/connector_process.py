"""The connector as a process on a load server, and what it costs."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.processes import cpu_s, memory_mb, running
from connectors.settings import PKI_FOLDER
from tests.support.ports import free_port
from twin.bus.base import Message
from twin.bus.connect import open_bus
from twin.contract.codec import encode_message
from twin.contract.messages import SourceConfig, SourceItem, SourceSecurity
from twin.contract.topics import SOURCE_CONFIGS

NAMESPACE: Final = "urn:parktwin:load"
SECONDS: Final = 6.0
OPEN: Final = SourceSecurity()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a client did over a while."""

    values: float
    seconds: float
    cpu_s: float
    memory_mb: float = 0.0

    @property
    def us_per_value(self) -> float:
        """Processor time a value."""
        return 1e6 * self.cpu_s / max(self.values, 1)

    @property
    def per_core_s(self) -> float:
        """Values that a second of processor time is enough for."""
        return self.values / max(self.cpu_s, 1e-9)


@contextmanager
def load_server(tags: int, rate: float, certificates: Path | None = None) -> Iterator[str]:
    """Run the simulator's load server, with secure endpoints if given a folder; yields its endpoint."""
    port = free_port()
    arguments = ["-m", "sim.load_server", "--tags", str(tags), "--rate", str(rate), "--port", str(port)]
    if certificates is not None:
        arguments += ["--certificates", str(certificates)]
    with running(arguments, {}) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it listens
        yield f"opc.tcp://127.0.0.1:{port}/"


class ConnectorProcess:
    """``python -m connectors`` with a bus of its own.

    Args:
        folder: of everything it keeps.
        process: as it runs.
    """

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._folder = folder

    def read(self, endpoint: str, nodes: list[str], security: SourceSecurity = OPEN) -> None:
        """Have it read these nodes."""
        config = SourceConfig(
            source="load",
            protocol="opcua",
            endpoint=endpoint,
            publishing_interval_ms=100.0,
            sampling_interval_ms=0.0,
            security=security,
            items=tuple(SourceItem(tag=f"park/load:s{n}", node=node) for n, node in enumerate(nodes, 1)),
        )
        value, headers = encode_message(config, message_id="c", source="bench", time_ns=1)
        bus = open_bus(f"embedded:{self._folder}/bus")
        bus.publish([Message(SOURCE_CONFIGS.name, config.source, value, headers)])
        bus.close()

    def wait_until_up(self) -> None:
        """Wait until it answers."""
        self.wait_for(lambda: (self._folder / "connectors.url").exists(), "start")

    def metric(self, name: str) -> float:
        """Return the sum of one of its metrics; 0 before it answers. ``name`` may hold labels' beginning."""
        try:
            address = (self._folder / "connectors.url").read_text()
            with urllib.request.urlopen(address + "/metrics", timeout=10) as answer:
                text = answer.read().decode()
        except OSError:
            return 0.0
        lines = (line for line in text.splitlines() if line.startswith(f"parktwin_connector_{name}"))
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    def wait_for(self, reached: Callable[[], bool], what: str, timeout_s: float = 120.0) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + timeout_s
        while not reached():
            if time.monotonic() > deadline:
                raise TimeoutError(f"the connector did not {what} in {timeout_s:.0f} s")
            time.sleep(0.05)

    @property
    def readings(self) -> float:
        """Readings it has taken."""
        return self.metric("readings_total{")

    @property
    def monitored(self) -> float:
        """Items that it monitors."""
        return self.metric('items{source="load",state="monitored"}')


@contextmanager
def connector_process(certificates: Path | None = None) -> Iterator[ConnectorProcess]:
    """Run a connector; it trusts the server whose certificate is in the folder."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if certificates is not None:
            trusted = folder / PKI_FOLDER / "trusted"
            trusted.mkdir(parents=True)
            shutil.copy(certificates / "certificate.der", trusted / "server.der")
        settings = {"PARKTWIN_BUS": f"embedded:{folder}/bus", "PARKTWIN_DATA_DIR": str(folder)}
        process = stack.enter_context(running(["-m", "connectors"], settings))
        yield ConnectorProcess(folder, process)


def load_nodes(tags: int) -> list[str]:
    """Return the addresses of a load server's variables."""
    return [f"nsu={NAMESPACE};s=load_{n:06d}" for n in range(1, tags + 1)]


def connector_cost(
    endpoint: str,
    tags: int,
    *,
    seconds: float = SECONDS,
    security: SourceSecurity = OPEN,
    certificates: Path | None = None,
) -> Cost:
    """Run a connector on a load server and measure it once every tag has been read twice."""
    with connector_process(certificates) as connector:
        connector.read(endpoint, load_nodes(tags), security)
        connector.wait_for(lambda: connector.readings >= 2 * tags, f"take {2 * tags} readings")
        first, start, cpu = connector.readings, time.perf_counter(), cpu_s(connector.process)
        time.sleep(seconds)
        last = connector.readings
        took = time.perf_counter() - start
        return Cost(last - first, took, cpu_s(connector.process) - cpu, memory_mb(connector.process))
