"""What a picture is like, whatever is in it: three figures whose drift says that camera or lamp change."""

from __future__ import annotations

import cv2
import numpy as np

from vision_qc.image_file import U8

FIGURES = ("brightness", "contrast", "sharpness")


def measure(fitted: U8) -> dict[str, float]:
    """Measure a picture in the size that the network sees.

    Args:
        fitted: ``uint8[height, width, 3]``.

    Returns:
        ``brightness``, the mean grey value; ``contrast``, its standard deviation; ``sharpness``, the standard
        deviation of the Laplacian (Pech-Pacheco et al. 2000 take its square as a measure of focus). All [DN].

    Example:
        >>> measure(np.full((4, 4, 3), 9, np.uint8))
        {'brightness': 9.0, 'contrast': 0.0, 'sharpness': 0.0}
    """
    grey = cv2.cvtColor(fitted, cv2.COLOR_RGB2GRAY)
    mean, deviation = cv2.meanStdDev(grey)
    laplacian = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_32F))[1]
    values = (np.ravel(value)[0] for value in (mean, deviation, laplacian))
    return {name: round(float(value), 6) for name, value in zip(FIGURES, values, strict=True)}
