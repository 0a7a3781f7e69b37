"""Choosing ports on this machine."""

from __future__ import annotations

import socket


def choose_port(wanted: int, host: str = "127.0.0.1") -> int:
    """Return ``wanted`` if nobody listens there, else any free port.

    >>> choose_port(0) > 0
    True
    """
    for candidate in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
            port: int = probe.getsockname()[1]
            return port
    raise OSError(f"{host}: no free port")
