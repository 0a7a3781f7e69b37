"""A store whose level changes: volume and mass close exactly, and it mixes as its equation says."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.physics.mixed_store import MixedStore
from sim.physics.mixing_tank import MixingTank


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 400), st.floats(0, 300), st.floats(0, 500), st.floats(0.1, 90_000)),
        min_size=1,
        max_size=30,
    )
)
def test_nothing_is_lost(steps: list[tuple[float, float, float, float]]) -> None:
    store = MixedStore(np.array([250.0]), np.array([100.0]), np.array([[50.0]]))
    volume, mass = 100.0, 50.0
    for inflow, load, wanted, dt_s in steps:
        hours = dt_s / 3600.0
        before = store.content[0, 0]
        drawn = store.step(np.array([inflow]), np.array([[load]]), np.array([wanted]), dt_s)
        volume += (inflow - drawn.flow_m3_h[0] - drawn.spilled_m3_h[0]) * hours
        spilled_mass = before + (load - drawn.loads[0, 0]) * hours - store.content[0, 0]
        mass += (load - drawn.loads[0, 0]) * hours - spilled_mass
        assert 0.0 <= store.volume_m3[0] <= 250.0 + 1e-9
        assert spilled_mass >= -1e-6
        np.testing.assert_allclose(store.volume_m3[0], volume, rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(store.content[0, 0], mass, rtol=1e-9, atol=1e-6)


def test_washing_out_follows_the_exponential() -> None:
    """Clear water through a mixed volume: c = c0 exp(-t/T)."""
    store = MixedStore(np.array([200.0]), np.array([100.0]), np.array([[100.0]]))
    for _ in range(3600):
        store.step(np.array([100.0]), np.array([[0.0]]), np.array([100.0]), 1.0)
    np.testing.assert_allclose(store.concentration[0, 0], np.exp(-1.0), rtol=1e-3)


def test_the_constant_volume_is_exact_at_any_step() -> None:
    fine, coarse = (MixingTank(np.array([50.0]), np.array([[10.0]])) for _ in range(2))
    flow, load = np.array([30.0]), np.array([[6.0]])
    left = sum(fine.step(flow, load, 10.0)[0, 0] * 10.0 for _ in range(720)) / 7200.0
    once = coarse.step(flow, load, 7200.0)[0, 0]
    np.testing.assert_allclose([fine.content[0, 0], left], [coarse.content[0, 0], once], rtol=1e-9)


def test_without_flow_a_load_stays() -> None:
    tank = MixingTank(np.array([50.0]), np.array([[10.0]]))
    assert tank.step(np.array([0.0]), np.array([[6.0]]), 3600.0)[0, 0] == 0.0
    np.testing.assert_allclose(tank.content[0, 0], 16.0)
