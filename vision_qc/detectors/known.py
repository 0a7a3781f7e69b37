"""The detectors that stations are taught, in the order of their scores."""

from __future__ import annotations

from vision_qc.detectors.detector import Detector
from vision_qc.detectors.gaussian_map import GaussianMap
from vision_qc.detectors.pooled_mahalanobis import PooledMahalanobis

DETECTORS: dict[str, type[Detector]] = {"gaussian_map": GaussianMap, "pooled_mahalanobis": PooledMahalanobis}
