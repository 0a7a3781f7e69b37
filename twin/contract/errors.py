"""The root of every error ParkTwin raises on purpose.

    ParkTwinError
    └── ContractError (ValueError)        a message or a name breaks the contract
        ├── TagError                      an equipment id or a tag is malformed
        ├── FrameError                    the bytes are not a frame
        ├── MessageError                  the bytes are not the message they claim to be
        └── UnknownTagSetError (LookupError)   a frame names a tag set nobody has announced

Each package hangs its own tree under :class:`ParkTwinError`. ``code`` is stable and is what machines match
on; the text names the thing, the value, the rule and the next step.
"""

from __future__ import annotations

from typing import ClassVar


class ParkTwinError(Exception):
    """Something ParkTwin noticed and can explain."""

    code: ClassVar[str] = "parktwin"


class ContractError(ParkTwinError, ValueError):
    """A message or a name breaks the contract."""

    code = "contract"


class TagError(ContractError):
    """An equipment id or a tag is malformed."""

    code = "contract.tag"


class FrameError(ContractError):
    """The bytes are not a frame of readings."""

    code = "contract.frame"


class MessageError(ContractError):
    """The bytes are not the message they claim to be."""

    code = "contract.message"


class UnknownTagSetError(ContractError, LookupError):
    """A frame names a tag set that nobody has announced."""

    code = "contract.unknown_tag_set"
