"""What stands against a command.

ConnectorError
├── CommandRefusedError (ValueError)  it was not carried out, and nothing was written
└── AnswerLostError (ConnectionError) it was sent, and no answer came
"""

from __future__ import annotations

from connectors.errors import ConnectorError
from twin.contract.command_texts import command_text


class CommandRefusedError(ConnectorError, ValueError):
    """A check or the device said no; nothing was written.

    Args:
        reason: a code of :data:`twin.contract.command_texts.COMMAND_TEXTS`.
        answered: OPC UA status the device answered, 0 if it was not asked.
        params: what the sentence has in its places.
    """

    code = "connector.command_refused"

    def __init__(self, reason: str, answered: int = 0, /, **params: object) -> None:
        self.reason = reason
        self.status = answered
        self.params = {name: str(value) for name, value in params.items()}
        super().__init__(command_text(reason, self.params).en)


class AnswerLostError(ConnectorError, ConnectionError):
    """The write was sent, and the connection or the time ended before the answer: it may have been done."""

    code = "connector.answer_lost"
