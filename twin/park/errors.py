"""What goes wrong with parks.

ParkError
├── ParkFileError (ValueError)            the park file does not check; carries the report
├── ParkDocumentError (ValueError)        the bytes are no stored park
└── UnknownRevisionError (LookupError)    no such revision of the park was ever loaded

A park file is never half loaded: either everything checks, or :class:`ParkFileError` tells all faults.
"""

from __future__ import annotations

from twin.contract.errors import ParkTwinError
from twin.park.faults import Report


class ParkError(ParkTwinError):
    """Something is wrong with a park."""

    code = "park"


class ParkFileError(ParkError, ValueError):
    """The park file does not check; ``report`` has every fault."""

    code = "park.file"

    def __init__(self, report: Report) -> None:
        lines = [str(fault) for fault in report.faults if fault.severity == "error"]
        super().__init__("\n".join([f"park file {report.path}: {len(lines)} errors", *lines]))
        self.report = report


class ParkDocumentError(ParkError, ValueError):
    """The bytes are no stored park."""

    code = "park.document"


class UnknownRevisionError(ParkError, LookupError):
    """No such revision of the park was ever loaded."""

    code = "park.unknown_revision"
