"""Serial numbers from bar codes and QR codes, by OpenCV, and from printed text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal

import cv2
import msgspec
from cv2.typing import MatLike

from vision_qc.checks.text_reader import read_lines
from vision_qc.image_file import U8

Corner = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
Kind = Literal["qr", "barcode", "text"]
"""``barcode``: EAN-8, EAN-13, UPC-A, UPC-E, what OpenCV reads; ``text``: printed letters and digits, where
:mod:`vision_qc.checks.text_reader` can read them."""


class CodePlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which code carries the serial number.

    Args:
        kinds: that are read.
        pattern: regular expression that all of the text must match; "" = any text.
        region: left, top, right, bottom of where it is [px], the last two excluded; null = anywhere.
    """

    kinds: tuple[Kind, ...] = ("qr", "barcode")
    pattern: str = ""
    region: tuple[Corner, Corner, Corner, Corner] | None = None


def read_code(picture: U8, plan: CodePlan) -> tuple[str | None, str]:
    """Read the one code of a picture.

    Args:
        picture: ``uint8[height, width, 3]``, turned or not.
        plan: which code.

    Returns:
        Its text and "", or None and why there is none: not found, not the pattern, several.
    """
    x0, y0, x1, y1 = plan.region or (0, 0, picture.shape[1], picture.shape[0])
    grey = cv2.cvtColor(picture[y0:y1, x0:x1], cv2.COLOR_RGB2GRAY) if picture[y0:y1, x0:x1].size else None
    if grey is None:
        return None, f"code: region {plan.region} lies outside of the picture; mend the recipe's plan"
    texts: set[str] = set()
    for way in _WAYS if {"qr", "barcode"} & set(plan.kinds) else ():
        texts = _decode(way(grey), plan)
        if texts:
            break
    if not texts and "text" in plan.kinds:
        texts = set(read_lines(picture[y0:y1, x0:x1])) - {""}
    fitting = sorted(text for text in texts if not plan.pattern or re.fullmatch(plan.pattern, text))
    if len(fitting) == 1:
        return fitting[0], ""
    if fitting:
        return (
            None,
            f"code: {len(fitting)} different ones ({', '.join(fitting)[:120]}); give it a region or pattern",
        )
    if texts:
        return None, f"code: {sorted(texts)[0][:60]!r} does not match {plan.pattern!r}; look at the part"
    return None, f"code: no {' or '.join(plan.kinds)} to be read; look at the part and at the light"


# what OpenCV's finder wants differs: bars too sharp or too wide are not seen, small modules not told apart
_WAYS: tuple[Callable[[MatLike], MatLike], ...] = (
    lambda grey: grey,
    lambda grey: cv2.GaussianBlur(grey, (0, 0), 1.0),
    lambda grey: cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC),
    lambda grey: cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
)


def _decode(grey: MatLike, plan: CodePlan) -> set[str]:
    # detectors are made anew: they are not safe to share between threads, and cost nothing to make
    found: set[str] = set()
    if "qr" in plan.kinds:
        _, texts, _, _ = cv2.QRCodeDetector().detectAndDecodeMulti(grey)
        found |= set(texts)
    if "barcode" in plan.kinds:
        # the module has four results, its stub three
        found |= set(cv2.barcode.BarcodeDetector().detectAndDecodeMulti(grey)[1])
    return found - {""}
