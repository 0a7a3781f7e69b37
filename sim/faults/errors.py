"""What cannot be done with faults.

SimError
└── FaultError
    ├── UnknownFaultError (LookupError)    no such fault, or not on this equipment
    ├── UnknownTargetError (LookupError)   no such equipment or tag in the plant
    ├── NoSuchFaultError (LookupError)     no fault of this number is active
    ├── FaultRefusedError (ValueError)     a strength, a time or a duration that cannot be
    └── ScenarioError (ValueError)         a scenario file does not hold together
"""

from __future__ import annotations

from sim.errors import SimError


class FaultError(SimError):
    """Something about faults that can be explained."""

    code = "sim.fault"


class UnknownFaultError(FaultError, LookupError):
    """No such fault, or not on this equipment."""

    code = "sim.fault.unknown"


class UnknownTargetError(FaultError, LookupError):
    """No such equipment or tag in the plant."""

    code = "sim.fault.target"


class NoSuchFaultError(FaultError, LookupError):
    """No fault of this number is active."""

    code = "sim.fault.not_active"


class FaultRefusedError(FaultError, ValueError):
    """A strength, a time or a duration that cannot be."""

    code = "sim.fault.refused"


class ScenarioError(FaultError, ValueError):
    """A scenario file does not hold together."""

    code = "sim.scenario"
