"""What cannot be asked of wear."""

from __future__ import annotations

from sim.errors import SimError


class WearError(SimError, ValueError):
    """A machine cannot be worn or repaired as asked."""

    code = "sim.wear"
