"""How much one asker may ask: a bucket of work that fills by the second, and so many answers at a time.

An asker is an account, a token, the access token that services share, or, for who has not said who it is, an
address. A plain question is one unit of work; a route that costs more says so
(:func:`twin.identity.guard.weighs`). Sockets are counted apart: they stay open.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import ceil
from threading import Lock
from typing import Final, Literal

from twin.contract.clock import NS_PER_S, Clock
from twin.identity.errors import TooMuchError, TooOftenError
from twin.identity.principal import Principal

Kind = Literal["nobody", "person", "token", "shared"]
How = Literal["http", "websocket"]


@dataclass(frozen=True, slots=True)
class Limit:
    """What an asker of a kind may do.

    Args:
        per_s: units of work a second, for ever.
        burst: units at once after a rest.
        at_a_time: questions that are being answered.
        sockets: WebSockets that are open.
    """

    per_s: float
    burst: float
    at_a_time: int
    sockets: int


LIMITS: Final[dict[Kind, Limit]] = {
    "nobody": Limit(per_s=10, burst=200, at_a_time=32, sockets=8),
    "person": Limit(per_s=50, burst=1000, at_a_time=32, sockets=32),
    "token": Limit(per_s=100, burst=2000, at_a_time=128, sockets=128),
    "shared": Limit(per_s=1000, burst=10_000, at_a_time=1000, sockets=1000),
}
"""An open page asks for some fifty files, then about twice a second; a station sends a picture a second."""
ASKERS: Final = 20_000
"""Remembered; the one not heard for longest is forgotten, unless it is being answered."""


class Asker:
    """One who asks."""

    __slots__ = ("at_a_time", "left", "limit", "seen", "sockets")

    def __init__(self, limit: Limit, now: int) -> None:
        self.limit, self.seen, self.left = limit, now, limit.burst
        self.at_a_time = self.sockets = 0

    def count(self, how: How, change: int) -> None:
        """Count something of theirs that begins or ends."""
        if how == "websocket":
            self.sockets += change
        else:
            self.at_a_time += change

    @property
    def is_answered(self) -> bool:
        """Whether anything of theirs is under way."""
        return bool(self.at_a_time or self.sockets)


class Rates:
    """Counts what is asked. Thread-safe.

    Args:
        clock: ns since the epoch.
        factor: of the rates and bursts above; 0 = no bound on them.

    >>> now = [0]
    >>> rates = Rates(lambda: now[0], factor=1.0)
    >>> def ask() -> bool:
    ...     try:
    ...         with rates.asking("nobody", "10.0.0.7", "http"):
    ...             return True
    ...     except TooOftenError as error:
    ...         print(error.retry_after_s)
    ...         return False
    >>> sum(ask() for _ in range(200)), ask()
    1
    (200, False)
    >>> now[0] = NS_PER_S
    >>> ask()
    True
    """

    def __init__(self, clock: Clock, factor: float) -> None:
        self._clock = clock
        self._factor = factor
        self._askers: OrderedDict[tuple[Kind, str], Asker] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        """How many askers are remembered."""
        return len(self._askers)

    @contextmanager
    def asking(self, kind: Kind, name: str, how: How) -> Iterator[None]:
        """Count a question as long as it is answered.

        Raises:
            TooOftenError: it is one too many now.
        """
        with self._lock:
            asker = self._asker(kind, name)
            open_now = asker.sockets if how == "websocket" else asker.at_a_time
            most = asker.limit.sockets if how == "websocket" else asker.limit.at_a_time
            if open_now >= most:
                what = "sockets open" if how == "websocket" else "questions being answered"
                raise TooOftenError(f"{name}: has {open_now} {what}; end one first", 1)
            self._take(asker, name, 1)
            asker.count(how, 1)
        try:
            yield
        finally:
            with self._lock:
                asker.count(how, -1)

    def charge(self, kind: Kind, name: str, units: float, why: str = "") -> None:
        """Take work from an asker's bucket; ``why`` it is so much, and what would be less.

        Raises:
            TooMuchError: it is more than a full bucket holds; nothing is taken.
            TooOftenError: there is not enough in it; nothing is taken.
        """
        with self._lock:
            asker = self._asker(kind, name)
            if self._factor and units > (most := asker.limit.burst * self._factor):
                text = (
                    f"{name}: this question is worth {units:,.0f} plain ones, and at most {most:,.0f} can be"
                )
                raise TooMuchError(f"{text}; {why or 'ask for less'}")
            self._take(asker, name, units, why)

    def _take(self, asker: Asker, name: str, units: float, why: str = "") -> None:
        if not self._factor:
            return
        now = self._clock()
        per_s, burst = asker.limit.per_s * self._factor, asker.limit.burst * self._factor
        asker.left = min(asker.left + max(now - asker.seen, 0) / NS_PER_S * per_s, burst)
        asker.seen = now
        if asker.left < units:
            wait_s = max(ceil((units - asker.left) / per_s), 1)
            text = f"{name}: asks more than {per_s:g} a second; ask again in {wait_s} s"
            if why:
                text += f"; this question is worth {units:,.1f} plain ones: {why}"
            raise TooOftenError(text, wait_s)
        asker.left -= units

    def _asker(self, kind: Kind, name: str) -> Asker:
        found = self._askers.get((kind, name))
        if found is None:
            found = self._askers[kind, name] = Asker(LIMITS[kind], self._clock())
            found.left *= self._factor
        self._askers.move_to_end((kind, name))
        while len(self._askers) > ASKERS:
            oldest = next(iter(self._askers))
            if self._askers[oldest].is_answered:
                self._askers.move_to_end(oldest)
                break  # at most as many more as are being answered
            del self._askers[oldest]
        return found


Charge = Callable[[float, str], None]
"""Takes work from whoever asks: units, and why it is so much."""
CHARGING: Final[ContextVar[Charge | None]] = ContextVar("charging", default=None)
"""Takes it for the request that is being answered; None outside of one, and where nothing is secured."""


def charge_asker(units: float, why: str) -> None:
    """Take work from whoever asks now, beyond what their question costs anyhow.

    Raises:
        TooMuchError, TooOftenError: as :meth:`Rates.charge`.
    """
    charge = CHARGING.get()
    if charge is not None:
        charge(units, why)


def asker_of(principal: Principal | None, address: str) -> tuple[Kind, str]:
    """Who a question is counted for.

    >>> asker_of(None, "10.0.0.7")
    ('nobody', '10.0.0.7')
    """
    if principal is None:
        return "nobody", address
    if principal.kind == "person":
        return "person", principal.name
    return ("token", principal.name) if principal.key else ("shared", principal.name)
