"""OPC UA status codes, kept whole, and the questions one asks of them.

The code is a ``uint32`` of OPC 10000-4 §7.39: the top two bits are the severity, the low sixteen are flags.
The numbers are those of the standard's ``StatusCode.csv``.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

GOOD = 0x00000000
UNCERTAIN = 0x40000000
UNCERTAIN_LAST_USABLE_VALUE = 0x40900000
BAD = 0x80000000
BAD_NO_COMMUNICATION = 0x80310000
BAD_WAITING_FOR_INITIAL_DATA = 0x80320000
BAD_NODE_ID_INVALID = 0x80330000
BAD_NODE_ID_UNKNOWN = 0x80340000
BAD_DATA_ENCODING_UNSUPPORTED = 0x80390000
BAD_DATA_LOST = 0x809D0000
BAD_DATA_UNAVAILABLE = 0x809E0000

OVERFLOW_BITS = 0x00000480
"""InfoType = DataValue (0x0400) and Overflow (0x0080): the server dropped values of this item (§7.39.1)."""


class Quality(IntEnum):
    """Severity of a status code, best first."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2


def quality(status: int) -> Quality:
    """Reduce a status code to its severity; the reserved severity 3 counts as bad.

    >>> quality(0x40900000).name
    'UNCERTAIN'
    """
    return Quality(min(status >> 30, 2))


def qualities(status: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Reduce a column of status codes to :class:`Quality` values, same length.

    >>> qualities(np.array([0, 0x80310000, 0x40900000], dtype=np.uint32)).tolist()
    [0, 2, 1]
    """
    severity: npt.NDArray[np.uint8] = np.minimum(status >> np.uint32(30), 2).astype(np.uint8)
    return severity
