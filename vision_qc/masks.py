"""Masks of defects: which file is one, of which picture, and what it says.

Published sets name them in many ways and lay them beside the pictures or into folders of their own. A mask
taken for a picture of a product would be taught, or counted as a defect.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vision_qc.errors import FolderError, ImageError
from vision_qc.image_file import U8, list_images, read_image

Bools = npt.NDArray[np.bool_]

_WORDS = r"masks?|labels?|gt|ground[_ -]?truth|annotations?|seg|segmentation"
_AFTER = re.compile(rf"(?<=.)[_. -](?:{_WORDS})$", re.IGNORECASE)
_BEFORE = re.compile(rf"^(?:{_WORDS})[_. -](?=.)", re.IGNORECASE)
_FOLDER = re.compile(_WORDS, re.IGNORECASE)
_JPEG = frozenset({".jpg", ".jpeg"})
MOST_VALUES = 16
"""A mask has this many grey values at most, or is nearly all black and white: an index of types, or a
drawing that was made smaller or saved as a JPEG."""
BLACK, WHITE = 16, 239
NEARLY_ALL = 0.98
MIDDLE = 127


def read_mask(path: Path) -> Bools:
    """Read a mask ``bool[height, width]``: what is brighter than the middle, or than 0 where nothing is.

    Raises:
        ImageError: as :func:`vision_qc.image_file.decode`.
        FolderError: there is no such file.
    """
    grey = read_image(path).max(2)
    return np.asarray(grey > (MIDDLE if grey.max() > MIDDLE else 0))


def split_masks(paths: Sequence[Path], *, by_name: bool = False) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Tell pictures of products from masks that lie beside them.

    A mask has the name of a picture in the same folder with a word for masks before or after it, or the name
    of a JPEG and another ending, or lies in a folder that is called so; and it looks like one.

    Args:
        paths: of a folder.
        by_name: the name will do: masks are known to be there.

    Returns:
        Pictures and masks, each in the order of ``paths``.
    """
    stems = {(path.parent, path.stem.lower()) for path in paths}
    jpegs = {(path.parent, path.stem.lower()) for path in paths if path.suffix.lower() in _JPEG}
    masks = set()
    for path in paths:
        stem = path.stem.lower()
        plain = bare(stem)
        named = plain != stem and (path.parent, plain) in stems
        beside = path.suffix.lower() not in _JPEG and (path.parent, stem) in jpegs
        apart = _FOLDER.fullmatch(path.parent.name) is not None
        if (named or beside or apart) and (by_name or _looks_like_a_mask(path)):
            masks.add(path)
    return tuple(path for path in paths if path not in masks), tuple(path for path in paths if path in masks)


def find_masks(pictures: Sequence[Path], folder: Path, masks: Path | None) -> dict[Path, Path | None]:
    """Find the mask of each picture, by its name.

    Looked for is the same path below ``masks``, folders given or left out or joined to the name by ``_``,
    with any ending and with or without a word for masks; then, where nothing fits, the only one with the same
    numbers in its name.

    Args:
        pictures: in ``folder`` or below; no masks among them.
        folder: of the pictures.
        masks: may be ``folder`` itself.

    Returns:
        The pictures with their masks, None where there is none.

    Raises:
        FolderError: masks are asked for and not one is found.
    """
    if masks is None:
        return dict.fromkeys(pictures)
    own = set(pictures)
    others = [path for path in list_images(masks) if path not in own]
    masks_by = _index([(path, _tails(path, masks)) for path in others])
    pictures_by = _index([(path, _tails(path, folder)) for path in pictures])
    found: dict[Path, Path | None] = {}
    for picture in pictures:
        # what is also the end of another picture's path says nothing
        own_tails = [tail for tail in _tails(picture, folder) if len(pictures_by[tail]) == 1]
        fitting = (masks_by.get(tail, []) for tail in own_tails)
        found[picture] = next((paths[0] for paths in fitting if len(paths) == 1), None)
    taken = set(found.values())
    free = _index([(path, [_numbers(path)]) for path in others if path not in taken])
    lost = _index([(path, [_numbers(path)]) for path in pictures if found[path] is None])
    for numbers, paths in lost.items():
        if numbers and len(paths) == 1 and len(free.get(numbers, [])) == 1:
            found[paths[0]] = free[numbers][0]
    if not any(found.values()):
        raise FolderError(f"{masks}: no mask has the name of a picture in {folder}; name them alike")
    return found


def bare(stem: str) -> str:
    """Return the name of a file without a word for masks before or after it.

    Example:
        >>> bare("Part0_label"), bare("mask-17"), bare("crack_003"), bare("label")
        ('Part0', '17', 'crack_003', 'label')
    """
    return _BEFORE.sub("", _AFTER.sub("", stem))


def _tails(path: Path, root: Path) -> list[str]:
    """Return what a path may be called by, the longest first."""
    parts = [*path.relative_to(root).parts[:-1], bare(path.stem)]
    return ["_".join(parts[begin:]).lower() for begin in range(len(parts))]


def _numbers(path: Path) -> str:
    return " ".join(str(int(digits)) for digits in re.findall(r"[0-9]+", path.stem))


def _index(rows: Sequence[tuple[Path, Sequence[str]]]) -> dict[str, list[Path]]:
    index: dict[str, list[Path]] = {}
    for path, names in rows:
        for name in names:
            index.setdefault(name, []).append(path)
    return index


def _looks_like_a_mask(path: Path) -> bool:
    try:
        grey: U8 = cv2.cvtColor(read_image(path), cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    except (ImageError, FolderError):
        return False  # whoever reads it as a picture says what is wrong with it
    counts = np.bincount(grey.ravel(), minlength=256)
    extremes = counts[:BLACK].sum() + counts[WHITE + 1 :].sum()
    return bool((counts > 0).sum() <= MOST_VALUES or extremes >= NEARLY_ALL * grey.size)
