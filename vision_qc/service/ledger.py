"""The ledger: what was said of a product is durable here before it is said to anybody.

* **Group commit.** One thread writes; what came meanwhile goes to disk in one transaction, with the highest
  sequence number given out.
* **A full disk stops no station.** What cannot be written stays in memory, bounded by :data:`MOST_OWED`, is
  written first once there is room, and is answered as not durable until then.
* **Nothing is removed that somebody still needs**: entries go when every follower has passed them.
* **Where followers stand goes to disk with the next entry**, or by itself after :data:`TIDY_S`: a commit of
  its own for every entry and follower waits for the disk as long as the entry did. Killed in between, a
  follower is handed the last entries again, which those it feeds know by their ids.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import islice
from typing import Final

from twin.bus.base import BusError, Message
from twin.bus.embedded_log import DurableLog
from twin.bus.partition_log import Stored
from twin.contract.clock import Clock
from twin.contract.messages import Condition
from twin.service.logging import ConditionLog
from vision_qc.errors import ServiceClosedError

RETRY_S: Final = 1.0
MOST_OWED: Final = 20_000
PAID_AT_ONCE: Final = 100
TIDY_S: Final = 0.5
REMOVED_AT_ONCE: Final = 1000
"""Whoever waits for a verdict to be written waits for what is being removed."""
_RECORDER, _SEQUENCE = "recorder", "sequence"

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class _Pending:
    message: Message
    done: Future[bool]


class Ledger:
    """Accepts messages from any thread and makes them durable from one.

    Args:
        log: where they are kept; the caller closes it.
        clock: ns since the epoch.
        monotonic: [s], tells how long where followers stand has not been noted.
    """

    def __init__(
        self, log: DurableLog, *, clock: Clock, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.log = log
        self.lost = 0
        """Entries that fell out of memory while the disk was full."""
        self._clock = clock
        self._monotonic = monotonic
        self._conditions = ConditionLog(_LOG, clock)
        self._full: Condition | None = None
        self._numbering = threading.Lock()
        self.recorder = self._name()
        self._sequence = int(log.get_meta(_SEQUENCE) or b"0")
        self._waiting: dict[str, int] = {}  # id -> offset of what a follower may not have yet
        self._owed: deque[Message] = deque()
        self._pending: list[_Pending] = []
        self._wake = threading.Condition()
        self._closing = False
        self._listeners: list[threading.Event] = []
        self._passed: dict[str, int] = {}
        self._noted: dict[str, int] = {}
        self._tidy_at: float | None = None  # monotonic [s]; None = nothing to tidy up
        self._resting = False
        self._remember()
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    def next_sequence(self) -> int:
        """Give out a sequence number: larger than all before, in this life and those before it."""
        with self._numbering:
            self._sequence += 1
            return self._sequence

    def count_from(self, sequence: int) -> None:
        """Give out only numbers above ``sequence``, which another keeper knows of."""
        with self._numbering:
            self._sequence = max(self._sequence, sequence)

    def keep(self, message: Message) -> Future[bool]:
        """Take a message; the future ends with True once it is durable, False if it is only in memory."""
        done: Future[bool] = Future()
        done.set_running_or_notify_cancel()
        with self._wake:
            if self._closing:
                done.set_exception(ServiceClosedError("ledger: closed; nothing more is accepted"))
                return done
            self._pending.append(_Pending(message, done))
            self._wake.notify()
        return done

    def find(self, message_id: str) -> Message | None:
        """Return the message of this id if it is still here, None if the followers have it or nobody does."""
        with self._wake:
            offset = self._waiting.get(message_id)
            owed = next((m for m in self._owed if m.headers["ce_id"] == message_id), None)
        if offset is None:
            return owed
        for stored in self.log.read(offset - 1, 1):
            if stored.message.headers["ce_id"] == message_id:
                return stored.message
        return None

    def owes(self, message_id: str) -> bool:
        """Whether the message of this id is only in memory."""
        with self._wake:
            return any(message.headers["ce_id"] == message_id for message in self._owed)

    def listen(self, event: threading.Event, name: str) -> int:
        """Set ``event`` at every append; return the offset up to which follower ``name`` has passed."""
        passed = max(int(self.log.get_meta(f"passed:{name}") or b"0"), self.log.first_offset - 1)
        with self._wake:
            self._listeners.append(event)
            self._passed[name] = self._noted[name] = passed
        return passed

    def passed(self, name: str, offset: int) -> None:
        """Follower ``name`` has everything up to ``offset``: noted, and removed if nobody needs it, soon."""
        with self._wake:
            self._passed[name] = offset
            if self._tidy_at is None:
                self._tidy_at = self._monotonic() + TIDY_S
            if self._resting or self._owed:
                self._wake.notify()
            closing = self._closing
        if closing:
            self._tidy()

    @property
    def condition(self) -> Condition | None:
        """``ledger_full`` while nothing can be written, else None."""
        return self._full

    @property
    def owed(self) -> int:
        """Entries that are only in memory."""
        return len(self._owed)

    def close(self) -> None:
        """Make what is pending durable and stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _name(self) -> str:
        known = self.log.get_meta(_RECORDER)
        if known is None:
            known = uuid.uuid4().hex.encode()
            self.log.set_meta(_RECORDER, known)
        return known.decode()

    def _remember(self) -> None:
        after = self.log.first_offset - 1
        while entries := self.log.read(after):
            self._enlist(entries)
            after = entries[-1].offset

    def _enlist(self, entries: Sequence[Stored]) -> None:
        for entry in entries:
            self._waiting[entry.message.headers["ce_id"]] = entry.offset

    def _run(self) -> None:
        while True:
            with self._wake:
                if not self._pending and not self._closing:
                    rest_s = self._rest_s()
                    self._resting = rest_s is None
                    self._wake.wait(rest_s)
                    self._resting = False
                pending, self._pending = self._pending, []
                closing = self._closing
                tidy = closing or self._is_untidy()
            if self._owed:
                self._tidy()  # what is removed makes room
            if pending or self._owed:
                self._commit(pending)
            if tidy:  # whoever waits for a verdict does not wait for this
                self._tidy()
            if closing and not self._pending:
                if self._owed:
                    _LOG.error("ledger: ends with %d verdicts that no disk had room for", len(self._owed))
                return

    def _rest_s(self) -> float | None:
        """How long there is nothing to do if nothing comes; None = for ever."""
        retry_s = RETRY_S if self._owed else None
        if self._tidy_at is None:
            return retry_s
        tidy_s = max(0.0, self._tidy_at - self._monotonic())
        return tidy_s if retry_s is None else min(tidy_s, retry_s)

    def _is_untidy(self) -> bool:
        return self._tidy_at is not None and self._monotonic() >= self._tidy_at

    def _tidy(self) -> None:
        """Note where followers stand, if no entry took it along, and remove what nobody needs."""
        with self._wake:
            self._tidy_at = None
            marks = self._marks()
            everybody = min(self._passed.values(), default=0)
        try:
            if marks:
                self.log.append([], meta=_meta(marks))
            first = self.log.first_offset
            last = min(everybody, first - 1 + REMOVED_AT_ONCE)
            gone = last >= first and self.log.trim(last)
        except BusError as error:
            _LOG.debug("ledger: cannot note where followers stand now: %s", error)
            with self._wake:
                self._tidy_at = self._monotonic() + RETRY_S
            return
        with self._wake:
            self._noted |= marks
            if gone:
                self._waiting = {key: at for key, at in self._waiting.items() if at > last}
            if last < everybody:
                self._tidy_at = self._monotonic()

    def _marks(self) -> dict[str, int]:
        """Where followers stand of whom that is not on the disk yet."""
        return {name: at for name, at in self._passed.items() if self._noted.get(name) != at}

    def _commit(self, pending: Sequence[_Pending]) -> None:
        messages = [entry.message for entry in pending]
        durable = True
        try:
            self._pay()
            self._append(messages)
        except BusError as error:
            durable = False
            self._owe(messages, error)
        except Exception as error:  # nobody may wait for ever on a thread that has ended
            _LOG.exception("ledger: an unforeseen error")
            for entry in pending:
                entry.done.set_exception(error)
            return
        else:
            if self._full is not None:
                self._full = None
                self._conditions.end("ledger", "ledger: writing again; what was owed is on the disk")
        for entry in pending:
            entry.done.set_result(durable)

    def _pay(self) -> None:
        """Write what is owed, the oldest first, as much as there is room for.

        Raises:
            BusError: there is no room for all of it.
        """
        while self._owed:
            some = list(islice(self._owed, PAID_AT_ONCE))
            try:
                self._append(some)
            except BusError:
                some = some[:1]  # all of them may never have room, one after the other they will
                self._append(some)
            with self._wake:
                for _ in some:
                    self._owed.popleft()

    def _append(self, messages: Sequence[Message]) -> None:
        if not messages:
            return
        with self._wake:
            marks = self._marks()
        last = self.log.append(messages, meta=_meta(marks) | {_SEQUENCE: str(self._sequence).encode()})
        with self._wake:
            self._noted |= marks
            for offset, message in enumerate(messages, last - len(messages) + 1):
                self._waiting[message.headers["ce_id"]] = offset
        for event in self._listeners:
            event.set()

    def _owe(self, messages: Sequence[Message], error: BusError) -> None:
        with self._wake:
            self._owed.extend(messages)
            while len(self._owed) > MOST_OWED:
                self._owed.popleft()
                self.lost += 1
        if self._full is None:
            self._full = Condition(code="ledger_full", since=self._clock(), detail=str(error))
        self._conditions.begin("ledger", f"ledger: cannot write, keeping verdicts in memory: {error}")


def _meta(marks: Mapping[str, int]) -> dict[str, bytes]:
    return {f"passed:{name}": str(offset).encode() for name, offset in marks.items()}
