"""What people say of products comes back as pictures and thresholds; a person puts them in force."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.support.services import wait_for
from tests.vision_qc.products import good
from tests.vision_qc.service.plates import PRODUCT, STATION, bad_file, encode, install, told
from tests.vision_qc.service.serving import serving
from twin.service.settings import load
from vision_qc.service.retraining import held_out
from vision_qc.service.settings import QcSettings

GOOD, BAD = 72, 16
RECIPES = f"/api/stations/{STATION}/recipes/{PRODUCT}"


def darker(number: int) -> bytes:
    """A good plate under a lamp that has aged, so that the recipe stops many."""
    return encode(np.asarray(good(2_000 + number) * 0.8, np.uint8))


def say(client: httpx.Client, key: str, truth: str, defect: str = "") -> None:
    said = {"truth": truth, "by": "Lan", "defect": defect}
    assert client.post(f"/api/inspections/{key}/reviews", json=said).status_code == 201


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, recipe: Path) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("retraining")
    settings = load(QcSettings, data_dir=folder / "data", bus=f"embedded:{folder / 'bus'}", qc_sync="normal")
    with serving(settings) as client:
        install(client, recipe, STATION, PRODUCT, activate=True)
        yield client


@pytest.fixture(scope="module")
def judged(service: httpx.Client) -> list[dict[str, Any]]:
    """Products of a shift, every one that was stopped reviewed, and a third of those that passed."""
    rows = [told(service, darker(number), f"G-{number}") | {"truth": "good"} for number in range(GOOD)]
    rows += [told(service, bad_file(number), f"B-{number}") | {"truth": "defective"} for number in range(BAD)]
    for number, row in enumerate(rows):
        if row["verdict"] != "pass" or number % 3 == 0:
            row["said"] = True
            say(service, row["id"], row["truth"], "scratch" if row["truth"] == "defective" else "")
    for row in rows:
        if "said" in row:
            wait_for(
                lambda key=row["id"]: service.get(f"/api/inspections/{key}").json()["reviews"],  # type: ignore[misc]
                "the review is in the index",
            )
    return rows


def begin(client: httpx.Client) -> str:
    body = {"station": STATION, "product": PRODUCT, "by": "Lan"}
    return f"/api/lessons/{client.post('/api/lessons', json=body).json()['id']}"


def test_reviewed_products_become_a_lesson_one_in_four_held_out(
    service: httpx.Client, judged: list[dict[str, Any]]
) -> None:
    lesson = begin(service)
    counts = service.post(f"{lesson}/reviewed", json={}).json()
    reviewed = [row for row in judged if "said" in row]
    for name, truth, held in (
        ("good", "good", False), ("bad", "defective", False),
        ("held_good", "good", True), ("held_bad", "defective", True),
    ):  # fmt: skip
        those = [row for row in reviewed if row["truth"] == truth and held_out(row["id"]) == held]
        assert counts[name] == len(those), name
    assert (counts["passed"], counts["missing"]) == (0, 0)
    assert 0 < counts["held_good"] + counts["held_bad"] < len(reviewed)
    row = service.get(lesson).json()
    assert (row["good"], row["bad"]) == (counts["good"], counts["bad"])
    assert row["held"] == counts["held_good"] + counts["held_bad"]
    assert service.post(f"{lesson}/reviewed", json={}).status_code == 201
    assert service.get(lesson).json() == row, "twice is once"

    unseen = [row for row in judged if "said" not in row and not held_out(row["id"])]
    assert service.post(f"{lesson}/reviewed", json={"passed": 5}).json()["passed"] == min(5, len(unseen)) > 0
    assert service.post("/api/lessons/0123/reviewed", json={}).status_code == 404


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_was_learnt_is_compared_before_a_person_puts_it_in_force(
    service: httpx.Client, judged: list[dict[str, Any]]
) -> None:
    lesson = begin(service)
    service.post(f"{lesson}/reviewed", json={"passed": 40})
    assert service.post(f"{lesson}/comparison").status_code == 400, "nothing was learnt yet"
    assert service.post(f"{lesson}/teach").status_code == 202
    wait_for(lambda: service.get(lesson).json()["state"] != "teaching", "it is taught", 800)
    assert service.get(lesson).json()["state"] == "taught", service.get(lesson).json()["why"]
    before = service.get("/api/stations").json()
    compared = service.post(f"{lesson}/comparison").json()
    held = [row for row in judged if "said" in row and held_out(row["id"])]
    in_force = compared["active"]
    assert (compared["active_version"], in_force["good"], in_force["bad"]) == (
        1,
        sum(row["truth"] == "good" for row in held),
        sum(row["truth"] == "defective" for row in held),
    )
    assert in_force["good_rejected"] == sum(
        row["truth"] == "good" and row["verdict"] == "reject" for row in held
    )
    learnt = compared["learnt"]
    assert learnt["good_rejected"] + learnt["good_looked_at"] <= (
        in_force["good_rejected"] + in_force["good_looked_at"]
    ), "it has learnt what the aged lamp makes of good plates"
    assert learnt["image_auroc"] > 0.8
    assert service.get("/api/stations").json() == before, "nothing has changed for the line"

    draft = service.post(f"{lesson}/install", json={"by": "Lan", "reason": "lamp", "activate": False}).json()
    assert not draft["active"]
    assert service.get("/api/stations").json() == before
    entry = service.post(f"{RECIPES}/activate", json={"version": draft["version"], "by": "Minh"})
    assert entry.json()["by"] == "Minh"
    answer = told(service, bad_file(900), "N-1")
    assert answer["recipe_version"] == draft["version"]
    assert answer["findings"][0]["type"] in ("scratch", "unknown_type")
    service.post(f"{RECIPES}/roll-back", json={"by": "Minh"})


def test_thresholds_are_set_anew_and_wait_for_a_person(
    service: httpx.Client, judged: list[dict[str, Any]]
) -> None:
    active = service.get("/api/stations").json()["stations"][STATION][PRODUCT]
    answer = service.post(f"{RECIPES}/recalibrate", json={"by": "Lan", "reason": "lamp", "target_fpr": 0.05})
    assert answer.status_code == 201, answer.text
    told_of = answer.json()
    assert told_of["after"] != told_of["before"]
    held_before, held_after = told_of["held_before"], told_of["held_after"]
    assert held_before["good"] == held_after["good"] > 0
    assert told_of["after"]["reject_from"] > told_of["before"]["reject_from"], "good plates score higher now"
    assert held_after["good_rejected"] <= held_before["good_rejected"]
    assert service.get("/api/stations").json()["stations"][STATION][PRODUCT] == active
    service.post(f"{RECIPES}/activate", json={"version": told_of["version"], "by": "Minh"})
    judged_now = told(service, darker(500), "T-1")
    assert judged_now["reject_from"] == told_of["after"]["reject_from"]
    few = service.post(f"{RECIPES}/recalibrate", json={"by": "Lan"})
    assert (few.status_code, "inspect more" in few.text) == (400, True)
