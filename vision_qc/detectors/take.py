"""Take an array out of a recipe, or say what is wrong with the recipe."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vision_qc.detectors.detector import Arrays
from vision_qc.errors import RecipeError


def take(arrays: Arrays, name: str, dimensions: int) -> npt.NDArray[np.float32]:
    """Return the array ``name``.

    Raises:
        RecipeError: it is missing, has not so many dimensions, or holds what is no number.
    """
    if name not in arrays:
        raise RecipeError(f"recipe: array {name!r} is missing; teach it again")
    array = arrays[name]
    if array.ndim != dimensions or array.dtype != np.float32 or not np.isfinite(array).all():
        raise RecipeError(f"recipe: array {name!r} is {array.dtype}{list(array.shape)}; teach it again")
    return array
