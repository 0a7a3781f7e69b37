from __future__ import annotations

import numpy as np
import pytest

from sim.physics.wander import Wander


@pytest.mark.parametrize("dt_s", [1.0, 40.0])
def test_spread_and_memory_are_those_asked_for_at_any_step(dt_s: float) -> None:
    """Stationary standard deviation s and autocorrelation exp(-dt/tau) of the Ornstein-Uhlenbeck process."""
    rng = np.random.default_rng(1)
    wander = Wander((2.0,), (20.0,), n=4000, reach=20.0)
    wander.step(rng, 1e6)
    first = wander.step(rng, dt_s)[0]
    second = wander.step(rng, dt_s)[0]
    assert np.std(second) == pytest.approx(2.0, rel=0.05)
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(np.exp(-dt_s / 20.0), abs=0.05)


def test_it_never_goes_beyond_its_reach() -> None:
    rng = np.random.default_rng(2)
    wander = Wander((1.0,), (1.0,), n=50, reach=1.5)
    assert max(float(np.abs(wander.step(rng, 10.0)).max()) for _ in range(200)) == 1.5
