"""The services behind the quality and the maintenance desk, as processes, with machines that wear and an
outfall that broke its permit for an hour."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from maintenance.machine_lives import Lives, read_lives
from tests.support.services import ServiceProcess, wait_for
from tests.twin.web.plant import Plant, RunningTwin
from twin.bus.connect import open_bus
from twin.park.park_file import load_park

DESKS = Path(__file__).parent / "park" / "desks.yaml"
COLD = "yenphong/songcau-food/f1/cold"
CAMERA = "yenphong/songcau-food/f1/line1/camera1"
OUTFALL = "yenphong/park/outfall"
PRODUCT = "plate"
S = 1_000_000_000
MINUTE, HOUR = 60 * S, 3600 * S
WINDOWS = 75
WINDOW_S = 60
BROKEN_H = 10
"""So many whole hours ago the outfall was beyond its permit."""


@dataclass
class DeskServices:
    """A twin with both services behind its desks."""

    twin: RunningTwin
    qc: ServiceProcess
    maintenance: ServiceProcess
    front: ServiceProcess
    """The twin as a process, to be killed and started again."""

    def ask_qc(self, path: str, **query: str | int) -> dict[str, object]:
        """Ask the inspection service itself, past the page."""
        answer = self.qc.get(path, query)
        assert answer.status_code == 200, answer.text
        body: dict[str, object] = answer.json()
        return body

    def send(self, picture: bytes, serial: str) -> None:
        """Have the camera send a picture."""
        answer = httpx.post(
            f"{self.qc.url()}/api/stations/{CAMERA}/inspect",
            params={"serial": serial}, content=picture, timeout=60, trust_env=False,
        )  # fmt: skip
        assert answer.status_code == 200, answer.text


@contextmanager
def desk_services(directory: Path, scenes: Path) -> Iterator[DeskServices]:
    """Start all three in ``directory``; end them."""
    bus_url = f"embedded:{directory / 'bus'}"
    common = {"PARKTWIN_BUS": bus_url, "PARKTWIN_PORT": "0", "OMP_NUM_THREADS": "1"}
    qc = ServiceProcess("vision_qc.service", directory / "qc", common, name="qc")
    maintenance = ServiceProcess(
        "maintenance",
        directory / "maintenance",
        common | {"PARKTWIN_HEALTH_WINDOW_S": str(WINDOW_S), "PARKTWIN_HEALTH_EVERY_WINDOWS": "5"},
    )
    twin = ServiceProcess(
        "twin",
        directory / "twin",
        common
        | {
            "PARKTWIN_PARK": str(DESKS),
            "PARKTWIN_QUALITY_SERVICE": str(directory / "qc" / "qc.url"),
            "PARKTWIN_MAINTENANCE_SERVICE": str(directory / "maintenance" / "maintenance.url"),
        },
    )
    (directory / "twin").mkdir()
    (directory / "twin" / "scene").symlink_to(scenes)
    bus = open_bus(bus_url)
    try:
        for service in (twin, qc, maintenance):
            service.start()
        plant = Plant(bus, load_park(DESKS, environment={}))
        tell_condensers(plant, lives(directory / "lives"))
        tell_outfall(plant)
        assert twin.process is not None
        running = RunningTwin(twin.url(), twin.process, plant)
        qc.url()
        maintenance.url()
        yield DeskServices(running, qc, maintenance, twin)
    finally:
        for service in (maintenance, qc, twin):
            service.stop()
        bus.close()


def lives(folder: Path) -> Lives:
    """Condensers worn to failure by the simulator."""
    command = f"-m sim.lives {folder} --kinds evaporative_condenser --units 4 --seed 11 --window-h 24"
    subprocess.run([sys.executable, *command.split()], check=True, stdout=subprocess.DEVNULL)
    return read_lives(folder, "evaporative_condenser")


def tell_condensers(plant: Plant, worn: Lives) -> None:
    """Tell the last 75 minutes: one near its end, one well, one half worn, one just begun."""
    begin = time.time_ns() - (WINDOWS + 1) * WINDOW_S * S
    rows = {
        1: (1, [*range(40), *range(-35, 0)]),
        2: (2, list(range(WINDOWS))),
        3: (0, [*range(40), *range(50, 85)]),
        4: (3, list(range(WINDOWS))),
    }
    for window in range(WINDOWS):
        values: dict[str, float | str] = {}
        for number, (unit, places) in rows.items():
            if number == 4 and window < WINDOWS - 5:
                continue
            mine, row = worn.rows(unit), places[window]
            place = min(mine.start + row, mine.stop - 1) if row >= 0 else mine.stop + row
            machine = f"{COLD}/condenser{number}"
            values[f"{machine}:state"] = "Execute"
            for name, value in zip(worn.signals, worn.value[place].astype(float).tolist(), strict=True):
                values[f"{machine}:{name}"] = value
        for part in (0.25, 0.75):
            plant.tell(values, time_ns=begin + round((window + part) * WINDOW_S * S))


def tell_outfall(plant: Plant) -> None:
    """Tell thirty hours of the outfall: for one clock hour its COD was beyond the permit."""
    now = time.time_ns()
    hour = now - now % HOUR - BROKEN_H * HOUR
    first = now - now % HOUR - 30 * HOUR
    for step in range((now - first) // (20 * MINUTE)):
        at = first + step * 20 * MINUTE
        broken = hour <= at < hour + HOUR
        plant.tell(
            {
                f"{OUTFALL}:cod": 96.0 if broken else 58.0 + step % 5,
                f"{OUTFALL}:ph": 7.2,
                f"{OUTFALL}:calibrating": 0.0,
                f"{OUTFALL}:energy": 1000.0 + 40.0 * step / 3,
            },
            time_ns=at,
        )


def wait_until_forecast(services: DeskServices) -> None:
    """Wait until maintenance has read all that was told, and the history has the outfall."""

    def forecast() -> bool:
        page = services.maintenance.get("/api/maintenance/forecasts").json()
        states = {row["machine"]: row["state"] for row in page["forecasts"]}
        return len(states) >= 4 and states.get(f"{COLD}/condenser2") == "healthy"

    wait_for(forecast, "the machines are forecast", 180)
    wait_for(lambda: _kept(services.twin.url), "the history has the outfall", 120)


def _kept(url: str) -> bool:
    answer = httpx.get(f"{url}/api/kpi/environment", timeout=30)
    if answer.status_code != 200:
        return False
    (cod, _) = answer.json()["permits"][0]["parameters"]
    return bool(cod["exceeded"] == 1 and cod["completeness"] > 0.95)
