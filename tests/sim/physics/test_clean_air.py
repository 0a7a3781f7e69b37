from __future__ import annotations

import numpy as np
import pytest

from sim.physics.clean_air import class_limit, class_of, settled_per_m3


@pytest.mark.parametrize(
    ("iso_class", "size_um", "printed"),
    [(5, 0.5, 3_520), (5, 1.0, 832), (6, 0.5, 35_200), (7, 0.5, 352_000), (7, 5.0, 2_930), (8, 5.0, 29_300)],
)
def test_limits_are_those_printed_in_iso_14644_1(iso_class: int, size_um: float, printed: int) -> None:
    assert float(class_limit(float(iso_class), size_um)) == pytest.approx(printed, rel=0.003)


def test_a_class_is_the_inverse_of_its_limit() -> None:
    classes = np.array([5.0, 6.3, 8.0])
    np.testing.assert_allclose(class_of(class_limit(classes, 0.5), 0.5), classes)


def test_a_room_in_balance_loses_what_is_emitted() -> None:
    air_m3_h, supply = np.array([5000.0]), np.array([200.0])
    room = settled_per_m3(np.array([4e7]), air_m3_h, supply)
    np.testing.assert_allclose(air_m3_h * (room - supply), 4e7)
