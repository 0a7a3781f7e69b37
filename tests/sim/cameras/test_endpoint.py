"""The cameras over real HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import cv2
import httpx
import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from sim.cameras.endpoint import camera_router
from sim.cameras.feed import Feed
from sim.cameras.park_cameras import CameraRow, ParkCameras
from sim.cameras.picture import Label
from tests.sim.cameras.pieces import STATION, Made, camera

BOTTLES = "yenphong/songcau-food/f1/bottling/line1/inspector1"
NEXT = f"/cameras/{STATION}/next"


@pytest.fixture
def told() -> list[Label]:
    return []


@pytest.fixture
def cameras(told: list[Label]) -> Iterator[ParkCameras]:
    rows = [CameraRow(station=STATION, source="deeppcb"), CameraRow(station=BOTTLES, source="bottle")]
    made = ParkCameras(rows, seed=7, keep=3, on_label=lambda *row: told.append(row[2]))
    yield made
    made.close()


@pytest.fixture
async def client(cameras: ParkCameras) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(camera_router(cameras))
    async with httpx.AsyncClient(transport=transport, base_url="http://sim") as made:
        yield made


@asynccontextmanager
async def served(cameras: ParkCameras) -> AsyncIterator[httpx.AsyncClient]:
    """The router behind a real server and a real socket."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(camera_router(cameras), lifespan="off", log_level="warning"))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            yield client
    finally:
        server.should_exit = True
        await running
        listening.close()


class Ear:
    """Tells when somebody begins to wait at a feed, and when he leaves."""

    def __init__(self, feed: Feed) -> None:
        self.came, self.left = asyncio.Semaphore(0), asyncio.Semaphore(0)
        listening = feed.listening

        @contextmanager
        def heard() -> Iterator[asyncio.Event]:
            with listening() as news:
                self.came.release()
                yield news
            self.left.release()

        feed.listening = heard  # type: ignore[method-assign]


def decode(answer: httpx.Response) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert image is not None
    return np.asarray(image, np.uint8)


async def test_the_list_says_what_there_is_and_no_more(
    client: httpx.AsyncClient, cameras: ParkCameras
) -> None:
    cameras.offer(STATION, Made("A-1", defects=("short",)))
    cameras.set_fault(STATION, "camera_defocus", 0.5)
    answer = await client.get("/cameras")
    boards, bottles = answer.json()["cameras"]
    assert boards == {
        "station": STATION,
        "width": 640,
        "height": 640,
        "channels": 1,
        "source": "deeppcb",
        "kind": "real",
        "defect_types": ["open", "short", "mousebite", "spur", "copper", "pinhole"],
        "seen": 1,
        "waiting": 1,
        "dropped": 0,
        "lost": 0,
        "next": NEXT,
    }
    assert (bottles["station"], bottles["kind"], bottles["channels"]) == (BOTTLES, "synthetic", 3)


