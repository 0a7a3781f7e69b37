"""What a machine's PackML state means for its time.

The seventeen states and their numbers are those of ISA-TR88.00.02; the time elements those of ISO 22400-2.
The standard leaves the mapping to the user (OPC 40001-1, annex C.2 proposes one for its own states); ours is
the table below.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from twin.contract.frame import F64, I64

STATES = (
    "Undefined", "Clearing", "Stopped", "Starting", "Idle", "Suspended", "Execute", "Stopping", "Aborting",
    "Aborted", "Holding", "Held", "Unholding", "Suspending", "Unsuspending", "Resetting", "Completing",
    "Completed",
)  # fmt: skip
"""By number."""


class Use(IntEnum):
    """What time is used for."""

    PRODUCING = 0
    """APT, actual production time."""
    SETUP = 1
    """AUST, actual unit setup time: ready, changing over, being started."""
    WAITING = 2
    """ADET, actual unit delay time: the cause lies outside, starved or blocked."""
    HELD = 3
    """A stop of its own that it comes out of by itself or with a hand."""
    FAILED = 4
    """Broken down, until it is cleared."""
    STOPPED = 5
    """Stopped, switched off or without power in planned time."""


_USES = {
    Use.PRODUCING: ("Execute", "Completing"),
    Use.SETUP: ("Idle", "Starting", "Resetting", "Completed"),
    Use.WAITING: ("Suspended", "Suspending", "Unsuspending"),
    Use.HELD: ("Held", "Holding", "Unholding"),
    Use.FAILED: ("Aborted", "Aborting", "Clearing"),
    Use.STOPPED: ("Stopped", "Stopping"),
}
_TABLE: I64 = np.full(len(STATES), -1, np.int64)
for _use, _names in _USES.items():
    _TABLE[[STATES.index(name) for name in _names]] = _use


def uses(state: F64) -> I64:
    """Return the use of each state number, ``int64[n]``; -1 where there is no such state.

    >>> uses(np.array([6.0, 9.0, 99.0, np.nan])).tolist()
    [0, 4, -1, -1]
    """
    known = (state >= 0) & (state < len(STATES))  # a NaN is neither
    if known.all():
        return _TABLE[state.astype(np.intp)]
    number = np.where(known, state, 0).astype(np.intp)
    return np.where(known, _TABLE[number], -1)
