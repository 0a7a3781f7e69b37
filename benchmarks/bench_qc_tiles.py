"""Image AUROC and realised false rejects on the magnetic tiles (Huang et al. 2018), split in three ways.

A tile was taken with up to six exposures, numbered in a row. Dealt picture by picture, most tiles
that are asked about were taught in another exposure; dealt by exposure, most were, in other light; by part,
none was. Figures of the three are not to be compared. Half of the parts (``development``) chose how stations
look; the other half (``test``) is only scored, but earlier versions had been looked at on all pictures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from benchmarks.table import Row
from vision_qc.features import shared_network
from vision_qc.image_file import list_images, read_image
from vision_qc.metrics import auroc
from vision_qc.spc.intervals import wilson
from vision_qc.teach import teach

Split = Literal["pictures", "exposures", "parts"]
Half = Literal["development", "test"]
I64 = npt.NDArray[np.int64]

DATA = Path(__file__).parents[2] / "shared" / "data" / "vision" / "magnetic_tile"
TAUGHT_SHARE = 0.63
DEFECTS = 20
GAP = 900
"""Numbers of one tile are closer together than this."""
SEED = 2026
RUNS: tuple[tuple[Split, int], ...] = (("pictures", 0), ("pictures", DEFECTS), ("exposures", 0), ("parts", 0))
TARGETS = {0: 0.98, DEFECTS: 0.985}


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture.

    Args:
        part: which tile, counted over all classes.
        exposure: 0 to 6.
    """

    path: Path
    good: bool
    part: int
    exposure: int


def tiles() -> list[Tile]:
    """List the pictures, part by part."""
    rows = []
    for path in list_images(DATA):
        if found := re.fullmatch(r"exp(\d+)_num_(\d+)\.jpg", path.name):
            kind = path.parts[-3]
            rows.append((kind != "MT_Free", kind, int(found[2]), int(found[1]), path))
    rows.sort()
    part, seen, told = -1, set[int](), []
    before = ("", 0)
    for bad, kind, number, exposure, path in rows:
        if kind != before[0] or number - before[1] > GAP or exposure in seen:
            part, seen = part + 1, set()
        seen.add(exposure)
        before = (kind, number)
        told.append(Tile(path, not bad, part, exposure))
    return told


def deal(good: Sequence[Tile], split: Split) -> tuple[list[Tile], list[Tile]]:
    """Deal good pictures to teaching and asking."""
    rng = np.random.default_rng(0)
    parts: I64 = np.array([tile.part for tile in good])
    if split == "parts":
        order = np.argsort(rng.permutation(int(parts.max()) + 1)[parts], kind="stable")
    elif split == "exposures":
        order = np.argsort(np.array([tile.exposure for tile in good]) + rng.random(len(good)), kind="stable")
    else:
        order = rng.permutation(len(good))
    taught = int(TAUGHT_SHARE * len(good))
    return [good[place] for place in order[:taught]], [good[place] for place in order[taught:]]


def score(half: Half, split: Split, defects: int) -> list[Row]:
    """Teach one split and ask."""
    all_tiles = tiles()
    chosen = np.random.default_rng(SEED).permutation(1 + max(tile.part for tile in all_tiles))
    mine = set(chosen[(0 if half == "development" else 1) :: 2].tolist())
    good = [tile for tile in all_tiles if tile.good and tile.part in mine]
    bad = [tile for tile in all_tiles if not tile.good and tile.part in mine]
    bad = [bad[place] for place in np.random.default_rng(1).permutation(len(bad))]
    taught, asked = deal(good, split)
    network = shared_network()
    station = teach(
        [read_image(tile.path) for tile in taught],
        [read_image(tile.path) for tile in bad[:defects]],
        network,
        parts=[str(tile.part) for tile in taught] if split == "parts" else None,
    ).station
    scores = [
        np.array([station.judge(read_image(tile.path), network).score for tile in group])
        for group in (asked, bad[defects:])
    ]
    rejects = wilson(int((scores[0] >= station.threshold.reject).sum()), len(asked))
    recall = float((scores[1] >= station.threshold.reject).mean())
    figure = auroc(scores[0], scores[1])
    name = f"magnetic tiles, {half}, dealt by {split}, {defects} defects shown"
    least = TARGETS[defects] if split == "pictures" and half == "test" else None
    counts = f"{len(taught)} good taught, {len(asked)} good and {len(bad) - defects} bad asked"
    interval = f"95 % interval {100 * rejects.low:.1f} to {100 * rejects.high:.1f}"
    rate = rejects.count / rejects.of
    return [
        Row(
            area="qc",
            name=f"{name}: image AUROC",
            figure=100 * figure,
            unit="%",
            target="" if least is None else f"at least {100 * least:g}",
            met=None if least is None else figure >= least,
            note=counts,
        ),
        Row(
            area="qc",
            name=f"{name}: false rejects at 2 % promised",
            figure=100 * rate,
            unit="%",
            target="0.5 to 2.5",
            met=0.005 <= rate <= 0.025,
            note=f"{interval}; recall {100 * recall:.1f} %",
        ),
    ]


def run() -> list[Row]:
    """Score both halves; nothing where the pictures are missing."""
    if not DATA.is_dir():
        return []
    halves: tuple[Half, ...] = ("development", "test")
    return [row for half in halves for split, defects in RUNS for row in score(half, split, defects)]
