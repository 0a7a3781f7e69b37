"""What the first bytes of a picture file say, read without decoding a pixel.

A decoder is asked only after this: it would make gigabytes of a bomb, grey of the missing half of a JPEG,
eight bits of sixteen, and the first page of many, and say nothing.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from vision_qc.errors import DamagedImageError, NotAnImageError

_PNG = b"\x89PNG\r\n\x1a\n"
_EXIF = b"Exif\x00\x00"
_SIZES = {1: 1, 3: 2, 4: 4}
# TIFF 6.0: width, height, bits, photometric, strip offsets and counts, samples, tile offsets and counts
_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _ORIENTATION = 256, 257, 258, 262, 274
_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES = 273, 279, 324, 325
_CMYK = 5


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says about its picture.

    Args:
        format: ``jpeg``, ``png``, ``bmp`` or ``tiff``.
        width, height: [px].
        bits: of one channel.
        cmyk: it is made of printing inks.
        orientation: of EXIF; 1 = upright.
        pictures: how many the file holds (2 = two or more).
    """

    format: str
    width: int
    height: int
    bits: int = 8
    cmyk: bool = False
    orientation: int = 1
    pictures: int = 1


def read_header(data: bytes) -> Header:
    """Read what the file says of itself, and whether it is whole.

    Args:
        data: the whole file.

    Raises:
        NotAnImageError: none of the four formats.
        DamagedImageError: the file ends early or contradicts itself.

    Example:
        >>> import cv2, numpy
        >>> read_header(cv2.imencode(".png", numpy.zeros((4, 6), numpy.uint8))[1].tobytes())
        Header(format='png', width=6, height=4, bits=8, cmyk=False, orientation=1, pictures=1)
    """
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data.startswith(_PNG):
            return _png(data)
        if data.startswith(b"BM") and len(data) >= 26:
            return _bmp(data)
        if data[:4] in (b"II*\0", b"MM\0*"):
            return _tiff(data)
    except (struct.error, IndexError) as error:
        raise DamagedImageError(
            f"picture of {len(data)} bytes: its header ends early; send it again"
        ) from error
    raise NotAnImageError(
        f"picture of {len(data)} bytes beginning with {data[:8]!r}: not a JPEG, PNG, BMP or TIFF; send one "
        "of these"
    )


def _jpeg(data: bytes) -> Header:
    header: Header | None = None
    orientation, pictures = 1, 1
    for marker, body, end in _jpeg_segments(data):
        if marker == 0xE1 and body.startswith(_EXIF):
            orientation = _exif_orientation(body[len(_EXIF) :])
        elif marker == 0xE2 and body.startswith(b"MPF\0"):
            pictures = 2
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            bits, height, width, channels = struct.unpack_from(">BHHB", body)
            header = Header("jpeg", width, height, bits, channels == 4)
        elif marker == 0xDA:
            if data.rfind(b"\xff\xd9", end) < 0:  # from behind: it stands at the end of a whole picture
                raise DamagedImageError(
                    f"JPEG of {len(data)} bytes: has no end mark, it was cut off; send it again"
                )
            break
    if header is None:
        raise DamagedImageError(f"JPEG of {len(data)} bytes: has no frame; send it again")
    return Header("jpeg", header.width, header.height, header.bits, header.cmyk, orientation, pictures)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    at = 2
    while True:
        if data[at] != 0xFF:
            raise DamagedImageError(f"JPEG of {len(data)} bytes: no marker at byte {at}; send it again")
        while data[at] == 0xFF:
            at += 1
        marker, at = data[at], at + 1
        if marker == 0xD9:
            raise DamagedImageError(f"JPEG of {len(data)} bytes: ends before its picture; send it again")
        if 0xD0 <= marker <= 0xD8 or marker == 0x01:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        if length < 2 or at + length > len(data):
            raise DamagedImageError(f"JPEG of {len(data)} bytes: a segment ends outside of it; send it again")
        yield marker, data[at + 2 : at + length], at + length
        at += length


def _exif_orientation(body: bytes) -> int:
    try:
        tags, _ = _tiff_tags(body, struct.unpack_from(_order(body) + "I", body, 4)[0])
    except (struct.error, DamagedImageError):
        return 1  # cameras write odd EXIF; decoders ignore it then, and so must this
    return tags.get(_ORIENTATION, (1,))[0]


def _png(data: bytes) -> Header:
    width, height, bits = struct.unpack_from(">IIB", data, 16)
    at, pictures, ended = len(_PNG), 1, False
    while not ended:
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        (told,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(data[at + 4 : at + 8 + length]) != told:
            raise DamagedImageError(f"PNG of {len(data)} bytes: checksum of {kind!r} is wrong; send it again")
        if kind == b"acTL":
            pictures = 2
        at, ended = at + 12 + length, kind == b"IEND"
    return Header("png", width, height, bits, pictures=pictures)


def _bmp(data: bytes) -> Header:
    size, _, offset, width, height, _, bits = struct.unpack_from("<IIIxxxxiiHH", data, 2)
    compression = struct.unpack_from("<I", data, 30)[0]
    row_bytes = (abs(width) * bits + 31) // 32 * 4
    if compression == 0 and offset + row_bytes * abs(height) > len(data):
        raise DamagedImageError(f"BMP of {len(data)} bytes: says {size}, it was cut off; send it again")
    return Header("bmp", abs(width), abs(height))


def _order(data: bytes) -> str:
    return "<" if data[:2] == b"II" else ">"


def _tiff(data: bytes) -> Header:
    tags, following = _tiff_tags(data, struct.unpack_from(_order(data) + "I", data, 4)[0])
    if _WIDTH not in tags or _HEIGHT not in tags:
        raise DamagedImageError(f"TIFF of {len(data)} bytes: does not say its size; send it again")
    for offsets, counts in ((_STRIPS, _STRIP_BYTES), (_TILES, _TILE_BYTES)):
        for offset, count in zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False):
            if offset + count > len(data):
                raise DamagedImageError(f"TIFF of {len(data)} bytes: its picture ends outside; send it again")
    return Header(
        "tiff",
        tags[_WIDTH][0],
        tags[_HEIGHT][0],
        max(tags.get(_BITS, (1,))),
        tags.get(_PHOTOMETRIC, (1,))[0] == _CMYK,
        tags.get(_ORIENTATION, (1,))[0],
        2 if following else 1,
    )


def _tiff_tags(data: bytes, at: int) -> tuple[dict[int, tuple[int, ...]], int]:
    """Return the whole-number tags of the directory at ``at`` and where the next directory is (0 = none)."""
    order = _order(data)
    (entries,) = struct.unpack_from(order + "H", data, at)
    tags: dict[int, tuple[int, ...]] = {}
    for place in range(at + 2, at + 2 + 12 * entries, 12):
        tag, type_, count = struct.unpack_from(order + "HHI", data, place)
        letter = {1: "B", 3: "H", 4: "I"}.get(type_)
        if letter is None or count == 0:
            continue
        where = place + 8
        if _SIZES[type_] * count > 4:
            (where,) = struct.unpack_from(order + "I", data, where)
        if where + _SIZES[type_] * count > len(data):
            raise DamagedImageError(f"TIFF of {len(data)} bytes: tag {tag} ends outside; send it again")
        tags[tag] = struct.unpack_from(f"{order}{count}{letter}", data, where)
    (following,) = struct.unpack_from(order + "I", data, at + 2 + 12 * entries)
    return tags, following
