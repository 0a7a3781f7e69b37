"""Why a guarded broker does not answer: the library tells neither a wrong authority from a wrong host nor
either from a wrong password, it goes on trying; so somebody has to look."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from typing import Final

_LOOK_S: Final = 2.0


def look_at(servers: Sequence[str], context: ssl.SSLContext | None, authority: str, user: str) -> str:
    """Look at the first server that can be reached and say in one sentence what is not right, and what to do.

    Args:
        servers: ``host:port`` of brokers.
        context: of the clients; None where their listener does not speak TLS.
        authority: file of those whose signature counts, "" = those that this machine knows.
        user: that signs in, "" for none.
    """
    why = "nobody listens there; try again"
    for server in servers:
        host, _, port = server.rpartition(":")
        try:
            with socket.create_connection((host.strip("[]"), int(port)), _LOOK_S) as connection:
                if context is not None:
                    with context.wrap_socket(connection, server_hostname=host.strip("[]")):
                        pass
        except ssl.SSLCertVerificationError as error:
            return _certificate(server, host, authority, error)
        except ssl.SSLError as error:
            return f"{server} does not speak TLS as we do ({error.reason}): check that this port is for TLS"
        except OSError as error:
            why = f"{server} cannot be reached ({error.strerror or error}); try again"
            continue
        if user:
            sure = "it is there and its certificate is right, but it " if context else "it is there, but it "
            return (
                f"{sure}does not let us in: check that {user!r} and its password are known to the broker "
                "(PARKTWIN_KAFKA_PASSWORD or the file of PARKTWIN_KAFKA_PASSWORD_FILE)"
            )
        return "it is there, but does not answer us: check what its listener asks for; try again"
    return why


def _certificate(server: str, host: str, authority: str, error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in (_HOST_MISMATCH, _ADDRESS_MISMATCH):
        return f"the certificate of {server} is not for {host!r}: have one made for it, or use its name"
    if error.verify_code == _EXPIRED:
        return f"the certificate of {server} has expired: have it renewed ('parktwin certs init')"
    by = f"the authority in {authority}" if authority else "an authority that this machine knows"
    return (
        f"the certificate of {server} is not signed by {by} ({error.verify_message}): check ssl_cafile "
        "in the URL of the bus"
    )


_EXPIRED: Final = 10
_HOST_MISMATCH: Final = 62
_ADDRESS_MISMATCH: Final = 64
"""X509_V_ERR_CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH of OpenSSL."""
