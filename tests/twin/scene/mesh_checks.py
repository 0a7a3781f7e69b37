"""What every primitive of the scene must satisfy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.scene.glb import Primitive
from twin.scene.palette import SURFACES

Floats = NDArray[np.float64]


def corners(primitive: Primitive) -> tuple[Floats, Floats, Floats]:
    a, b, c = (primitive.points[primitive.triangles[:, i]] for i in range(3))
    return a, b, c


def areas(primitive: Primitive) -> Floats:
    a, b, c = corners(primitive)
    area: Floats = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    return area


def check_primitive(primitive: Primitive) -> None:
    """Finite, indexed within bounds, no vertex unused, and shaded on the side its triangles face."""
    count = len(primitive.points)
    assert np.isfinite(primitive.points).all()
    assert np.isfinite(primitive.normals).all()
    assert set(np.unique(primitive.triangles).tolist()) == set(range(count))
    a, b, c = corners(primitive)
    facing = np.cross(b - a, c - a)
    facing /= np.linalg.norm(facing, axis=1, keepdims=True)
    shaded = primitive.normals[primitive.triangles]
    shaded = shaded / np.linalg.norm(shaded, axis=2, keepdims=True)
    # a corner may lean towards its neighbour across a bevel, never to the back of its own triangle
    assert np.einsum("ij,ikj->ik", facing, shaded).min() > -0.01
    assert np.einsum("ij,ij->i", facing, shaded.mean(axis=1)).min() > 0.3
    tinted = SURFACES[primitive.material].tinted
    assert (primitive.colours is not None) == tinted
    if primitive.colours is not None:
        assert primitive.colours.shape == (count, 4)
        assert primitive.colours.min() >= 0
        assert primitive.colours.max() <= 1
