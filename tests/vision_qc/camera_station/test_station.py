"""A camera of the simulator, its station and the service: nothing is lost between them, rejects go out."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
import uvicorn

from sim.cameras.endpoint import camera_router
from sim.cameras.park_cameras import CameraRow, ParkCameras
from sim.line.piece import Piece
from tests.sim.cameras.pieces import Made
from tests.support.services import wait_for
from tests.vision_qc.products import good
from tests.vision_qc.service.plates import encode
from tests.vision_qc.service.serving import serving
from twin.contract.clock import system_clock
from twin.service.settings import SettingsError, load
from vision_qc.camera_station.camera import FolderCamera, HttpCamera, Taken
from vision_qc.camera_station.settings import StationSettings
from vision_qc.camera_station.spool import Spool
from vision_qc.camera_station.station import CameraStation
from vision_qc.camera_station.teacher import Teacher
from vision_qc.client import QcClient
from vision_qc.errors import NotEnoughImagesError
from vision_qc.service.settings import QcSettings

STATION = "yenphong/songcau-food/f1/bottling/line1/inspector1"
PRODUCT = "tea-455"
SAMPLES = 24


@contextmanager
def cameras() -> Iterator[tuple[str, ParkCameras]]:
    """The simulator's cameras behind a real socket, in a thread."""
    made = ParkCameras([CameraRow(station=STATION, source="bottle")], seed=7)
    server = uvicorn.Server(uvicorn.Config(camera_router(made), lifespan="off", log_config=None, ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
        thread.start()
        wait_for(lambda: server.started, "the cameras listen")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", made
        server.should_exit = True
        thread.join(20)
    made.close()


@pytest.mark.slow
def test_taught_at_the_first_start_it_works_the_gate_and_waits_for_a_service_that_is_away(
    tmp_path: Path,
) -> None:
    settings = load(
        QcSettings, data_dir=tmp_path / "data", bus=f"embedded:{tmp_path / 'bus'}", qc_sync="normal"
    )
    where = {"qc": "http://127.0.0.1:9"}  # nobody is there
    with cameras() as (url, park):
        camera = HttpCamera(lambda: url, STATION)
        station = CameraStation(
            STATION,
            camera,
            camera,
            lambda: QcClient(where["qc"], timeout_s=30),
            Spool(tmp_path / "spool", 64 << 20),
            (Teacher(tmp_path / "teaching", SAMPLES), camera),
            simulated=True,
            clock=system_clock,
        )
        gate = park.gates[STATION]

        def offer(serial: str, *defects: str) -> None:
            park.offer(STATION, Made(serial, PRODUCT, defects))

        try:
            for number in range(4):
                offer(f"A-{number}")
            wait_for(lambda: len(station.spool) == 4 and "qc" in station.away, "four pictures wait")
            with serving(settings) as client:
                where["qc"] = str(client.base_url)
                wait_for(lambda: len(station.spool) == 0, "the product is taught and all are judged", 150)
                assert "qc" not in station.away
                for number in range(4, 12):
                    offer(f"A-{number}", *(("missing_cap",) if number % 2 else ()))
                wait_for(lambda: sum(station.counts[v] for v in VERDICTS) == 12, "all are judged", 60)
                wait_for(lambda: len(_rows(client)) == 12, "all can be looked up", 60)
                rows = _rows(client)
                for number in range(4, 12):
                    verdict = rows[f"A-{number}"]["verdict"]
                    truth = not number % 2
                    decided = gate.decide(Piece(f"A-{number}", PRODUCT, (), 0, 0, accepted=True))
                    assert decided is (verdict != "reject")
                    if not truth:
                        assert verdict != "pass", f"A-{number} escapes"
                assert {row["simulated"] for row in rows.values()} == {True}
                assert {row["product"] for row in rows.values()} == {PRODUCT}
            # the service has gone again: nothing is lost, and nothing is judged twice
            offer("A-99")
            wait_for(lambda: len(station.spool) == 1 and "qc" in station.away, "one picture waits")
            with serving(settings) as client:
                where["qc"] = str(client.base_url)
                wait_for(lambda: "A-99" in _rows(client), "the late one is judged", 60)
                assert len(_rows(client)) == 13, "and nothing twice"
        finally:
            station.close()


VERDICTS = ("pass", "review", "reject", "cannot_judge")


def _rows(client: httpx.Client) -> dict[str, dict[str, object]]:
    found = client.get("/api/inspections", params={"limit": 100}).json()["inspections"]
    return {row["serial"]: row for row in found}


def test_a_spool_keeps_the_order_across_restarts_and_drops_the_oldest_when_it_is_full(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10_000)
    for number in range(3):
        spool.put(Taken(bytes(1_000), f"máy-{number}", "plate", "2026-01-31T08:00:00+07:00"))
    again = Spool(tmp_path, 10_000)
    number, taken = again.oldest() or (0, None)
    assert taken == Taken(bytes(1_000), "máy-0", "plate", "2026-01-31T08:00:00+07:00")
    again.remove(number)
    again.remove(number)
    assert len(again) == 2
    for more in range(20):
        again.put(Taken(bytes(1_000), f"B-{more}"))
    assert again.dropped == 13
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 10_000


def test_a_half_written_picture_is_not_one(tmp_path: Path) -> None:
    (tmp_path / "000000000007.part").write_bytes(b"{")
    assert Spool(tmp_path, 10_000).oldest() is None


def test_a_folder_is_a_camera_too(tmp_path: Path) -> None:
    waits: list[float] = []
    camera = FolderCamera(tmp_path, waits.append)
    assert camera.next(5.0) is None
    assert waits == [0.5]
    picture = encode(good(1))
    (tmp_path / "S-0002.png").write_bytes(picture)
    (tmp_path / "S-0001.png").write_bytes(picture)
    (tmp_path / "S-0000.txt").write_bytes(b"no picture")
    assert camera.next(1.0) == Taken(picture, "S-0001")
    assert camera.next(1.0) == Taken(picture, "S-0001")  # not yet safe
    camera.taken()
    second = camera.next(1.0)
    assert second is not None
    assert second.serial == "S-0002"
    assert (tmp_path / "taken" / "S-0001.png").exists()


def test_a_station_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match="no station"):
        load(StationSettings, station_ids="no station", station_camera="http://x", station_qc="http://y")


class SetAside:
    """Good pieces that are there already."""

    def sample(self, product: str, number: int) -> bytes:
        return encode(good(number))


def test_what_is_being_taught_ends_with_its_station(tmp_path: Path) -> None:
    teacher = Teacher(tmp_path, SAMPLES)
    client = QcClient("http://127.0.0.1:1", token=None)
    ended: list[str] = []

    def teach() -> None:
        try:
            teacher.teach(SetAside(), client, STATION, PRODUCT)
        except NotEnoughImagesError as error:
            ended.append(str(error))

    before = set(psutil.Process().children())
    thread = threading.Thread(target=teach)
    thread.start()
    wait_for(lambda: bool(set(psutil.Process().children()) - before), "teaching has begun")
    (process,) = set(psutil.Process().children()) - before
    teacher.close()
    thread.join(20)
    assert not process.is_running()
    assert ended == [f"{STATION} {PRODUCT}: teaching was ended"]
    with pytest.raises(NotEnoughImagesError, match="is stopping"):
        teacher.teach(SetAside(), client, STATION, PRODUCT)
