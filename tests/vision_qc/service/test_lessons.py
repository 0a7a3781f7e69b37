"""A product is taught over HTTP: pictures, teaching in another process, a try, the recipe in force."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.services import wait_for
from tests.vision_qc.products import good
from tests.vision_qc.service.plates import bad_file, encode, good_file, told
from tests.vision_qc.service.serving import serving
from twin.contract.clock import system_clock
from twin.service.settings import load
from vision_qc.features import shared_network
from vision_qc.service.lessons import MOST_LESSONS, Lessons, LessonState
from vision_qc.service.settings import QcSettings

STATION, PRODUCT = "park/plant/line2/aoi2", "cover-7"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> QcSettings:
    folder = tmp_path_factory.mktemp("lessons")
    return load(QcSettings, data_dir=folder / "data", bus=f"embedded:{folder / 'bus'}", qc_sync="normal")


@pytest.fixture(scope="module")
def client(settings: QcSettings) -> Iterator[httpx.Client]:
    with serving(settings) as served:
        yield served


def begin(client: httpx.Client, product: str = PRODUCT) -> str:
    answer = client.post("/api/lessons", json={"station": STATION, "product": product, "by": "Lan"})
    assert answer.status_code == 201, answer.text
    assert (answer.json()["state"], answer.json()["least_good"]) == ("collecting", 20)
    return str(answer.json()["id"])


@pytest.mark.slow
def test_from_good_pictures_to_a_verdict(client: httpx.Client, settings: QcSettings) -> None:
    lesson = f"/api/lessons/{begin(client)}"
    for number in range(20):
        added = client.post(f"{lesson}/pictures", content=encode(good(number)))
        assert added.status_code == 201, added.text
    assert added.json()["good"] == 20
    assert client.post(f"{lesson}/pictures", content=encode(good(0))).json()["good"] == 20, "twice is once"

    assert client.post(f"{lesson}/try", content=good_file(1)).status_code == 400
    assert client.post(f"{lesson}/teach").json()["state"] == "teaching"
    assert client.post(f"{lesson}/pictures", content=good_file(9)).status_code == 400, "not meanwhile"
    wait_for(lambda: client.get(lesson).json()["state"] != "teaching", "it is taught", 240)
    taught = client.get(lesson).json()
    assert taught["state"] == "taught", taught["why"]
    assert 0 < taught["review_from"] <= taught["reject_from"]

    tried = client.post(f"{lesson}/try", content=bad_file(3)).json()
    assert tried["score"] > client.post(f"{lesson}/try", content=good_file(3)).json()["score"]
    assert tried["heat"].startswith("data:image/jpeg;base64,")
    assert client.get("/api/stations").json()["stations"] == {}, "trying changes nothing for the line"

    installed = client.post(f"{lesson}/install", json={"by": "Lan", "reason": "new cover"})
    assert installed.json() | {"sha256": ""} == {
        "station": STATION, "product": PRODUCT, "version": 1, "sha256": "", "active": True,
    }  # fmt: skip
    answer = told(client, bad_file(3), "C-1", station=STATION)
    assert answer["score"] == tried["score"], "the line judges as was tried"

    again = Lessons(settings.data_dir / "qc" / "lessons", shared_network(), clock=system_clock)
    assert [one.state for one in again.all()] == [LessonState.TAUGHT], "a restart forgets nothing"
    assert client.post(f"{lesson}/discard").status_code == 204
    assert client.get(lesson).status_code == 404


def test_what_cannot_be_taught_is_said(client: httpx.Client) -> None:
    lesson = f"/api/lessons/{begin(client, 'cover-8')}"
    few = client.post(f"{lesson}/teach")
    assert (few.status_code, few.json()["detail"]) == (400, "0 good pictures: 20 at least; take more")
    assert client.post(f"{lesson}/pictures", content=b"no picture").status_code == 400
    for name, status in (("scratch", 201), ("vết xước", 201), ("../scratch", 400), (".", 400), ("a/b", 400)):
        typed = client.post(f"{lesson}/pictures", params={"kind": "bad", "defect": name}, content=bad_file(1))
        assert typed.status_code == status, name
    assert client.get(lesson).json()["bad"] == 1, "the last word on its type counts"
    wrong = client.post("/api/lessons", json={"station": STATION, "product": "../x", "by": "Lan"})
    assert (wrong.status_code, "rename it" in wrong.text) == (400, True)
    other = client.post(f"{lesson}/teach", headers={"origin": "http://elsewhere.example"})
    assert other.status_code == 403


def test_lessons_do_not_pile_up(tmp_path: Path) -> None:
    rng = random.Random(1)
    lessons = Lessons(tmp_path, shared_network(), clock=lambda: rng.getrandbits(20))
    first = [lessons.begin(STATION, f"p{number}", "Lan") for number in range(MOST_LESSONS)]
    oldest = min(first, key=lambda one: one.about.begun)
    lessons.begin(STATION, "one-more", "Lan")
    assert len(lessons.all()) == MOST_LESSONS
    assert oldest.id not in {one.id for one in lessons.all()}
    assert not oldest.folder.exists()
