"""Follows every command to its end: what connectors say goes to the requests and the audit; what nobody says
anything of in time ends as lapsed or unanswered."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Event, Thread
from typing import Final

from sqlalchemy import Connection, Engine, select

from twin.bus.base import Bus, BusError, Consumer, Received
from twin.bus.dead_letters import tell_dead_letter
from twin.bus.refusals import Refusals
from twin.bus.signatures import UNSIGNED, Check, SignatureError
from twin.commands.audit import append, lock
from twin.commands.command_tables import REQUESTS
from twin.commands.request import OPEN, STATE_OF, UNDER_WAY, Request, RequestState, request_of, row_of
from twin.contract.clock import NS_PER_S, Clock
from twin.contract.codec import decode_message
from twin.contract.command import CommandOutcome
from twin.contract.errors import ContractError
from twin.contract.topics import COMMAND_OUTCOMES
from twin.service.audit_chain import Head
from twin.service.database import DatabaseError, writing
from twin.service.logging import ConditionLog

GROUP: Final = "command-desk"
SYSTEM: Final = "twin/commands"
_POLL_S: Final = 0.25
_RETRY_S: Final = 1.0
_AGAIN_NS: Final = 600 * NS_PER_S
"""A connector says an outcome again until the bus has it; what was told and comes again so much later was
not put there by one."""

_LOG = logging.getLogger(__name__)


class Follower:
    """One thread; one a park.

    Args:
        bus: where outcomes come from.
        engine: where requests and audit are.
        park: id of the park.
        clock: ns since the epoch.
        check: refuses what no connector of ours has said.
        refusals: where that is noted; its alarm is a trouble, and a line of the audit.
    """

    def __init__(
        self,
        bus: Bus,
        engine: Engine,
        park: str,
        *,
        clock: Clock,
        check: Check = UNSIGNED.check,
        refusals: Refusals | None = None,
    ) -> None:
        self._bus = bus
        self._engine = engine
        self._park = park
        self._clock = clock
        self._check = check
        self._refusals = refusals or Refusals("parktwin", clock)
        self._unwritten: list[str] = []
        self._log = ConditionLog(_LOG, clock)
        self._consumer: Consumer | None = None
        self._waiting: list[Received] = []
        self._trouble = ""
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="command-follower", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """End; give up after ``timeout_s`` [s]. What was not committed is read again."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def troubles(self) -> dict[str, str]:
        """What keeps it from following, by part."""
        standing = self._refusals.standing()
        refused = {} if standing is None else {"signatures": standing[1]}
        return refused | ({"commands": self._trouble} if self._trouble else {})

    def step(self, timeout_s: float = _POLL_S) -> None:
        """Take in what the bus has, and end what is overdue.

        Raises:
            BusError, DatabaseError: nothing was taken; call again.
        """
        if self._consumer is None:
            # parks that share a bus each hear every outcome
            self._consumer = self._bus.consumer([COMMAND_OUTCOMES.name], group=f"{GROUP}-{self._park}")
        if not self._waiting:
            self._waiting = self._consumer.poll(timeout_s)
        outcomes = self._read(self._waiting)
        if outcomes or self._unwritten:
            with writing(self._engine) as connection:
                head = lock(connection)
                for taken_ns, outcome in outcomes:
                    head = self._take(connection, head, outcome, taken_ns)
                for why in self._unwritten:
                    head = self._note_refusal(connection, head, why)
            self._unwritten = []
        if self._waiting:
            self._consumer.commit()
            self._waiting = []
        self._end_overdue()

    def close(self) -> None:
        """Leave the group; what was not committed comes again to the next."""
        consumer, self._consumer, self._waiting = self._consumer, None, []
        if consumer is not None:
            try:
                consumer.close()
            except BusError as error:
                _LOG.warning("command follower: consumer did not close: %s", error)

    def _read(self, received: Sequence[Received]) -> list[tuple[int, CommandOutcome]]:
        """The outcomes of messages, each with when the bus took it [ns]."""
        found = []
        for entry in received:
            message = entry.message
            try:
                self._check(message)
                outcome = decode_message(CommandOutcome, message.value, message.headers)
                found.append((entry.time_ns, outcome))
            except ContractError as error:
                if isinstance(error, SignatureError):
                    self._refuse(str(error))
                _LOG.error("command outcome at offset %d: %s", entry.offset, error)
                tell_dead_letter(self._bus, entry, consumer=GROUP, error=error, clock=self._clock)
        return found

    def _refuse(self, why: str) -> None:
        if self._refusals.note(COMMAND_OUTCOMES.name, why):
            self._unwritten.append(why)

    def _take(self, connection: Connection, head: Head, outcome: CommandOutcome, taken_ns: int) -> Head:
        row = connection.execute(select(REQUESTS).where(REQUESTS.c.id == outcome.command)).mappings().first()
        if row is None:  # of another park, or of a twin whose tables are gone
            return head
        request = request_of(row)
        if outcome.number <= request.step or request.issued == 0:
            if taken_ns - outcome.time > _AGAIN_NS:
                self._refuse(
                    f"an outcome of command {request.id} ({outcome.state.value}) came again long after it "
                    "was told, or of nothing that was let through; see who else may write to the bus"
                )
            return head  # told before, or of something that we never let through
        changed = replace(
            request,
            state=STATE_OF[outcome.state],
            updated=self._clock(),
            step=outcome.number,
            code=outcome.code,
            params=outcome.params,
            detail=outcome.detail,
            status=outcome.status,
            before=outcome.before if outcome.before is not None else request.before,
            read_back=outcome.value,
            read_back_at=outcome.value_time,
        )
        body = {
            "state": outcome.state.value,
            "code": outcome.code,
            "params": outcome.params,
            "detail": outcome.detail,
            "status": outcome.status,
            "time": outcome.time,
            "before": outcome.before,
            "value": outcome.value,
        }
        return self._note(connection, head, changed, "outcome", f"source {outcome.source}", body)

    def _end_overdue(self) -> None:
        now = self._clock()
        late = REQUESTS.c.state.in_([state.value for state in OPEN]) & (REQUESTS.c.overdue <= now)
        with self._engine.connect() as connection:
            if connection.execute(select(REQUESTS.c.id).where(late).limit(1)).first() is None:
                return
        with writing(self._engine) as connection:
            head = lock(connection)
            for row in connection.execute(select(REQUESTS).where(late)).mappings().all():
                request = request_of(row)
                state = RequestState.UNANSWERED if request.state in UNDER_WAY else RequestState.LAPSED
                detail = _ENDS[state]
                changed = replace(request, state=state, detail=detail, code=state.value, updated=now)
                head = self._note(
                    connection, head, changed, state.value, SYSTEM, {"was": request.state.value}
                )

    def _note(
        self,
        connection: Connection,
        head: Head,
        request: Request,
        event: str,
        by: str,
        body: Mapping[str, object],
    ) -> Head:
        connection.execute(REQUESTS.update().where(REQUESTS.c.id == request.id).values(row_of(request)))
        return append(
            connection,
            head,
            time=self._clock(),
            park=self._park,
            command=request.id,
            event=event,
            by=by,
            body=body,
        )

    def _note_refusal(self, connection: Connection, head: Head, why: str) -> Head:
        body = {"topic": COMMAND_OUTCOMES.name, "why": why}
        return append(
            connection,
            head,
            time=self._clock(),
            park=self._park,
            command="",
            event="message refused",
            by=SYSTEM,
            body=body,
        )

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.step()
            except (BusError, DatabaseError) as error:
                self._trouble = str(error)
                self._log.begin("commands", f"commands are not followed now: {error}")
                self._stopping.wait(_RETRY_S)
            except Exception as error:
                self._trouble = f"{type(error).__name__}: {error}"
                _LOG.exception("commands: unforeseen error")
                self._stopping.wait(_RETRY_S)
            else:
                self._trouble = ""
                self._log.end("commands", "commands are followed again")
        self.close()


_ENDS: Final = {
    RequestState.LAPSED: "no second person decided in time; ask for it again",
    RequestState.UNANSWERED: (
        "no connector said what became of it in time; it may have been carried out: look at the machine, and "
        "whether its source is connected"
    ),
}
