from __future__ import annotations

import numpy as np

from sim.physics.trips import Trips


def test_the_way_is_speed_times_time() -> None:
    rng = np.random.default_rng(5)
    trips = Trips((0.0, 0.0), (40.0, 10.0), (1.2, 0.6), 20.0, 6, rng)
    before = trips.position
    gone = np.zeros_like(before)
    for _ in range(2000):
        position, speed = trips.step(1.0, np.ones(6), rng)
        gone += speed
        assert np.all(np.abs(speed) <= np.array([[1.2], [0.6]]) + 1e-12)
        assert np.all((position >= 0.0) & (position <= np.array([[40.0], [10.0]])))
    np.testing.assert_allclose(trips.position - before, gone)
    assert trips.trips.min() > 10


def test_what_is_stopped_stays() -> None:
    rng = np.random.default_rng(5)
    trips = Trips((0.0,), (10.0,), (1.0,), 0.001, 3, rng)
    before = trips.position.copy()
    for _ in range(50):
        _, speed = trips.step(1.0, np.zeros(3), rng)
        assert not speed.any()
    assert trips.position.tolist() == before.tolist()


def test_every_other_trip_is_loaded() -> None:
    rng = np.random.default_rng(6)
    trips = Trips((0.0,), (5.0,), (1.0,), 3.0, 1, rng)
    loads: list[float] = []
    for _ in range(600):
        trips.step(1.0, np.ones(1), rng)
        if len(loads) < trips.trips[0]:
            loads.append(float(trips.load[0]))
    assert all(load >= 0.2 for load in loads[::2])
    assert not any(loads[1::2])
