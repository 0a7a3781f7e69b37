"""Boards against their templates: what differs is found, and people's boxes are learnt."""

from __future__ import annotations

import numpy as np
import pytest

from vision_qc.benchmarks.deeppcb import Board, best_threshold, fit, judge, score
from vision_qc.candidate_classifier import Detections
from vision_qc.candidate_features import describe_candidates
from vision_qc.detectors.golden_template import align, find_candidates

Bools = np.ndarray


def board(rng: np.random.Generator) -> tuple[Bools, Bools, list[list[float]]]:
    """Draw conductors, and a board with an open (1) and an island of copper (5)."""
    template = np.zeros((160, 160), np.bool_)
    for row in range(10, 150, 28):
        template[row : row + 10] = True
    tested = template.copy()
    truth = []
    x, row = int(rng.integers(20, 130)), 10 + 28 * int(rng.integers(0, 5))
    tested[row : row + 10, x : x + 6] = False
    truth.append([x - 8.0, row - 8.0, x + 14.0, row + 18.0, 1.0])
    x, row = int(rng.integers(20, 130)), 24 + 28 * int(rng.integers(0, 4))
    tested[row : row + 8, x : x + 8] = True
    truth.append([x - 8.0, row - 8.0, x + 16.0, row + 16.0, 5.0])
    return template, tested, truth


def read(seed: int) -> Board:
    template, tested, truth = board(np.random.default_rng(seed))
    candidates = find_candidates(template, tested)
    boxes = np.array([candidate.box for candidate in candidates], np.float64).reshape(-1, 4)
    return Board(describe_candidates(candidates, template, tested), boxes, np.array(truth))


def test_equal_boards_have_no_candidates() -> None:
    template, _, _ = board(np.random.default_rng(0))
    assert find_candidates(template, template) == []
    assert describe_candidates([], template, template).shape[0] == 0


def test_a_shifted_board_is_laid_over_its_template() -> None:
    rng = np.random.default_rng(1)
    template = np.kron(rng.random((40, 40)) > 0.5, np.ones((4, 4))).astype(bool)
    tested = np.roll(template, (3, -2), (0, 1))
    inside = (slice(12, -12), slice(12, -12))
    assert np.mean(align(template, tested)[inside] != tested[inside]) < 0.02


def test_types_and_boxes_are_learnt() -> None:
    classifier = fit([read(seed) for seed in range(60)])
    asked = [read(seed) for seed in range(100, 110)]
    found = [classifier.detect(one.features, one.boxes) for one in asked]
    scored = score(found, asked, best_threshold(found, asked))
    assert scored.mAP > 0.95
    assert scored.F > 0.95
    assert set(scored.AP) == {"open", "copper"}


def test_a_truth_is_found_once_and_the_type_must_be_right() -> None:
    box = [0.0, 0.0, 10.0, 10.0]
    found = Detections(np.array([box, box, box]), np.array([1, 1, 2]), np.array([0.9, 0.8, 0.7]))
    assert judge(found, np.array([[*box, 1.0]])).tolist() == [True, False, False]


@pytest.mark.parametrize("seed", range(3))
def test_every_defect_has_a_candidate(seed: int) -> None:
    one = read(seed)
    for x0, y0, x1, y1, _ in one.truth:
        inside = (one.boxes[:, :2] >= [x0, y0]).all(1) & (one.boxes[:, 2:] <= [x1, y1]).all(1)
        assert inside.any()
