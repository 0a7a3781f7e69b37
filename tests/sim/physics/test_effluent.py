from __future__ import annotations

import numpy as np
import pytest

from sim.physics.effluent import EFFLUENT, Effluent, loads
from sim.physics.sewage import COD, HEAT, concentrations, loads_of, quality


def test_two_streams_mix_by_volume() -> None:
    """Masses and heat add up: 3 m³/h of 30 °C and 600 mg/L with 1 m³/h of 70 °C and 2,000 mg/L."""
    cold, hot = Effluent(30.0, cod_mg_l=600.0), Effluent(70.0, cod_mg_l=2000.0)
    one, other = cold.flows(np.array([3.0])), hot.flows(np.array([1.0]))
    both = {name: one[name] + other[name] for name in EFFLUENT}
    mixed = concentrations(both["sewage_m3_h"], loads_of(both), np.zeros((5, 1)))
    assert mixed[COD, 0] == pytest.approx((3 * 0.6 + 1 * 2.0) / 4)
    assert mixed[HEAT, 0] == pytest.approx((3 * 30 + 1 * 70) / 4)
    assert quality(mixed)["cod"][0] == pytest.approx(950.0)


def test_a_fixed_effluent_is_the_same_as_one_that_could_change() -> None:
    water = np.array([0.0, 2.5])
    fixed = Effluent(41.0, 900.0, 120.0, 15.0, -4.0).flows(water)
    free = loads(water, 41.0, 900.0, 120.0, 15.0, -4.0)
    assert {name: flow.tolist() for name, flow in fixed.items()} == {
        name: flow.tolist() for name, flow in free.items()
    }
    assert tuple(fixed) == EFFLUENT
