"""What goes wrong with networks.

NetworkError
├── UnknownElementError (LookupError)    the park has no such element, or it cannot be changed like that
├── ChangeError (ValueError)             a change makes no sense
└── NotConvergedError (ArithmeticError)  the equations of a network have no answer; says where
"""

from __future__ import annotations

from typing import Final

from twin.contract.errors import ParkTwinError

NO_SUPPLIES: Final = "electricity: the park file has no 'supplies'; add rows of its networks"


class NetworkError(ParkTwinError):
    """Something is wrong with a network."""

    code = "network"


class UnknownElementError(NetworkError, LookupError):
    """The park has no such element, or none that can be changed like that."""

    code = "network.unknown"


class ChangeError(NetworkError, ValueError):
    """A change makes no sense."""

    code = "network.change"


class NotConvergedError(NetworkError, ArithmeticError):
    """The equations of a network have no answer.

    Args:
        message: what, why, and what to do.
        part: id of the element where it gives way.
    """

    code = "network.not_converged"

    def __init__(self, message: str, part: str = "") -> None:
        super().__init__(message)
        self.part = part
