"""DeepPCB (Tang et al. 2019): bare boards against their templates, six types of defect.

A detection is right if its box overlaps a true one of its type by more than 0.33, as the paper has it. mAP is
the mean over types of the average precision; F comes of all types together at one confidence, which is chosen
on the training pairs, each judged by a classifier that has not seen it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vision_qc.candidate_classifier import CandidateClassifier, Detections
from vision_qc.candidate_features import describe_candidates
from vision_qc.detectors.golden_template import align, find_candidates
from vision_qc.errors import FolderError, NotEnoughImagesError
from vision_qc.image_file import SUFFIXES, read_image
from vision_qc.metrics import average_precision, box_overlap

Bools = npt.NDArray[np.bool_]
F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Say = Callable[[str], None]
SpreadWork = Callable[[Callable[[tuple[Path, Path]], "Board"], Sequence[tuple[Path, Path]]], list["Board"]]

TYPES = ("open", "short", "mousebite", "spur", "copper", "pin-hole")
OVERLAP = 0.33
FOLDS = 4
LEAST_PAIRS = 2 * FOLDS
_MIDDLE = 127


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """A pair, and what differs in it.

    Args:
        features: ``float32[candidates, n]``.
        boxes: ``float64[candidates, 4]``.
        truth: ``float64[defects, 5]``: box and type.
    """

    features: F32
    boxes: F64
    truth: F64


@dataclass(frozen=True, slots=True)
class Score:
    """How well defects were found; all as fractions.

    Args:
        AP: average precision by type.
        threshold: confidence at which ``F``, ``precision`` and ``recall`` hold.
    """

    mAP: float
    F: float
    AP: dict[str, float]
    precision: float
    recall: float
    threshold: float


def run(folder: Path, train: Path, test: Path, spread_work: SpreadWork, say: Say) -> Score:
    """Learn from the pairs of ``train``, find the defects of those of ``test``.

    Args:
        folder: that the lists' paths start from.
        train, test: lists of pairs; a relative path is looked for as it is, then in ``folder``.
        spread_work: applies a function to items, in order.
        say: told what is going on.

    Raises:
        FolderError: a list or a file that it names is missing or is not what it should be.
        NotEnoughImagesError: fewer than :data:`LEAST_PAIRS` to learn from.
        ImageError: a picture cannot be judged.
    """
    learnt, asked = read_list(folder, train), read_list(folder, test)
    if len(learnt) < LEAST_PAIRS:
        raise NotEnoughImagesError(f"{train}: {len(learnt)} pairs: {LEAST_PAIRS} at least; take more")
    say(f"comparing {len(learnt)} + {len(asked)} pairs")
    boards = spread_work(read_board, [*learnt, *asked])
    learnt_boards, asked_boards = boards[: len(learnt)], boards[len(learnt) :]
    for name, those in ((train, learnt_boards), (test, asked_boards)):
        if not any(len(board.truth) for board in those):
            raise FolderError(f"{name}: its pairs have no defect; check the lists of boxes")
    say("choosing the threshold on training pairs")
    fold_of = np.random.default_rng(7).permutation(np.arange(len(learnt)) % FOLDS)
    held_out: list[Detections | None] = [None] * len(learnt)
    for fold in range(FOLDS):
        classifier = fit([board for board, its in zip(learnt_boards, fold_of, strict=True) if its != fold])
        for place in np.flatnonzero(fold_of == fold):
            held_out[place] = classifier.detect(learnt_boards[place].features, learnt_boards[place].boxes)
    threshold = best_threshold([found for found in held_out if found is not None], learnt_boards)
    classifier = fit(learnt_boards)
    return score(
        [classifier.detect(board.features, board.boxes) for board in asked_boards], asked_boards, threshold
    )


def fit(boards: Sequence[Board]) -> CandidateClassifier:
    """Learn from ``boards``."""
    return CandidateClassifier(
        np.concatenate([board.features for board in boards]),
        np.concatenate([board.boxes for board in boards]),
        np.repeat(np.arange(len(boards)), [len(board.boxes) for board in boards]),
        [board.truth for board in boards],
    )


def read_list(folder: Path, path: Path) -> list[tuple[Path, Path]]:
    """Read a list of pairs: picture (without ``_temp`` and ``_test``) and boxes.

    Raises:
        FolderError: it is missing, empty, or a line does not name two files.
    """
    found = path if path.is_file() else folder / path
    try:
        lines = [line.split() for line in found.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise FolderError(f"{found}: is no list of pairs ({error}); check the path") from error
    if not lines or any(len(names) != 2 for names in lines):
        raise FolderError(f"{found}: a line names a picture and its boxes, and one at least is needed")
    return [
        (folder / picture.replace("\\", "/"), folder / boxes.replace("\\", "/")) for picture, boxes in lines
    ]


def read_board(pair: tuple[Path, Path]) -> Board:
    """Read a pair, lay the template over the picture and describe what differs.

    Raises:
        FolderError, ImageError: a file is missing or is not what it should be.
    """
    cv2.setNumThreads(1)
    picture, boxes = pair
    template, tested = (
        _read_binary(_one_of(picture.with_name(f"{picture.stem}_{which}{picture.suffix}")))
        for which in ("temp", "test")
    )
    if template.shape != tested.shape:
        raise FolderError(f"{picture}: template and picture differ in size; restore them")
    template = align(template, tested)
    candidates = find_candidates(template, tested)
    drawn = np.array([candidate.box for candidate in candidates], np.float64).reshape(-1, 4)
    return Board(describe_candidates(candidates, template, tested), drawn, _read_boxes(boxes))


def best_threshold(found: Sequence[Detections], boards: Sequence[Board]) -> float:
    """Return the confidence at which F is best."""
    correct = [judge(detections, board.truth) for detections, board in zip(found, boards, strict=True)]
    confidence = np.concatenate([detections.confidence for detections in found])
    order = np.argsort(-confidence, kind="stable")
    hits = np.cumsum(np.concatenate(correct)[order])
    truths = sum(len(board.truth) for board in boards)
    harmonic = 2 * hits / (np.arange(1, len(hits) + 1) + truths)
    return float(confidence[order][int(harmonic.argmax())])


def score(found: Sequence[Detections], boards: Sequence[Board], threshold: float) -> Score:
    """Score detections against the truth."""
    correct = np.concatenate([judge(d, board.truth) for d, board in zip(found, boards, strict=True)])
    confidence = np.concatenate([detections.confidence for detections in found])
    types = np.concatenate([detections.types for detections in found])
    true_types = np.concatenate([board.truth[:, 4] for board in boards]).astype(np.int64)
    order = np.argsort(-confidence, kind="stable")
    by_type = {
        name: average_precision(correct[order][types[order] == type_], int((true_types == type_).sum()))
        for type_, name in enumerate(TYPES, 1)
        if (true_types == type_).any()
    }
    sure = confidence >= threshold
    hits = int(correct[sure].sum())
    precision, recall = hits / max(1, int(sure.sum())), hits / max(1, len(true_types))
    return Score(
        mAP=float(np.mean(list(by_type.values()))),
        F=2 * precision * recall / max(1e-9, precision + recall),
        AP=by_type,
        precision=precision,
        recall=recall,
        threshold=threshold,
    )


def judge(found: Detections, truth: F64) -> Bools:
    """Return which detections are right: the surest first, each truth found once."""
    correct = np.zeros(len(found.boxes), np.bool_)
    free = np.ones(len(truth), np.bool_)
    for place, (box, type_) in enumerate(zip(found.boxes, found.types, strict=True)):
        fits = np.flatnonzero(free & (truth[:, 4] == type_))
        if len(fits) == 0:
            continue
        overlaps = box_overlap(box, truth[fits, :4])
        if overlaps.max() > OVERLAP:
            correct[place] = True
            free[fits[overlaps.argmax()]] = False
    return correct


def _one_of(path: Path) -> Path:
    """Return ``path``, or what has its name with another ending: pictures are converted, lists are not."""
    if path.is_file():
        return path
    return next((other for suffix in sorted(SUFFIXES) if (other := path.with_suffix(suffix)).is_file()), path)


def _read_binary(path: Path) -> Bools:
    return np.asarray(read_image(path)[:, :, 1] > _MIDDLE)


def _read_boxes(path: Path) -> F64:
    try:
        rows = [
            [float(part) for part in line.replace(",", " ").split()]
            for line in path.read_text(encoding="utf-8-sig").splitlines()
        ]
        truth = np.array([row for row in rows if row], np.float64).reshape(-1, 5)
    except (OSError, ValueError) as error:
        raise FolderError(f"{path}: is no list of boxes ({error}); restore it") from error
    if not np.isin(truth[:, 4], np.arange(1, len(TYPES) + 1)).all():
        raise FolderError(f"{path}: a line is a box x1 y1 x2 y2 and a type from 1 to {len(TYPES)}")
    return truth
