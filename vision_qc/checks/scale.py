"""Pixels to millimetres from a target of known size, with the uncertainty of it (JCGM 100:2008, GUM).

The scale is one number for the whole picture: right for a camera that looks straight down with a lens of
little distortion. What is left of distortion and tilt shows in the target's residuals and goes into the
uncertainty; it is not taken out.
"""

from __future__ import annotations

from typing import Annotated

import cv2
import msgspec
import numpy as np

from vision_qc.checks.edges import measure_circle
from vision_qc.errors import CalibrationError
from vision_qc.image_file import U8

Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(ge=0, lt=0.1)]

EDGE_PX = 0.03
"""Systematic error of an edge, half width: what the place of an edge within its pixel and the asymmetry of
light make of it and averaging does not take away (the table in docs/inspection.md)."""


class Scale(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Millimetres a pixel.

    Args:
        mm_per_px: the scale.
        u_rel: its relative standard uncertainty.
    """

    mm_per_px: Positive
    u_rel: Share


def from_checkerboard(picture: U8, columns: int, rows: int, pitch_mm: float, u_pitch_mm: float) -> Scale:
    """Calibrate with a checkerboard.

    Args:
        picture: ``uint8[height, width, 3]``.
        columns, rows: inner corners.
        pitch_mm: side of a square.
        u_pitch_mm: standard uncertainty of it, of the target's certificate.

    Raises:
        CalibrationError: it is not to be seen.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    found, corners = cv2.findChessboardCorners(grey, (columns, rows))
    if not found:
        raise CalibrationError(
            f"checkerboard of {columns} x {rows} inner corners: not to be seen; light it evenly, show it all"
        )
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-4)
    points = cv2.cornerSubPix(grey, corners, (5, 5), (-1, -1), stop).reshape(-1, 2).astype(np.float64)
    x, y = np.meshgrid(np.arange(columns) * pitch_mm, np.arange(rows) * pitch_mm)
    target = (x + 1j * y).ravel()
    seen = points[:, 0] + 1j * points[:, 1]
    target, seen = target - target.mean(), seen - seen.mean()
    # a similarity in complex numbers: seen = factor * target; mirrored boards have the conjugate
    power = float((np.abs(target) ** 2).sum())
    factor, turned = (complex((np.conj(side) * seen).sum()) / power for side in (target, np.conj(target)))
    target, factor = (target, factor) if abs(factor) >= abs(turned) else (np.conj(target), turned)
    off = np.abs(seen - factor * target)
    scatter = float(np.sqrt(np.square(off).sum() / (2 * len(off) - 4)))
    scale = 1 / abs(factor)
    u_rel = float(np.hypot(scatter / (abs(factor) * power**0.5), u_pitch_mm / pitch_mm))
    return Scale(mm_per_px=scale, u_rel=u_rel)


def from_circle(
    picture: U8, x: float, y: float, radius_px: float, diameter_mm: float, u_diameter_mm: float
) -> Scale:
    """Calibrate with a circle, say a ring gauge.

    Args:
        picture: ``uint8[height, width, 3]``.
        x, y, radius_px: about where it is.
        diameter_mm: of it.
        u_diameter_mm: standard uncertainty of that.

    Raises:
        CalibrationError: it is not to be seen.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    length = measure_circle(grey, x, y, radius_px, 0.25 * radius_px, "any")
    if length is None:
        raise CalibrationError(
            f"circle about ({x:g}, {y:g}) px with radius {radius_px:g} px: not to be seen; say where it is"
        )
    u_px = float(np.hypot(length.u_px, 2 * EDGE_PX / 3**0.5))
    return Scale(
        mm_per_px=diameter_mm / length.px,
        u_rel=float(np.hypot(u_px / length.px, u_diameter_mm / diameter_mm)),
    )
