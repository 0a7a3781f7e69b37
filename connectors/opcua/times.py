"""OPC UA's DateTime (100-ns ticks since 1601-01-01 UTC) and ours (ns since 1970)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]

EPOCH_TICKS = 116_444_736_000_000_000
"""1970-01-01 in ticks (OPC 10000-6 §5.2.2.5)."""
NS_PER_TICK = 100
FIRST_TICKS = EPOCH_TICKS - 2**63 // NS_PER_TICK
LAST_TICKS = EPOCH_TICKS + (2**63 - 1) // NS_PER_TICK - 1
"""1677-09-21 and 2262-04-11: what int64 nanoseconds can hold. 0 and 1601 ("not said") lie outside too."""


def ticks_to_ns(ticks: int) -> int | None:
    """Convert one DateTime; None for 0 (not said) and for what a reading's time cannot be.

    >>> ticks_to_ns(EPOCH_TICKS + 15), ticks_to_ns(0)
    (1500, None)
    """
    return (ticks - EPOCH_TICKS) * NS_PER_TICK if FIRST_TICKS <= ticks <= LAST_TICKS else None


def are_times(ticks: I64) -> npt.NDArray[np.bool_]:
    """Tell for each DateTime whether it says a time."""
    return (ticks >= FIRST_TICKS) & (ticks <= LAST_TICKS)
