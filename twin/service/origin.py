"""Which site a browser says a request comes from."""

from __future__ import annotations

from urllib.parse import urlsplit


def host_of(origin: str) -> str:
    """Return the host and port of an ``Origin`` header, "" if it has none or is no address.

    >>> host_of("https://park.example:8420"), host_of("null"), host_of("http://[::1")
    ('park.example:8420', '', '')
    """
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
