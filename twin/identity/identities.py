"""All identities of a service in one: whoever shows a secret, found in the database or remembered."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Final

from argon2 import PasswordHasher

from twin.contract.clock import NS_PER_S, Clock
from twin.identity import sessions, tokens
from twin.identity.accounts import Accounts
from twin.identity.links import Links
from twin.identity.passwords import Passwords
from twin.identity.principal import Principal
from twin.identity.seed_box import SeedBox, key_file
from twin.identity.sessions import Sessions
from twin.identity.store import Store, digest
from twin.identity.tokens import Tokens

REMEMBERED_NS: Final = 2 * NS_PER_S
"""So long an answer of the database is taken for true: a disabled account is out after as long."""
_MOST: Final = 4096


class Identities:
    """Thread-safe; constructing it opens nothing.

    Args:
        url: of the database.
        clock: ns since the epoch.
        hasher: of passwords; weaker ones are for tests.
        seed_key: file with the key of second factors; "" = beside a SQLite file.
    """

    def __init__(
        self, url: str, *, clock: Clock, hasher: PasswordHasher | None = None, seed_key: str = ""
    ) -> None:
        self.store = Store(url, clock)
        self.accounts = Accounts(self.store, Passwords(hasher), SeedBox(key_file(url, seed_key)))
        self.sessions = Sessions(self.store)
        self.tokens = Tokens(self.store)
        self.links = Links(self.store, self.accounts)
        self._clock = clock
        self._remembered: OrderedDict[str, tuple[int, Principal | None]] = OrderedDict()
        self._lock = Lock()

    def remembered(self, secret: str) -> tuple[bool, Principal | None]:
        """Whether it is known whose secret this is, and whose; asks nothing."""
        with self._lock:
            until, principal = self._remembered.get(digest(secret), (0, None))
        return self._clock() < until, principal

    def find(self, secret: str) -> Principal | None:
        """Whose secret this is, of a session or a token; None if of nobody.

        Raises:
            DatabaseError: it cannot be looked up now.
        """
        known, principal = self.remembered(secret)
        if known:
            return principal
        if secret.startswith(sessions.PREFIX):
            principal = self.sessions.find(secret)
        elif secret.startswith(tokens.PREFIX):
            principal = self.tokens.find(secret)
        with self._lock:
            self._remembered[digest(secret)] = (self._clock() + REMEMBERED_NS, principal)
            while len(self._remembered) > _MOST:
                self._remembered.popitem(last=False)
        return principal

    def forget(self) -> None:
        """Ask the database again from now on; after a sign-out."""
        with self._lock:
            self._remembered.clear()

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()
