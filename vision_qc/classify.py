"""Tell types of pictures apart from a few examples of each: one folder a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from vision_qc.errors import FolderError, ImageError
from vision_qc.features import describe, shared_network
from vision_qc.illumination import LIGHTS, even_out
from vision_qc.image_file import U8, list_images, read_image
from vision_qc.metrics import auroc
from vision_qc.open_set import OpenSet
from vision_qc.preprocess import fit_to, working_size
from vision_qc.workers import spread_work

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

LEVELS, STATISTICS = (1, 2, 3, 4), "msM"
STRENGTH = 0.1
"""Inverse of the ridge of standardised features."""
SEED = 7


@dataclass(frozen=True, slots=True)
class ClassReport:
    """How well classes were told apart, as fractions.

    Args:
        accuracy: share of pictures of the classes learnt with the right class, were "unknown" no answer.
        recall: by class.
        train, test: how many pictures; refused ones are not among them.
        unknown_auroc: chance that a picture of a class not learnt is stranger than one of those learnt; None
            where "unknown" was no answer, or no such picture was asked about.
        unknown_found: share of pictures of classes not learnt that are called unknown.
        known_called_unknown: share of those of classes learnt that are.
    """

    accuracy: float
    recall: dict[str, float]
    train: int
    test: int
    refused: int
    unknown_auroc: float | None = None
    unknown_found: float | None = None
    known_called_unknown: float | None = None


class PictureClassifier:
    """A regularised logistic head on pooled features of a picture and its mirror image.

    Args:
        rows: ``float32[pictures, views, features]``.
        labels: of the pictures.
    """

    def __init__(self, rows: F32, labels: Sequence[str]) -> None:
        flat = rows.reshape(-1, rows.shape[2]).astype(np.float64)
        self._mean, deviation = flat.mean(0), flat.std(0)
        self._deviation = deviation + 1e-2 * deviation.mean() + 1e-9
        self._model = LogisticRegression(C=STRENGTH, max_iter=500)
        self._model.fit((flat - self._mean) / self._deviation, np.repeat(np.asarray(labels), rows.shape[1]))

    @property
    def classes(self) -> list[str]:
        """The classes, in the order of :meth:`chances`."""
        return [str(name) for name in self._model.classes_]

    def chances(self, rows: F32) -> F64:
        """Return ``[pictures, classes]``, the mean over the views of a picture."""
        views = [
            self._model.predict_proba((rows[:, view] - self._mean) / self._deviation)
            for view in range(rows.shape[1])
        ]
        return np.asarray(np.mean(views, axis=0))


@dataclass(frozen=True, slots=True)
class Looker:
    """Reads a picture and describes it and its mirror image; goes to other processes.

    Args:
        size: ``(height, width)`` at which the network sees pictures [px].
    """

    size: tuple[int, int]

    def __call__(self, path: Path) -> F32 | ImageError:
        """Return ``float32[views, features]``, or why the picture is refused."""
        try:
            picture = fit_to(read_image(path), self.size)
        except ImageError as error:
            return error
        return np.stack([_describe(view) for view in (picture, np.ascontiguousarray(picture[:, ::-1]))])


def classify(train: Path, test: Path, shots: int | None, most_unknown: float | None = None) -> ClassReport:
    """Learn classes from ``train`` and tell those of ``test``.

    Args:
        train, test: folders with one folder a class.
        shots: how many pictures of each class are learnt from, drawn with a fixed seed; None = all.
        most_unknown: share of pictures of classes learnt that may be called unknown; ``test`` may then hold
            classes that ``train`` has not. None = every picture is of a class learnt.

    Raises:
        FolderError: a folder is missing, or ``test`` has classes of its own unasked, or only such.
        NotEnoughImagesError: too few pictures of a class to say how far is too far.
    """
    learnt, asked = by_class(train), by_class(test)
    unknown = sorted(set(asked) - set(learnt))
    if unknown and most_unknown is None:
        raise FolderError(
            f"{test}: class {unknown[0]!r} is not in {train}; teach it, leave it out, or ask for --unknown"
        )
    if len(unknown) == len(asked):
        raise FolderError(f"{test}: has no class that is in {train}; name the folders alike")
    if len(learnt) < 2:
        raise FolderError(f"{train}: holds one class; two at least can be told apart")
    if shots is not None:
        learnt = {name: draw(paths, shots) for name, paths in learnt.items()}
    size = working_size([_size(paths[0]) for paths in learnt.values()])
    looker = Looker(size)
    rows, labels, refused = _look(looker, learnt)
    classifier = PictureClassifier(rows, labels)
    test_rows, truth, test_refused = _look(looker, asked)
    told = np.asarray(classifier.classes)[classifier.chances(test_rows).argmax(1)]
    names = np.asarray(truth)
    right, known = told == names, ~np.isin(names, unknown)
    figures: dict[str, float | None] = {}
    if most_unknown is not None:
        limits = OpenSet.learn(_views(rows), labels, most_unknown)
        strange = limits.strangeness(_views(test_rows), told.tolist())
        figures["known_called_unknown"] = float((strange[known] >= 1).mean())
        if unknown:
            figures["unknown_auroc"] = auroc(strange[known], strange[~known])
            figures["unknown_found"] = float((strange[~known] >= 1).mean())
    return ClassReport(
        accuracy=float(right[known].mean()),
        recall={name: float(right[names == name].mean()) for name in sorted(set(truth) - set(unknown))},
        train=len(labels),
        test=len(truth),
        refused=refused + test_refused,
        **figures,
    )


def _views(rows: F32) -> F64:
    """Mean over the views of each picture: a mirror image is no second picture of its type."""
    return np.asarray(rows.mean(1), dtype=np.float64)


def by_class(folder: Path) -> dict[str, tuple[Path, ...]]:
    """List the pictures of each class, by the name of its folder.

    Raises:
        FolderError: there is no such folder, or none in it.
    """
    if not folder.is_dir():
        raise FolderError(f"{folder}: there is no such folder; check the path")
    classes = {
        path.name: list_images(path)
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith(".")
    }
    if not classes:
        raise FolderError(f"{folder}: holds no folder; put the pictures of each class into one of its own")
    return classes


def draw(paths: Sequence[Path], shots: int) -> tuple[Path, ...]:
    """Draw ``shots`` of ``paths``, the same ones each time."""
    order = np.random.default_rng(SEED).permutation(len(paths))[:shots]
    return tuple(paths[place] for place in sorted(order))


def _look(looker: Looker, classes: dict[str, tuple[Path, ...]]) -> tuple[F32, list[str], int]:
    labels = [name for name, paths in classes.items() for _ in paths]
    found = spread_work(looker, [path for paths in classes.values() for path in paths])
    rows = [row for row in found if not isinstance(row, ImageError)]
    if not rows:
        raise FolderError("no picture could be read; check the folders")
    kept = [name for name, row in zip(labels, found, strict=True) if not isinstance(row, ImageError)]
    return np.stack(rows), kept, len(found) - len(rows)


def _describe(view: U8) -> F32:
    network = shared_network()
    rows = [describe(network.levels(even_out(view, light)), LEVELS, STATISTICS) for light in LIGHTS]
    return np.concatenate(rows)


def _size(path: Path) -> tuple[int, int]:
    height, width = read_image(path).shape[:2]
    return height, width
