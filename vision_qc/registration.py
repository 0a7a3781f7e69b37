"""Lay one picture over another: shift by phase correlation, the rest by ECC (Evangelidis, Psarakis 2008)."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]

BLUR_PX = 1.5
"""ECC follows gradients: edges must be wider than what they are off by."""
ROUNDS = 40
STOP = 1e-5
MOST_SHARE = 0.15
"""Of the picture's side; what seems further off than this is not the same product."""


def find_affine(moving: F32, fixed: F32) -> F32:
    """Find how ``moving`` lies over ``fixed``.

    Args:
        moving: ``float32[height, width]``, say the template.
        fixed: of the same size, say the picture.

    Returns:
        ``float32[2, 3]``, from pixels of ``fixed`` to pixels of ``moving``, for :func:`apply`; the identity
        where nothing better is found.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> scene = cv2.GaussianBlur(rng.random((128, 128), np.float32), (0, 0), 3)
        >>> warp = find_affine(np.roll(scene, (3, 5), (0, 1)), scene)
        >>> middle = warp @ np.array([64.0, 64.0, 1.0])
        >>> bool(np.abs(middle - [69.0, 67.0]).max() < 1.0)  # it lies 5 and 3 px further on, to a pixel
        True
    """
    small_moving, small_fixed = _blur_and_halve(moving), _blur_and_halve(fixed)
    identity: F32 = np.eye(2, 3, dtype=np.float32)
    candidates = [identity]
    (dx, dy), _ = cv2.phaseCorrelate(small_fixed, small_moving)
    if max(abs(dx) / small_fixed.shape[1], abs(dy) / small_fixed.shape[0]) < MOST_SHARE:
        candidates.append(np.array([[1, 0, dx], [0, 1, dy]], np.float32))
    start = min(candidates, key=lambda warp: _difference(small_moving, small_fixed, warp))
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, ROUNDS, STOP)
    try:
        _, warp = cv2.findTransformECC(small_fixed, small_moving, start.copy(), cv2.MOTION_AFFINE, criteria)
        candidates.append(np.asarray(warp, dtype=np.float32))
    except cv2.error:  # it does not converge where there is nothing to hold on to
        pass
    best = min([start, *candidates], key=lambda warp: _difference(small_moving, small_fixed, warp)).copy()
    best[:, 2] *= 2
    return best


def apply(warp: F32, moving: F32, size: tuple[int, int]) -> F32:
    """Return ``moving`` as it lies over a picture of ``size`` ``(height, width)`` [px]."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(moving, warp, (size[1], size[0]), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.float32)


def _blur_and_halve(picture: F32) -> F32:
    half = (picture.shape[1] // 2, picture.shape[0] // 2)
    blurred = cv2.GaussianBlur(picture, (0, 0), BLUR_PX)
    return np.asarray(cv2.resize(blurred, half, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _difference(moving: F32, fixed: F32, warp: F32) -> float:
    return float(np.abs(apply(warp, moving, (fixed.shape[0], fixed.shape[1])) - fixed).mean())
