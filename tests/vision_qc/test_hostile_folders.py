"""Folders as strangers have them: masks and notes beside pictures, every ending and size, damaged files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.vision_qc.products import bad, good, write
from vision_qc.benchmarks import deeppcb
from vision_qc.classify import by_class, classify
from vision_qc.errors import FolderError, ImageError, NotEnoughImagesError
from vision_qc.evaluate import Refused, list_defects, list_products
from vision_qc.features import shared_network
from vision_qc.image_file import U8
from vision_qc.masks import find_masks, read_mask
from vision_qc.teach import teach
from vision_qc.trials import TRIAL_MARGIN


def qc(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "vision_qc", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False)


def save(path: Path, picture: np.ndarray) -> Path:
    """Write ``picture`` as the ending of ``path`` says, upper case or not, whatever its channels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix.lower(), picture)[1].tobytes())
    return path


def mask() -> U8:
    drawn = np.zeros((96, 96), np.uint8)
    drawn[20:30, 40:44] = 255
    return drawn


def grey(number: int) -> U8:
    return np.ascontiguousarray(good(number)[:, :, 0])


def litter(folder: Path) -> None:
    """Leave what machines and people leave in folders."""
    for name in ("Thumbs.db", "notes.txt", "labels.xml", ".DS_Store", "._000.png"):
        (folder / name).write_bytes(b"\0\1no picture")
    (folder / "folder.png").mkdir()
    (folder / "empty").mkdir()


