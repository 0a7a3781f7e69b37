"""TLS between services: what a port shows, whom it answers, and whom a service that asks believes.

Certificates are those of a closed network (:mod:`twin.service.closed_network`). A port with a certificate is
HTTPS; one that wants certificates of its callers is for services among themselves, and no browser comes in.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Protocol

import httpx

from twin.service.settings import SettingsError

_NO_TLS: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")
_OURS: Final = (
    "set PARKTWIN_TLS_CERTIFICATE and PARKTWIN_TLS_KEY here, of the authority that PARKTWIN_TLS_AUTHORITY "
    "names there"
)


class TlsSettings(Protocol):
    """The settings that this is made of; see :class:`twin.service.settings.ServiceSettings`."""

    @property
    def tls_certificate(self) -> Path | None: ...
    @property
    def tls_key(self) -> Path | None: ...
    @property
    def tls_authority(self) -> Path | None: ...
    @property
    def tls_clients(self) -> bool: ...
    @property
    def plain_http(self) -> bool: ...


def server_options(settings: TlsSettings) -> dict[str, Any]:
    """What uvicorn needs to serve by HTTPS; empty = by HTTP.

    Raises:
        SettingsError: a file cannot be read, or does not fit the others.
    """
    if settings.tls_certificate is None or settings.tls_key is None or settings.plain_http:
        return {}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _show(context, settings.tls_certificate, settings.tls_key)
    options: dict[str, Any] = {
        "ssl_certfile": str(settings.tls_certificate),
        "ssl_keyfile": str(settings.tls_key),
        "ssl_ciphers": "ECDHE+AESGCM:ECDHE+CHACHA20",  # of TLS 1.2; those of 1.3 are all of this kind
    }
    if settings.tls_clients and settings.tls_authority is not None:
        _believe(context, settings.tls_authority)
        options["ssl_ca_certs"] = str(settings.tls_authority)
        options["ssl_cert_reqs"] = ssl.CERT_REQUIRED
    return options


def client_context(settings: TlsSettings) -> ssl.SSLContext:
    """What a service asks others with: it believes the authority of the closed network, or the machine's own
    where none is named, and shows its own certificate to whoever wants one.

    Raises:
        SettingsError: a file cannot be read, or does not fit the others.
    """
    if settings.tls_authority is None:
        context = ssl.create_default_context()
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks certificate and name
        _believe(context, settings.tls_authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.tls_certificate is not None and settings.tls_key is not None:
        _show(context, settings.tls_certificate, settings.tls_key)
    return context


def side_at_fault(error: httpx.HTTPError) -> str:
    """Say which side's certificate an error of a client is about, and what to do; "" if it is about none."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"its certificate does not prove who it is ({cause.verify_message}); make it one by "
                "'parktwin certs init' under the authority that PARKTWIN_TLS_AUTHORITY names here, with the "
                "name it is asked by"
            )
        if isinstance(cause, ssl.SSLError):
            reason = str(cause.reason or cause)
            if any(word in reason for word in _NO_TLS):
                return "it speaks no TLS; set PARKTWIN_TLS_CERTIFICATE and PARKTWIN_TLS_KEY there"
            return f"TLS with it fails ({reason}); {_OURS}" if "ALERT" in reason else f"TLS fails ({reason})"
    unanswered = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError)
    if unanswered and error.request.url.scheme == "https":
        # with TLS 1.3 a caller is refused after its side of the handshake, and asyncio only hangs up
        return f"it hangs up on us unanswered, as a port that does not believe our certificate; {_OURS}"
    return ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _show(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"PARKTWIN_TLS_CERTIFICATE={certificate}, PARKTWIN_TLS_KEY={key}: cannot be used "
            f"({getattr(error, 'reason', None) or error}); name <host>.pem and <host>.key.pem of 'parktwin "
            "certs init'"
        ) from error


def _believe(context: ssl.SSLContext, authority: Path) -> None:
    try:
        context.load_verify_locations(authority)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"PARKTWIN_TLS_AUTHORITY={authority}: cannot be used "
            f"({getattr(error, 'reason', None) or error}); name ca.pem of 'parktwin certs init'"
        ) from error
