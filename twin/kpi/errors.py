"""What can be wrong with a question about key figures.

KpiError
├── UnknownPlaceError (LookupError)    no such place or equipment, or nothing of the kind is reckoned there
├── KpiIntervalError (ValueError)      the interval is empty or too long
└── ReasonError (ValueError)           no such reason, or no such stop
"""

from __future__ import annotations

from typing import ClassVar

from twin.contract.errors import ParkTwinError


class KpiError(ParkTwinError):
    """A key figure cannot be had."""

    code: ClassVar[str] = "kpi"


class UnknownPlaceError(KpiError, LookupError):
    """No such place or equipment, or nothing of the kind is reckoned there."""

    code = "kpi.unknown_place"


class KpiIntervalError(KpiError, ValueError):
    """The interval is empty or too long."""

    code = "kpi.interval"


class ReasonError(KpiError, ValueError):
    """No such reason, or no such stop."""

    code = "kpi.reason"