# picture and mask below the folders of each
NAMES = {
    "same name": ("a.jpg", "a.png"),
    "mask after": ("a.png", "a_mask.png"),
    "label after, as a bitmap": ("Part0.jpg", "Part0_label.bmp"),
    "upper case": ("10301.PNG", "10301_GT.PNG"),
    "before": ("img-3.jpg", "mask_img-3.png"),
    "folders on both sides": ("crack/000.png", "crack/000_mask.png"),
    "folder joined to the name": ("crack_000.png", "crack/000_mask.png"),
    "folder only of the picture": ("crack/000.png", "crack_000.png"),
    "other words, same number": ("image_0012.png", "defect12.png"),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_mask_is_found_however_it_is_named(case: str, tmp_path: Path) -> None:
    picture, its = NAMES[case]
    pictures = [
        save(tmp_path / "bad" / picture, bad(0)),
        save(tmp_path / "bad" / "other" / "x99.png", bad(1)),
    ]
    there = save(tmp_path / "masks" / its, mask())
    assert find_masks(pictures, tmp_path / "bad", tmp_path / "masks") == {
        pictures[0]: there,
        pictures[1]: None,
    }


def test_a_mask_that_might_be_of_two_pictures_is_of_neither(tmp_path: Path) -> None:
    pictures = [save(tmp_path / "bad" / kind / "000.png", bad(0)) for kind in ("crack", "hole")]
    sure = save(tmp_path / "masks" / "crack" / "000.png", mask())
    assert find_masks(pictures, tmp_path / "bad", tmp_path / "masks") == {
        pictures[0]: sure,
        pictures[1]: None,
    }
    save(tmp_path / "lone" / "77.png", mask())
    with pytest.raises(FolderError, match="name them alike"):
        find_masks(pictures, tmp_path / "bad", tmp_path / "lone")


@pytest.mark.parametrize("values", [(0, 255), (0, 1), (0, 3), (1, 200)])
def test_a_mask_may_have_any_two_values(values: tuple[int, int], tmp_path: Path) -> None:
    low, high = values
    drawn = np.where(mask() > 0, high, low).astype(np.uint8)
    assert np.array_equal(read_mask(save(tmp_path / "m.png", drawn)), mask() > 0)


def test_masks_beside_pictures_are_no_products(tmp_path: Path) -> None:
    litter(tmp_path)
    for name in ("a.jpg", "Part0.jpg", "b.png", "b.bmp", "front.jpg", "front_label.jpg"):
        save(tmp_path / name, good(0))
    for name in ("a.png", "Part0_label.bmp", "ground_truth/b.png"):
        save(tmp_path / name, mask())
    refused: Refused = []
    kept = list_products(tmp_path, refused)
    # front_label.jpg shows a product, whatever it is called; b.png and b.bmp may be two of them
    assert [path.name for path in kept] == [
        "Part0.jpg", "a.jpg", "b.bmp", "b.png", "front.jpg", "front_label.jpg",
    ]  # fmt: skip
    assert {path.name for path, _ in refused} == {"a.png", "Part0_label.bmp", "b.png"}
    assert {error.code for _, error in refused} == {"vision.image.mask"}
    found = list_defects(tmp_path, tmp_path, [])
    assert found[tmp_path / "a.jpg"] == tmp_path / "a.png"
    assert found[tmp_path / "Part0.jpg"] == tmp_path / "Part0_label.bmp"


def test_masks_in_a_folder_of_the_pictures_are_found_and_not_asked_about(tmp_path: Path) -> None:
    picture = save(tmp_path / "images" / "a.png", bad(0))
    its = save(tmp_path / "truth" / "a.png", mask())
    assert list_defects(tmp_path, tmp_path / "truth", []) == {picture: its}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("strangers")
    for number in range(24):
        suffix = (".PNG", ".JPG", ".bmp", ".TIFF", ".jpeg", ".Tif")[number % 6]
        large = cv2.resize(good(number), None, fx=1 + number % 3, fy=1 + number % 3)
        picture = large if number % 2 else large[:, :, 0]
        save(root / "train" / f"tray {number % 4}" / "ảnh tốt" / f"{number}{suffix}", picture)
    with_alpha = np.dstack([good(24), np.full((96, 96), 255, np.uint8)])
    save(root / "train" / "alpha.png", with_alpha)
    save(root / "train" / "deep.png", grey(25).astype(np.uint16) * 256)
    save(root / "train" / "tray 0" / "ảnh tốt" / "0_mask.png", mask())
    (root / "train" / "cut.jpg").write_bytes(cv2.imencode(".jpg", good(1))[1].tobytes()[:-400])
    for name in ("train", "good", "bad"):
        (root / name).mkdir(exist_ok=True)
        litter(root / name)
    for number in range(4):
        save(root / "good" / "deeper" / f"{number}.PNG", grey(100 + number))
        save(root / "bad" / "scratch" / f"Part{number}.jpg", bad(number))
        if number:
            differs = (bad(number) != good(5_000 + number)).any(2).astype(np.uint8) * 255
            save(root / "bad" / "scratch" / f"Part{number}_label.bmp", differs)
    save(root / "bad" / "scratch" / "Part9.jpg", bad(9))
    save(root / "bad" / "scratch" / "Part9_label.png", mask().astype(np.uint16) * 257)
    (root / "bad" / "scratch" / "Part8.jpg").write_bytes(b"")
    return root


def test_evaluate_takes_what_it_can_and_names_the_rest(folders: Path) -> None:
    done = qc(
        "evaluate", "--good-train", folders / "train", "--good-test", folders / "good", "--bad-test",
        folders / "bad", "--masks", folders / "bad", "--json",
    )  # fmt: skip
    errors = done.stderr.decode()
    assert done.returncode == 0, errors
    assert "Traceback" not in errors
    told = json.loads(done.stdout)
    assert (told["good_train"], told["good_test"], told["bad_test"]) == (25, 4, 5)
    assert told["image_auroc"] > 0.9
    assert told["pixel_auroc"] > 0.8
    for name, code in (
        ("deep.png", "vision.image.unsupported"),
        ("cut.jpg", "vision.image.damaged"),
        ("0_mask.png", "vision.image.mask"),
        ("Part8.jpg", "vision.image.empty"),
        ("Part9_label.png", "vision.image.unsupported"),
    ):
        assert any(name in line and code in line for line in errors.splitlines()), (name, errors)
    assert told["refused"] == 5


def test_teach_and_inspect_are_the_same_twice_and_take_names_of_any_bytes(
    folders: Path, tmp_path: Path
) -> None:
    recipes = [tmp_path / "one", tmp_path / "two"]
    for recipe in recipes:
        done = qc("teach", recipe, "--good", folders / "train")
        assert done.returncode == 0, done.stderr
        assert b"cut.jpg: refused, vision.image.damaged" in done.stderr
    for name in ("recipe.json", "arrays.npz"):
        assert (recipes[0] / name).read_bytes() == (recipes[1] / name).read_bytes()
    odd = tmp_path / "asked"
    odd.mkdir()
    litter(odd)
    (odd / b"\xff\xfe.png".decode("utf-8", "surrogateescape")).write_bytes(
        cv2.imencode(".png", bad(0))[1].tobytes()
    )
    save(odd / "wide.png", cv2.resize(good(0), (900, 96)))
    done = qc("inspect", recipes[0], odd, tmp_path / "nowhere.png")
    assert done.returncode == 1, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["verdict"] for line in lines][::2] == ["cannot_judge", None]
    assert lines[1]["verdict"] in ("review", "reject")
    assert lines[2]["error"]["code"] == "vision.folder"


