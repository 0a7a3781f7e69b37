"""DeepPCB on disk: pairs of a board's template and a tested board, with boxes around the true defects.

S. Tang, F. He, X. Huang, J. Yang, "Online PCB Defect Detector On A New PCB Defect Dataset", arXiv:1902.06197,
2019. Pictures are 640 x 640 and binary, copper is black. A list names a picture and its boxes a line
(``group/id/x.png group/id_not/x.txt``); beside it stand ``x_temp`` and ``x_test``. A box is a line
``x1 y1 x2 y2 type``, drawn some ten pixels larger than the defect.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from sim.cameras.errors import PictureDataError
from sim.cameras.picture import U8, Bools, Box

TYPES = ("open", "short", "mousebite", "spur", "copper", "pinhole")
"""The data set's types 1 to 6."""

_OF_BARE_BOARD = ("open", "mousebite", "pinhole")

SIZE = 640
"""Width and height of all pictures [px]."""

SHIPPED = Path(__file__).parents[1] / "data" / "deeppcb"
_LIST = "trainval.txt"
_COPPER_BELOW = 128
_LEAST_PX = 8


@dataclass(frozen=True, slots=True, eq=False)
class BoardDefect:
    """A defect of a tested board.

    Args:
        type: of :data:`TYPES`.
        box: as the data set gives it [px].
        mask: ``bool[h, w]`` inside the box, the pixels in which the tested board differs from the template.
    """

    type: str
    box: Box
    mask: Bools


@dataclass(frozen=True, slots=True, eq=False)
class BoardPair:
    """A board as it should be and one that was tested.

    Args:
        name: of the pair in the data set (``20085018``).
        template: ``bool[640, 640]``, True where there is copper.
        tested: likewise.
        defects: as labelled.
    """

    name: str
    template: Bools
    tested: Bools
    defects: tuple[BoardDefect, ...]


def find_set(data: Path | None) -> Path:
    """Say where the pairs are: in ``data``, or in its ``vision/deeppcb``, else those that are shipped.

    Args:
        data: a folder with published data; None or a folder that does not exist = none.

    Raises:
        PictureDataError: the folder exists, but has no list of pairs.
    """
    if data is None or not data.is_dir():
        return SHIPPED
    for folder in (data, data / "vision" / "deeppcb"):
        if (folder / _LIST).is_file():
            return folder
    raise PictureDataError(
        f"picture data {data}: neither {_LIST} nor vision/deeppcb/{_LIST} is in it; name the folder that "
        "holds DeepPCB, or unset the setting for the boards that are shipped"
    )


@lru_cache(maxsize=4)
def list_pairs(folder: Path) -> tuple[tuple[Path, Path], ...]:
    """Read which pairs there are: picture (without ``_temp`` or ``_test``) and boxes, in the list's order.

    Raises:
        PictureDataError: the list is missing, empty, or a line does not name two files.
    """
    try:
        lines = (folder / _LIST).read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PictureDataError(
            f"picture data {folder / _LIST}: cannot be read ({error}); restore it"
        ) from error
    rows = []
    for number, line in enumerate(lines, 1):
        names = line.split()
        if len(names) != 2:
            raise PictureDataError(
                f"picture data {folder / _LIST}, line {number}: {line!r} is no picture and its boxes"
            )
        rows.append((folder / names[0], folder / names[1]))
    if not rows:
        raise PictureDataError(f"picture data {folder / _LIST}: lists no pair; restore it")
    return tuple(rows)


@lru_cache(maxsize=16)
def read_pair(picture: Path, boxes: Path) -> BoardPair:
    """Read one pair of :func:`list_pairs`.

    Raises:
        PictureDataError: a file is missing or is not what it should be.

    >>> pair = read_pair(*list_pairs(SHIPPED)[0])
    >>> pair.name, sorted({defect.type for defect in pair.defects}) == sorted(TYPES)
    ('00041042', True)
    """
    template, tested = _read_picture(picture, "_temp"), _read_picture(picture, "_test")
    differs = template != tested
    found = []
    for type_, (x0, y0, x1, y1) in read_boxes(boxes):
        here = template[y0:y1, x0:x1]
        # a cut takes copper away and a bridge adds some: what goes the other way is another photograph
        mask = _largest_parts(differs[y0:y1, x0:x1] & (here if type_ in _OF_BARE_BOARD else ~here))
        found.append(BoardDefect(type_, (x0, y0, x1, y1), mask))
    return BoardPair(picture.stem, template, tested, tuple(found))


@lru_cache(maxsize=4096)
def read_boxes(path: Path) -> tuple[tuple[str, Box], ...]:
    """Read the boxes of a tested board: type and box, in the file's order.

    Raises:
        PictureDataError: the file is missing, or a line is no box of a known type inside the picture.
    """
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PictureDataError(f"picture data {path}: cannot be read ({error}); restore it") from error
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            x0, y0, x1, y1, type_ = map(int, line.split())
        except ValueError:
            x0 = y0 = x1 = y1 = type_ = 0
        if not (0 <= x0 < x1 <= SIZE and 0 <= y0 < y1 <= SIZE and 1 <= type_ <= len(TYPES)):
            raise PictureDataError(
                f"picture data {path}, line {number}: {line!r} is no box x1 y1 x2 y2 inside {SIZE} px with a "
                f"type from 1 to {len(TYPES)}"
            )
        rows.append((TYPES[type_ - 1], (x0, y0, x1, y1)))
    return tuple(rows)


def _read_picture(picture: Path, which: str) -> Bools:
    path = picture.with_name(picture.stem + which + picture.suffix)
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) if path.is_file() else None
    if image is None or image.shape != (SIZE, SIZE):
        found = "missing or no picture" if image is None else f"{image.shape[1]} x {image.shape[0]} px"
        raise PictureDataError(f"picture data {path}: {found}; a DeepPCB picture has {SIZE} x {SIZE} px")
    return np.asarray(image < _COPPER_BELOW)


def _largest_parts(differs: Bools) -> Bools:
    """Leave out what only shows that two photographs never match to the pixel: thin seams along edges, and
    specks."""
    here: U8 = differs.astype(np.uint8)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(here, connectivity=8)
    if count < 2:
        return differs
    thick = cv2.distanceTransform(here, cv2.DIST_L2, 3)
    area = stats[1:, cv2.CC_STAT_AREA]
    keep = [
        part
        for part in range(1, count)
        if area[part - 1] >= _LEAST_PX and float(thick[parts == part].max()) >= 1.9
    ]
    if not keep:
        keep = [1 + int(np.argmax(area))]
    return np.isin(parts, keep)
