"""What clients may do to equipment: methods Start, Stop, Reset and Set, and set points that can be written.

The server only translates; who obeys is an :class:`Operator`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from sim.errors import SimError
from sim.kind import Setpoint
from sim.opcua.answer import StatusCodes, code
from sim.opcua.caller import may_operate

_LOG = logging.getLogger(__name__)

Method = Callable[..., Any]
"""``async (object id, *variants) -> StatusCode | CallMethodResult | list of Variants``."""


class OutOfRangeError(SimError, ValueError):
    """A set point was given a value that is not accepted (BadOutOfRange)."""

    code = "sim.out_of_range"


class InvalidStateError(SimError):
    """The equipment cannot do that in the state it is in (BadInvalidState)."""

    code = "sim.invalid_state"


class NotAllowedError(SimError, PermissionError):
    """Nobody may do that now: local control, locked out (BadUserAccessDenied)."""

    code = "sim.not_allowed"


class Operator(Protocol):
    """Who obeys.

    Called in the event loop's thread. A :class:`~sim.errors.SimError` refuses, its text says why:
    :class:`OutOfRangeError`, :class:`InvalidStateError` and :class:`NotAllowedError` have status codes of
    their own, all others are BadInvalidState.
    """

    def start(self, equipment_id: str) -> None:
        """Let it run as soon as it can."""

    def stop(self, equipment_id: str) -> None:
        """Let it run no longer."""

    def reset(self, equipment_id: str) -> None:
        """Leave Aborted after a fault that is gone."""

    def set(self, equipment_id: str, setpoint: str, value: float) -> None:
        """Set a set point [its unit]."""


_STATUS: tuple[tuple[type[SimError], int], ...] = (
    (OutOfRangeError, StatusCodes.BadOutOfRange),
    (InvalidStateError, StatusCodes.BadInvalidState),
    (NotAllowedError, StatusCodes.BadUserAccessDenied),
)


def status_of(refusal: SimError) -> ua.StatusCode:
    """The status code that says why something was refused.

    >>> status_of(OutOfRangeError("speed 900 rpm: must be 0 to 400")).name
    'BadOutOfRange'
    """
    found = (number for kind, number in _STATUS if isinstance(refusal, kind))
    return code(next(found, StatusCodes.BadInvalidState))


@dataclass(slots=True)
class Operation:
    """The methods of one server and the variables of it that can be written.

    Args:
        operator: who obeys; None refuses everything with BadNotSupported.
        anonymous_may: False refuses sessions without a user name with BadUserAccessDenied.
    """

    operator: Operator | None = None
    anonymous_may: bool = True
    setpoints: dict[ua.NodeId, tuple[str, Setpoint]] = field(default_factory=dict)
    """Variable -> equipment id and set point."""

    def command(self, name: str) -> Method:
        """A method of an equipment without arguments: ``start``, ``stop`` or ``reset``."""

        async def call(equipment: ua.NodeId, *arguments: ua.Variant) -> ua.StatusCode:
            if arguments:
                return code(StatusCodes.BadTooManyArguments)
            return self._obey(name, str(equipment.Identifier))

        return call

    def setter(self, equipment: str, setpoint: Setpoint) -> Method:
        """The method ``Set(value)`` of a set point."""

        async def call(_: ua.NodeId, *arguments: ua.Variant) -> ua.StatusCode | ua.CallMethodResult:
            if not arguments:
                return code(StatusCodes.BadArgumentsMissing)
            if len(arguments) > 1:
                return code(StatusCodes.BadTooManyArguments)
            status = self.set(equipment, setpoint, arguments[0])
            if status.value in (StatusCodes.BadTypeMismatch, StatusCodes.BadOutOfRange):
                # OPC 10000-4 §5.12.2: what is wrong with an argument is said argument by argument
                result = ua.CallMethodResult(code(StatusCodes.BadInvalidArgument))
                result.InputArgumentResults = [status]
                return result
            return status

        return call

    def set(self, equipment: str, setpoint: Setpoint, given: ua.Variant | None) -> ua.StatusCode:
        """Set a set point as a client asks for it."""
        if given is None or given.VariantType not in _NUMBERS or given.is_array:
            return code(StatusCodes.BadTypeMismatch)
        value = float(given.Value)
        if not setpoint.low <= value <= setpoint.high:  # not a number is not in between either
            return code(StatusCodes.BadOutOfRange)
        return self._obey("set", equipment, setpoint.name, value)

    def _obey(self, name: str, equipment: str, *what: object) -> ua.StatusCode:
        if self.operator is None:
            return code(StatusCodes.BadNotSupported)
        if not may_operate(self.anonymous_may):
            return code(StatusCodes.BadUserAccessDenied)
        try:
            getattr(self.operator, name)(equipment, *what)
        except SimError as refusal:
            _LOG.info("%s of %s refused: %s", name, equipment, refusal)
            return status_of(refusal)
        return ua.StatusCode()


_NUMBERS = {ua.VariantType.Double, ua.VariantType.Float}


def value_argument(setpoint: Setpoint) -> ua.Argument:
    """How ``Set`` describes what it takes."""
    unit = f" [{setpoint.unit}]" if setpoint.unit else ""
    what = setpoint.text or setpoint.name
    return ua.Argument(
        Name="value",
        DataType=ua.NodeId(ua.Int32(ObjectIds.Double)),
        ValueRank=ua.Int32(ua.ValueRank.Scalar),
        Description=ua.LocalizedText(f"{what}{unit}, {setpoint.low:g} to {setpoint.high:g}"),
    )