def test_classes_are_found_below_a_wrapper_and_beside_annotations(tmp_path: Path) -> None:
    root = tmp_path / "NEU" / "images"
    for name, pictures in (
        ("plain", [good(n) for n in range(4)]),
        ("dark", [good(n) // 2 for n in range(4)]),
    ):
        write(root / name, pictures, ".jpg")
        (root / name / "000.jpg").write_bytes(b"broken")
    (tmp_path / "NEU" / "annotations").mkdir()
    (tmp_path / "NEU" / "annotations" / "a.xml").write_text("<a/>")
    litter(tmp_path)
    refused: Refused = []
    assert list(by_class(tmp_path, refused)) == ["dark", "plain"]
    report, refused = classify(tmp_path, tmp_path, None)
    assert (report.accuracy, report.train, report.refused) == (1.0, 6, 4)
    assert {error.code for _, error in refused} == {"vision.image.not_an_image"}


def test_classes_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    write(tmp_path / "plain", [good(0)])
    with pytest.raises(FolderError, match="1 class"):
        classify(tmp_path, tmp_path, None)
    (tmp_path / "dark").mkdir()
    (tmp_path / "dark" / "0.png").write_bytes(b"broken")
    with pytest.raises(FolderError, match="1 class"):
        classify(tmp_path, tmp_path, None)
    with pytest.raises(FolderError, match="holds no folder"):
        classify(tmp_path / "plain", tmp_path, None)


def board(folder: Path, number: int, boxes: str, suffix: str) -> str:
    """Write a pair with a pin-hole at (20, 40); return its line of a list that says ``.jpg``."""
    rng = np.random.default_rng(number)
    template = np.zeros((96, 96), np.uint8)
    template[30:60, :] = 255
    template[int(rng.integers(66, 80)) :, 10:30] = 255
    tested = template.copy()
    tested[40:47, 20:27] = 0
    tested[70:76, 60:66] = 255
    save(folder / f"{number}_temp{suffix}", template)
    save(folder / f"{number}_test{suffix}", tested)
    (folder / f"{number}.txt").write_text(boxes, encoding="utf-8")
    return f"{number}.jpg {number}.txt\r\n"


def run_boards(folder: Path) -> deeppcb.Score:
    both = Path("list.txt")
    return deeppcb.run(folder, both, both, lambda work, items: [work(item) for item in items], print)


def test_boards_are_read_whatever_their_ending(tmp_path: Path) -> None:
    boxes = "\ufeff19 39 28 48 6\n59,69,67,77,5\n\n"
    for suffix in (".png", ".jpg", ".bmp"):
        board(tmp_path / suffix, 0, boxes, suffix)
        read = deeppcb.read_board((tmp_path / suffix / "0.jpg", tmp_path / suffix / "0.txt"))
        assert sorted(read.boxes.tolist()) == [[20, 40, 27, 47], [60, 70, 66, 76]]
        assert read.truth[:, 4].tolist() == [6, 5]
    lines = [board(tmp_path, number, boxes, ".jpg") for number in range(8)]
    (tmp_path / "list.txt").write_text("\ufeff" + "".join(lines), encoding="utf-8")
    assert set(run_boards(tmp_path).AP) == {"copper", "pin-hole"}


@pytest.mark.parametrize(
    ("boxes", "count", "error"),
    [
        ("1 2 3", 8, FolderError),
        ("1 2 3 4 5\n1 2 3 4", 8, FolderError),
        ("1 2 3 4 9", 8, FolderError),
        ("pin-hole", 8, FolderError),
        ("", 8, FolderError),
        ("19 39 28 48 6", 3, NotEnoughImagesError),
    ],
)
def test_lists_of_boards_that_are_none_are_named(
    boxes: str, count: int, error: type[Exception], tmp_path: Path
) -> None:
    lines = [board(tmp_path, number, boxes, ".png") for number in range(count)]
    (tmp_path / "list.txt").write_text("".join(lines))
    with pytest.raises(error):
        run_boards(tmp_path)


def test_a_board_that_is_cut_off_is_named(tmp_path: Path) -> None:
    lines = [board(tmp_path, number, "19 39 28 48 6", ".png") for number in range(8)]
    (tmp_path / "list.txt").write_text("".join(lines))
    (tmp_path / "3_test.png").write_bytes((tmp_path / "3_test.png").read_bytes()[:60])
    with pytest.raises(ImageError, match="3_test"):
        run_boards(tmp_path)


@pytest.mark.parametrize("larger", [1, 3])
def test_only_pictures_with_room_are_tried_finely(larger: int) -> None:
    pictures = [cv2.resize(good(number), None, fx=larger, fy=larger).astype(np.uint8) for number in range(20)]
    taught = teach(pictures, [], shared_network(), fine=None, registration="off")
    assert len(taught.size_trials) == (2 if larger == 3 else 0)
    if taught.size_trials:
        usual, finely = taught.size_trials
        assert taught.station.eye.fine == (finely >= usual + TRIAL_MARGIN)
