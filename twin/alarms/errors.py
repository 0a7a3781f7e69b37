"""What goes wrong with alarms.

AlarmError
├── UnknownAlarmError (LookupError)      the park has no such alarm
├── AlarmActionError (ValueError)        what a person asked for makes no sense (no name, no end)
├── AlarmRefusedError                    the alarm is not in a state from which this can be done
└── AlarmSnapshotError (ValueError)      the file is no snapshot of conditions
"""

from __future__ import annotations

from twin.contract.errors import ParkTwinError


class AlarmError(ParkTwinError):
    """Something is wrong with an alarm."""

    code = "alarm"


class UnknownAlarmError(AlarmError, LookupError):
    """The park has no such alarm."""

    code = "alarm.unknown"


class AlarmActionError(AlarmError, ValueError):
    """What a person asked for makes no sense."""

    code = "alarm.action"


class AlarmRefusedError(AlarmError):
    """The alarm is not in a state from which this can be done."""

    code = "alarm.refused"


class AlarmSnapshotError(AlarmError, ValueError):
    """The file is no snapshot of conditions that this version can read."""

    code = "alarm.snapshot"
