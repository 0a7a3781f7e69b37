"""Thresholds set anew mean what they say, although people look at what was stopped and at little else."""

from __future__ import annotations

import numpy as np
import pytest

from twin.contract.inspection import Truth, Verdict
from vision_qc.errors import NotEnoughImagesError
from vision_qc.recalibration import Scored, recalibrate

REJECT = 2.0


def line(share_reviewed: float, shift: float, count: int = 4000) -> list[Scored]:
    """A line whose good products score ``shift`` higher than was taught, 3 % of defects among them."""
    rng = np.random.default_rng(5)
    rows = []
    for _ in range(count):
        bad = rng.random() < 0.03
        score = float(rng.normal(6.0 if bad else shift, 1.0))
        verdict = Verdict.REJECT if score >= REJECT else Verdict.PASS
        seen = verdict is Verdict.REJECT and rng.random() < share_reviewed
        truth = Truth.DEFECTIVE if bad else Truth.GOOD
        rows.append(Scored(verdict, score, truth if seen else None))
    return rows


@pytest.mark.parametrize("share", [1.0, 0.3])
def test_the_promised_share_is_rejected_however_many_are_reviewed(share: float) -> None:
    rows = line(share, shift=1.0)
    assert np.mean([row.score >= REJECT for row in rows if row.truth is not Truth.DEFECTIVE]) > 0.1
    limits = recalibrate(rows, 0.02)
    fresh = np.random.default_rng(6).normal(1.0, 1.0, 100_000)
    assert 0.005 < (fresh >= limits.reject).mean() < 0.025
    assert limits.review < limits.reject


def test_defects_do_not_raise_the_threshold() -> None:
    rows = line(1.0, shift=-2.0)
    assert recalibrate(rows, 0.02).reject < REJECT


def test_too_little_is_said() -> None:
    with pytest.raises(NotEnoughImagesError, match="5 at least; say what they are"):
        recalibrate(line(0.0, shift=1.0), 0.02)
    with pytest.raises(NotEnoughImagesError, match="50 at least; inspect more"):
        recalibrate(line(1.0, shift=0.0, count=30), 0.02)
