"""What every message body is made from: its base, and numbers bounded as the columns they end up in."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""A time [ns since the epoch] or a position: JSON knows no bound, every column it ends up in does."""
UInt32 = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
"""An OPC UA status code."""
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
SourceId = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern="^[ -~]+$")]
"""What a frame can name as its source (:func:`twin.contract.frame.encode_frame`)."""


class Payload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """A message body. ``TYPE`` is its ``type@version``, the name under which it is encoded and stored."""

    TYPE: ClassVar[str]
