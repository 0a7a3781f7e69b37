"""Which defects a station puts into pieces."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from sim.line.rows import ProductRow


class Flaws:
    """Defects independent of each other, each with its share of the pieces of a product.

    Args:
        defects: name -> share of pieces.
        products: of the line, with their factors.

    >>> products = [ProductRow("shaft"), ProductRow("cover", defects={"scratch": 0})]
    >>> flaws = Flaws({"burr": 0.0, "scratch": 1.0}, products)
    >>> rng = np.random.default_rng(1)
    >>> flaws.draw(rng, 0), flaws.draw(rng, 1)
    (('scratch',), ())
    """

    def __init__(self, defects: Mapping[str, float], products: Sequence[ProductRow]) -> None:
        self._names = tuple(defects)
        self._shares = [
            [min(share * product.defects.get(name, 1.0), 1.0) for name, share in defects.items()]
            for product in products
        ]
        self._clean = [_clean(shares) for shares in self._shares]
        self._weights = list(defects.values()) if any(defects.values()) else [1.0] * len(defects)

    def draw(self, rng: np.random.Generator, product: int, extra: float = 0.0) -> tuple[str, ...]:
        """The defects of one piece; ``extra`` is a share of pieces on top, parted like the shares."""
        shares, clean = self._shares[product], self._clean[product]
        if extra > 0.0:
            total = sum(self._weights)
            pairs = zip(shares, self._weights, strict=True)
            shares = [min(share + extra * weight / total, 1.0) for share, weight in pairs]
            clean = _clean(shares)
        dice = rng.random()
        if dice < clean or clean >= 1.0:
            return ()
        # The first defect by inversion of what is left of the dice, those after it each on its own.
        found: list[str] = []
        below, none_yet = clean, 1.0
        for name, share in zip(self._names, shares, strict=True):
            if found:
                if rng.random() < share:
                    found.append(name)
                continue
            below += none_yet * share
            none_yet *= 1.0 - share
            if dice < below:
                found.append(name)
        return tuple(found or self._names[-1:])


def _clean(shares: Sequence[float]) -> float:
    """Share of pieces with no defect."""
    return math.prod(1.0 - share for share in shares)
