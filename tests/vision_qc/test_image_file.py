"""Bad pictures are refused by name; good ones of every format are read."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vision_qc.products import good
from vision_qc.errors import (
    DamagedImageError,
    EmptyImageError,
    FolderError,
    ImageError,
    ImageTooLargeError,
    ImageTooSmallError,
    NotAnImageError,
    UnsupportedImageError,
)
from vision_qc.image_file import MOST_BYTES, decode, list_images, read_image


def encode(suffix: str, picture: np.ndarray | None = None) -> bytes:
    return cv2.imencode(suffix, good(1) if picture is None else picture)[1].tobytes()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb() -> bytes:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    parts = (png_chunk(b"IHDR", header), png_chunk(b"IDAT", body), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def animated() -> bytes:
    data = encode(".png")
    return data[:33] + png_chunk(b"acTL", struct.pack(">II", 2, 0)) + data[33:]


def turned() -> bytes:
    data = encode(".jpg")
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHIHH", 274, 3, 1, 6, 0) + struct.pack("<I", 0)
    body = b"Exif\0\0" + tiff
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]


def cmyk() -> bytes:
    data = bytearray(encode(".jpg"))
    frame = data.index(b"\xff\xc0")
    data[frame + 9] = 4
    return bytes(data)


def two_pages() -> bytes:
    return bytes(cv2.imencodemulti(".tiff", [good(1), good(2)])[1].tobytes())


REFUSED: dict[str, tuple[Callable[[], bytes], type[ImageError]]] = {
    "empty": (lambda: b"", EmptyImageError),
    "text": (lambda: b"<html>not found</html>", NotAnImageError),
    "gif": (lambda: b"GIF89a" + bytes(200), NotAnImageError),
    "half a jpeg": (lambda: encode(".jpg")[:-900], DamagedImageError),
    "start of a jpeg": (lambda: encode(".jpg")[:30], DamagedImageError),
    "half a png": (lambda: encode(".png")[:-900], DamagedImageError),
    "half a bmp": (lambda: encode(".bmp")[:-900], DamagedImageError),
    "half a tiff": (lambda: encode(".tiff")[:2000], DamagedImageError),
    "flipped bit": (lambda: encode(".png").replace(b"IDATx", b"IDATy", 1), DamagedImageError),
    "bomb": (bomb, ImageTooLargeError),
    "too many bytes": (lambda: bytes(MOST_BYTES + 1), ImageTooLargeError),
    "tiny": (lambda: encode(".png", np.zeros((8, 8), np.uint8)), ImageTooSmallError),
    "16 bit png": (lambda: encode(".png", np.zeros((64, 64), np.uint16)), UnsupportedImageError),
    "16 bit tiff": (lambda: encode(".tiff", np.zeros((64, 64), np.uint16)), UnsupportedImageError),
    "float tiff": (lambda: encode(".tiff", np.zeros((64, 64), np.float32)), UnsupportedImageError),
    "printing inks": (cmyk, UnsupportedImageError),
    "turned by EXIF": (turned, UnsupportedImageError),
    "animated": (animated, UnsupportedImageError),
    "two pages": (two_pages, UnsupportedImageError),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_picture_is_refused_by_name(case: str) -> None:
    make, error = REFUSED[case]
    with pytest.raises(error) as caught:
        decode(make())
    assert type(caught.value) is error


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tiff", ".jpg"])
def test_every_format_gives_the_same_picture(suffix: str) -> None:
    coloured = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (64, 80, 3), np.uint8), (0, 0), 8)
    picture = decode(cv2.imencode(suffix, cv2.cvtColor(coloured, cv2.COLOR_RGB2BGR))[1].tobytes())
    assert picture.shape == coloured.shape
    assert np.abs(picture.astype(int) - coloured).max() <= (8 if suffix == ".jpg" else 0)


def test_grey_pictures_have_three_equal_channels() -> None:
    picture = decode(encode(".png", np.arange(64 * 64, dtype=np.uint8).reshape(64, 64)))
    assert picture.shape == (64, 64, 3)
    assert np.array_equal(picture[:, :, 0], picture[:, :, 2])


@settings(max_examples=200)
@given(data=st.data(), suffix=st.sampled_from([".png", ".jpg", ".bmp", ".tiff"]))
def test_harmed_files_are_read_or_refused_and_never_crash(data: st.DataObject, suffix: str) -> None:
    harmed = bytearray(encode(suffix))
    for _ in range(data.draw(st.integers(1, 4))):
        harmed[data.draw(st.integers(0, min(len(harmed) - 1, 600)))] = data.draw(st.integers(0, 255))
    try:
        picture = decode(bytes(harmed[: data.draw(st.integers(0, len(harmed)))]))
    except ImageError:
        return
    assert picture.dtype == np.uint8
    assert picture.ndim == 3


def test_a_folder_is_listed_by_name_without_what_is_no_picture(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpg", "Thumbs.db", ".hidden.png"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "c.tif").write_bytes(b"x")
    assert [path.name for path in list_images(tmp_path)] == ["a.jpg", "b.PNG", "c.tif"]


def test_a_folder_that_is_missing_or_empty_is_named(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="nowhere"):
        list_images(tmp_path / "nowhere")
    with pytest.raises(FolderError, match="holds no picture"):
        list_images(tmp_path)


def test_a_refusal_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"")
    with pytest.raises(EmptyImageError, match=r"broken\.png"):
        read_image(tmp_path / "broken.png")
