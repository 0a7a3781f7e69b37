"""The commands on folders, as acceptance and a stranger call them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.vision_qc.products import bad, good, write

KEYS = {
    "image_auroc",
    "pixel_auroc",
    "pro",
    "recall",
    "false_reject_rate",
    "teach_s",
    "latency_ms_p50",
    "latency_ms_p95",
}


def qc(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vision_qc", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("plates")
    write(root / "good_train", [good(n) for n in range(30)])
    write(root / "good_test", [good(100 + n) for n in range(8)], ".jpg")
    write(root / "bad_test", [bad(n) for n in range(8)], ".bmp")
    (root / "good_test" / "broken.png").write_bytes(b"")
    masks = root / "masks"
    masks.mkdir()
    for number in range(8):
        differs = (bad(number) != good(5_000 + number)).any(2)
        cv2.imwrite(str(masks / f"{number:03d}_mask.png"), differs.astype(np.uint8) * 255)
    return root


def test_evaluate_prints_the_agreed_keys(folders: Path) -> None:
    done = qc(
        "evaluate", "--good-train", folders / "good_train", "--good-test", folders / "good_test",
        "--bad-test", folders / "bad_test", "--masks", folders / "masks", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told) >= KEYS
    assert told["image_auroc"] > 0.9
    assert told["pixel_auroc"] > 0.8
    assert 0 < told["pro"] <= 1
    assert told["refused"] == 1
    assert "vision.image.empty" in done.stderr


def test_teach_then_inspect_prints_json_lines(folders: Path, tmp_path: Path) -> None:
    done = qc("teach", tmp_path / "recipe", "--good", folders / "good_train")
    assert done.returncode == 0, done.stderr
    done = qc("inspect", tmp_path / "recipe", folders / "bad_test" / "000.bmp", folders / "good_test")
    assert done.returncode == 1, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 10
    assert lines[0]["verdict"] == "reject"
    refused = [line for line in lines if line["verdict"] is None]
    assert [line["error"]["code"] for line in refused] == ["vision.image.empty"]


def test_classify_tells_two_classes(folders: Path, tmp_path: Path) -> None:
    for part, first in (("train", 0), ("test", 40)):
        write(tmp_path / part / "plain", [good(first + n) for n in range(6)])
        write(tmp_path / part / "striped", [stripe(good(first + n)) for n in range(6)])
    done = qc(
        "classify", "--train", tmp_path / "train", "--test", tmp_path / "test", "--shots", "5", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["accuracy"] == 1.0


def test_a_missing_folder_is_one_line_and_exit_status_2(folders: Path) -> None:
    done = qc("evaluate", "--good-train", folders / "nowhere", "--good-test", folders, "--bad-test", folders)
    assert done.returncode == 2
    assert "vision.folder" in done.stderr
    assert "Traceback" not in done.stderr


def stripe(picture: np.ndarray) -> np.ndarray:
    picture = picture.copy()
    picture[:, ::6] = 250
    return picture
