"""A station that has not proved itself on labelled pieces lets nothing pass, and says what it wants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.vision_qc.service.plates import (
    PRODUCT,
    STATION,
    bad_file,
    good_file,
    install,
    published,
    send,
    told,
)
from tests.vision_qc.service.serving import serving
from twin.bus.connect import open_bus
from twin.contract.inspection import Verdict
from twin.service.settings import load
from vision_qc.service.settings import QcSettings

CHALLENGE = f"/api/stations/{STATION}/challenge"
PIECES = [{"piece": "G-1", "truth": "good"}, {"piece": "D-1", "truth": "defective"}]
GOOD, BAD = 40, 40
"""Plates whose pictures pass and are rejected; a check takes the next two of each."""


class Stopwatch:
    """Time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Bench:
    """A service, what its settings are, and pictures that were not shown yet."""

    client: httpx.Client
    settings: QcSettings
    watch: Stopwatch
    shots: int = 0

    def plan(self, **other: object) -> httpx.Response:
        body = {"by": "Lan", "reason": "shift", "pieces": PIECES} | other
        return self.client.post(f"{CHALLENGE}/plan", json=body, params={"product": PRODUCT})

    def show(self, piece: str, picture: bytes) -> dict[str, object]:
        answer = self.client.post(
            CHALLENGE, params={"piece": piece, "by": "Lan", "product": PRODUCT}, content=picture
        )
        assert answer.status_code == 200, answer.text
        body: dict[str, object] = answer.json()
        return body

    def pass_check(self) -> None:
        self.shots += 1
        self.show("G-1", good_file(GOOD + self.shots))
        last = self.show("D-1", bad_file(BAD + self.shots))
        assert (last["right"], last["missing"], last["blocked"]) == (True, [], False)

    def kinds(self) -> list[str]:
        rows = self.client.get(f"{CHALLENGE}/journal", params={"product": PRODUCT}).json()
        return [row["kind"] for row in rows]

    def gate(self, serial: str) -> str:
        answer = told(self.client, good_file(3), serial, product=PRODUCT)
        assert (answer["verdict"] == "pass") == (answer["gate"] == "")
        return str(answer["gate"])


@pytest.fixture
def bench(tmp_path: Path, recipe: Path) -> Iterator[Bench]:
    settings = load(
        QcSettings, data_dir=tmp_path / "data", bus=f"embedded:{tmp_path / 'bus'}", qc_sync="normal"
    )
    watch = Stopwatch()
    with serving(settings, monotonic=watch) as client:
        install(client, recipe, STATION, PRODUCT, activate=True)
        yield Bench(client, settings, watch)


def test_blocked_until_every_piece_was_judged_right(bench: Bench) -> None:
    before = told(bench.client, good_file(2), "S-0")
    assert before["verdict"] == "pass", "without a plan nothing is asked for"
    assert bench.plan().json()["blocked"]
    answer = told(bench.client, good_file(3), "S-1")
    assert (answer["verdict"], answer["gate"]) == ("cannot_judge", "blocked: challenge due (plan)")
    assert answer["why"]["vi"].startswith("Trạm bị khóa: phải thử")
    assert told(bench.client, bad_file(3), "S-2")["verdict"] == "cannot_judge"
    assert told(bench.client, good_file(2), "S-0") == before | {"repeated": True}, "what was said stays said"

    first = bench.show("G-1", good_file(40))
    assert (first["right"], first["missing"], first["blocked"]) == (True, ["D-1"], True)
    last = bench.show("D-1", bad_file(40))
    assert (last["right"], last["missing"], last["blocked"]) == (True, [], False)
    freed = told(bench.client, good_file(3), "S-1")
    assert (freed["verdict"], freed["repeated"]) == ("pass", False), "the very picture may be judged now"
    assert bench.kinds() == ["plan", "blocked", "shown", "shown", "passed"]
    assert (
        'parktwin_qc_blocked{product="plate",station="park/plant/line1/aoi1"} 0.0'
        in bench.client.get("/metrics").text
    )

    again = bench.client.post(f"/api/inspections/{answer['id']}/judge-again")
    assert again.json() == {"same": True, "differences": {}}
    bus = open_bus(bench.settings.bus)
    rows = published(bus, 4)
    bus.close()
    assert [(row.serial, row.verdict) for row in rows] == [
        ("S-0", Verdict.PASS),
        ("S-1", Verdict.CANNOT_JUDGE),
        ("S-2", Verdict.CANNOT_JUDGE),
        ("S-1", Verdict.PASS),
    ], "a piece that was shown is no product"


