"""Accuracy of the inspection commands on published sets, each dealt once with one seed.

The commands are those that a stranger calls (``python -m vision_qc`` with ``evaluate``, ``classify`` and
``benchmark deeppcb``), in processes of their own, on folders of links. Magnetic tiles are in
``bench_qc_tiles``. Of hazelnuts and transistors there are eight defects each: their figures show that nothing
is broken, and little more.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks.table import Row
from vision_qc.image_file import list_images
from vision_qc.spc.intervals import wilson

Dealt = TypeVar("Dealt")
DATA = Path(__file__).parents[2] / "shared" / "data" / "vision"
SEED = 2026
STEEL_DRAWS = 3
SHOTS = 5
BOARDS_LEARNT = 700
OBJECTS = ("hazelnut", "transistor")
OBJECTS_TAUGHT = 40


def qc(*arguments: str | Path) -> dict[str, Any]:
    """Run a command and return what it prints as JSON."""
    command = [sys.executable, "-m", "vision_qc", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def link(paths: Sequence[Path], folder: Path) -> Path:
    """Make ``folder`` of links to pictures, named so that none hides another."""
    folder.mkdir(parents=True)
    for path in paths:
        (folder / f"{path.parent.name}_{path.name}").symlink_to(path)
    return folder


def deal(paths: Sequence[Dealt], count: int, seed: int) -> tuple[list[Dealt], list[Dealt]]:
    """Deal pictures, or pairs, to teaching and asking."""
    order = np.random.default_rng(seed).permutation(len(paths))
    return [paths[place] for place in order[:count]], [paths[place] for place in order[count:]]


def steel(folder: Path) -> list[Row]:
    """X-SDD: half of each class to learn from, the other half asked."""
    classes = sorted(path for path in (DATA / "x_sdd" / "X-SDD" / "datas").iterdir() if path.is_dir())
    few, full = [], 0.0
    for draw in range(STEEL_DRAWS):
        root = folder / f"steel{draw}"
        for one in classes:
            pictures = list_images(one)
            learnt, asked = deal(pictures, len(pictures) // 2, SEED + draw)
            link(learnt[:SHOTS], root / "few" / one.name)
            link(asked, root / "asked" / one.name)
            if draw == 0:
                link(learnt, root / "full" / one.name)
        few.append(qc("classify", "--train", root / "few", "--test", root / "asked")["accuracy"])
        if draw == 0:
            full = qc("classify", "--train", root / "full", "--test", root / "asked")["accuracy"]
    mean = float(np.mean(few))
    draws = ", ".join(f"{100 * one:.1f}" for one in few)
    return [
        Row("qc", "steel classes, 5 shots: accuracy", 100 * mean, "%", "at least 97", mean >= 0.97,
            f"mean of {STEEL_DRAWS} draws: {draws}"),
        Row("qc", "steel classes, half of all: accuracy", 100 * full, "%", "at least 99.8", full >= 0.998),
    ]  # fmt: skip


def boards(folder: Path) -> list[Row]:
    """DeepPCB: pairs of the list that is here, some to learn from, the others asked."""
    lines = [line for line in (DATA / "deeppcb" / "trainval.txt").read_text().splitlines() if line]
    learnt, asked = deal(lines, BOARDS_LEARNT, SEED)
    for name, those in (("learnt", learnt), ("asked", asked)):
        (folder / f"{name}.txt").write_text("".join(f"{line}\n" for line in those))
    told = qc(
        "benchmark", "deeppcb", DATA / "deeppcb", "--train", folder / "learnt.txt",
        "--test", folder / "asked.txt",
    )  # fmt: skip
    note = f"{len(learnt)} pairs learnt, {len(asked)} asked, of trainval.txt"
    return [
        Row("qc", "DeepPCB: mAP", 100 * told["mAP"], "%", "at least 98.6", told["mAP"] >= 0.986, note),
        Row("qc", "DeepPCB: F", 100 * told["F"], "%", "at least 98.2", told["F"] >= 0.982),
    ]


def objects(folder: Path, name: str) -> list[Row]:
    """Part of an MVTec AD category, good ones only."""
    root = DATA / "mvtec_reduced" / f"{name}_reduced"
    train = list(list_images(root / "train" / "good"))
    learnt, spare = deal(train, OBJECTS_TAUGHT, SEED)
    kinds = sorted(path for path in (root / "test").iterdir() if path.name != "good")
    bad = [picture for kind in kinds for picture in list_images(kind)]
    good = [*spare, *list_images(root / "test" / "good")]
    masks = folder / name / "masks"
    masks.mkdir(parents=True)
    for picture in bad:
        mask = root / "ground_truth" / picture.parent.name / f"{picture.stem}_mask.png"
        (masks / f"{picture.parent.name}_{picture.stem}_mask.png").symlink_to(mask)
    told = qc(
        "evaluate", "--good-train", link(learnt, folder / name / "train"),
        "--good-test", link(good, folder / name / "good"), "--bad-test", link(bad, folder / name / "bad"),
        "--masks", masks,
    )  # fmt: skip
    places = (
        f"pixel AUROC {100 * told['pixel_auroc']:.1f}, PRO {100 * told['pro']:.1f}, "
        f"recall {100 * told['recall']:.0f} %"
    )
    rejects = wilson(round(told["false_reject_rate"] * len(good)), len(good))
    return [
        Row("qc", f"{name}: image AUROC", 100 * told["image_auroc"], "%",
            note=f"{len(learnt)} good taught, {len(good)} good and {len(bad)} bad asked; {places}"),
        Row("qc", f"{name}: false rejects at 2 % promised", 100 * told["false_reject_rate"], "%",
            note=f"95 % interval {100 * rejects.low:.1f} to {100 * rejects.high:.1f}"),
    ]  # fmt: skip


def run() -> list[Row]:
    """Score every set that is here."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if (DATA / "x_sdd").is_dir():
            rows += steel(folder)
        if (DATA / "deeppcb").is_dir():
            rows += boards(folder)
        for one in OBJECTS:
            if (DATA / "mvtec_reduced" / f"{one}_reduced").is_dir():
                rows += objects(folder, one)
    return rows
