"""DeepPCB as it is on disk, and boards made from it."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from sim.cameras import deeppcb
from sim.cameras.board_defects import draw_defect
from sim.cameras.board_set import SHIPPED, TYPES, BoardPair, find_set, list_pairs, read_boxes, read_pair
from sim.cameras.camera import Camera
from sim.cameras.deeppcb import DeepPcb
from sim.cameras.errors import PictureDataError
from sim.cameras.optics import Optics
from tests.sim.cameras.pieces import STATION, Made, camera

FULL = Path(__file__).parents[4] / "shared" / "data"
BARE = np.zeros((640, 640), np.bool_)


def pairs() -> list[BoardPair]:
    return [read_pair(*paths) for paths in list_pairs(SHIPPED)]


def test_the_shipped_pairs_are_whole_small_and_have_their_licence() -> None:
    files = [path for path in SHIPPED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 3_000_000
    assert "MIT License" in (SHIPPED / "LICENSE").read_text()
    assert "Tang" in (SHIPPED / "README.md").read_text()
    boards = pairs()
    assert len(boards) == 42
    assert len(files) == 3 * len(boards) + 3
    for board in boards:
        assert {defect.type for defect in board.defects} == set(TYPES)


def test_boxes_are_read_as_their_file_has_them() -> None:
    _, path = next(paths for paths in list_pairs(SHIPPED) if paths[0].stem == "20085018")
    lines = [tuple(map(int, line.split())) for line in path.read_text().splitlines()]
    read = read_boxes(path)
    assert [(*box, TYPES.index(type_) + 1) for type_, box in read] == lines


def test_a_box_holds_its_defect_and_the_defect_is_what_its_type_says() -> None:
    share = []
    for board in pairs():
        for defect in board.defects:
            x0, y0, x1, y1 = defect.box
            assert defect.mask.shape == (y1 - y0, x1 - x0)
            assert np.count_nonzero(defect.mask) >= 8
            differing = np.count_nonzero(board.template[y0:y1, x0:x1] != board.tested[y0:y1, x0:x1])
            share.append(np.count_nonzero(defect.mask) / differing)
            was_copper = board.template[y0:y1, x0:x1][defect.mask].mean()
            if defect.type in ("open", "mousebite", "pinhole"):
                assert was_copper == 1, (board.name, defect.type)
            else:
                assert was_copper == 0, (board.name, defect.type)
    # were types mixed up, or copper white, little would be left of what differs
    assert np.median(share) > 0.85


@pytest.mark.parametrize("type_", TYPES)
def test_drawn_defects_do_to_the_board_what_their_name_says(type_: str) -> None:
    for number, board in enumerate(pairs()[::3]):
        drawn = draw_defect(board.template, type_, np.random.default_rng(number), BARE)
        before, after = board.template, board.template ^ drawn
        adds = type_ in ("short", "spur", "copper")
        assert (before[drawn] != adds).all()
        nets = [
            cv2.connectedComponents(state.astype(np.uint8), connectivity=4)[0] for state in (before, after)
        ]
        bare = [
            cv2.connectedComponents((~state).astype(np.uint8), connectivity=4)[0] for state in (before, after)
        ]
        if type_ == "copper":
            assert nets[1] > nets[0]
        if type_ == "pinhole":
            assert bare[1] > bare[0]
        if type_ == "short":
            # it joins two conductors, or closes a loop of one around bare board
            assert nets[1] < nets[0] or bare[1] > bare[0]
        if type_ == "open":
            assert bare[1] < bare[0] or nets[1] > nets[0]


def test_a_board_has_its_piece_s_defects_and_no_others() -> None:
    source = DeepPcb(SHIPPED, real_share=1.0)
    watching = Camera(STATION, source, Optics(shift_px=0, turn_deg=0), seed=1)
    board = source.pair("mainboard-a3")
    shot = watching.take(Made("A-1", defects=("short", "spur")))
    short, spur = shot.label.defects
    assert short.real
    assert short.origin == f"DeepPCB {board.name} tested"
    known = [defect.box for defect in board.defects if defect.type == "short"]
    # with a camera that does not move, the box is that of the data set but for what is trimmed off a seam
    assert min(max(abs(a - b) for a, b in zip(short.box, box, strict=True)) for box in known) <= 16
    copper = shot.picture < 125
    expected = board.template.copy()
    expected[shot.mask > 0] ^= True
    assert np.mean(copper != expected) < 0.004
    assert spur.real


def test_real_and_drawn_defects_are_told_apart() -> None:
    watching = camera("deeppcb")
    labels = [watching.take(Made(f"A-{n}", defects=("short",))).label.defects[0] for n in range(40)]
    real = [label for label in labels if label.real]
    assert 20 <= len(real) <= 38
    assert {label.origin for label in labels if not label.real} == {deeppcb.__name__}
    assert all("DeepPCB" in label.origin for label in real)


def test_a_product_is_always_the_same_board() -> None:
    source = DeepPcb(SHIPPED)
    names = {product: source.pair(product).name for product in ("mainboard-a3", "power-b1", "sensor-c7")}
    assert len(set(names.values())) == 3
    assert names == {product: DeepPcb(SHIPPED).pair(product).name for product in names}


@pytest.mark.shared_data
@pytest.mark.skipif(not FULL.is_dir(), reason="needs the published data sets beside the checkout")
def test_the_full_set_is_used_where_it_is() -> None:
    folder = find_set(FULL)
    assert folder == FULL / "vision" / "deeppcb"
    assert find_set(folder) == folder
    assert len(list_pairs(folder)) == 1000
    source = deeppcb.create(FULL)
    piece = Made("A-1", product="board-9", defects=TYPES)
    label = Camera(STATION, source, Optics(), seed=1).take(piece).label
    assert [defect.type for defect in label.defects] == list(TYPES)
    assert source.pair("board-9").name != ""


def test_without_a_folder_the_shipped_pairs_are_used(tmp_path: Path) -> None:
    assert find_set(None) == find_set(tmp_path / "nowhere") == SHIPPED


def test_a_folder_without_pairs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureDataError, match=r"neither trainval\.txt nor vision/deeppcb/trainval\.txt"):
        find_set(tmp_path)


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        ("list", "is no picture and its boxes"),
        ("empty", "lists no pair"),
        ("boxes", "is no box x1 y1 x2 y2 inside 640 px"),
        ("missing", "missing or no picture"),
        ("size", "320 x 320 px; a DeepPCB picture has 640 x 640"),
    ],
)
def test_broken_data_is_named(tmp_path: Path, harm: str, message: str) -> None:
    folder = tmp_path / harm
    picture, boxes = list_pairs(SHIPPED)[0]
    there = folder / "a"
    there.mkdir(parents=True)
    names = [f"{picture.stem}{which}.png" for which in ("_temp", "_test")]
    for name in names:
        shutil.copyfile(picture.with_name(name), there / name)
    shutil.copyfile(boxes, there / boxes.name)
    line = f"a/{picture.name} a/{boxes.name}\n"
    (folder / "trainval.txt").write_text({"list": "one two three\n", "empty": ""}.get(harm, line))
    if harm == "boxes":
        (there / boxes.name).write_text("10 20 5 40 1\n")
    if harm == "missing":
        (there / names[0]).unlink()
    if harm == "size":
        cv2.imwrite(str(there / names[1]), np.zeros((320, 320), np.uint8))
    with pytest.raises(PictureDataError, match=message):
        read_pair(*list_pairs(folder)[0])
