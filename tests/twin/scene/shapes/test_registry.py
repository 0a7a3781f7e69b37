"""The checks every shape passes; a new row in the table is checked without a new line here."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.scene.mesh_checks import areas, check_primitive, corners
from twin.park.shapes import FALLBACK as PARK_FALL_BACK
from twin.park.shapes import SHAPES as PARK_SHAPES
from twin.scene.palette import COLOURS, SURFACES
from twin.scene.parts import merge
from twin.scene.shapes.registry import FALL_BACK, SHAPES, Shape, unit_model

_BUILT = {name: merge(shape.build(), shade=True) for name, shape in SHAPES.items()}
"""At natural size."""

_UNITS = {name: unit_model(shape) for name, shape in SHAPES.items()}

EVERY_SHAPE = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


@EVERY_SHAPE
def test_fills_the_unit_box(shape: Shape) -> None:
    points = np.concatenate([primitive.points for primitive in _UNITS[shape.name]])
    np.testing.assert_allclose(points.min(axis=0), (-0.5, -0.5, 0.0), atol=1e-9)
    np.testing.assert_allclose(points.max(axis=0), (0.5, 0.5, 1.0), atol=1e-9)


@EVERY_SHAPE
def test_row_tells_the_natural_size(shape: Shape) -> None:
    points = np.concatenate([primitive.points for primitive in _BUILT[shape.name]])
    np.testing.assert_allclose(np.ptp(points, axis=0), shape.size, atol=0.011)


@EVERY_SHAPE
def test_meshes_are_sound(shape: Shape) -> None:
    for primitive in _BUILT[shape.name]:
        check_primitive(primitive)


@EVERY_SHAPE
def test_every_solid_is_closed_and_wound_outward(shape: Shape) -> None:
    for part in shape.build():
        assert part.solid.clean(tolerance=1e-9).n_open_edges == 0, part.colour
        points, triangles = part.solid.points, part.solid.regular_faces
        a, b, c = (points[triangles[:, i]] - points.mean(axis=0) for i in range(3))
        assert np.einsum("ij,ij->", a, np.cross(b, c)) > 0, part.colour


@EVERY_SHAPE
def test_cheap_enough_to_draw_by_the_hundred(shape: Shape) -> None:
    primitives = _UNITS[shape.name]
    assert 300 <= sum(len(primitive.triangles) for primitive in primitives) <= 3100
    assert len(primitives) <= 4
    assert len({primitive.material for primitive in primitives}) == len(primitives)


@EVERY_SHAPE
def test_state_can_be_seen(shape: Shape) -> None:
    """The part the page tints faces the sky and the operator, and is no more than an accent."""
    by_material = {primitive.material: primitive for primitive in _UNITS[shape.name]}
    state = by_material["state"]
    share = areas(state).sum() / sum(areas(primitive).sum() for primitive in by_material.values())
    assert 0.02 < share < 0.25
    a, b, c = corners(state)
    facing = np.cross(b - a, c - a) / 2
    assert facing[:, 2].clip(min=0).sum() > 0.01
    assert (-facing[:, 1]).clip(min=0).sum() > 0.003


@EVERY_SHAPE
def test_built_twice_is_the_same(shape: Shape) -> None:
    for first, second in zip(_UNITS[shape.name], unit_model(shape), strict=True):
        np.testing.assert_array_equal(first.points, second.points)
        np.testing.assert_array_equal(first.triangles, second.triangles)


def test_draws_the_shapes_that_a_park_file_may_name() -> None:
    assert set(PARK_SHAPES) == set(SHAPES)
    assert FALL_BACK == PARK_FALL_BACK


def test_every_colour_is_on_a_surface() -> None:
    assert {surface for surface, _ in COLOURS.values()} == set(SURFACES)
