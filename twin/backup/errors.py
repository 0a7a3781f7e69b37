"""What can go wrong with a backup.

BackupError
├── BackupKeyError (PermissionError)      the passphrase or the key does not open it
├── BackupDamagedError (ValueError)       a byte of it is not what was written, or its end is missing
├── BackupTargetError (FileExistsError)   where it is to go is not empty, or something runs there
└── BackupSourceError (ConnectionError)   a part that is to be kept cannot be read now
"""

from __future__ import annotations

from twin.contract.errors import ParkTwinError


class BackupError(ParkTwinError):
    """A backup could not be made, read or put back."""

    code = "backup"


class BackupKeyError(BackupError, PermissionError):
    """The passphrase or the key does not open it."""

    code = "backup.key"


class BackupDamagedError(BackupError, ValueError):
    """A byte of it is not what was written, or its end is missing; nothing was put back."""

    code = "backup.damaged"


class BackupTargetError(BackupError, FileExistsError):
    """Where it is to go is not empty, or something runs there; nothing was put back."""

    code = "backup.target"


class BackupSourceError(BackupError, ConnectionError):
    """A part that is to be kept cannot be read now; nothing was written."""

    code = "backup.source"
