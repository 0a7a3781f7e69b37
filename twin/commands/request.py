"""How a request for a command stands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import RowMapping

from twin.contract.command import CommandState, RiskClass, Scalar


class RequestState(StrEnum):
    """Where a request is. The first ones are open, the others final."""

    WAITING = "waiting"
    """For a second person."""
    ISSUED = "issued"
    """On its way to the connector."""
    ACCEPTED = "accepted"
    WRITTEN = "written"

    HELD = "held"
    DONE = "done"
    TIMED_OUT = "timed_out"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """These and the two above as the connector says (:class:`twin.contract.command.CommandState`)."""
    BLOCKED = "blocked"
    """An interlock did not hold, or could not be seen to; nothing was issued."""
    DECLINED = "declined"
    """The second person said no."""
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """No second person decided in time."""
    UNANSWERED = "unanswered"
    """No connector said what became of it: it may have been carried out; look at the machine."""


OPEN: Final = frozenset(
    {RequestState.WAITING, RequestState.ISSUED, RequestState.ACCEPTED, RequestState.WRITTEN}
)
UNDER_WAY: Final = OPEN - {RequestState.WAITING}
STATE_OF: Final[Mapping[CommandState, RequestState]] = {
    state: RequestState(state.value) for state in CommandState
}
"""What a connector's word makes of a request."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request and how it stands.

    Args:
        id: unique for ever; also the id of the command.
        equipment, command: what was asked for.
        source: where it goes.
        value: what is written.
        risk: class of the command.
        reason: why, in the words of who asked.
        dry_run: the connector looks and writes nothing.
        state: where it is.
        requested_by, requested_at: who asked, and when [ns].
        decided_by, decided_at: who approved, declined or withdrew it, and when.
        issued, expires: when it was let through, and until when it may be carried out [ns]; 0 = not.
        overdue: after this it is lapsed, or unanswered [ns].
        updated: when it last changed [ns].
        step: number of the last outcome of the connector; -1 = none.
        code, params, detail: why it is where it is, of the connector's last word.
        status: OPC UA status the device answered, 0 = good or none.
        before, read_back, read_back_at: as the connector read them.
    """

    id: str
    equipment: str
    command: str
    source: str
    value: Scalar | None
    risk: RiskClass
    reason: str
    dry_run: bool
    state: RequestState
    requested_by: str
    requested_at: int
    decided_by: str = ""
    decided_at: int = 0
    issued: int = 0
    expires: int = 0
    overdue: int = 0
    updated: int = 0
    step: int = -1
    code: str = ""
    params: Mapping[str, str] | None = None
    detail: str = ""
    status: int = 0
    before: Scalar | None = None
    read_back: Scalar | None = None
    read_back_at: int = 0

    @property
    def is_final(self) -> bool:
        """Whether nothing more will be said of it."""
        return self.state not in OPEN


_JSON: Final = ("value", "params", "before", "read_back")


def row_of(request: Request) -> dict[str, Any]:
    """A request as a row of the table."""
    row = {name: getattr(request, name) for name in request.__slots__}
    row["state"] = request.state.value
    return {**row, **{name: json.dumps(row[name], ensure_ascii=False) for name in _JSON}}


def request_of(row: RowMapping) -> Request:
    """Read a row of the table."""
    given = dict(row)
    given["state"] = RequestState(given["state"])
    return Request(**{**given, **{name: json.loads(given[name]) for name in _JSON}})
