"""Tell types of pictures apart from a few examples of each: one folder a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from vision_qc.decoding import header_of
from vision_qc.errors import FolderError, ImageError
from vision_qc.evaluate import Refused, list_products
from vision_qc.features import describe, shared_network
from vision_qc.illumination import LIGHTS, even_out
from vision_qc.image_file import U8, has_images, read_image
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


def classify(
    train: Path, test: Path, shots: int | None, most_unknown: float | None = None
) -> tuple[ClassReport, Refused]:
    """Learn classes from ``train`` and tell those of ``test``.

    Args:
        train, test: folders with one folder a class.
        shots: how many pictures of each class are learnt from, drawn with a fixed seed; None = all.
        most_unknown: share of pictures of classes learnt that may be called unknown; ``test`` may then hold
            classes that ``train`` has not. None = every picture is of a class learnt.

    Returns:
        The report, and the pictures that were refused, with why.

    Raises:
        FolderError: a folder is missing, or ``test`` has classes of its own unasked, or only such, or fewer
            than two classes can be read.
        NotEnoughImagesError: too few pictures of a class to say how far is too far.
    """
    refused: Refused = []
    learnt, asked = by_class(train, refused), by_class(test, refused)
    unknown = sorted(set(asked) - set(learnt))
    if unknown and most_unknown is None:
        raise FolderError(
            f"{test}: class {unknown[0]!r} is not in {train}; teach it, leave it out, or ask for --unknown"
        )
    if len(unknown) == len(asked):
        raise FolderError(f"{test}: has no class that is in {train}; name the folders alike")
    if shots is not None:
        learnt = {name: draw(paths, shots) for name, paths in learnt.items()}
    looker = Looker(_size([path for paths in learnt.values() for path in paths]))
    rows, labels = _look(looker, learnt, refused)
    if len(set(labels)) < 2:
        raise FolderError(
            f"{train}: holds pictures of {len(set(labels))} class; two at least can be told apart"
        )
    classifier = PictureClassifier(rows, labels)
    test_rows, truth = _look(looker, asked, refused)
    told = np.asarray(classifier.classes)[classifier.chances(test_rows).argmax(1)]
    names = np.asarray(truth)
    right, known = told == names, ~np.isin(names, unknown)
    if not known.any():
        raise FolderError(f"{test}: no picture of a class in {train} can be read; check the folders")
    figures: dict[str, float | None] = {}
    if most_unknown is not None:
        limits = OpenSet.learn(_views(rows), labels, most_unknown)
        strange = limits.strangeness(_views(test_rows), told.tolist())
        figures["known_called_unknown"] = float((strange[known] >= 1).mean())
        if not known.all():
            figures["unknown_auroc"] = auroc(strange[known], strange[~known])
            figures["unknown_found"] = float((strange[~known] >= 1).mean())
    report = ClassReport(
        accuracy=float(right[known].mean()),
        recall={name: float(right[names == name].mean()) for name in sorted(set(truth) - set(unknown))},
        train=len(labels),
        test=len(truth),
        refused=len(refused),
        **figures,
    )
    return report, refused


def _views(rows: F32) -> F64:
    """Mean over the views of each picture: a mirror image is no second picture of its type."""
    return np.asarray(rows.mean(1), dtype=np.float64)


def by_class(folder: Path, refused: Refused) -> dict[str, tuple[Path, ...]]:
    """List the pictures of each class, by the name of its folder.

    A folder that holds one folder of pictures only, and that holds folders itself, is looked into; folders
    without pictures, as of annotations, are passed over, and masks go to ``refused``.

    Raises:
        FolderError: there is no such folder, or no folder of pictures in it.
    """
    if not folder.is_dir():
        raise FolderError(f"{folder}: there is no such folder; check the path")
    classes = inner = _folders(folder)
    while len(classes) == 1 and inner:
        inner = _folders(classes[0])
        classes = inner or classes
    if not classes:
        raise FolderError(f"{folder}: holds no folder; put the pictures of each class into one of its own")
    return {path.name: list_products(path, refused) for path in classes}


def _folders(folder: Path) -> list[Path]:
    """Return the folders in ``folder`` that hold pictures."""
    inside = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    return [path for path in inside if has_images(path)]


def draw(paths: Sequence[Path], shots: int) -> tuple[Path, ...]:
    """Draw ``shots`` of ``paths``, the same ones each time."""
    order = np.random.default_rng(SEED).permutation(len(paths))[:shots]
    return tuple(paths[place] for place in sorted(order))


def _look(looker: Looker, classes: dict[str, tuple[Path, ...]], refused: Refused) -> tuple[F32, list[str]]:
    labels = [name for name, paths in classes.items() for _ in paths]
    files = [path for paths in classes.values() for path in paths]
    found = spread_work(looker, files)
    rows = [row for row in found if not isinstance(row, ImageError)]
    if not rows:
        raise FolderError(f"{files[0].parent}: no picture could be read; check the folders")
    refused += [(path, row) for path, row in zip(files, found, strict=True) if isinstance(row, ImageError)]
    kept = [name for name, row in zip(labels, found, strict=True) if not isinstance(row, ImageError)]
    return np.stack(rows), kept


def _describe(view: U8) -> F32:
    network = shared_network()
    rows = [describe(network.levels(even_out(view, light)), LEVELS, STATISTICS) for light in LIGHTS]
    return np.concatenate(rows)


def _size(paths: Sequence[Path]) -> tuple[int, int]:
    headers = [header for header in map(header_of, paths) if header is not None]
    if not headers:
        raise FolderError(f"{paths[0].parent}: no picture could be read; check the folders")
    return working_size([(header.height, header.width) for header in headers])
