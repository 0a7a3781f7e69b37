"""Similar past machines: a machine finds itself, and lives are those of its likes."""

from __future__ import annotations

import numpy as np
import pytest

from maintenance.histories import Histories
from maintenance.model import FittedModel
from maintenance.prognosis.similarity import Library, library, life_by_similarity
from tests.maintenance.fleet import wearing_fleet


@pytest.fixture(scope="module")
def past(fitted: FittedModel, fleet: Histories) -> Library:
    lives = np.array(
        [fitted.model.design.last_cycle(fleet.truncated(np.full(40, n))).table for n in (20, 40, 60)]
    )
    left = np.concatenate([fleet.lengths - n for n in (20, 40, 60)]).astype(np.float64)
    return library(lives.reshape(-1, lives.shape[-1]), np.tile(fleet.units, 3), left)


def test_a_machine_finds_itself_first(past: Library) -> None:
    found = past.nearest(past.table[5], 3)
    assert found[0].unit == past.unit[5]
    assert found[0].distance == pytest.approx(0.0, abs=1e-6)
    assert found[0].left == past.left[5]
    assert len({one.unit for one in found}) == 3
    assert found[0].distance <= found[1].distance <= found[2].distance


def test_lives_of_likes_order_machines_by_their_own(fitted: FittedModel, past: Library) -> None:
    other = wearing_fleet(40, seed=77)
    told = fitted.model.design.last_cycle(other.truncated(np.full(40, 55))).table
    lives = [life_by_similarity(past.nearest(row, 5)) for row in told]
    assert np.corrcoef(lives, other.lengths - 55)[0, 1] > 0.5
