"""What goes wrong in a connector.

ParkTwinError
└── ConnectorError
    ├── OutboxFullError (OSError)            the outbox takes no more; try again later
    ├── NodeAddressError (ValueError)        a node address does not say what it must
    ├── MalformedResponseError (ValueError)  the bytes are not the OPC UA message they claim to be
    ├── CertificateError (ValueError)        a certificate or its key cannot be used
    ├── RecordingError (ValueError)          connectors.recording: the file is no recording, or damaged
    ├── DeviceSilentError (TimeoutError)     connectors.modbus: a unit does not answer
    ├── DeviceRefusedError (ValueError)      connectors.modbus: a unit answers with an exception
    └── SourceLostError (ConnectionError)    the source cannot be reached, went silent or refused
        ├── SourceRefusedError               it answered no
        ├── SourceTimedOutError              it did not answer in time; what was asked may be done or not
        └── SecurityError                    we and it do not trust each other, or not enough
"""

from __future__ import annotations

from twin.contract.errors import ParkTwinError


class ConnectorError(ParkTwinError):
    """A connector could not do what it was asked."""

    code = "connector"


class OutboxFullError(ConnectorError, OSError):
    """The outbox takes no more: its bound is reached or the disk is full; nothing of this call was kept."""

    code = "connector.outbox_full"


class NodeAddressError(ConnectorError, ValueError):
    """A node address does not say which node of which namespace."""

    code = "connector.node_address"


class MalformedResponseError(ConnectorError, ValueError):
    """The bytes are not the OPC UA message they claim to be.

    Args:
        text: what is wrong.
        handle: client handle of the item that could not be read, if it was one.
    """

    code = "connector.malformed_response"

    def __init__(self, text: str, handle: int | None = None) -> None:
        super().__init__(text)
        self.handle = handle


class CertificateError(ConnectorError, ValueError):
    """A certificate or its key cannot be used: missing, damaged, or not of one pair."""

    code = "connector.certificate"


class SourceLostError(ConnectorError, ConnectionError):
    """The source cannot be reached or went silent."""

    code = "connector.source_lost"


class SourceRefusedError(SourceLostError):
    """The source answered, with a status code that says no.

    Args:
        text: what was refused, and why.
        status: the OPC UA status code.
    """

    code = "connector.source_refused"

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class SourceTimedOutError(SourceLostError):
    """The source did not answer in time, and the connection stands: what was asked may be done or not."""

    code = "connector.source_timed_out"


class SecurityError(SourceLostError):
    """We may not talk to the source, or it not to us: the text says which side, which field, which fix."""

    code = "connector.security"
