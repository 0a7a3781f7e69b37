"""What was inspected is found again, shown, judged again bit by bit, and reviewed; recipes come and go."""

from __future__ import annotations

from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest

from tests.support.services import wait_for
from tests.vision_qc.products import good
from tests.vision_qc.service.plates import PRODUCT, STATION, bad_file, encode, good_file, install, send, told
from tests.vision_qc.service.serving import serving
from vision_qc.service.settings import QcSettings


def indexed(service: httpx.Client, key: str) -> None:
    """Wait until the index has an inspection."""

    def there() -> bool:
        rows = service.get("/api/inspections", params={"limit": 1000}).json()["inspections"]
        return any(row["id"] == key for row in rows)

    wait_for(there, f"{key} is in the index")


def test_it_is_found_by_serial_number_verdict_station_and_time(service: httpx.Client) -> None:
    first = told(service, bad_file(1), "F-1")
    second = told(service, good_file(2), "F-2")
    indexed(service, second["id"])

    def found(**query: str | int) -> list[str]:
        rows = service.get("/api/inspections", params=query).json()["inspections"]
        return [row["serial"] for row in rows if row["serial"].startswith("F-")]

    assert found() == ["F-2", "F-1"]
    assert found(serial="F-1") == ["F-1"]
    assert found(verdict="reject") == ["F-1"]
    assert found(station="park/plant/line1/aoi9") == []
    assert found(begin=second["received_at"]) == ["F-2"]
    assert found(end=second["received_at"]) == ["F-1"]
    assert found(before=second["sequence"]) == ["F-1"]
    assert service.get("/api/inspections", params={"verdict": "maybe"}).status_code == 422
    assert service.get("/api/inspections", params={"begin": "yesterday"}).status_code == 400
    assert service.get(f"/api/inspections/{first['id']}").json()["reviews"] == []
    assert service.get("/api/inspections/0123").status_code == 404


