"""A verdict from outside takes a piece out if it comes in time, and only then."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import numpy as np
import pytest

from sim.calendar.calendar import ALWAYS, Calendar
from sim.cameras.endpoint import camera_router
from sim.cameras.gate import MOST_TOLD, RejectGate
from sim.cameras.park_cameras import CameraRow, ParkCameras
from sim.line.columns import Controls
from sim.line.piece import Piece
from sim.line.production_line import ProductionLine
from sim.line.rows import LineRow, StationRow
from sim.line.unfold import unfold_lines
from tests.sim.cameras.pieces import STATION
from twin.contract.clock import NS_PER_S


@pytest.fixture
def cameras() -> Iterator[ParkCameras]:
    made = ParkCameras([CameraRow(station=STATION, source="deeppcb")], seed=7)
    yield made
    made.close()


@pytest.fixture
async def client(cameras: ParkCameras) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(camera_router(cameras))
    async with httpx.AsyncClient(transport=transport, base_url="http://sim") as made:
        yield made


def piece(serial: str, *, accepted: bool) -> Piece:
    return Piece(serial, "board", (), 0, 0, accepted)


def test_the_first_word_in_time_decides_and_without_one_the_line_does() -> None:
    gate = RejectGate()
    assert gate.tell("A-1", False)
    assert gate.tell("A-1", True)  # the same station asked twice: the first word stands
    assert gate.decide(piece("A-1", accepted=True)) is False
    assert gate.decide(piece("A-2", accepted=True)) is True
    assert not gate.tell("A-2", False)
    assert (gate.obeyed, gate.alone, gate.late) == (1, 1, 1)


def test_what_is_told_of_pieces_that_never_come_is_forgotten() -> None:
    gate = RejectGate()
    for number in range(MOST_TOLD + 1):
        gate.tell(f"A-{number}", False)
    assert gate.decide(piece("A-0", accepted=True)) is True
    assert gate.decide(piece(f"A-{MOST_TOLD}", accepted=True)) is False


def test_a_line_shows_a_piece_to_the_camera_before_it_decides_on_it() -> None:
    stations = (
        StationRow("press", 5.0, spread=0.0),
        StationRow("aoi", 10.0, spread=0.0, inspects=True),
        StationRow("pack", 1.0, spread=0.0),
    )
    (row,) = unfold_lines([LineRow("plant/line1", "L1", "bar", stations)])
    gate, seen, done = RejectGate(), [], []

    def see(shown: Piece, _: str) -> None:
        seen.append(shown)
        gate.tell(shown.serial, len(seen) % 2 == 0)

    line = ProductionLine(
        row,
        Calendar(ALWAYS, 7),
        seed=1,
        start_ns=0,
        on_entered=see,
        on_inspected=lambda one, _: done.append(one),
    )
    line.verdict = gate.decide
    line.advance(200 * NS_PER_S, Controls.all_well(3))
    assert [one.serial for one in seen[: len(done)]] == [one.serial for one in done]
    assert all(one.time_ns - before.time_ns == 10 * NS_PER_S for before, one in zip(seen, done, strict=False))
    assert [one.accepted for one in done] == [number % 2 == 1 for number in range(len(done))]
    assert line.columns.reject[1] == gate.obeyed - line.columns.good[1] > 0
    assert gate.alone == 0


async def test_the_gate_is_told_over_http(client: httpx.AsyncClient, cameras: ParkCameras) -> None:
    told = await client.post(f"/cameras/{STATION}/gate/A-1", params={"goes_on": "false"})
    assert told.json() == {"in_time": True}
    assert cameras.gates[STATION].decide(piece("A-1", accepted=True)) is False
    late = await client.post(f"/cameras/{STATION}/gate/A-1", params={"goes_on": "false"})
    assert late.json() == {"in_time": False}
    assert (await client.post(f"/cameras/{STATION}/gate/A-1")).status_code == 400
    assert (await client.post("/cameras/park/nowhere/gate/A-1?goes_on=true")).status_code == 404


async def test_samples_are_good_pieces_and_the_same_again(client: httpx.AsyncClient) -> None:
    path = f"/cameras/{STATION}/sample"
    first = await client.get(f"{path}/0", params={"product": "mainboard-a3"})
    again = await client.get(f"{path}/0", params={"product": "mainboard-a3"})
    other = await client.get(f"{path}/1", params={"product": "mainboard-a3"})
    assert first.status_code == 200
    assert first.content == again.content != other.content
    assert np.isclose(len(first.content), len(other.content), rtol=0.2)
    for bad in (f"{path}/0", f"{path}/9999?product=mainboard-a3"):
        assert (await client.get(bad)).status_code == 400
