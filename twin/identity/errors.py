"""What goes wrong with identities.

IdentityError
├── AccountError (ValueError)            an account, token or link cannot be made or changed as asked
├── UnknownAccountError (LookupError)    there is no such account or token
├── SignInError (PermissionError)        name, password or code do not let anybody in
│   └── LockedOutError                   too many wrong tries; wait
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


class UnauthenticatedError(IdentityError, PermissionError):
    """Nobody is signed in, or the token is none."""

    code = "unauthenticated"


class ForbiddenError(IdentityError, PermissionError):
    """Who is signed in may not do this."""

    code = "forbidden"
