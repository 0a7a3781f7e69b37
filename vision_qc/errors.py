"""What can go wrong in the camera inspection.

ParkTwinError
└── VisionError
    ├── ImageError (ValueError)             a picture cannot be judged
    │   ├── EmptyImageError                 the file has no bytes
    │   ├── NotAnImageError                 the bytes are no JPEG, PNG, BMP or TIFF
    │   ├── DamagedImageError               the file ends early or contradicts itself
    │   ├── ImageTooLargeError              more bytes or pixels than a station may send
    │   ├── ImageTooSmallError              too few pixels to see anything
    │   ├── UnsupportedImageError           16 bits, CMYK, rotated by EXIF, several pictures in one file
    │   └── MaskBesideError                 the file is the mask of a picture beside it, and shows no product
    ├── RecipeError (ValueError)            a recipe is damaged, incomplete or of another make
    ├── RegistrationError (ValueError)      pictures cannot be laid straight in the way asked for
    ├── CalibrationError (ValueError)       a target of known size is not to be seen
    ├── CostsError (ValueError)             costs or counts of defects that cannot be
    ├── NotEnoughImagesError (ValueError)   what is asked needs more pictures than there are
    ├── FolderError (ValueError)            a folder or list of pictures is not what the command needs
    ├── NetworkError (RuntimeError)         the feature network shipped with the software is damaged
    ├── RequestError (ValueError)           a request to the service does not say what it must
    ├── UnknownStationError (LookupError)   no recipe for this station, product or version
    ├── UnknownInspectionError (LookupError)  no inspection of this id, or its picture is gone
    ├── ServiceClosedError (ConnectionError)  the service is stopping
    ├── ServiceAwayError (ConnectionError)  the inspection service does not answer, or not now
    ├── AnswerError (ValueError)            the inspection service refuses what was sent
    └── CameraAwayError (ConnectionError)   a camera, or the gate behind it, does not answer
"""

from __future__ import annotations

from twin.contract.errors import ParkTwinError


class VisionError(ParkTwinError):
    """Something the camera inspection noticed and can explain."""

    code = "vision"


class ImageError(VisionError, ValueError):
    """A picture cannot be judged."""

    code = "vision.image"


class EmptyImageError(ImageError):
    """The file has no bytes."""

    code = "vision.image.empty"


class NotAnImageError(ImageError):
    """The bytes are no JPEG, PNG, BMP or TIFF."""

    code = "vision.image.not_an_image"


class DamagedImageError(ImageError):
    """The file ends early or contradicts itself."""

    code = "vision.image.damaged"


class ImageTooLargeError(ImageError):
    """More bytes or pixels than a station may send."""

    code = "vision.image.too_large"


class ImageTooSmallError(ImageError):
    """Too few pixels to see anything."""

    code = "vision.image.too_small"


class UnsupportedImageError(ImageError):
    """A picture of a kind that is refused on purpose: 16 bits, CMYK, rotated by EXIF, several in one file."""

    code = "vision.image.unsupported"


class MaskBesideError(ImageError):
    """The file is the mask of a picture beside it, and shows no product; commands on folders pass it over."""

    code = "vision.image.mask"


class RecipeError(VisionError, ValueError):
    """A recipe is damaged, incomplete or of another make."""

    code = "vision.recipe"


class RegistrationError(VisionError, ValueError):
    """Pictures cannot be laid straight in the way asked for."""

    code = "vision.registration"


class CalibrationError(VisionError, ValueError):
    """A target of known size is not to be seen."""

    code = "vision.calibration"


class CostsError(VisionError, ValueError):
    """Costs or counts of defects that cannot be."""

    code = "vision.costs"


class NotEnoughImagesError(VisionError, ValueError):
    """What is asked needs more pictures than there are."""

    code = "vision.not_enough_images"


class FolderError(VisionError, ValueError):
    """A folder or list of pictures is not what the command needs."""

    code = "vision.folder"


class NetworkError(VisionError, RuntimeError):
    """The feature network shipped with the software is damaged."""

    code = "vision.network"


class RequestError(VisionError, ValueError):
    """A request to the service does not say what it must."""

    code = "vision.request"


class UnknownStationError(VisionError, LookupError):
    """No recipe for this station, product or version."""

    code = "vision.unknown_station"


class UnknownInspectionError(VisionError, LookupError):
    """No inspection of this id, or its picture is gone."""

    code = "vision.unknown_inspection"


class ServiceClosedError(VisionError, ConnectionError):
    """The service is stopping."""

    code = "vision.closed"


class ServiceAwayError(VisionError, ConnectionError):
    """The inspection service does not answer, or not now; send it again."""

    code = "vision.service_away"


class AnswerError(VisionError, ValueError):
    """The inspection service refuses what was sent; sending it again does not help."""

    code = "vision.refused"


class CameraAwayError(VisionError, ConnectionError):
    """A camera, or the gate behind it, does not answer; ask again."""

    code = "vision.camera_away"
