"""Uploads that a station should never send, made from a seed.

Those whose ``kind`` ends in ``!`` show no product, by construction; the others are pictures of one with
something done to them, which may be harmless.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
Rng = np.random.Generator

SIDE = 96
_FORMATS = (".jpg", ".png", ".bmp", ".tiff")
_MAGIC = {
    ".jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01",
    ".png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    ".bmp": b"BM",
    ".tiff": b"II*\x00\x08\x00\x00\x00",
}
_OTHERS = (
    b"%PDF-1.7\n", b"PK\x03\x04", b"GIF89a", b"RIFF\x10\x00\x00\x00WEBPVP8 ", b"<!doctype html><html>",
    b'<svg xmlns="http://www.w3.org/2000/svg">', b"\x7fELF\x02\x01\x01", b"\x00\x00\x00\x18ftypheic",
    b"#!/bin/sh\n", b"P6\n96 96\n255\n", b"\x93NUMPY\x01\x00", b"\x00\x00\x01\x00\x01\x00", b"8BPS\x00\x01",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload.

    Args:
        kind: what was done; with ``!`` at the end it is no picture.
        body: to be sent.
        content_type: of it.
        original: the picture it was made from, None where there was none.
    """

    kind: str
    body: bytes
    content_type: str = "application/octet-stream"
    original: U8 | None = None


Plate = Callable[[int], U8]


