"""From the ledger to somebody who may be away: in order, at least once, from where it stood."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from typing import Final

from twin.bus.partition_log import Stored
from twin.contract.clock import Clock
from twin.contract.messages import Condition
from twin.service.logging import ConditionLog
from vision_qc.service.ledger import Ledger

MOST_ENTRIES: Final = 256
IDLE_S: Final = 1.0
FIRST_RETRY_S: Final = 0.1
LAST_RETRY_S: Final = 5.0

_LOG = logging.getLogger(__name__)

Deliver = Callable[[Sequence[Stored]], None]


class Follower:
    """Hands the entries of a ledger on from a thread of its own.

    Args:
        name: of who is fed; where it stands is kept under it.
        ledger: what is handed on.
        deliver: takes entries, all of a call or none; raises an OSError (a ConnectionError and a TimeoutError
            are) while it cannot, and any other for entries that it never will.
        clock: ns since the epoch.
        rng: spreads retries.
        linger_s: how long it lets entries come together before it hands them on [s]; a hand-over that ends in
            a commit costs more than what it commits.
    """

    def __init__(
        self,
        name: str,
        ledger: Ledger,
        deliver: Deliver,
        *,
        clock: Clock,
        rng: random.Random,
        linger_s: float = 0.0,
    ) -> None:
        self.left_out = 0
        """Entries that ``deliver`` will never take."""
        self._name = name
        self._ledger = ledger
        self._deliver = deliver
        self._clock = clock
        self._rng = rng
        self._linger_s = linger_s
        self._condition: Condition | None = None
        self._conditions = ConditionLog(_LOG, clock)
        self._appended = threading.Event()
        self._stop = threading.Event()
        self._at = ledger.listen(self._appended, name)
        self._thread = threading.Thread(target=self._run, name=f"follower-{name}", daemon=True)
        self._thread.start()

    @property
    def condition(self) -> Condition | None:
        """``<name>_unavailable`` while nothing is taken, else None."""
        return self._condition

    @property
    def behind(self) -> int:
        """Entries not yet handed on."""
        return max(0, self._ledger.log.last_offset - self._at)

    def close(self, timeout_s: float = 5.0) -> None:
        """Hand on what can be at once, and stop; the rest stays for the next start."""
        self._stop.set()
        self._appended.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        retry_s = FIRST_RETRY_S
        while True:
            self._appended.clear()
            stopping = self._stop.is_set()  # asked before reading: what was appended until then still goes
            try:
                moved = self._move()
            except OSError as error:
                self._lost(error)
                if self._stop.is_set():
                    return
                self._stop.wait(self._rng.uniform(0.5, 1.0) * retry_s)
                retry_s = min(2 * retry_s, LAST_RETRY_S)
                continue
            retry_s = FIRST_RETRY_S
            if moved:
                continue
            if stopping:
                return
            if self._appended.wait(IDLE_S) and self._linger_s:
                self._stop.wait(self._linger_s)

    def _move(self) -> bool:
        entries = self._ledger.log.read(self._at, MOST_ENTRIES)
        if not entries:
            return False
        try:
            self._deliver(entries)
        except OSError:
            raise
        except Exception:
            self._one_by_one(entries)
        self._at = entries[-1].offset
        self._back()
        self._ledger.passed(self._name, self._at)
        return True

    def _one_by_one(self, entries: Sequence[Stored]) -> None:
        """One entry that will never be taken must not hold up all others."""
        for entry in entries:
            try:
                self._deliver([entry])
            except OSError:
                raise
            except Exception:
                self.left_out += 1
                _LOG.exception("%s: entry %d is left out", self._name, entry.offset)

    def _lost(self, error: Exception) -> None:
        if self._condition is None:
            code = f"{self._name}_unavailable"
            self._condition = Condition(code=code, since=self._clock(), detail=str(error))
        self._conditions.begin(self._name, f"{self._name}: takes nothing, keeping it in the ledger: {error}")

    def _back(self) -> None:
        if self._condition is not None:
            self._condition = None
            self._conditions.end(self._name, f"{self._name}: takes again")
