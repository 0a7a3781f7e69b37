"""The second factor: six digits of an app, by time (TOTP, RFC 6238), each good once."""

from __future__ import annotations

from typing import Final

import pyotp
from pyotp.utils import strings_equal

from twin.contract.clock import NS_PER_S

STEP_S: Final = 30
ISSUER: Final = "ParkTwin"


def new_seed() -> str:
    """Return a new seed, 32 letters of base 32."""
    return pyotp.random_base32()


def address(seed: str, name: str) -> str:
    """The ``otpauth://`` address that an app takes, by typing or as a QR code."""
    return pyotp.TOTP(seed).provisioning_uri(name=name, issuer_name=ISSUER)


def used_step(seed: str, code: str, now: int, used: int) -> int | None:
    """The time step whose code this is, None if it is none of now, or was used before.

    Args:
        seed: of the account.
        code: as typed.
        now: [ns]; a clock may be 30 s off either way (RFC 6238 5.2).
        used: the newest step that was used.

    >>> seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    >>> used_step(seed, pyotp.TOTP(seed).at(3000), 3000 * NS_PER_S, 0)
    100
    >>> used_step(seed, pyotp.TOTP(seed).at(3000), 3000 * NS_PER_S, 100) is None
    True
    """
    typed = code.replace(" ", "")
    here = now // NS_PER_S // STEP_S
    for step in (here - 1, here, here + 1):
        if step > used and strings_equal(typed, pyotp.TOTP(seed).generate_otp(step)):
            return step
    return None
