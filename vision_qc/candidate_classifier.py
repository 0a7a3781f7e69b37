"""Learn which candidates are defects, of which type, and how people draw the box around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
import numpy.typing as npt

from vision_qc.metrics import box_overlap

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

NOTHING = 0
"""Class of candidates that are no defect; types count from 1."""
MATCH = 0.5
"""A candidate with the usual margin is a defect from this overlap with its box on."""
NEAR_MISS = 0.33
"""Between this and :data:`MATCH` it is neither, and nothing is learnt from it."""
SAME = 0.3
"""Detections that overlap more are one; the surest stays."""
ROUNDS = 150
_COMMON = {"verbosity": -1, "num_threads": 1, "seed": 1, "deterministic": True, "force_row_wise": True}


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """What was found on one board, the surest first.

    Args:
        boxes: ``float64[n, 4]``, ``x0, y0, x1, y1`` [px].
        types: ``int64[n]``, from 1.
        confidence: ``float64[n]``, 0 to 1.
    """

    boxes: F64
    types: Int
    confidence: F64


class CandidateClassifier:
    """Boosted trees over candidates.

    Args:
        features: ``float32[n, features]`` of all candidates of all boards.
        boxes: ``float64[n, 4]``, theirs.
        board: ``int64[n]``, of which board each is.
        truths: by board, ``float64[m, 5]``: box and type.
    """

    def __init__(self, features: F32, boxes: F64, board: Int, truths: Sequence[F64]) -> None:
        match, labels = _match(boxes, board, truths)
        known = labels >= NOTHING
        types = 1 + int(max((truth[:, 4].max() for truth in truths if len(truth)), default=1))
        self._classes = lightgbm.train(
            {
                **_COMMON,
                "objective": "multiclass",
                "num_class": types,
                "learning_rate": 0.08,
                "num_leaves": 31,
                "min_data_in_leaf": 10,
                "feature_fraction": 0.3,
                "lambda_l2": 1.0,
            },
            lightgbm.Dataset(features[known], labels[known]),
            ROUNDS,
        )
        real = labels > NOTHING
        self._edges = [
            lightgbm.train(
                {**_COMMON, "objective": "regression_l1", "learning_rate": 0.08, "num_leaves": 15,
                 "min_data_in_leaf": 20, "feature_fraction": 0.5},
                lightgbm.Dataset(features[real], match[real, edge] - boxes[real, edge]),
                ROUNDS // 2,
            )
            for edge in range(4)
        ]  # fmt: skip

    def detect(self, features: F32, boxes: F64) -> Detections:
        """Judge the candidates of one board.

        Args:
            features: ``float32[n, features]``.
            boxes: ``float64[n, 4]``.
        """
        if len(boxes) == 0:
            return Detections(np.zeros((0, 4)), np.zeros(0, np.int64), np.zeros(0))
        chances = np.asarray(self._classes.predict(features))
        drawn = boxes + np.stack([np.asarray(edge.predict(features)) for edge in self._edges], axis=1)
        return _keep_surest(drawn, 1 + chances[:, 1:].argmax(1), chances[:, 1:].max(1))


def _match(boxes: F64, board: Int, truths: Sequence[F64]) -> tuple[F64, Int]:
    """Return each candidate's true box, and its type, :data:`NOTHING`, or -1 where it is neither."""
    margin = _usual_margin(boxes, board, truths)
    match = np.zeros((len(boxes), 4))
    labels = np.zeros(len(boxes), np.int64)
    for place, (box, which) in enumerate(zip(boxes, board, strict=True)):
        truth = truths[which]
        if len(truth) == 0:
            continue
        overlaps = box_overlap(box + margin, truth[:, :4])
        best = int(overlaps.argmax())
        match[place] = truth[best, :4]
        if overlaps[best] >= MATCH:
            labels[place] = int(truth[best, 4])
        elif overlaps[best] >= NEAR_MISS:
            labels[place] = -1
    return match, labels


def _usual_margin(boxes: F64, board: Int, truths: Sequence[F64]) -> F64:
    """Return by how much people's boxes are larger than what differs, the median of each edge [px]."""
    away = []
    for box, which in zip(boxes, board, strict=True):
        truth = truths[which]
        around = (truth[:, :2] <= box[:2]).all(1) & (truth[:, 2:4] >= box[2:]).all(1)
        away.extend(truth[around, :4] - box)
    return np.median(away, axis=0) if away else np.zeros(4)


def _keep_surest(boxes: F64, types: Int, confidence: F64) -> Detections:
    order = np.argsort(-confidence, kind="stable")
    kept: list[int] = []
    for place in order:
        if not kept or box_overlap(boxes[place], boxes[kept]).max() <= SAME:
            kept.append(int(place))
    return Detections(boxes[kept], types[kept].astype(np.int64), confidence[kept])
