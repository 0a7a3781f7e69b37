"""What can go wrong with a simulated camera.

SimError
└── CameraError
    ├── UnknownCameraError (LookupError)   no camera at that station
    ├── UnknownDefectError (ValueError)    a piece has a defect that its camera's pictures cannot show
    ├── UnknownFaultError (LookupError)    no camera fault of that name
    ├── UnknownSourceError (ValueError)    no picture source of that name
    ├── BadQueryError (ValueError)         a query parameter or header that cannot be met
    ├── PictureDataError (ValueError)      a data set of pictures is missing or is not what its name says
    └── CameraDeadError (ConnectionError)  the camera sends nothing
"""

from __future__ import annotations

from sim.errors import SimError


class CameraError(SimError):
    """Something about a camera that can be explained."""

    code = "sim.camera"


class UnknownCameraError(CameraError, LookupError):
    """No camera at that station."""

    code = "sim.camera.unknown"


class UnknownDefectError(CameraError, ValueError):
    """A piece has a defect that its camera's pictures cannot show."""

    code = "sim.camera.defect"


class UnknownFaultError(CameraError, LookupError):
    """No camera fault of that name."""

    code = "sim.camera.fault"


class UnknownSourceError(CameraError, ValueError):
    """No picture source of that name."""

    code = "sim.camera.source"


class BadQueryError(CameraError, ValueError):
    """A query parameter or header that cannot be met."""

    code = "sim.camera.query"


class PictureDataError(CameraError, ValueError):
    """A data set of pictures is missing or is not what its name says."""

    code = "sim.camera.data"


class CameraDeadError(CameraError, ConnectionError):
    """The camera sends nothing."""

    code = "sim.camera.dead"
