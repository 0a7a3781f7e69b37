"""What can go wrong with the simulated meters.

SimError
└── MetersFileError (ValueError)   a file of meters does not hold together
"""

from __future__ import annotations

from sim.errors import SimError


class MetersFileError(SimError, ValueError):
    """A file of meters does not hold together."""

    code = "sim.meters_file"
