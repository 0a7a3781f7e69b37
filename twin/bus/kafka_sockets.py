"""Sockets of kafka-python that are closed when they do not connect.

The library (3.0) leaves those open until Python collects its cycles, which in a process with much in memory
is seldom: while a broker was away, each client lost a file descriptor every few seconds, and within the hour
a service had none left. Its table of ways to connect, by the scheme of ``proxy_url``, takes this one too.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from kafka.net.inet import KafkaNetSocket


class ClosingSocket(KafkaNetSocket):  # type: ignore[misc]  # the library has no types
    """Connects directly, and closes what did not connect."""

    SCHEMES: ClassVar = ("direct",)

    async def sock_connect(self, net: Any, sock: Any, sockaddr: Any, timeout_at: float | None = None) -> Any:
        """Connect a socket; called by the library."""
        try:
            return await super().sock_connect(net, sock, sockaddr, timeout_at=timeout_at)
        except BaseException:
            sock.close()
            raise


DIRECT: Final = "direct://"
"""``proxy_url`` of every client."""
