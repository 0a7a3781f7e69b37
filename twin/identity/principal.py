"""Who a request comes from, and the name that is written down for what they do."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import AfterValidator

from twin.identity.permissions import ALL_PERMISSIONS

Kind = Literal["person", "token", "demo"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a request comes from.

    Args:
        name: of the account or token.
        display: name of the person, as it is written down.
        kind: a signed-in person, a token of a program, or whoever sits at a demo.
        permissions: what they may do.
        roles: of a person.
        tenant: id of the enterprise they belong to, "" for the park.
        key: what ends when they sign out; "" for what does not.
    """

    name: str
    display: str
    kind: Kind
    permissions: frozenset[str]
    roles: tuple[str, ...] = ()
    tenant: str = ""
    key: str = ""

    @property
    def written(self) -> str:
        """How the name of a person is written down: nobody else is written so.

        >>> Principal("lan", "Trần Thị Lan", "person", frozenset()).written
        'Trần Thị Lan (lan)'
        """
        return f"{self.display} ({self.name})"


DEMO: Final = Principal("demo", "", "demo", ALL_PERMISSIONS)
"""Whoever sits at this machine while nothing is secured."""

CURRENT: Final[ContextVar[Principal | None]] = ContextVar("principal", default=None)
"""Who the request that is being answered comes from; None outside of one."""


def signed(name: str) -> str:
    """The name to write down: of who is signed in, whatever the request says; without a sign-in the one that
    it says.

    >>> signed("Lan")
    'Lan'
    """
    principal = CURRENT.get()
    return principal.written if principal is not None and principal.kind == "person" else name


Signed = Annotated[str, AfterValidator(signed)]
"""A field of a request that says who does it."""
WHO: Final = "name of the person; of who is signed in, whatever stands here"
"""What such a field is for."""
