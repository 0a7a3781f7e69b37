"""What can go wrong in the simulator.

ParkTwinError
└── SimError
    ├── SimSettingsError (ValueError)   an environment variable does not hold
    ├── PlantError (ValueError)         plant.yaml does not hold together
    ├── ReplayDataError (ValueError)    a data set to replay is missing or is not what its name says
    └── PortInUseError (OSError)        somebody else listens where a server is to
"""

from __future__ import annotations

from twin.contract.errors import ParkTwinError


class SimError(ParkTwinError):
    """Something the simulator noticed and can explain."""

    code = "sim"


class SimSettingsError(SimError, ValueError):
    """An environment variable does not hold."""

    code = "sim.settings"


class PlantError(SimError, ValueError):
    """plant.yaml does not hold together."""

    code = "sim.plant"


class ReplayDataError(SimError, ValueError):
    """A data set to replay is missing or is not what its name says."""

    code = "sim.replay_data"


class PortInUseError(SimError, OSError):
    """Somebody else listens on the port a server is to have."""

    code = "sim.port_in_use"
