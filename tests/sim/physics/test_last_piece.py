from __future__ import annotations

import numpy as np

from sim.physics.last_piece import LastPiece


def test_a_reading_stands_until_the_next_piece() -> None:
    last = LastPiece((1.0, 0.0), 3)
    rng = np.random.default_rng(3)
    mean = np.array([[10.0, 10.0, 10.0], [5.0, 5.0, 5.0]])
    before = last.step(np.array([4.0, 4.0, 4.0]), mean, rng)
    state = rng.bit_generator.state
    assert last.step(np.array([4.0, 4.0, 4.0]), 2 * mean, rng).tolist() == before.tolist()
    assert rng.bit_generator.state == state
    after = last.step(np.array([4.0, 5.0, 4.0]), 2 * mean, rng)
    assert (after != before).tolist() == [[False, True, False], [False, True, False]]
    assert after[1].tolist() == [5.0, 10.0, 5.0]


def test_pieces_scatter_as_asked() -> None:
    last = LastPiece((3.0,), 5000)
    value = last.step(np.ones(5000), np.full((1, 5000), 100.0), np.random.default_rng(1))
    assert abs(float(value.mean()) - 100.0) < 0.2
    assert 2.6 < float(value.std()) < 3.1
    assert float(np.abs(value - 100.0).max()) <= 7.5
