"""Whether a recipe decodes pictures at half their size: a JPEG takes less time to decode and to shrink.

The recipe says so, and every picture of the station is decoded alike from then on: the verdict is the same,
bit by bit, whenever it is judged again. Another decoding is another recipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vision_qc.errors import FolderError, ImageError
from vision_qc.image_file import DECODINGS, Decoding, check
from vision_qc.image_header import Header
from vision_qc.preprocess import area_px, may_be_fine, working_size

ROOM = 1.5
"""Half of a picture has so many times as many pixels a side as the network sees: what is averaged on the way
there still is, and is not what a decoder made of it alone."""


def choose_decoding(paths: Sequence[Path], asked: str, *, fine: bool | None, checks: bool) -> Decoding:
    """Choose how the pictures of a station are decoded.

    Args:
        paths: of good pictures.
        asked: ``auto`` = half where all are JPEGs with room for it and nothing is measured or read in them;
            ``full``; ``half``.
        fine: whether the network sees more of them; None = perhaps, see :func:`vision_qc.teach.teach`.
        checks: whether something is measured or read.

    Raises:
        FolderError: ``asked`` is none of these, or there is no room for ``half``, or something is measured.
    """
    if asked != "auto" and asked not in DECODINGS:
        raise FolderError(f"decode {asked!r}: none of auto, {', '.join(DECODINGS)}; give one of them")
    if asked == "full":
        return "full"
    headers = [header for header in map(header_of, paths) if header is not None]
    why = _why_not(headers, fine, checks)
    if asked == "half":
        if why:
            raise FolderError(f"decode half: {why}; leave the choice to teaching")
        return "half"
    return "half" if not why and all(header.format == "jpeg" for header in headers) else "full"


def _why_not(headers: Sequence[Header], fine: bool | None, checks: bool) -> str:
    if checks:
        return "the recipe measures or reads, which takes every pixel"
    if not headers:
        return "no picture can be read"
    sizes = [(header.height, header.width) for header in headers]
    height, width = working_size(sizes, area_px(may_be_fine(sizes) if fine is None else fine))
    for high, wide in sizes:
        if min(high / height, wide / width) < 2 * ROOM:
            least = f"{round(2 * ROOM * width)} x {round(2 * ROOM * height)} px"
            return f"a picture has {wide} x {high} px, and {least} are the least"
    return ""


def header_of(path: Path) -> Header | None:
    """Return what the file ``path`` says of itself; None where it is no picture that a station takes."""
    try:
        return check(path.read_bytes())
    except (ImageError, OSError):
        return None
