"""How good verdicts and heat maps are, against the truth. Pure functions of scores, masks and boxes."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PRO_MOST_FPR = 0.3
"""PRO is averaged up to this false positive rate of pixels (Bergmann et al. 2021)."""
_STEPS = 400


def auroc(good: F64, bad: F64) -> float:
    """Return the chance that a bad one scores higher than a good one; ties count half.

    Example:
        >>> auroc(np.array([0.0, 1.0]), np.array([1.0, 2.0]))
        0.875
    """
    together = np.concatenate([good, bad])
    _, place, counts = np.unique(together, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[place]
    return float((ranks[len(good) :].sum() - len(bad) * (len(bad) + 1) / 2) / (len(good) * len(bad)))


def pixel_auroc(heats: Sequence[F32], masks: Sequence[Bools]) -> float:
    """Return the AUROC of all pixels of all pictures.

    Args:
        heats: one heat map a picture.
        masks: of the same sizes, True = defect.

    Example:
        >>> pixel_auroc([np.array([[0.1, 0.9]], np.float32)], [np.array([[False, True]])])
        1.0
    """
    heat = np.concatenate([h.ravel() for h in heats])
    mask = np.concatenate([m.ravel() for m in masks])
    return auroc(heat[~mask].astype(np.float64), heat[mask].astype(np.float64))


def region_overlap(heats: Sequence[F32], masks: Sequence[Bools], most_fpr: float = PRO_MOST_FPR) -> float:
    """Return PRO: the overlap with defects, each counting the same, averaged over false positive rates.

    Args:
        heats: one heat map a picture.
        masks: of the same sizes, True = defect; connected pixels are one defect.
        most_fpr: average up to this share of good pixels.

    Example:
        >>> region_overlap([np.array([[0.0, 0.0, 0.9]], np.float32)], [np.array([[False, False, True]])])
        1.0
    """
    good = np.sort(np.concatenate([h[~m] for h, m in zip(heats, masks, strict=True)]))[::-1]
    most = max(1, int(most_fpr * len(good)))
    places = np.unique(np.linspace(0, most - 1, _STEPS).astype(np.int64))
    thresholds = good[places].astype(np.float64)
    overlaps = np.zeros(len(places))
    regions = 0
    for heat, mask in zip(heats, masks, strict=True):
        count, labels = cv2.connectedComponents(mask.astype(np.uint8))
        for region in range(1, count):
            inside = np.sort(heat[labels == region])
            overlaps += 1 - np.searchsorted(inside, thresholds, side="right") / len(inside)
            regions += 1
    rates = (places + 1) / len(good)
    area = np.trapezoid(overlaps / regions, rates) + overlaps[0] / regions * rates[0]
    return float(area / rates[-1])


def average_precision(correct: Bools, truths: int) -> float:
    """Return the area under precision over recall, precision made to fall (PASCAL VOC 2010).

    Args:
        correct: of detections, the surest first: True where a truth was found for the first time.
        truths: how many there were to find.

    Example:
        >>> average_precision(np.array([True, False, True]), 2)
        0.8333333333333333
    """
    if truths == 0 or len(correct) == 0:
        return 0.0
    hits = np.cumsum(correct)
    precision = hits / np.arange(1, len(correct) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    recall = hits / truths
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def box_overlap(box: F64, boxes: F64) -> F64:
    """Return the intersection over union of ``box`` with each of ``boxes`` (``x0, y0, x1, y1``).

    Example:
        >>> box_overlap(np.array([0.0, 0, 2, 2]), np.array([[1.0, 0, 3, 2]])).round(3).tolist()
        [0.333]
    """
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:], boxes[:, 2:])
    inter = np.clip(high - low, 0, None).prod(1)
    union = (box[2:] - box[:2]).prod() + (boxes[:, 2:] - boxes[:, :2]).prod(1) - inter
    return np.asarray(inter / union)
