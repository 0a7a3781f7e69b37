"""Gravity sewers: how deep a flow stands in a pipe that is not full."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


def full_flow_m3_h(diameter_mm: F64, slope: F64, roughness_n: float = 0.013) -> F64:
    """Flow of a pipe that is just full [m³/h]: Manning, ``A R^(2/3) sqrt(S) / n`` with n = 0.013 for
    concrete.

    DN 600 at 2 in a thousand carries 0.275 m³/s:

    >>> (full_flow_m3_h(np.array([600.0]), np.array([0.002])) / 3600).round(3).tolist()
    [0.275]
    """
    d = diameter_mm / 1000.0
    flow: F64 = np.pi / 4.0 * d**2 * np.power(d / 4.0, 2.0 / 3.0) * np.sqrt(slope) / roughness_n * 3600.0
    return flow


def _share_of_full(depth: float) -> float:
    """Flow at a depth (share of the diameter) over that of the full pipe, constant n."""
    angle = 2.0 * math.acos(1.0 - 2.0 * depth)
    area = (angle - math.sin(angle)) / (2.0 * math.pi)
    radius = (1.0 - math.sin(angle) / angle) if angle else 0.0
    return area * math.pow(radius, 2.0 / 3.0)


# up to the greatest flow, at 0.938 of the diameter; above it the curve turns back
_DEPTH = np.concatenate([[0.0], np.linspace(0.01, 0.938, 240)])
_FLOW = np.array([_share_of_full(depth) for depth in _DEPTH])


def depth_share(flow_share: F64) -> F64:
    """Depth over diameter at a flow over that of the full pipe; 1 beyond what the pipe takes.

    Half the full flow stands half deep, and the most goes through at 0.938 of the diameter:

    >>> depth_share(np.array([0.0, 0.5, 1.0757, 2.0])).round(3).tolist()
    [0.0, 0.5, 0.938, 1.0]
    """
    depth: F64 = np.interp(flow_share, _FLOW, _DEPTH, right=1.0)
    return depth
