"""Picture files in, pixels out; or a refusal that has a name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt

from vision_qc.errors import (
    DamagedImageError,
    EmptyImageError,
    FolderError,
    ImageError,
    ImageTooLargeError,
    ImageTooSmallError,
    UnsupportedImageError,
)
from vision_qc.image_header import Header, read_header

U8 = npt.NDArray[np.uint8]

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff"})
MOST_BYTES = 64 * 2**20
MOST_PIXELS = 40_000_000
"""An area camera of the largest kind in use on lines has 25 to 31 megapixels."""
Decoding = Literal["full", "half"]
"""``half``: at half the size. Of a JPEG's blocks of 8 x 8 pixels then only 4 x 4 are made, which takes less
time; of other files the pixels are averaged, two by two."""
DECODINGS: tuple[Decoding, ...] = get_args(Decoding)
LEAST_SIDE_PX = 32
"""The feature network sees nothing in less than one cell of its coarsest level."""


def decode(data: bytes, decoding: Decoding = "full") -> U8:
    """Decode a picture file.

    Args:
        data: the whole file.
        decoding: ``half`` = at half the size, sides rounded up.

    Returns:
        ``uint8[height, width, 3]`` in the order red, green, blue; grey pictures have three equal channels.

    Raises:
        EmptyImageError, NotAnImageError, DamagedImageError, ImageTooLargeError, ImageTooSmallError,
        UnsupportedImageError: what is wrong with it.

    Example:
        >>> decode(b"")
        Traceback (most recent call last):
        ...
        vision_qc.errors.EmptyImageError: picture of 0 bytes: there is nothing in it; send it again
    """
    header = check(data)
    half = decoding == "half"
    reduced = half and header.format == "jpeg"
    way = cv2.IMREAD_REDUCED_COLOR_2 if reduced else cv2.IMREAD_COLOR_RGB
    size = ((header.height + half) // (1 + half), (header.width + half) // (1 + half))
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), way | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as error:
        raise DamagedImageError(f"{header.format}: cannot be decoded; send it again") from error
    if pixels is not None and half and not reduced:
        pixels = cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA)
    if pixels is None or pixels.shape[:2] != size:
        raise DamagedImageError(f"{header.format}: cannot be decoded; send it again")
    if reduced:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    return pixels.astype(np.uint8, copy=False)


def check(data: bytes) -> Header:
    """Say what a picture file holds, without decoding a pixel of it.

    Raises:
        ImageError: as :func:`decode`, for all that can be known before decoding.
    """
    _refuse_length(len(data))
    header = read_header(data)
    _refuse(header)
    return header


def read_image(path: Path, decoding: Decoding = "full") -> U8:
    """Read and decode the picture ``path``; see :func:`decode`.

    Raises:
        ImageError: as :func:`decode`, with the file's name.
        FolderError: there is no such file.
    """
    try:
        _refuse_length(path.stat().st_size)
        return decode(path.read_bytes(), decoding)
    except OSError as error:
        raise FolderError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except ImageError as error:
        raise type(error)(f"{path.name}: {error}") from error


def list_images(folder: Path) -> tuple[Path, ...]:
    """List the pictures in ``folder`` and the folders below, by name.

    Hidden files and files with other endings are not pictures and are passed over.

    Raises:
        FolderError: there is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise FolderError(f"{folder}: there is no such folder; check the path")
    found = sorted(_pictures(folder.rglob("*"), folder))
    if not found:
        raise FolderError(f"{folder}: holds no picture ({', '.join(sorted(SUFFIXES))}); check the path")
    return tuple(found)


def has_images(folder: Path) -> bool:
    """Return whether :func:`list_images` finds a picture in ``folder``."""
    return next(iter(_pictures(folder.rglob("*"), folder)), None) is not None


def _pictures(paths: Iterable[Path], folder: Path) -> Iterable[Path]:
    for path in paths:
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.suffix.lower() in SUFFIXES and path.is_file():
            yield path


def _refuse_length(length: int) -> None:
    if length == 0:
        raise EmptyImageError("picture of 0 bytes: there is nothing in it; send it again")
    if length > MOST_BYTES:
        raise ImageTooLargeError(
            f"picture of {length} bytes: at most {MOST_BYTES} are taken; crop or compress it"
        )


def _refuse(header: Header) -> None:
    size = f"{header.format} of {header.width} x {header.height} px"
    if header.width * header.height > MOST_PIXELS:
        raise ImageTooLargeError(
            f"{size}: at most {MOST_PIXELS} px are taken; crop it or use a coarser camera"
        )
    if min(header.width, header.height) < LEAST_SIDE_PX:
        raise ImageTooSmallError(
            f"{size}: {LEAST_SIDE_PX} px a side are the least to see a defect; check the camera"
        )
    if header.bits > 8:
        raise UnsupportedImageError(f"{size}: {header.bits} bits a channel; set the camera to 8")
    if header.cmyk:
        raise UnsupportedImageError(f"{size}: made of printing inks (CMYK); save it as RGB or grey")
    if header.orientation != 1:
        raise UnsupportedImageError(
            f"{size}: EXIF says it is turned (orientation {header.orientation}), and no camera of a "
            "station is; save it upright"
        )
    if header.pictures > 1:
        raise UnsupportedImageError(f"{size}: holds several pictures; send one a file")
