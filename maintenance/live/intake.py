"""What every watch does with a window, whatever it knows of its machine."""

from __future__ import annotations

import hashlib

import numpy as np

from maintenance.health.signatures import SPAN_WINDOWS
from maintenance.histories import F64

_SHARE = 2.0 / (SPAN_WINDOWS + 1.0)


def digest_of_window(before: bytes, number: int, values: F64, *, at_work: bool) -> bytes:
    """The digest of all that went in, with one window more."""
    return hashlib.blake2b(
        before + number.to_bytes(8, "little") + bytes([at_work]) + values.tobytes(), digest_size=16
    ).digest()


def digest_of_renewal(before: bytes) -> bytes:
    """The digest of all that went in before the machine was overhauled."""
    return hashlib.blake2b(before + b"renewed", digest_size=16).digest()


def smoothed_on(before: F64, values: F64) -> F64:
    """[s] averages of late with one window more; a value that is missing changes nothing, and one that was
    missing so far is as the first that comes."""
    known = np.where(np.isfinite(before), before, values)
    result: F64 = np.where(np.isfinite(values), known + _SHARE * (values - known), known)
    return result