async def test_the_next_picture_comes_with_its_serial_number_and_nothing_of_its_truth(
    client: httpx.AsyncClient, cameras: ParkCameras, told: list[Label]
) -> None:
    piece = Made("SMT1-20260101-00042", defects=("short",))
    cameras.offer(STATION, piece)
    answer = await client.get(NEXT, params={"format": "png"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-serial-number"] == piece.serial
    assert answer.headers["x-product"] == "mainboard-a3"
    assert answer.headers["x-captured-at"] == "2026-09-21T14:13:20.000000000Z"
    assert np.array_equal(decode(answer), camera("deeppcb").take(piece).picture)
    # the truth log has it, the wire has not
    assert [defect.type for defect in told[0].defects] == ["short"]
    wire = answer.content + str(answer.headers).encode()
    assert b"short" not in wire
    assert b"DeepPCB" not in wire


async def test_pictures_come_as_asked(client: httpx.AsyncClient, cameras: ParkCameras) -> None:
    cameras.offer(BOTTLES, Made("B-1", "tea-455"))
    url = f"/cameras/{BOTTLES}/picture/B-1"
    for headers, query, kind in (
        ({}, "", "jpeg"),
        ({"Accept": "image/png"}, "", "png"),
        ({"Accept": "image/png;q=0.5, image/*"}, "", "jpeg"),
        ({"Accept": "image/png, image/jpeg;q=0.9"}, "", "png"),
        ({"Accept": "image/png"}, "?format=jpg", "jpeg"),
    ):
        answer = await client.get(url + query, headers=headers)
        assert answer.headers["content-type"] == f"image/{kind}"
        assert decode(answer).shape == (1024, 768, 3)
    for headers, query in (({"Accept": "text/html"}, ""), ({}, "?format=tiff")):
        refused = await client.get(url + query, headers=headers)
        assert refused.status_code == 400
        assert refused.headers["content-type"] == "application/problem+json"
        assert "jpeg" in refused.json()["detail"]


async def test_asked_twice_a_picture_is_the_same_to_the_byte(
    client: httpx.AsyncClient, cameras: ParkCameras
) -> None:
    cameras.offer(STATION, Made("A-1"))
    first = (await client.get(NEXT)).content
    second = (await client.get(f"/cameras/{STATION}/picture/A-1")).content
    other = ParkCameras([CameraRow(station=STATION, source="deeppcb")], seed=7)
    other.offer(STATION, Made("A-1"))
    capture = other.feed(STATION).take()
    assert capture is not None
    third = await other.picture(STATION, capture, "jpeg")
    other.close()
    assert first == second == third


async def test_who_asks_before_the_piece_waits_for_it(cameras: ParkCameras) -> None:
    ear = Ear(cameras.feed(STATION))
    async with served(cameras) as client:
        waiting = asyncio.create_task(client.get(NEXT))
        await ear.came.acquire()
        assert not waiting.done()
        await asyncio.to_thread(cameras.offer, STATION, Made("A-1"))
        answer = await waiting
        assert answer.headers["x-serial-number"] == "A-1"


async def test_two_who_wait_get_different_pieces(cameras: ParkCameras) -> None:
    ear = Ear(cameras.feed(STATION))
    async with served(cameras) as client:
        waiting = [asyncio.create_task(client.get(NEXT)) for _ in range(2)]
        await ear.came.acquire()
        await ear.came.acquire()
        cameras.offer(STATION, Made("A-1"))
        cameras.offer(STATION, Made("A-2"))
        serials = {(await task).headers["x-serial-number"] for task in waiting}
        assert serials == {"A-1", "A-2"}


async def test_a_piece_is_not_lost_on_a_client_that_gave_up(cameras: ParkCameras) -> None:
    ear = Ear(cameras.feed(STATION))
    async with served(cameras) as client:
        gone = asyncio.create_task(client.get(NEXT))
        await ear.came.acquire()
        gone.cancel()
        await ear.left.acquire()
        cameras.offer(STATION, Made("A-1"))
        answer = await client.get(NEXT)
        assert answer.headers["x-serial-number"] == "A-1"


async def test_no_piece_in_time_is_no_content(client: httpx.AsyncClient) -> None:
    answer = await client.get(NEXT, params={"timeout": 0})
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_look_takes_nothing_and_what_was_missed_is_told(
    client: httpx.AsyncClient, cameras: ParkCameras
) -> None:
    for number in range(1, 6):
        cameras.offer(STATION, Made(f"A-{number}"))
    look = await client.get(NEXT, params={"after": 1, "timeout": 0})
    assert (look.headers["x-capture"], look.headers["x-dropped"]) == ("3", "2")
    assert (await client.head(NEXT)).headers["x-capture"] == "3"
    assert (await client.get(NEXT)).headers["x-capture"] == "3"
    assert (await client.get(NEXT)).headers["x-capture"] == "4"


async def test_what_is_not_there_is_a_404_that_says_what_is(
    client: httpx.AsyncClient, cameras: ParkCameras
) -> None:
    cameras.offer(STATION, Made("A-1"))
    for url, known in (
        ("/cameras/nowhere/next", STATION),
        ("/cameras/nowhere/picture/A-1", BOTTLES),
        (f"/cameras/{STATION}/picture/A-9", "only the 1 from A-1 to A-1"),
        (f"/cameras/{STATION}/previous", STATION),
        ("/", "/cameras/STATION/next"),
    ):
        answer = await client.get(url)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert known in answer.json()["detail"]
        assert answer.json()["code"]


@pytest.mark.parametrize("query", ["timeout=-1", "timeout=soon", "timeout=61", "after=x", "timeout=nan"])
async def test_queries_that_make_no_sense_are_named(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"{NEXT}?{query}")
    assert answer.status_code == 400
    assert query.split("=")[1] in answer.json()["detail"]


async def test_a_dead_camera_is_unavailable_until_it_is_repaired(cameras: ParkCameras) -> None:
    ear = Ear(cameras.feed(STATION))
    async with served(cameras) as client:
        waiting = asyncio.create_task(client.get(NEXT))
        await ear.came.acquire()
        cameras.set_fault(STATION, "camera_dead", 1.0)
        answer = await waiting
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert "retry-after" in answer.headers
        cameras.set_fault(STATION, "camera_dead", 0.0)
        cameras.offer(STATION, Made("A-1"))
        assert (await client.get(NEXT)).status_code == 200


async def test_letters_of_any_language_pass_in_headers(
    client: httpx.AsyncClient, cameras: ParkCameras
) -> None:
    cameras.offer(STATION, Made("Mã số 1"))
    answer = await client.get(NEXT)
    assert answer.headers["x-serial-number"] == "M%C3%A3%20s%E1%BB%91%201"


async def test_the_routes_can_be_mounted_in_a_larger_app(cameras: ParkCameras) -> None:
    app = Starlette(routes=[Mount("/", camera_router(cameras))])
    transport = httpx.ASGITransport(app)
    cameras.offer(STATION, Made("A-1"))
    async with httpx.AsyncClient(transport=transport, base_url="http://sim") as client:
        assert len((await client.get("/cameras")).json()["cameras"]) == 2
        assert (await client.get(NEXT)).headers["x-serial-number"] == "A-1"
        assert (await client.get("/elsewhere")).headers["content-type"] == "application/problem+json"
