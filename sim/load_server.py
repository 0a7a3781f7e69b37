"""``python -m sim.load_server``: a real OPC UA server under a load of one's choosing, for benchmarks and
tests.

N Double variables (``nsu=urn:parktwin:load;s=load_000001`` and on) count up together: after the k-th change
all of them read start value + k and bear the grid time of that change as source timestamp, so that a reader
can tell what is missing and how old it is.

At the end (SIGTERM, SIGINT or ``--seconds``) it prints one line of JSON on standard output: what was asked
for and what was achieved.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import resource
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from asyncua import ua

from sim.errors import PortInUseError
from sim.kind import Signal
from sim.logs import configure_logging
from sim.opcua.address_space import SpaceBuilder, VariableRow
from sim.opcua.server import ColumnServer
from sim.pace import Pace
from twin.contract.clock import NS_PER_S, Clock, system_clock

NAMESPACE = "urn:parktwin:load"
SECURE = (
    ua.SecurityPolicyType.Basic256Sha256_Sign,
    ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
    ua.SecurityPolicyType.Aes128Sha256RsaOaep_SignAndEncrypt,
    ua.SecurityPolicyType.Aes256Sha256RsaPss_SignAndEncrypt,
)
_FOLDER = 100
_COUNT = Signal("count", "Counts up", low=0.0, high=float(1 << 53))


@dataclass(slots=True)
class Achieved:
    """What a load server did, over the time from its first tick to its last.

    Args:
        tags: variables.
        rate_hz: changes of every variable a second that were asked for.
        ticks: changes of every variable that were made.
        ticks_skipped: that were not, because the process came too late.
        values: values changed.
        seconds: for how long.
        values_per_s: values / seconds.
        cpu_s: processor seconds of the process over that time.
        cpu_us_per_value: of them, for each value (one client's sessions included).
        last_value: what every variable reads at the end.
    """

    tags: int
    rate_hz: float
    ticks: int = 0
    ticks_skipped: int = 0
    values: int = 0
    seconds: float = 0.0
    values_per_s: float = 0.0
    cpu_s: float = 0.0
    cpu_us_per_value: float = 0.0
    last_value: int = 0


class LoadServer:
    """N variables that count up together.

    Args:
        tags: N.
        rate_hz: changes of every variable a second.
        host, port: where it listens.
        clock: wall time.
        start_value: the value before the first change; a server started again may go on from there.
        history_depth: changes kept of each variable.
        certificate_dir: offer :data:`SECURE` too, with the key and certificate that are or are put there.
    """

    def __init__(
        self,
        *,
        tags: int,
        rate_hz: float,
        host: str,
        port: int,
        clock: Clock = system_clock,
        start_value: int = 0,
        history_depth: int = 0,
        certificate_dir: Path | None = None,
    ) -> None:
        self.achieved = Achieved(tags, rate_hz, last_value=start_value)
        self._server = ColumnServer(
            name="Load",
            host=host,
            port=port,
            namespace=NAMESPACE,
            clock=clock,
            history_depth=history_depth,
            certificate_dir=certificate_dir,
            secure=SECURE,
        )
        self._clock = clock
        self._rows = np.arange(tags)
        self._good = np.zeros(tags, np.uint32)

    async def start(self) -> str:
        """Build, write the start value, listen; the endpoint.

        Raises:
            PortInUseError: the port is taken.
        """
        await self._server.build(self._fill, properties=False)
        await self._write(self.achieved.last_value, self._clock())
        await self._server.start()
        return self._server.endpoint

    async def run(self) -> None:
        """Count up for ever."""
        achieved = self.achieved
        pace = Pace(self._clock, 1 / achieved.rate_hz)
        cpu_s = _cpu_s()
        first_ns = None
        async for tick_ns in pace.ticks():
            achieved.last_value += 1
            achieved.values += await self._write(achieved.last_value, tick_ns)
            achieved.ticks += 1
            achieved.ticks_skipped = pace.skipped
            first_ns = first_ns or tick_ns
            achieved.seconds = (tick_ns - first_ns) / NS_PER_S + 1 / achieved.rate_hz
            achieved.values_per_s = achieved.values / achieved.seconds
            achieved.cpu_s = _cpu_s() - cpu_s
            achieved.cpu_us_per_value = 1e6 * achieved.cpu_s / achieved.values

    async def stop(self) -> None:
        """Close all sessions and the port."""
        await self._server.stop()

    async def _write(self, value: int, time_ns: int) -> int:
        return await self._server.columns.write(
            self._rows, np.full(len(self._rows), float(value)), self._good, time_ns
        )

    def _fill(self, builder: SpaceBuilder) -> Sequence[VariableRow]:
        rows = []
        for number in range(1, self.achieved.tags + 1):
            folder = f"load_{(number - 1) // _FOLDER:04}"
            if number % _FOLDER == 1:
                builder.add_folder(folder, folder, None)
            rows.append(VariableRow(f"load_{number:06}", folder, _COUNT))
        return rows


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sim.load_server", description=__doc__.partition("\n")[0])
    parser.add_argument("--tags", type=int, default=1000, help="variables (default 1000)")
    parser.add_argument("--rate", type=float, default=10.0, help="changes of each a second (default 10)")
    parser.add_argument("--port", type=int, default=0, help="0 = any free one (default)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--seconds", type=float, default=0.0, help="end after so long; 0 = at a signal")
    parser.add_argument("--start-value", type=int, default=0, help="count on from here")
    parser.add_argument("--history", type=int, default=0, help="changes kept of each (default 0)")
    parser.add_argument("--certificates", type=Path, help="folder of its key, to offer secure endpoints too")
    given = parser.parse_args(arguments)
    if given.tags < 1 or given.rate <= 0:
        parser.error("--tags must be at least 1 and --rate above 0")
    return given


async def _serve(given: argparse.Namespace) -> Achieved:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    server = LoadServer(
        tags=given.tags,
        rate_hz=given.rate,
        host=given.host,
        port=given.port,
        start_value=given.start_value,
        history_depth=given.history,
        certificate_dir=given.certificates,
    )
    endpoint = await server.start()
    _say({"endpoint": endpoint, "namespace": NAMESPACE, "tags": given.tags, "rate_hz": given.rate})
    running = asyncio.create_task(server.run())
    waiting = asyncio.create_task(ended.wait())
    try:
        await asyncio.wait(
            (running, waiting), timeout=given.seconds or None, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        running.cancel()
        waiting.cancel()
        await server.stop()
    return server.achieved


def _say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; the first line of output is the endpoint, the last what was achieved; 3 if the port is taken."""
    given = _arguments(arguments)
    configure_logging("warning", "text")
    try:
        _say(asdict(asyncio.run(_serve(given))))
    except PortInUseError as error:
        logging.getLogger("sim").critical("%s", error)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
