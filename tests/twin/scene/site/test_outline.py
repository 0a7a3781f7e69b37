"""Crossings of lines and outlines, with concave and touching ones."""

from __future__ import annotations

import numpy as np
import pytest

from twin.scene.site.outline import crossings, inside, remaining, ribbon

U_SHAPE = [(0, 0), (6, 0), (6, 4), (4, 4), (4, 2), (2, 2), (2, 4), (0, 4)]


def test_a_line_enters_a_concave_outline_twice() -> None:
    assert crossings((-1, 3), (7, 3), U_SHAPE) == [(0.125, 0.375), (0.625, 0.875)]


@pytest.mark.parametrize("line", [((-1, 5), (7, 5)), ((3, 3), (3, 9)), ((9, 9), (12, 9))])
def test_a_line_outside_crosses_nothing(line: tuple[tuple[float, float], tuple[float, float]]) -> None:
    assert crossings(*line, U_SHAPE) == []


def test_what_remains_is_the_complement() -> None:
    assert remaining([]) == [(0.0, 1.0)]
    assert remaining([(0.0, 1.0)]) == []
    assert remaining(crossings((-1, 3), (7, 3), U_SHAPE)) == [(0.0, 0.125), (0.375, 0.625), (0.875, 1.0)]


def test_inside_of_no_points_is_empty() -> None:
    assert inside(np.empty((0, 2)), U_SHAPE).shape == (0,)


def test_a_ribbon_keeps_its_width_round_a_corner() -> None:
    left, right = ribbon([(0, 0), (10, 0), (10, 10)], 1.0)
    np.testing.assert_allclose(left[1], (9, 1))
    np.testing.assert_allclose(right[1], (11, -1))
