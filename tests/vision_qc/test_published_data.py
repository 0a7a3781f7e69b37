"""Published pictures, small parts of them: far enough above chance that a broken detector shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.require import missing
from vision_qc.benchmarks import deeppcb
from vision_qc.features import shared_network
from vision_qc.image_file import list_images, read_image
from vision_qc.metrics import auroc
from vision_qc.teach import teach
from vision_qc.workers import spread_work

pytestmark = [pytest.mark.shared_data, pytest.mark.slow]
DATA = Path(__file__).parents[3] / "shared" / "data" / "vision"


def folder(name: str) -> Path:
    if not (DATA / name).is_dir():
        missing(f"the data set {name}", f"put it at {DATA / name} beside the checkout")
    return DATA / name


def test_magnetic_tiles_with_defects_score_higher() -> None:
    tiles = folder("magnetic_tile")
    good = [read_image(path) for path in list_images(tiles / "MT_Free" / "Imgs") if path.suffix == ".jpg"][
        ::5
    ]
    bad = [read_image(path) for path in list_images(tiles / "MT_Fray" / "Imgs") if path.suffix == ".jpg"][::2]
    station = teach(good[:80], [], shared_network()).station
    good_scores, bad_scores = (
        np.array([station.judge(picture, shared_network()).score for picture in pictures])
        for pictures in (good[80:], bad)
    )
    assert auroc(good_scores, bad_scores) > 0.85


def test_board_defects_are_found(tmp_path: Path) -> None:
    boards = folder("deeppcb")
    lines = (boards / "trainval.txt").read_text().splitlines()
    (tmp_path / "train.txt").write_text("\n".join(lines[0:1000:10]))
    (tmp_path / "test.txt").write_text("\n".join(lines[5:1000:50]))
    scored = deeppcb.run(
        boards, tmp_path / "train.txt", tmp_path / "test.txt", spread_work, lambda line: None
    )
    assert scored.mAP > 0.93
    assert scored.F > 0.93
