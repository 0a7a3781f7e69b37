"""What can go wrong in the simulator.

ParkTwinError
└── SimError
    ├── SimSettingsError (ValueError)   an environment variable does not hold
    ├── PlantError (ValueError)         plant.yaml or a part of it does not hold together
    ├── ReplayDataError (ValueError)    a data set to replay is missing or is not what its name says
    ├── PortInUseError (OSError)        somebody else listens where a server is to
    ├── WearError (ValueError)          a machine cannot be worn or repaired like that (sim.degradation)
    ├── FaultError                      a fault or scenario cannot be brought about (sim.faults)
    ├── TruthLogError (OSError)         the truth cannot be kept where it is to be (sim.truth)
    ├── CameraError                     a camera or its picture is not to be had (sim.cameras)
    ├── MetersFileError (ValueError)    meters.yaml does not hold (sim.modbus)
    ├── BadDayError (ValueError)        a server cannot have that bad day (sim.opcua)
    ├── OutOfRangeError, InvalidStateError, NotAllowedError   an operator is refused (sim.opcua)
    └── BodyError, UnknownBadDayError   a call of the control does not hold (sim.control)
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
