"""Why a server does not let us in, in a sentence: its status code says little, and its log lies elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from asyncua.ua.status_codes import StatusCodes

from connectors.pki.certificate import Certificate

_TRUST = (
    "find it there among the rejected or quarantined certificates and trust it (thumbprint {thumbprint}); "
    "the next attempt follows by itself"
)
_OURS: Final[Mapping[int, str]] = {
    StatusCodes.BadCertificateUntrusted: "the server does not trust our certificate {name}: " + _TRUST,
    StatusCodes.BadSecurityChecksFailed: (
        "the server does not accept our certificate {name} and does not say why; most often it does not "
        "trust it yet: " + _TRUST
    ),
    StatusCodes.BadCertificateTimeInvalid: (
        "the server finds our certificate {name} out of its time (notBefore {not_before}, notAfter "
        "{not_after}): set the server's clock, or run 'parktwin certs renew' here and trust the new one there"
    ),
    StatusCodes.BadCertificateUriInvalid: (
        "the server finds that field URI of our certificate {name} ({uri}) is not what we call ourselves: "
        "run 'parktwin certs renew' here and trust the new one there"
    ),
    StatusCodes.BadCertificateHostNameInvalid: (
        "the server does not find our host among those of our certificate {name} ({hosts}): run 'parktwin "
        "certs renew' on this machine and trust the new one there"
    ),
    StatusCodes.BadCertificateUseNotAllowed: (
        "the server finds that field keyUsage or extendedKeyUsage of our certificate {name} does not allow "
        "this use: install one for client authentication as own/certificate.der, or run 'parktwin certs "
        "renew'"
    ),
    StatusCodes.BadCertificateRevoked: (
        "the server finds our certificate {name} revoked: run 'parktwin certs renew' here and trust the new "
        "one there"
    ),
    StatusCodes.BadCertificateInvalid: (
        "the server cannot use our certificate {name}, or we encrypted for one of the server's that it no "
        "longer has: " + _TRUST
    ),
    StatusCodes.BadCertificateChainIncomplete: (
        "the server does not know the authority {issuer} that signed our certificate {name}: install that "
        "authority's certificate at the server"
    ),
    StatusCodes.BadCertificateIssuerTimeInvalid: (
        "the server finds the authority {issuer} of our certificate {name} out of its time: renew that "
        "authority's certificate at the server"
    ),
    StatusCodes.BadCertificateIssuerUseNotAllowed: (
        "the server does not take {issuer}, which signed our certificate {name}, for an authority: correct "
        "its certificate at the server"
    ),
    StatusCodes.BadCertificateRevocationUnknown: (
        "the server has no revocation list of {issuer}, which signed our certificate {name}: install the "
        "list at the server"
    ),
    StatusCodes.BadCertificatePolicyCheckFailed: (
        "the server finds the key ({bits} bits) or the signature ({hash}) of our certificate {name} too weak "
        "for its policy: run 'parktwin certs renew' here and trust the new one there"
    ),
}  # fmt: skip

_USER: Final[Mapping[int, str]] = {
    StatusCodes.BadUserAccessDenied: "the server does not let {user} in: correct the password or the rights",
    StatusCodes.BadIdentityTokenRejected: (
        "the server does not know {user}, or not by that password or certificate: correct it there or here"
    ),
    StatusCodes.BadIdentityTokenInvalid: (
        "the server cannot read how {user} was given: it may ask for another kind of user; see its endpoints"
    ),
    StatusCodes.BadUserSignatureInvalid: "the server finds that {user} does not have the certificate's key",
}


def explain_refusal(status: int, own: Certificate | None, user: str) -> str:
    """Return the sentence for a status code that says no to us; "" if it is no matter of trust.

    Args:
        status: what the server answered.
        own: our certificate; None if we showed none.
        user: who we came as, for a person.

    >>> explain_refusal(StatusCodes.BadUserAccessDenied, None, "user 'op'")
    "the server does not let user 'op' in: correct the password or the rights"
    """
    if status in _USER:
        return _USER[status].format(user=user)
    if own is None or status not in _OURS:
        return ""
    return _OURS[status].format(
        name=repr(own.name), thumbprint=own.thumbprint, uri=", ".join(own.application_uris) or "none",
        hosts=", ".join(own.hosts) or "none", issuer=repr(own.issuer), bits=own.key_bits,
        hash=own.signature_hash, not_before=f"{own.not_before:%Y-%m-%d}",
        not_after=f"{own.not_after:%Y-%m-%d}",
    )  # fmt: skip


def explain_silence(own: Certificate) -> str:
    """Return the sentence for a server that hangs up while the channel is opened."""
    return (
        f"the server hung up while the secure channel was opened: most servers do so with a client they do "
        f"not trust; our certificate is {own.name!r}: " + _TRUST.format(thumbprint=own.thumbprint)
    )
