"""Serial numbers that are printed as text, read by RapidOCR (PP-OCR) where it is installed.

The package ``rapidocr`` is an extra (``pip install 'parktwin[ocr]'``). It brings its models along; nothing is
downloaded at run time.
"""

from __future__ import annotations

import threading
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

import cv2

from vision_qc.errors import RecipeError
from vision_qc.image_file import U8

LEAST_SURE: Final = 0.8
"""A line read less surely than this is no serial number (PP-OCR's own mean over its letters)."""
_ONE_AT_A_TIME = threading.Lock()
_SETTINGS: Final = {
    "Global.log_level": "critical",
    "Global.text_score": LEAST_SURE,
    # one worker is one core, and sums in one order are the same bit by bit
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


def require_reader() -> None:
    """Say so where text cannot be read.

    Raises:
        RecipeError: the package is not installed.
    """
    if find_spec("rapidocr") is None:
        raise RecipeError(
            "checks: code of the kind text needs the package rapidocr; pip install 'parktwin[ocr]'"
        )


def read_lines(picture: U8) -> tuple[str, ...]:
    """Read the lines of text in a picture, upright ones and those on their head, from top to bottom.

    Args:
        picture: ``uint8[height, width, 3]``, the region where the serial number is.

    Raises:
        RecipeError: the package is not installed.
    """
    require_reader()
    with _ONE_AT_A_TIME:
        found = _engine()(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return tuple(str(text).strip() for text in found.txts or ())


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR  # 60 MB that only stations which read text need

    return RapidOCR(params=_SETTINGS)
