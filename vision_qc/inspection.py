"""Judge one picture file with a recipe, in the words of a line of JSON."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import msgspec

from vision_qc.errors import FolderError, ImageError
from vision_qc.explain import name_region, paint, regions, tell
from vision_qc.features import NETWORK, FeatureNetwork
from vision_qc.image_file import read_image
from vision_qc.recipe import Recipe


def inspect_file(
    path: Path, recipe: Recipe, network: FeatureNetwork, heat_folder: Path | None
) -> dict[str, Any]:
    """Judge the picture ``path``.

    Args:
        path: of the file.
        recipe: to judge with.
        network: to look with.
        heat_folder: where the picture with its heat map goes; None = nowhere.

    Returns:
        What is to be told; ``verdict`` is null and ``error`` says why where the file is refused.
    """
    told: dict[str, Any] = {
        "image": str(path),
        "recipe": recipe.name,
        "recipe_sha256": recipe.sha256,
        "model": NETWORK,
        "software": version("parktwin"),
    }
    try:
        picture = read_image(path, recipe.station.decoding)
    except (ImageError, FolderError) as error:
        return told | {"verdict": None, "error": {"code": error.code, "text": str(error)}}
    judgement = recipe.station.judge(picture, network)
    boxes = [] if judgement.heat is None else regions(judgement.heat, (picture.shape[0], picture.shape[1]))
    if heat_folder is not None and judgement.heat is not None:
        heat_folder.mkdir(parents=True, exist_ok=True)
        painted = paint(picture, judgement.heat)
        cv2.imwrite(str(heat_folder / f"{path.stem}_heat.png"), cv2.cvtColor(painted, cv2.COLOR_RGB2BGR))
    named = [name_region(judgement, box, (picture.shape[0], picture.shape[1])) for box in boxes]
    threshold = recipe.station.threshold
    return told | {
        "verdict": judgement.verdict,
        "score": judgement.score,
        "threshold": threshold.reject,
        "review_from": threshold.review,
        "scores": judgement.scores,
        "chance_of_defect": judgement.chance_of_defect,
        "boxes": boxes,
        "types": [name for name, _ in named],
        "type_confidences": [confidence for _, confidence in named],
        "code": judgement.checked.code if judgement.checked else None,
        "measured": msgspec.to_builtins(judgement.checked.measured) if judgement.checked else [],
        "why": tell(judgement, boxes),
    }
