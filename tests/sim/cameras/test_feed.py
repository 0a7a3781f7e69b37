"""The queue between a line that never waits and an inspection that may."""

from __future__ import annotations

import threading

import pytest

from sim.cameras.errors import CameraDeadError, CameraError, UnknownCameraError, UnknownDefectError
from sim.cameras.feed import Feed
from sim.cameras.park_cameras import CameraRow, ParkCameras
from sim.cameras.picture import Label
from tests.sim.cameras.pieces import STATION, Made, camera


def feed(keep: int = 4) -> Feed:
    return Feed(camera("deeppcb"), keep)


def offer(to: Feed, first: int, last: int) -> None:
    for number in range(first, last + 1):
        to.offer(Made(f"A-{number}"))


def test_pieces_come_out_in_the_order_they_passed() -> None:
    queue = feed()
    assert queue.take() is None
    offer(queue, 1, 3)
    assert queue.waiting == 3
    taken = [queue.take() for _ in range(4)]
    assert [capture and capture.piece.serial for capture in taken] == ["A-1", "A-2", "A-3", None]
    assert (queue.waiting, queue.dropped) == (0, 0)


def test_the_oldest_goes_first_and_is_counted_only_if_nobody_took_it() -> None:
    queue = feed(keep=4)
    offer(queue, 1, 2)
    queue.take()
    offer(queue, 3, 7)
    # A-1 was taken, A-2 and A-3 were not
    assert queue.dropped == 2
    assert queue.serials() == ("A-4", "A-5", "A-6", "A-7")
    capture = queue.take()
    assert capture is not None
    assert (capture.piece.serial, capture.number) == ("A-4", 4)


def test_looking_takes_nothing_away() -> None:
    queue = feed()
    offer(queue, 1, 3)
    seen = queue.peek(after=1)
    assert seen is not None
    assert seen.number == 2
    assert queue.peek(after=3) is None
    taken = queue.take()
    assert taken is not None
    assert taken.number == 1


def test_a_piece_is_found_by_serial_number_also_after_it_was_taken() -> None:
    queue = feed()
    offer(queue, 1, 2)
    queue.take()
    found = queue.find("A-1")
    assert found is not None
    assert found.number == 1
    assert queue.find("A-9") is None


def test_a_camera_s_condition_is_that_of_the_moment() -> None:
    queue = feed()
    offer(queue, 1, 1)
    queue.set_fault("camera_defocus", 0.5)
    offer(queue, 2, 2)
    queue.set_fault("camera_defocus", 0.0)
    offer(queue, 3, 3)
    captures = [queue.take() for _ in range(3)]
    assert [capture and capture.faults for capture in captures] == [{}, {"camera_defocus": 0.5}, {}]


def test_a_dead_camera_sees_nothing_and_says_so_when_its_last_pictures_are_out() -> None:
    queue = feed()
    offer(queue, 1, 1)
    queue.set_fault("camera_dead", 1.0)
    offer(queue, 2, 3)
    assert (queue.seen, queue.lost) == (1, 2)
    assert queue.take() is not None
    with pytest.raises(CameraDeadError):
        queue.take()
    queue.set_fault("camera_dead", 0.0)
    offer(queue, 4, 4)
    capture = queue.take()
    assert capture is not None
    assert capture.piece.serial == "A-4"


def test_pieces_may_be_offered_from_other_threads() -> None:
    queue = feed(keep=2000)
    threads = [threading.Thread(target=offer, args=(queue, 300 * k + 1, 300 * k + 300)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [capture.number for capture in iter(queue.take, None)]
    assert taken == list(range(1, 1201))


def test_what_pictures_cannot_show_is_refused_when_the_piece_passes() -> None:
    queue = feed()
    with pytest.raises(UnknownDefectError, match="'tombstone'"):
        queue.offer(Made("A-1", defects=("tombstone",)))
    assert queue.seen == 0


async def test_the_truth_is_told_once_a_picture_and_only_of_what_was_asked_for() -> None:
    told: list[tuple[str, str, Label]] = []
    cameras = ParkCameras(
        [CameraRow(station=STATION, source="deeppcb")],
        seed=7,
        on_label=lambda serial, station, label: told.append((serial, station, label)),
        keep=4,
    )
    for number in range(1, 13):
        cameras.offer(STATION, Made(f"A-{number}", defects=("short",) if number % 2 else ()))
    queue = cameras.feed(STATION)
    for _ in range(2):
        for capture in iter(queue.take, None):
            await cameras.picture(STATION, capture, "jpeg")
            await cameras.picture(STATION, capture, "png")
    cameras.close()
    assert [(serial, station) for serial, station, _ in told] == [(f"A-{n}", STATION) for n in range(9, 13)]
    assert [[d.type for d in label.defects] for _, _, label in told] == [["short"], [], ["short"], []]
    assert all(label.time_ns == Made("").time_ns for _, _, label in told)


def test_a_park_knows_its_stations() -> None:
    rows = [CameraRow(station=STATION, source="deeppcb"), CameraRow(station="b", source="bottle")]
    cameras = ParkCameras(rows, seed=1)
    with pytest.raises(UnknownCameraError, match=f"'c': no camera there; there are {STATION}, b"):
        cameras.offer("c", Made("A-1"))
    with pytest.raises(CameraError, match="named twice"):
        ParkCameras([rows[0], rows[0]], seed=1)
    cameras.close()
