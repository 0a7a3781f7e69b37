from __future__ import annotations

import numpy as np
import pytest

from sim.physics.pasteurisation import holding_units, regenerated_c


def test_a_minute_at_sixty_degrees_is_one_unit_and_seven_degrees_are_a_power_of_ten() -> None:
    """Del Vecchio et al. 1951: z = ln 10 / ln 1.393 = 6.95 K."""
    assert holding_units(np.array([60.0]), 60.0)[0] == pytest.approx(1.0)
    z = np.log(10.0) / np.log(1.393)
    assert z == pytest.approx(6.95, abs=0.01)
    assert holding_units(np.array([60.0 + z]), 60.0)[0] == pytest.approx(10.0)


def test_units_of_a_profile_add_up() -> None:
    parts = holding_units(np.array([60.0, 62.0, 64.0]), 20.0).sum()
    assert parts == pytest.approx(sum(1.393**k / 3 for k in (0.0, 2.0, 4.0)))


@pytest.mark.parametrize(("share", "leaves"), [(0.0, 20.0), (0.9, 65.0), (1.0, 70.0)])
def test_regeneration_wins_back_its_share_of_the_difference(share: float, leaves: float) -> None:
    assert regenerated_c(20.0, np.array([70.0]), np.array([share]))[0] == pytest.approx(leaves)
