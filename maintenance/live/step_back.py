"""Overhauls that nobody recorded, seen while a machine runs: wear does not heal.

A severity that stood high for hours, and that stands low for hours after a stop or a step, was repaired: the
way before says nothing of the way to come. :mod:`maintenance.overhaul` finds the same in whole histories.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maintenance.histories import F64

BEFORE, BETWEEN, AFTER = 48, 24, 24
"""Windows of work compared: before, while the smoothed deviations come down, and after."""
LOOKED_AT = BEFORE + BETWEEN + AFTER
WORN = 0.3
"""A severity below this is within what tells nothing: it may come and go."""
HEALED = 0.4
"""Of what nearly always was there before, at most so much is nearly always left after a repair. On 480
machines of twelve kinds that only wore (bench, seed 202) it was never seen, at 0.5 neither."""


def stepped_back(recent: Sequence[F64]) -> bool:
    """Whether the newest severities, each [m], tell of an overhaul between the first and the last of them.

    >>> worn, new = np.array([0.8, 0.1]), np.array([0.05, 0.1])
    >>> stepped_back([worn] * 60 + [new] * 36), stepped_back([worn] * 96)
    (True, False)
    """
    if len(recent) < LOOKED_AT:
        return False
    # nearly every window ends here, at the price of seeing some overhauls a window later
    oldest, newest = recent[-LOOKED_AT].max(), recent[-1].max()
    if oldest < WORN or newest > HEALED * oldest:
        return False
    rows = np.array(recent[-LOOKED_AT:])
    high = np.quantile(rows[:BEFORE], 0.1, axis=0)
    # the worst of any mode: what one loses and another gains is a change of mind, not a repair
    low = np.quantile(rows[-AFTER:].max(axis=1), 0.9)
    return bool(high.max() >= WORN and low <= HEALED * high.max())
