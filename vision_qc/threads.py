"""One worker is one core: libraries that spread their sums over all cores are told not to.

Ten threads that spin for one core make teaching twenty times slower, and sums in another order have other
last bits.
"""

from __future__ import annotations

import cv2
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]


def one_core() -> None:
    """Let this process' linear algebra and picture processing run on the thread that calls them."""
    cv2.setNumThreads(1)
    threadpool_limits(1)