def test_a_piece_judged_wrong_blocks_until_all_are_shown_anew(bench: Bench) -> None:
    bench.plan()
    bench.pass_check()
    wrong = bench.show("D-1", good_file(70))
    assert (wrong["right"], wrong["blocked"]) == (False, True)
    assert bench.gate("S-1") == "blocked: challenge failed (D-1: defective, judged pass)"
    assert bench.show("D-1", bad_file(70))["missing"] == ["G-1"], "what was shown before does not count"
    assert bench.show("G-1", good_file(71))["blocked"] is False
    assert bench.gate("S-2") == ""
    assert bench.kinds().count("failed") == 1


def test_changeover_recipe_interval_and_start_make_a_check_due(bench: Bench, recipe: Path) -> None:
    bench.plan(every_hours=2)
    bench.pass_check()
    assert bench.gate("S-1") == ""

    install(bench.client, recipe, STATION, "other", activate=True)
    assert told(bench.client, good_file(4), "O-1", product="other")["verdict"] == "pass"
    assert bench.gate("S-2") == "blocked: challenge due (changeover)"
    bench.pass_check()
    assert bench.gate("S-3") == ""

    bench.watch.now += 7_199
    assert bench.gate("S-4") == ""
    bench.watch.now += 1
    assert bench.gate("S-5") == "blocked: challenge due (interval)"
    bench.pass_check()

    install(bench.client, recipe, STATION, PRODUCT, activate=True)
    assert bench.gate("S-6") == "blocked: challenge due (recipe)"
    bench.pass_check()
    assert bench.gate("S-7") == ""
    assert bench.kinds().count("passed") == 4


def test_it_is_due_after_a_restart_and_the_plan_is_remembered(bench: Bench) -> None:
    bench.plan(changeover=False)
    bench.pass_check()
    shown = bench.shots
    settings = bench.settings.model_copy(update={"bus": f"{bench.settings.bus}-again"})
    with serving(settings) as client:
        other = Bench(client, settings, Stopwatch(), shown)
        assert other.gate("R-1") == "blocked: challenge due (start)"
        stored = client.post(CHALLENGE, params={"piece": "D-1", "by": "Lan"}, content=bad_file(BAD + shown))
        assert (stored.status_code, "take a new one" in stored.text) == (400, True)
        other.pass_check()
        assert other.gate("R-2") == ""


def test_what_is_no_plan_or_piece_is_said_and_changes_nothing(bench: Bench) -> None:
    assert bench.client.get(CHALLENGE).json()["pieces"] == []
    early = bench.client.post(CHALLENGE, params={"piece": "G-1", "by": "Lan"}, content=good_file(40))
    assert (early.status_code, "challenge/plan" in early.text) == (404, True)
    for pieces in (PIECES[:1], [*PIECES, PIECES[0]], [{"piece": "", "truth": "good"}]):
        assert bench.plan(pieces=pieces).status_code in (400, 422)
    assert bench.plan().status_code == 200
    other = bench.client.post(CHALLENGE, params={"piece": "X", "by": "Lan"}, content=good_file(40))
    assert (other.status_code, "G-1, D-1" in other.text) == (400, True)
    broken = bench.client.post(CHALLENGE, params={"piece": "G-1", "by": "Lan"}, content=b"no picture")
    assert broken.status_code == 400
    assert send(bench.client, b"no picture", "S-1").status_code == 400
    assert bench.plan(pieces=[]).json()["blocked"] is False
    assert bench.gate("S-2") == ""
    assert bench.kinds() == ["plan", "plan"]
