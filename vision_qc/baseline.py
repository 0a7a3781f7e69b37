"""What a station's pictures and scores were like when it was taught: the rule that drift is measured by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
import numpy as np
import numpy.typing as npt

from vision_qc.errors import RecipeError
from vision_qc.image_file import U8
from vision_qc.picture_figures import FIGURES, measure
from vision_qc.sight import Eye

F64 = npt.NDArray[np.float64]

FILE: Final = "baseline.json"
Column = Annotated[list[float], msgspec.Meta(max_length=100_000)]


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """One entry a good picture, in the same order.

    Args:
        scores: out of fold.
        figures: columns by name, see :data:`vision_qc.picture_figures.FIGURES`.
    """

    scores: Column
    figures: dict[str, Column]


def take_baseline(good: Sequence[U8], scores: F64, eye: Eye) -> Baseline:
    """Measure the pictures that a station was taught from.

    Args:
        good: as they were taught.
        scores: out of fold, one a picture.
        eye: of the station.
    """
    rows = [measure(eye.fit(picture)) for picture in good]
    return Baseline(
        scores=[float(score) for score in scores],
        figures={name: [row[name] for row in rows] for name in FIGURES},
    )


def write_baseline(baseline: Baseline, folder: Path) -> None:
    """Write it beside a recipe.

    Raises:
        RecipeError: the folder cannot be written.
    """
    try:
        (folder / FILE).write_bytes(msgspec.json.encode(baseline) + b"\n")
    except OSError as error:
        raise RecipeError(f"{folder}: cannot be written ({error.strerror}); give another folder") from error


def read_baseline(folder: Path) -> Baseline | None:
    """Read it from beside a recipe; None if there is none.

    Raises:
        RecipeError: it is damaged.
    """
    try:
        data = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return None
    try:
        baseline = msgspec.json.decode(data, type=Baseline)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RecipeError(f"{folder}: {FILE} is damaged ({error}); restore it") from error
    lengths = {len(baseline.scores), *(len(column) for column in baseline.figures.values())}
    if len(lengths) != 1 or set(baseline.figures) != set(FIGURES):
        raise RecipeError(
            f"{folder}: {FILE} has columns of different lengths, or not those it must; restore it"
        )
    return baseline