def test_the_picture_comes_back_byte_by_byte_and_the_heat_map_has_a_fixed_scale(
    service: httpx.Client,
) -> None:
    sent = bad_file(4)
    answer = told(service, sent, "H-1")
    shown = service.get(answer["picture"])
    assert shown.content == sent
    assert shown.headers["content-type"] == "image/png"
    heat = service.get(answer["heat"])
    assert heat.headers["content-type"] == "image/png"
    painted = cv2.imdecode(np.frombuffer(heat.content, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert painted is not None
    differs = (painted != cv2.cvtColor(np.asarray(cv2.imdecode(np.frombuffer(sent, np.uint8), 1)), 4)).any(2)
    left, top, right, bottom = answer["findings"][0]["box_px"]
    assert differs[top:bottom, left:right].mean() > 0.5
    black = told(service, encode(np.concatenate([good(1)] * 4)), "H-2")
    assert service.get(black["heat"]).status_code == 404


def test_a_verdict_comes_again_bit_by_bit(service: httpx.Client) -> None:
    for number, picture in enumerate((good_file(7), bad_file(7), encode(good(1_008), ".jpg"))):
        answer = told(service, picture, f"R-{number}")
        again = service.post(f"/api/inspections/{answer['id']}/judge-again")
        assert again.json() == {"same": True, "differences": {}}


def test_a_picture_that_was_changed_on_disk_is_not_shown(service: httpx.Client, settings: QcSettings) -> None:
    answer = told(service, bad_file(9), "C-1")
    (path,) = (settings.data_dir / "qc" / "pictures").rglob(f"{answer['id']}.png")
    path.write_bytes(bad_file(10))
    shown = service.get(answer["picture"])
    assert shown.status_code == 404
    assert "is not what was judged" in shown.json()["detail"]


def test_what_a_person_says_stands_beside_the_verdict(service: httpx.Client) -> None:
    answer = told(service, encode(np.full((96, 96, 3), 9, np.uint8)), "Q-1")
    passed = told(service, good_file(11), "Q-2")
    indexed(service, passed["id"])

    def queue() -> list[str]:
        return [row["id"] for row in service.get("/api/review-queue").json()["inspections"]]

    assert answer["id"] in queue()
    said = {"truth": "defective", "by": "Lan", "defect": "scratch", "blind": True}
    for key in (answer["id"], passed["id"]):
        review = service.post(f"/api/inspections/{key}/reviews", json=said)
        assert review.status_code == 201
    wait_for(lambda: answer["id"] not in queue(), "the queue is shorter")
    row = service.get(f"/api/inspections/{passed['id']}").json()
    assert row["verdict"] == passed["verdict"]
    assert [(said["truth"], said["by"]) for said in row["reviews"]] == [("defective", "Lan")]
    assert service.get(passed["picture"]).status_code == 200  # moved to where it is kept longer
    assert (
        service.post(f"/api/inspections/{answer['id']}/reviews", json={"truth": "maybe"}).status_code == 422
    )


def test_recipes_are_activated_and_rolled_back(service: httpx.Client, recipe: Path) -> None:
    station = "park/plant/line1/aoi7"
    path = f"/api/stations/{station}/recipes/{PRODUCT}"
    assert install(service, recipe, station, PRODUCT, activate=False) == 1
    assert service.get("/api/stations").json()["stations"].get(station) is None
    assert install(service, recipe, station, PRODUCT, activate=True) == 2
    chosen = service.post(f"{path}/activate", json={"version": 1, "by": "Minh", "reason": "trial"})
    assert chosen.status_code == 200
    back = service.post(f"{path}/roll-back", json={"by": "Minh"})
    assert back.json()["version"] == 2
    told_of = service.get(path).json()
    assert [row["active"] for row in told_of["versions"]] == [False, True]
    assert [row["version"] for row in told_of["activations"]] == [2, 1, 2]
    assert service.post(f"{path}/activate", json={"version": 9, "by": "Minh"}).status_code == 404
    assert service.get("/api/stations").json()["stations"][station] == {PRODUCT: 2}


@pytest.mark.parametrize("harm", ["no arrays", "other arrays", "no json", "bad name", "packed"])
def test_what_is_no_recipe_is_not_installed(
    service: httpx.Client, recipe: Path, harm: str, tmp_path: Path
) -> None:
    station, product = "park/plant/line1/aoi8", PRODUCT
    files = {"recipe": (recipe / "recipe.json").read_bytes(), "arrays": (recipe / "arrays.npz").read_bytes()}
    if harm == "no arrays":
        del files["arrays"]
    elif harm == "other arrays":
        files["arrays"] = files["arrays"][:-1] + b"x"
    elif harm == "no json":
        files["recipe"] = b"{"
    elif harm == "bad name":
        product = ".."
    else:
        np.savez_compressed(tmp_path / "packed.npz", a=np.zeros(10_000_000))
        files["arrays"] = (tmp_path / "packed.npz").read_bytes()
    answer = service.post(f"/api/stations/{station}/recipes/{product}?by=Lan", files=files)
    assert 400 <= answer.status_code < 500, answer.text
    assert service.get("/api/stations").json()["stations"].get(station) is None
    assert service.get(f"/api/stations/{station}/recipes/{PRODUCT}").status_code == 404


def test_recipes_and_inspections_are_there_after_a_restart(
    settings: QcSettings, service: httpx.Client, recipe: Path, tmp_path: Path
) -> None:
    mine = settings.model_copy(update={"data_dir": tmp_path / "data", "bus": f"embedded:{tmp_path / 'bus'}"})
    with serving(mine) as first:
        install(first, recipe, STATION, PRODUCT, activate=True)
        before = told(first, bad_file(1), "S-1")
    with serving(mine) as second:
        assert told(second, bad_file(1), "S-1") == before | {"repeated": True}
        after = told(second, bad_file(1), "S-2")
        assert after["sequence"] > before["sequence"]
        assert after["recorder"] == before["recorder"]
        assert second.post(f"/api/inspections/{before['id']}/judge-again").json()["same"]


def test_a_recipe_of_another_make_is_told_and_judges_nothing(
    settings: QcSettings, recipe: Path, tmp_path: Path
) -> None:
    mine = settings.model_copy(update={"data_dir": tmp_path / "data", "bus": f"embedded:{tmp_path / 'bus'}"})
    with serving(mine) as client:
        install(client, recipe, STATION, PRODUCT, activate=True)
    (file,) = (tmp_path / "data" / "qc" / "recipes").rglob("recipe.json")
    file.write_text(file.read_text().replace('"format": ', '"format": 9'))
    with serving(mine) as client:
        reasons = client.get("/api/health").json()["reasons"]
        assert "teach it again" in reasons[f"recipe {PRODUCT} of {STATION}"]
        assert client.get("/api/stations").json()["stations"] == {}
        assert send(client, good_file(1), "A-1").status_code == 404
        assert install(client, recipe, STATION, PRODUCT, activate=True) == 2
        assert client.get("/api/health").status_code == 200
        assert told(client, good_file(1), "A-1")["recipe_version"] == 2
