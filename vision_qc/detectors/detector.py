"""What every detector can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from vision_qc.sight import Sight

F32 = npt.NDArray[np.float32]
Arrays = Mapping[str, F32]


class Detector(Protocol):
    """A one-class detector, taught."""

    @classmethod
    def teach(cls, good: Sequence[Sight]) -> Self:
        """Learn what good looks like; called by teaching, once a fold and once with all.

        Raises:
            NotEnoughImagesError: too few pictures for this detector.
        """

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Make again what :meth:`arrays` described; called when a recipe is loaded.

        Raises:
            RecipeError: an array is missing or has another shape.
        """

    def arrays(self) -> Arrays:
        """Return all that was learnt; called when a recipe is saved."""

    def find(self, sight: Sight) -> tuple[float, F32 | None]:
        """Return how far a picture is from good, and where, None if this detector cannot tell; called once a
        picture."""
