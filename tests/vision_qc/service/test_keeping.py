"""Ledger and pictures where there is no room, and what retention takes first."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from tests.support.services import wait_for
from tests.vision_qc.service.plates import PRODUCT, STATION, bad_file, good_file, install, told
from tests.vision_qc.service.serving import serving
from twin.bus.base import BusUnavailableError, Message
from twin.bus.embedded_log import DurableLog
from twin.bus.partition_log import Stored
from twin.contract.clock import system_clock
from twin.contract.inspection import Verdict
from vision_qc.errors import ServiceClosedError
from vision_qc.service.follower import Follower
from vision_qc.service.ledger import Ledger
from vision_qc.service.pictures import PER_FOLDER, PictureStore
from vision_qc.service.settings import QcSettings


def message(number: int) -> Message:
    return Message("inspections", "s", b"x" * 100, {"ce_id": f"id-{number}"})


@pytest.fixture
def log(tmp_path: Path) -> Iterator[DurableLog]:
    log = DurableLog(tmp_path / "ledger.sqlite3", max_bytes=1000)
    yield log
    log.close()


class Receiver:
    """Somebody who may be away."""

    def __init__(self) -> None:
        self.away = threading.Event()
        self.away.set()
        self.got: list[str] = []

    def __call__(self, entries: Sequence[Stored]) -> None:
        if self.away.is_set():
            raise BusUnavailableError("away")
        for entry in entries:
            if entry.message.headers["ce_id"] == "id-3":
                raise ValueError("never")
        self.got += [entry.message.headers["ce_id"] for entry in entries]


def test_a_full_ledger_owes_and_pays_in_order(log: DurableLog) -> None:
    ledger, receiver = Ledger(log, clock=system_clock), Receiver()
    follower = Follower("bus", ledger, receiver, clock=system_clock, rng=random.Random(1))
    durable = [ledger.keep(message(number)).result(10) for number in range(20)]
    assert durable[:5] == [True] * 5
    assert durable[-5:] == [False] * 5
    assert ledger.condition is not None
    assert ledger.owes("id-19")
    assert not ledger.owes("id-0")
    found = ledger.find("id-19"), ledger.find("id-0"), ledger.find("id-99")
    assert [row and row.headers["ce_id"] for row in found] == ["id-19", "id-0", None]
    receiver.away.clear()
    wait_for(lambda: len(receiver.got) == 19, "all but the one that is never taken arrive")
    assert receiver.got == [f"id-{number}" for number in range(20) if number != 3]
    assert follower.left_out == 1
    wait_for(lambda: ledger.condition is None and follower.behind == 0, "it writes again")
    wait_for(lambda: log.entries == 0, "what everybody has is removed")
    follower.close()
    ledger.close()
    with pytest.raises(ServiceClosedError):
        ledger.keep(message(99)).result(1)


def test_sequence_numbers_grow_across_lives_and_the_name_stays(tmp_path: Path) -> None:
    names, numbers = set(), []
    for _ in range(3):
        log = DurableLog(tmp_path / "ledger.sqlite3")
        ledger = Ledger(log, clock=system_clock)
        names.add(ledger.recorder)
        numbers += [ledger.next_sequence(), ledger.next_sequence()]
        ledger.keep(message(numbers[-1])).result(10)
        ledger.close()
        log.close()
    assert len(names) == 1
    assert numbers == [1, 2, 3, 4, 5, 6]


def test_where_a_follower_stands_goes_to_disk_with_the_next_entry(log: DurableLog) -> None:
    ledger = Ledger(log, clock=system_clock, monotonic=lambda: 0.0)  # so nothing is ever due by itself
    ledger.listen(threading.Event(), "bus")
    ledger.keep(message(1)).result(10)
    ledger.passed("bus", 1)
    assert log.get_meta("passed:bus") is None
    ledger.keep(message(2)).result(10)
    assert log.get_meta("passed:bus") == b"1"
    ledger.close()
    assert ledger.find("id-1") is None
    assert ledger.find("id-2") is not None
    ledger.passed("bus", 2)  # followers end after the ledger
    assert (log.get_meta("passed:bus"), log.entries) == (b"2", 0)
    again = Ledger(log, clock=system_clock)
    assert again.listen(threading.Event(), "bus") == 2
    again.close()


def test_where_a_follower_stands_goes_to_disk_without_another_entry(log: DurableLog) -> None:
    ledger = Ledger(log, clock=system_clock)
    ledger.listen(threading.Event(), "bus")
    ledger.listen(threading.Event(), "index")
    ledger.keep(message(1)).result(10)
    ledger.passed("bus", 1)
    wait_for(lambda: log.get_meta("passed:bus") == b"1", "it is noted")
    assert log.entries == 1  # the index needs it
    ledger.passed("index", 1)
    wait_for(lambda: log.entries == 0, "what everybody has is removed")
    ledger.close()


def store(folder: Path, **limits: int) -> PictureStore:
    return PictureStore(
        folder, **{"pass_bytes": 10_000, "other_bytes": 10_000} | limits, clock=system_clock, durable=False
    )


def test_passed_products_go_first_the_oldest_of_them(tmp_path: Path) -> None:
    pictures = store(tmp_path)
    for number in range(8):
        sequence = number * PER_FOLDER
        for verdict in (Verdict.PASS, Verdict.REJECT):
            if verdict is Verdict.PASS or number < 2:
                name = f"{number:030d}{verdict.value[:2]}"
                assert pictures.keep(name, sequence, verdict, "png", bytes(2_500))
    assert pictures.size_bytes() == {"pass": 10_000, "other": 5_000}
    assert pictures.find(f"{0:030d}pa", 0) is None
    assert pictures.find(f"{7:030d}pa", 7 * PER_FOLDER) is not None
    assert pictures.find(f"{0:030d}re", 0) is not None
    again = store(tmp_path)
    assert again.size_bytes() == {"pass": 10_000, "other": 5_000}


def test_a_product_that_should_not_have_passed_is_kept_longer(tmp_path: Path) -> None:
    pictures = store(tmp_path)
    pictures.keep("a" * 32, 5, Verdict.PASS, "jpeg", bytes(100))
    pictures.promote("a" * 32, 5)
    pictures.promote("b" * 32, 5)
    assert pictures.size_bytes() == {"pass": 0, "other": 100}
    found = pictures.find("a" * 32, 5)
    assert found is not None
    assert found.parents[1].name == "other"


def test_without_room_for_pictures_verdicts_go_on_and_say_so(
    settings: QcSettings, recipe: Path, tmp_path: Path
) -> None:
    mine = settings.model_copy(update={"data_dir": tmp_path / "data", "bus": f"embedded:{tmp_path / 'bus'}"})
    with serving(mine) as client:
        install(client, recipe, STATION, PRODUCT, activate=True)
        pictures = tmp_path / "data" / "qc" / "pictures"
        pictures.mkdir(exist_ok=True)
        (pictures / "other").write_bytes(b"a file where the folder should be: the disk takes no picture")
        answer = told(client, bad_file(1), "N-1")
        assert (answer["verdict"], answer["durable"], answer["picture_kept"]) == ("reject", True, False)
        assert "pictures_not_kept" in _reasons(client)
        shown = client.get(answer["picture"])
        assert shown.status_code == 404
        (pictures / "other").unlink()
        assert told(client, bad_file(2), "N-2")["picture_kept"]
        assert "pictures_not_kept" not in _reasons(client)
        assert told(client, good_file(1), "N-3")["picture_kept"]


def _reasons(client: httpx.Client) -> dict[str, str]:
    reasons: dict[str, str] = client.get("/api/health").json()["reasons"]
    return reasons
