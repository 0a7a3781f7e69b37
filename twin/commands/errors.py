"""What goes wrong with a command that a person asks for.

CommandError
├── UnknownCommandError (LookupError)   the equipment has no such command, or there is no such request
├── CommandValueError (ValueError)      the request makes no sense as it is: value, name, reason
└── CommandRefusedError                 it is not let through
    ├── InterlockError                  a condition does not hold, or cannot be seen to hold
    ├── ApprovalError                   the person may not decide on it, or it is not to be decided any more
    └── CommandOpenError                the same command of the same equipment is under way
"""

from __future__ import annotations

from twin.contract.errors import ParkTwinError


class CommandError(ParkTwinError):
    """Something is wrong with a command."""

    code = "command"


class UnknownCommandError(CommandError, LookupError):
    """There is no such command."""

    code = "command.unknown"


class CommandValueError(CommandError, ValueError):
    """The request makes no sense as it is; nothing was noted."""

    code = "command.value"


class CommandRefusedError(CommandError):
    """It is not let through; the attempt is in the audit where it was one."""

    code = "command.refused"


class InterlockError(CommandRefusedError):
    """A condition does not hold, or cannot be seen to hold."""

    code = "command.interlock"


class ApprovalError(CommandRefusedError):
    """This person may not decide on it, or it is not to be decided any more."""

    code = "command.approval"


class CommandOpenError(CommandRefusedError):
    """The same command of the same equipment is under way."""

    code = "command.open"
