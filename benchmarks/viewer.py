"""What a browser sees of the stream, as numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twin.stream.frame import HEADER

_COUNT, _SERVER_TIME = 5, 10


def source_times_ms(message: bytes) -> npt.NDArray[np.float64]:
    """Return the source time [ms since the epoch] of every value in a stream frame, to a millisecond."""
    header = HEADER.unpack_from(message)
    count = header[_COUNT]
    index_bytes = 4 * count + (-4 * count) % 8
    ages = np.frombuffer(message, "<i4", count, HEADER.size + index_bytes)
    times: npt.NDArray[np.float64] = header[_SERVER_TIME] - ages.astype(np.float64)
    return times


def newest_source_time_ms(message: bytes) -> float | None:
    """Return the newest of them; None in a frame without values."""
    times = source_times_ms(message)
    return float(times.max()) if len(times) else None
