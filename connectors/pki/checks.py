"""What is wrong with a certificate: every fault names the side, the field, the value and the way out.

All faults are told at once: whoever mends one and connects again to learn of the next loses a day with each.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from connectors.pki.certificate import Certificate, moment
from connectors.pki.trust_store import TrustStore

MIN_KEY_BITS: Final = 2048
"""Of every policy that is not obsolete (OPC 10000-7)."""
MIN_OLD_KEY_BITS: Final = 1024
"""Of Basic256 and Basic128Rsa15."""
EXPIRY_WARNING: Final = timedelta(days=30)

SERVER: Final = "the server's certificate"
OWN: Final = "our own certificate"


@dataclass(frozen=True, slots=True)
class Peer:
    """What is known of the server before its certificate is looked at.

    Args:
        host: from the endpoint, as the park file writes it.
        application_uri: what the server calls itself.
        check_host: whether the host must stand in the certificate.
        old_policy: whether an obsolete policy was asked for, which allows shorter keys and SHA-1.
    """

    host: str
    application_uri: str
    check_host: bool = True
    old_policy: bool = False


def server_faults(
    chain: tuple[Certificate, ...], peer: Peer, store: TrustStore, now_ns: int
) -> tuple[str, ...]:
    """Return what is wrong with the certificate a server shows; empty if it may be talked to."""
    return tuple(_server_faults(chain, peer, store, now_ns))


def _server_faults(
    chain: tuple[Certificate, ...], peer: Peer, store: TrustStore, now_ns: int
) -> Iterator[str]:
    certificate = chain[0]
    if not store.trusts(chain):
        yield (
            f"{SERVER} {certificate} is not trusted, nor is its issuer {certificate.issuer!r}; compare the "
            f"thumbprint with the one shown at the server, then 'parktwin certs trust "
            f"{certificate.thumbprint[:8]}'"
        )
    elif store.revoked(certificate):
        yield (
            f"{SERVER} {certificate} is revoked by its issuer {certificate.issuer!r}; give the server a new "
            "one"
        )
    yield from time_faults(certificate, SERVER, now_ns, "give the server a new one, then trust it here")
    if peer.application_uri not in certificate.application_uris:
        shown = ", ".join(certificate.application_uris) or "none"
        yield (
            f"{SERVER} {certificate}: field URI of the subject alternative name is {shown}, but the server "
            f"calls itself {peer.application_uri}; make the server's certificate anew with that URI, or "
            "correct the server's ApplicationUri"
        )
    if peer.check_host and not _names_host(certificate, peer.host):
        shown = ", ".join(certificate.hosts) or "none"
        yield (
            f"{SERVER} {certificate}: field DNS/IP of the subject alternative name is {shown}, but the "
            f"endpoint says {peer.host}; write one of those names into the endpoint of the park file, make "
            "the certificate anew with that host, or set security.check_host: false for this source"
        )
    least = MIN_OLD_KEY_BITS if peer.old_policy else MIN_KEY_BITS
    if certificate.key_bits < least:
        yield (
            f"{SERVER} {certificate}: field public key is RSA of {certificate.key_bits} bits, at least "
            f"{least} are asked for; make the server's certificate anew with a longer key"
        )
    if certificate.signature_hash in {"md5", "sha1"} and not peer.old_policy:
        yield (
            f"{SERVER} {certificate}: field signature is made with {certificate.signature_hash}, which can "
            "be forged; make the server's certificate anew with SHA-256"
        )


def time_faults(certificate: Certificate, side: str, now_ns: int, fix: str) -> Iterator[str]:
    """Yield what is wrong with the time in which a certificate holds."""
    now = moment(now_ns)
    if now > certificate.not_after:
        yield (
            f"{side} {certificate}: field notAfter is {certificate.not_after:%Y-%m-%d %H:%M} UTC, it expired "
            f"{_days(now - certificate.not_after)} ago; {fix}"
        )
    if now < certificate.not_before:
        yield (
            f"{side} {certificate}: field notBefore is {certificate.not_before:%Y-%m-%d %H:%M} UTC, it holds "
            f"only in {_days(certificate.not_before - now)}; check the clocks of the server and of this "
            f"machine (now {now:%Y-%m-%d %H:%M} UTC), or {fix}"
        )


def own_faults(certificate: Certificate, now_ns: int) -> tuple[str, ...]:
    """Return what is wrong with our own certificate before any server sees it."""
    fix = "run 'parktwin certs renew', then trust the new one at each server"
    faults = list(time_faults(certificate, OWN, now_ns, fix))
    if len(certificate.application_uris) != 1:
        shown = ", ".join(certificate.application_uris) or "none"
        faults.append(
            f"{OWN} {certificate}: field URI of the subject alternative name is {shown}, there must be "
            f"exactly one; {fix}"
        )
    return tuple(faults)


def expiry_warning(certificate: Certificate, side: str, now_ns: int) -> str:
    """Return the sentence to show in the 30 days before a certificate expires, and after; "" before that."""
    left = certificate.not_after - moment(now_ns)
    if left > EXPIRY_WARNING:
        return ""
    when = f"{certificate.not_after:%Y-%m-%d}"
    said = f"expires in {_days(left)}, on {when}" if left > timedelta(0) else f"expired on {when}"
    if side == OWN:
        fix = "run 'parktwin certs renew' and trust the new one at each server"
    else:
        fix = "give the server a new one, and trust it with 'parktwin certs trust'"
    return f"{side} {certificate} {said}; {fix}"


def _names_host(certificate: Certificate, host: str) -> bool:
    try:
        address = str(ipaddress.ip_address(host))
    except ValueError:
        return any(_matches(name, host) for name in certificate.hosts)
    return address in certificate.hosts


def _matches(name: str, host: str) -> bool:
    """Compare host names without regard to case; ``*`` stands for one label.

    >>> _matches("PLC1", "plc1"), _matches("*.plant.vn", "plc1.plant.vn"), _matches("*.vn", "plc1.plant.vn")
    (True, True, False)
    """
    name, host = name.lower().rstrip("."), host.lower().rstrip(".")
    return name == host or (name.startswith("*.") and host.partition(".")[2] == name[2:])


def _days(span: timedelta) -> str:
    days = span.total_seconds() / 86_400
    return f"{days:.0f} days" if days >= 2 else f"{span.total_seconds() / 3600:.0f} hours"
