"""What can go wrong with incidents.

IncidentError
├── IncidentQuestionError (ValueError)   the interval or the place makes no sense, or is too much
├── SigningKeyError (ValueError)         the key of the twin is no Ed25519 key
└── BundleError (ValueError)             the bundle is not what was signed; the text says which file
"""

from __future__ import annotations

from typing import ClassVar

from twin.contract.errors import ParkTwinError


class IncidentError(ParkTwinError):
    """Something of an incident failed."""

    code: ClassVar[str] = "incident"


class IncidentQuestionError(IncidentError, ValueError):
    """What was asked for makes no sense, or is too much."""

    code: ClassVar[str] = "incident.question"


class SigningKeyError(IncidentError, ValueError):
    """A key cannot be used."""

    code: ClassVar[str] = "incident.key"


class BundleError(IncidentError, ValueError):
    """A bundle is not what was signed."""

    code: ClassVar[str] = "incident.bundle"
