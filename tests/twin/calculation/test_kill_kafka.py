"""SIGKILL of the calculator, again and again, on a real Kafka broker: calculated tags end as if nothing had
happened."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.support.kafka import KafkaBroker, RunningBroker
from tests.support.services import wait_for
from tests.twin.calculation.oracle import Reading, calculate
from tests.twin.calculation.plant import PlantSource, frames_of, make_park, told
from twin.bus.base import Bus
from twin.bus.connect import open_bus
from twin.contract.clock import system_clock
from twin.park.model import Park

KILLS = 3
EVERY_S = 0.1


class Teller:
    """Tells of the pumps and the board, ten times a second, until stopped."""

    def __init__(self, bus: Bus, park: Park) -> None:
        self._sources = {one: PlantSource(bus, park, one) for one in ("s1", "s2")}
        self._stop = Event()
        self._thread = Thread(target=self._tell, daemon=True)
        self._thread.start()

    def _tell(self) -> None:
        rng = random.Random(5)
        while not self._stop.wait(EVERY_S):
            now = system_clock()
            rows: list[tuple[object, ...]] = []
            for pump in ("pump1", "pump2", "pump3"):
                rows += [(f"{pump}:{one}", now, float(rng.randint(1, 99))) for one in ("power", "flow")]
                rows.append((f"{pump}:mode", now, float("nan"), 0, rng.choice(("hand", "auto"))))
            self._sources["s1"].tell(rows)
            self._sources["s2"].tell([("main:losses", now, float(rng.randint(100, 999)))])
            for source in self._sources.values():
                source.beat(now)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


@contextmanager
def calculating(url: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a calculator until the bus was read to its end, and kill it in the end."""
    command = [sys.executable, "-m", "tests.twin.calculation.worker", url, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "live\n", "it ended by itself"
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def spoken(bus: Bus) -> list[tuple[int, list[Reading]]]:
    """What sources told, as the bus has it: when it took it, and the readings."""
    found: list[tuple[int, list[Reading]]] = []
    for of, frame, at in frames_of(bus, "s1", "s2"):
        tags = [of.tags[index].removeprefix("p1/hall/") for index in frame.index]
        texts = frame.text if frame.text is not None else (None,) * len(tags)
        columns = (frame.source_time.tolist(), frame.value.tolist(), frame.status.tolist(), texts)
        found.append((at, list(zip(tags, *columns, strict=True))))
    return sorted(found, key=lambda message: message[0])


@pytest.mark.slow
@pytest.mark.kafka
@pytest.mark.timeout(400)
def test_a_calculator_that_is_killed_ends_as_one_that_is_not(
    kafka_broker: KafkaBroker | RunningBroker, tmp_path: Path
) -> None:
    rng = random.Random(17)
    url = f"kafka://{kafka_broker.bootstrap}?timeout_s=10"
    with closing(open_bus(url)) as bus, closing(open_bus(url)) as plant:
        park = make_park(tmp_path)
        teller = Teller(plant, park)
        for _ in range(KILLS):
            with calculating(url, tmp_path):
                time.sleep(rng.uniform(0.5, 2.5))
        with calculating(url, tmp_path):
            teller.stop()
            wanted: dict[tuple[str, int], float] = {}
            for tag, at, value, _ in calculate(spoken(bus)):
                wanted[tag, at] = value
            assert len(wanted) > 100
            found: dict[tuple[str, int], float] = {}

            def all_there() -> bool:
                found.clear()
                found.update({(tag, at): value for tag, at, value, _ in told(bus)})
                return wanted.keys() <= found.keys()

            wait_for(all_there, "everything is worked out")
        off = {
            key: (found[key], value)
            for key, value in wanted.items()
            if found[key] != pytest.approx(value, nan_ok=True)
        }
        assert not off
        assert found.keys() == wanted.keys()
