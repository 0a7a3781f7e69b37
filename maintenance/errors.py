"""What can go wrong in maintenance.

ParkTwinError
└── MaintenanceError
    ├── DataSetError (ValueError)        a file of a data set is missing or is not what its name says
    ├── HistoryError (ValueError)        the history of machines cannot be used: order, names, numbers
    ├── NotEnoughDataError (ValueError)  what is asked needs more machines or cycles than there are
    └── ArtefactError (ValueError)       a saved model is damaged, incomplete or of another make
"""

from __future__ import annotations

from twin.contract.errors import ParkTwinError


class MaintenanceError(ParkTwinError):
    """Something maintenance noticed and can explain."""

    code = "maintenance"


class DataSetError(MaintenanceError, ValueError):
    """A file of a data set is missing or is not what its name says."""

    code = "maintenance.data_set"


class HistoryError(MaintenanceError, ValueError):
    """The history of machines cannot be used: order, names, numbers."""

    code = "maintenance.history"


class NotEnoughDataError(MaintenanceError, ValueError):
    """What is asked needs more machines or cycles than there are."""

    code = "maintenance.not_enough_data"


class ArtefactError(MaintenanceError, ValueError):
    """A saved model is damaged, incomplete or of another make."""

    code = "maintenance.artefact"
