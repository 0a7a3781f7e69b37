"""Sockets of kafka-python that are closed when they do not connect, or the peer is not who it should be.

The library (3.0) leaves those open until Python collects its cycles, which in a process with much in memory
is seldom: while a broker was away, each client lost a file descriptor every few seconds, and within the hour
a service had none left. Its table of ways to connect, by the scheme of ``proxy_url``, takes this one too.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
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


class ClosingTlsSocket(ssl.SSLSocket):
    """Closes itself when the handshake fails; the library forgets it then."""

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands; called by the library until it is done."""
        try:
            super().do_handshake(block)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except BaseException:
            with suppress(OSError):
                self.close()
            raise


def tls_context(cafile: str, certfile: str, keyfile: str) -> ssl.SSLContext:
    """Make a context that checks the broker's certificate and name, from TLS 1.2 on.

    Args:
        cafile: authorities, PEM; "" = those that this machine knows.
        certfile, keyfile: of ours, PEM; "" = none.

    Raises:
        OSError: (ssl.SSLError is one) a file cannot be read, or holds something else.
    """
    context = ssl.create_default_context(cafile=cafile or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = ClosingTlsSocket
    if certfile:
        context.load_cert_chain(certfile, keyfile or None)
    return context


DIRECT: Final = "direct://"
"""``proxy_url`` of every client."""
