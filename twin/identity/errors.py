"""What goes wrong with identities.

IdentityError
├── AccountError (ValueError)            an account, token or link cannot be made or changed as asked
├── UnknownAccountError (LookupError)    there is no such account or token
├── SignInError (PermissionError)        name, password or code do not let anybody in
│   └── LockedOutError                   too many wrong tries; wait
├── SeedKeyError (OSError)               the key of second factors is not there, or is another
├── TooOftenError                        too much is asked at once; wait
├── TooMuchError (ValueError)            more is asked for in one question than ever can be; ask for less
├── UnauthenticatedError (PermissionError)  nobody is signed in
└── ForbiddenError (PermissionError)     who is signed in may not do this
"""

from __future__ import annotations

from twin.contract.errors import ParkTwinError


class IdentityError(ParkTwinError):
    """Something is wrong with an identity."""

    code = "identity"


class AccountError(IdentityError, ValueError):
    """An account, token or link cannot be made or changed as asked; nothing was changed."""

    code = "identity.account"


class UnknownAccountError(IdentityError, LookupError):
    """There is no such account or token."""

    code = "identity.unknown"


class SignInError(IdentityError, PermissionError):
    """Name, password or code do not let anybody in. The text never says which."""

    code = "identity.sign_in"


class LockedOutError(SignInError):
    """Too many wrong tries; wait."""

    code = "identity.locked_out"


class SeedKeyError(IdentityError, OSError):
    """The key of second factors is not there, or is another; nothing was changed."""

    code = "identity.seed_key"


class TooOftenError(IdentityError):
    """Somebody asks too much at once; nothing was done.

    Args:
        text: who, the bound, and when to ask again.
        retry_after_s: when [s].
    """

    code = "too_often"

    def __init__(self, text: str, retry_after_s: int) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class TooMuchError(IdentityError, ValueError):
    """One question is more work than somebody can ever ask for at once; waiting does not help."""

    code = "too_much"


class UnauthenticatedError(IdentityError, PermissionError):
    """Nobody is signed in, or the token is none."""

    code = "unauthenticated"


class ForbiddenError(IdentityError, PermissionError):
    """Who is signed in may not do this."""

    code = "forbidden"
