"""The desk: takes requests, has them approved, lets them through, once.

One transaction looks at how a request stands, changes it and writes the audit; only after it is committed the
command goes to the bus. A process that dies in between has let something through that never arrives: then no
connector answers, and the request ends as unanswered. Nothing is published again, so nothing is carried out
late.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Connection, Engine, select

from twin.bus.base import Bus, Message
from twin.bus.signatures import UNSIGNED, Sign
from twin.commands.audit import append, lock
from twin.commands.catalogue import Catalogue, Offer, value_of
from twin.commands.command_tables import REQUESTS
from twin.commands.errors import (
    ApprovalError,
    CommandOpenError,
    InterlockError,
    UnknownCommandError,
)
from twin.commands.interlock import InterlockState, failing_of, told
from twin.commands.person import identity, is_same_person, person_of, words_of
from twin.commands.queries import how_known, known_to
from twin.commands.request import OPEN, Request, RequestState, request_of, row_of
from twin.contract.clock import NS_PER_MS, NS_PER_S, Clock
from twin.contract.codec import encode_message
from twin.contract.command import Command, Identity, Scalar
from twin.contract.topics import COMMANDS
from twin.service.audit_chain import Head
from twin.service.database import writing

SOURCE: Final = "twin/commands"
APPROVAL_NS: Final = 15 * 60 * NS_PER_S
"""How long a request waits for a second person: what was seen then is soon no longer so."""
ANSWER_NS: Final = 30 * NS_PER_S
"""How long after a command could have ended its connector may take to say so."""

Look = Callable[[Offer], Sequence[InterlockState]]
"""How the interlocks of a command stand now."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for.

    Args:
        equipment, command, value: what.
        by: who, as they say; nobody has checked it yet.
        reason: why, in words.
        dry_run: let the connector look, and write nothing.
        id: chosen by who asks, so that a request that is sent twice is one; "" = a new one.
    """

    equipment: str
    command: str
    value: Scalar | None
    by: str
    reason: str
    dry_run: bool = False
    id: str = ""


class Desk:
    """Thread-safe.

    Args:
        engine: where requests and audit are.
        bus: where commands go.
        park: id of the park.
        catalogue: what there is for who asks.
        look: how interlocks stand now.
        clock: ns since the epoch.
        sign: signs commands; with it who approved them.
    """

    def __init__(
        self,
        engine: Engine,
        bus: Bus,
        park: str,
        catalogue: Catalogue,
        look: Look,
        *,
        clock: Clock,
        sign: Sign = UNSIGNED.sign,
    ) -> None:
        self._engine = engine
        self._bus = bus
        self._park = park
        self._catalogue = catalogue
        self._look = look
        self._clock = clock
        self._sign = sign

    def request(self, wish: Wish) -> Request:
        """Take a request: let it through, or have it wait for a second person.

        Raises:
            UnknownCommandError: there is no such command.
            CommandValueError: value, name or reason do not do.
            CommandOpenError: the same is under way.
            InterlockError: a condition does not hold; the attempt is in the audit.
            DatabaseError: nothing was noted.
            BusError: it was let through, and the bus did not take it; it ends as unanswered.
        """
        offer = self._catalogue.find(wish.equipment, wish.command)
        value = value_of(offer, wish.value)
        by, reason = person_of(wish.by), words_of(wish.reason)
        now = self._clock()
        made = Request(
            id=wish.id or uuid4().hex,
            equipment=wish.equipment,
            command=wish.command,
            source=offer.source,
            value=value,
            risk=offer.rule.risk,
            reason=reason,
            dry_run=wish.dry_run,
            state=RequestState.WAITING,
            requested_by=by,
            requested_at=now,
            overdue=now + APPROVAL_NS,
            updated=now,
        )
        with writing(self._engine) as connection:
            head = lock(connection)
            known = _find(connection, made.id)
            if known is not None:
                return _same(known, made)
            _check_alone(connection, made)
            # only now: others may have held the lock for seconds
            states = self._look(offer)
            failing = failing_of(states)
            connection.execute(REQUESTS.insert().values(row_of(made)))
            body = {
                "equipment": made.equipment,
                "name": made.command,
                "value": value,
                "risk": made.risk,
                "reason": reason,
                "dry_run": made.dry_run,
                "interlocks": told(states),
                "identity": identity(),
            }
            head = self._note(connection, head, made, "requested", by, body)
            if failing:
                made = self._block(connection, head, made, failing, by)
            elif made.risk != "high" or made.dry_run:
                made = self._issue(connection, head, made, offer)
        if failing:
            raise InterlockError(failing_of(states, self._catalogue.reach.sees))
        if made.state is RequestState.ISSUED:
            self._publish(made, offer, identity())
        return made

    def approve(self, number: str, *, by: str, reason: str = "") -> Request:
        """Let a request through as a second person.

        Raises:
            UnknownCommandError: there is no such request.
            ApprovalError: it does not wait, or this is the person who asked.
            InterlockError: a condition no longer holds; the request is over.
            BusError: as in :meth:`request`.
        """
        person, why = person_of(by), words_of(reason, needed=False)
        with writing(self._engine) as connection:
            head = lock(connection)
            found = self._waiting(connection, number)
            if is_same_person(person, found.requested_by):
                raise ApprovalError(
                    f"command {number}: {found.requested_by} asked for it and cannot approve it; "
                    "ask a second person"
                )
            offer = self._catalogue.find(found.equipment, found.command)
            states = self._look(offer)
            now = self._clock()
            found = replace(found, decided_by=person, decided_at=now, updated=now)
            asked = known_to(connection, [number]).get(number)
            known: Identity = "verified" if asked == identity() == "verified" else "claimed"
            body = {"reason": why, "interlocks": told(states), "identity": identity()}
            head = self._note(connection, head, found, "approved", person, body)
            failing = failing_of(states)
            if failing:
                self._block(connection, head, found, failing, person)
            else:
                found = self._issue(connection, head, found, offer)
        if failing:
            raise InterlockError(failing_of(states, self._catalogue.reach.sees))
        self._publish(found, offer, known)
        return found

    def decline(self, number: str, *, by: str, reason: str) -> Request:
        """Say no to a request as a second person.

        Raises:
            UnknownCommandError, ApprovalError: as in :meth:`approve`.
            CommandValueError: no reason is given.
        """
        return self._close(number, RequestState.DECLINED, by, words_of(reason))

    def withdraw(self, number: str, *, by: str, reason: str = "") -> Request:
        """Take a request back before it is decided; who asked may.

        Raises:
            UnknownCommandError, ApprovalError: as in :meth:`approve`.
        """
        return self._close(number, RequestState.WITHDRAWN, by, words_of(reason, needed=False))

    def identity_of(self, number: str) -> Identity:
        """How the name of who asked is known."""
        return how_known(self._engine, [number]).get(number, "claimed")

    def _close(self, number: str, state: RequestState, by: str, reason: str) -> Request:
        person = person_of(by)
        with writing(self._engine) as connection:
            head = lock(connection)
            found = self._waiting(connection, number)
            own = is_same_person(person, found.requested_by)
            if own == (state is RequestState.DECLINED):
                rule = "who asked withdraws it" if own else "only who asked withdraws it; decline it"
                raise ApprovalError(f"command {number}: {found.requested_by} asked for it; {rule}")
            now = self._clock()
            found = replace(found, state=state, decided_by=person, decided_at=now, updated=now, detail=reason)
            _store(connection, found)
            self._note(connection, head, found, state.value, person, {"reason": reason})
        return found

    def _waiting(self, connection: Connection, number: str) -> Request:
        found = _find(connection, number)
        if found is None or not self._catalogue.reach.reaches(found.equipment):
            raise UnknownCommandError(f"command {number!r}: there is no such request; see GET /api/commands")
        if found.state is not RequestState.WAITING:
            raise ApprovalError(f"command {number}: is {found.state.value}, it waits for nobody")
        if self._clock() >= found.overdue:
            raise ApprovalError(
                f"command {number}: waited longer than {APPROVAL_NS // NS_PER_S // 60} min; ask for it again"
            )
        return found

    def _issue(self, connection: Connection, head: Head, request: Request, offer: Offer) -> Request:
        now = self._clock()
        expires = now + round(offer.rule.expires_s * NS_PER_S)
        read_back = offer.target.read_back
        within = 0 if read_back is None else (read_back.within_ms + read_back.hold_ms) * NS_PER_MS
        issued = replace(
            request,
            state=RequestState.ISSUED,
            issued=now,
            expires=expires,
            overdue=expires + within + ANSWER_NS,
            updated=now,
        )
        _store(connection, issued)
        self._note(connection, head, issued, "issued", SOURCE, {"expires": expires})
        return issued

    def _block(self, connection: Connection, head: Head, request: Request, failing: str, by: str) -> Request:
        blocked = replace(request, state=RequestState.BLOCKED, detail=failing, updated=self._clock())
        _store(connection, blocked)
        self._note(connection, head, blocked, "blocked", by, {"why": failing})
        return blocked

    def _note(
        self,
        connection: Connection,
        head: Head,
        request: Request,
        event: str,
        by: str,
        body: Mapping[str, Any],
    ) -> Head:
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

    def _publish(self, request: Request, offer: Offer, known: Identity) -> None:
        command = Command(
            id=request.id,
            park=self._park,
            source=request.source,
            equipment=request.equipment,
            name=request.command,
            target=offer.target,
            value=request.value,
            risk=request.risk,
            reason=request.reason,
            requested_by=request.requested_by,
            requested_at=request.requested_at,
            approved_by=request.decided_by,
            approved_at=request.decided_at,
            identity=known,
            issued=request.issued,
            expires=request.expires,
            dry_run=request.dry_run,
        )
        value, headers = encode_message(command, message_id=command.id, source=SOURCE, time_ns=request.issued)
        self._bus.publish([self._sign(Message(COMMANDS.name, command.source, value, headers))])


def _find(connection: Connection, number: str) -> Request | None:
    row = connection.execute(select(REQUESTS).where(REQUESTS.c.id == number)).mappings().first()
    return None if row is None else request_of(row)


def _same(known: Request, made: Request) -> Request:
    """A request that was sent again is the one that was taken."""
    alike = ("equipment", "command", "value", "requested_by", "reason", "dry_run")
    if any(getattr(known, name) != getattr(made, name) for name in alike):
        raise CommandOpenError(
            f"command {made.id}: this id is another request's; leave it out, or choose a new one"
        )
    return known


def _check_alone(connection: Connection, made: Request) -> None:
    if made.dry_run:
        return
    columns = REQUESTS.c
    other = connection.execute(
        select(columns.id, columns.state, columns.requested_by)
        .where(columns.equipment == made.equipment, columns.command == made.command)
        .where(columns.state.in_([state.value for state in OPEN]), ~columns.dry_run)
        .where(columns.overdue > made.requested_at)
    ).first()
    if other is not None:
        raise CommandOpenError(
            f"{made.command} of {made.equipment}: command {other.id} of {other.requested_by} "
            f"is {other.state}; wait for its end, or withdraw it"
        )


def _store(connection: Connection, request: Request) -> None:
    connection.execute(REQUESTS.update().where(REQUESTS.c.id == request.id).values(row_of(request)))
