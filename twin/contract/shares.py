"""Sharing things out by their names, so that everybody who knows the names comes to the same result."""

from __future__ import annotations

import hashlib


def share_of(name: str, shares: int) -> int:
    """Return which of some shares a name falls to, 0 to ``shares - 1``.

    Rendezvous hashing (Thaler and Ravishankar, IEEE/ACM Trans. Networking 6(1), 1998): the name goes where
    the hash of both is largest, so that one more share takes its part from each of the others and moves
    nothing else.

    >>> [share_of(f"tag{n}", 3) for n in range(8)]
    [0, 1, 1, 0, 1, 2, 0, 0]
    """
    if shares == 1:
        return 0
    return max(range(shares), key=lambda share: _weight(name, share))


def _weight(name: str, share: int) -> bytes:
    return hashlib.blake2b(f"{share}\n{name}".encode(), digest_size=8).digest()
