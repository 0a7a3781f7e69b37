"""Status codes as asyncua wants them in an answer."""

from __future__ import annotations

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

__all__ = ["StatusCodes", "code"]


def code(number: int) -> ua.StatusCode:
    """A status code by its number.

    >>> code(StatusCodes.BadOutOfRange).name
    'BadOutOfRange'
    """
    return ua.StatusCode(ua.UInt32(number))
