"""What goes wrong with recordings.

ConnectorError
└── RecordingError (ValueError)    the file is no recording, or is damaged before its end
"""

from __future__ import annotations

from connectors.errors import ConnectorError


class RecordingError(ConnectorError, ValueError):
    """The file is no recording, or is damaged before its end."""

    code = "connector.recording"