class UploadFuzz:
    """Makes uploads one after the other; the same seed makes the same.

    Args:
        seed: of all randomness.
        plate: draws a good product by number.
    """

    def __init__(self, seed: int, plate: Plate) -> None:
        self._rng = np.random.default_rng(seed)
        self._plate = plate
        self._makers: tuple[Callable[[], Upload], ...] = (
            self._whole, self._noise, self._other_file, self._magic_only, self._cut, self._flip, self._flip,
            self._splice, self._head_swapped, self._png_lies, self._png_bomb, self._bmp_lies, self._tiff_lies,
            self._odd_depth, self._blank, self._form,
        )  # fmt: skip

    def next(self) -> Upload:
        """Make the next upload."""
        return self._makers[int(self._rng.integers(len(self._makers)))]()

    def _picture(self) -> tuple[U8, str, bytes]:
        picture = self._plate(int(self._rng.integers(5_000)))
        suffix = _FORMATS[int(self._rng.integers(len(_FORMATS)))]
        return picture, suffix, encode(picture, suffix)

    def _bytes(self, most: int) -> bytes:
        return self._rng.bytes(int(self._rng.integers(most)))

    def _whole(self) -> Upload:
        picture, suffix, data = self._picture()
        return Upload("whole", data, f"image/{suffix[1:]}", picture)

    def _noise(self) -> Upload:
        return Upload("noise!", self._bytes(60_000))

    def _other_file(self) -> Upload:
        return Upload("other file!", _OTHERS[int(self._rng.integers(len(_OTHERS)))] + self._bytes(20_000))

    def _magic_only(self) -> Upload:
        suffix = _FORMATS[int(self._rng.integers(len(_FORMATS)))]
        return Upload("magic only!", _MAGIC[suffix] + self._bytes(20_000))

    def _cut(self) -> Upload:
        picture, suffix, data = self._picture()
        return Upload(f"cut {suffix}", data[: int(self._rng.integers(len(data)))], original=picture)

    def _flip(self) -> Upload:
        picture, suffix, data = self._picture()
        changed = np.frombuffer(data, np.uint8).copy()
        many = int(2 ** self._rng.uniform(0, 9))
        # half of them in the head, where the structure is
        span = len(changed) if self._rng.random() < 0.5 else min(600, len(changed))
        changed[self._rng.integers(span, size=many)] = self._rng.integers(256, size=many)
        return Upload(f"flip {suffix}", changed.tobytes(), original=picture)

    def _splice(self) -> Upload:
        picture, suffix, data = self._picture()
        other = encode(self._plate(int(self._rng.integers(5_000))), suffix)
        at, to = int(self._rng.integers(len(data))), int(self._rng.integers(len(other)))
        return Upload(f"splice {suffix}", data[:at] + other[to:], original=picture)

    def _head_swapped(self) -> Upload:
        _, suffix, data = self._picture()
        wrong = _FORMATS[(_FORMATS.index(suffix) + 1) % len(_FORMATS)]
        return Upload("head of another format!", _MAGIC[wrong] + data[len(_MAGIC[wrong]) :])

    def _png_lies(self) -> Upload:
        picture, _, _ = self._picture()
        data = bytearray(encode(picture, ".png"))
        width, height = (int(2 ** self._rng.uniform(0, 31)) for _ in range(2))
        depth, colour = int(self._rng.choice([1, 2, 4, 8, 16, 7])), int(self._rng.integers(8))
        data[16:29] = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(self._rng.integers(3)))
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
        return Upload("png that lies", bytes(data), original=picture)

    def _png_bomb(self) -> Upload:
        side = int(self._rng.integers(2_000, 6_300))
        return Upload("png bomb!", flat_png(side, side))

    def _bmp_lies(self) -> Upload:
        picture, _, _ = self._picture()
        data = bytearray(encode(picture, ".bmp"))
        place, form, least, most = (
            (18, "<i", -(2**31), 2**31), (22, "<i", -(2**31), 2**31), (28, "<H", 0, 65), (30, "<I", 0, 12),
            (10, "<I", 0, 2**32), (46, "<I", 0, 2**32), (14, "<I", 0, 200),
        )[int(self._rng.integers(7))]  # fmt: skip
        struct.pack_into(form, data, place, int(self._rng.integers(least, most)))
        return Upload("bmp that lies", bytes(data), original=picture)

    def _tiff_lies(self) -> Upload:
        picture, _, _ = self._picture()
        data = bytearray(encode(picture, ".tiff"))
        (at,) = struct.unpack_from("<I", data, 4)
        (entries,) = struct.unpack_from("<H", data, at)
        for _ in range(int(self._rng.integers(1, 4))):
            entry = at + 2 + 12 * int(self._rng.integers(entries))
            what = int(self._rng.integers(3))
            if what == 0:
                struct.pack_into("<H", data, entry + 2, int(self._rng.integers(14)))
            elif what == 1:
                struct.pack_into("<I", data, entry + 4, int(2 ** self._rng.uniform(0, 32)))
            else:
                struct.pack_into("<I", data, entry + 8, int(2 ** self._rng.uniform(0, 32)))
        return Upload("tiff that lies", bytes(data), original=picture)

    def _odd_depth(self) -> Upload:
        suffix = (".png", ".tiff")[int(self._rng.integers(2))]
        deep = self._rng.integers(65_536, size=(SIDE, SIDE, 3)).astype(np.uint16)
        return Upload("16 bits!", cv2.imencode(suffix, deep)[1].tobytes())

    def _blank(self) -> Upload:
        level = int(self._rng.integers(256))
        shape = (int(self._rng.integers(32, 400)), int(self._rng.integers(32, 400)), 3)
        picture = np.full(shape, level, np.uint8)
        if self._rng.random() < 0.5:
            picture = self._rng.integers(256, size=shape).astype(np.uint8)
        return Upload("blank or noise!", encode(picture, ".png"))

    def _form(self) -> Upload:
        picture, _, data = self._picture()
        begin = b'--edge\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n\r\n'
        body = bytearray(begin + data + b"\r\n--edge--\r\n")
        for _ in range(int(self._rng.integers(0, 5))):
            body[int(self._rng.integers(len(begin)))] = int(self._rng.integers(256))
        if self._rng.random() < 0.3:
            del body[int(self._rng.integers(len(body))) :]
        kind = "multipart/form-data; boundary=edge"
        return Upload("form", bytes(body), kind, picture)


def encode(picture: U8, suffix: str) -> bytes:
    """Encode a picture as a file."""
    return cv2.imencode(suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()


def flat_png(width: int, height: int) -> bytes:
    """A whole PNG of one colour: a thousandth of what it unpacks to."""
    row = b"\0" + b"\x80" * (3 * width)
    pack = zlib.compressobj(9)
    packed = b"".join(pack.compress(row) for _ in range(height)) + pack.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    )


def still_shows(body: bytes, original: U8, most_dn: float) -> bool:
    """Whether a file, as OpenCV reads it, still shows ``original``: mean absolute difference [DN]."""
    try:
        seen = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error:
        return False
    if seen is None or seen.shape != original.shape:
        return False
    return float(np.abs(seen.astype(np.int16) - original.astype(np.int16)).mean()) <= most_dn
