"""Solids against their analytic volumes; all of them closed."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
import pyvista as pv

from twin.scene.solids import Axis, bar, box, cylinder, inset, lathe, moved, pipe, prism, ring, vessel

L_SHAPE = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]


def _volume(solid: pv.PolyData) -> float:
    points, triangles = np.asarray(solid.points), solid.regular_faces
    a, b, c = (points[triangles[:, i]] for i in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c))) / 6


@pytest.mark.parametrize(
    ("solid", "volume", "tolerance"),
    [
        (box((1, 2, 3), (5, 5, 5)), 6.0, 1e-6),
        (box((1, 2, 3), bevel=0.01), 6.0, 0.01),
        (bar((0, 0, 0), (3, 4, 0), 0.5, 0.2), 0.5, 1e-6),
        (bar((0, 0, 0), (0, 0, 2), 0.5, 0.2), 0.2, 1e-6),
        (prism(L_SHAPE, 1, 3), 6.0, 1e-6),
        (prism(L_SHAPE[::-1], 0, 1, 0.02, "x"), 3.0, 0.05),
        (prism(L_SHAPE, 0, 1, 0, "y"), 3.0, 1e-6),
        (cylinder(1, 2, axis="x", sides=64), 2 * pi, 0.02),
        (cylinder(1, 2, bevel=0.05, sides=64), 2 * pi, 0.04),
        (lathe([(0, 0), (1, 0), (0, 3)], sides=64), pi, 0.01),
        (ring(1, 2, 1, axis="y", sides=64), 3 * pi, 0.02),
        (vessel(1, 4, (0, 0, 0), dome=1, sides=64), 2 * pi + 4 / 3 * pi, 0.35),
        (pipe([(0, 0, 0), (0, 0, 1), (1, 0, 1)], 0.1, bend=0.2, sides=32), 0.0595, 0.002),
        (pipe([(0, 0, 0), (0, 0, 3)], [1.0, 0.5], sides=64), pi * 1.75, 0.02),
    ],
)
def test_closed_with_the_volume_geometry_says(solid: pv.PolyData, volume: float, tolerance: float) -> None:
    assert solid.clean(tolerance=1e-9).n_open_edges == 0
    assert _volume(solid) == pytest.approx(volume, abs=tolerance)


def test_bevelled_box_costs_no_more_vertices() -> None:
    assert box((1, 1, 1), bevel=0.1).n_points == box((1, 1, 1)).n_points == 24


def test_cylinder_is_smooth_around_and_hard_at_the_rim() -> None:
    solid = cylinder(1, 2, sides=16)
    points, normals = np.asarray(solid.points), np.asarray(solid.point_data["Normals"])
    side = np.abs(normals[:, 2]) < 0.5
    np.testing.assert_allclose(normals[side, :2], points[side, :2], atol=1e-5)
    np.testing.assert_allclose(np.abs(normals[~side, 2]), 1.0, atol=1e-6)


@pytest.mark.parametrize("about", ["x", "y", "z"])
def test_a_quarter_turn_follows_the_right_hand(about: Axis) -> None:
    first, second = {"x": ((0, 1, 0), (0, 0, 1)), "y": ((0, 0, 1), (1, 0, 0)), "z": ((1, 0, 0), (0, 1, 0))}[
        about
    ]
    turned = moved(box((0.1, 0.1, 0.1), (first[0], first[1], first[2] - 0.05)), turn_deg=90, about=about)
    np.testing.assert_allclose(np.asarray(turned.points).mean(axis=0), second, atol=1e-6)
    assert _volume(turned) == pytest.approx(0.001, rel=1e-4)


def test_a_hairpin_does_not_shoot_off_to_infinity() -> None:
    needle = [(0, 0), (10, 0), (0, 0.01)]
    assert np.abs(inset(needle, -1.0)).max() < 20
