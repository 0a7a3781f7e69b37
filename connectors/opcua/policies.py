"""The security policies of OPC UA that are known here: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from asyncua import ua
from asyncua.crypto import security_policies
from asyncua.crypto.security_policies import SecurityPolicy

from connectors.errors import SecurityError
from twin.contract.messages import SourceSecurity


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy.

    Args:
        name: as the park file writes it.
        kind: asyncua's.
        obsolete: relies on SHA-1 or short keys (OPC 10000-7): used only if a setting names it.
    """

    name: str
    kind: type[SecurityPolicy]
    obsolete: bool = False

    @property
    def uri(self) -> str:
        """How the wire names it."""
        return self.kind.URI


POLICIES: Final[Mapping[str, Policy]] = {
    policy.name: policy
    for policy in (
        Policy("None", security_policies.SecurityPolicyNone),
        Policy("Basic256Sha256", security_policies.SecurityPolicyBasic256Sha256),
        Policy("Aes128Sha256RsaOaep", security_policies.SecurityPolicyAes128Sha256RsaOaep),
        Policy("Aes256Sha256RsaPss", security_policies.SecurityPolicyAes256Sha256RsaPss),
        Policy("Basic256", security_policies.SecurityPolicyBasic256, obsolete=True),
        Policy("Basic128Rsa15", security_policies.SecurityPolicyBasic128Rsa15, obsolete=True),
    )
}
OLD_POLICIES: Final = frozenset(policy.name for policy in POLICIES.values() if policy.obsolete)
SETTING: Final = "PARKTWIN_OPCUA_OLD_POLICIES"

_MODES = {"sign": ua.MessageSecurityMode.Sign, "sign_and_encrypt": ua.MessageSecurityMode.SignAndEncrypt}
_WORDS = {
    ua.MessageSecurityMode.None_: "",
    ua.MessageSecurityMode.Sign: " sign",
    ua.MessageSecurityMode.SignAndEncrypt: " sign_and_encrypt",
}


def policy_of(security: SourceSecurity, allowed_old: frozenset[str]) -> tuple[Policy, ua.MessageSecurityMode]:
    """Return the policy and mode that a source asks for.

    Raises:
        SecurityError: the policy is obsolete and no setting names it.

    >>> policy_of(SourceSecurity(policy="Basic256"), frozenset())
    Traceback (most recent call last):
        ...
    connectors.errors.SecurityError: security policy Basic256 is obsolete (SHA-1, short keys); set the \
server and the park file to Basic256Sha256, or allow it with PARKTWIN_OPCUA_OLD_POLICIES=Basic256
    """
    policy = POLICIES[security.policy]
    if policy.obsolete and policy.name not in allowed_old:
        raise SecurityError(
            f"security policy {policy.name} is obsolete (SHA-1, short keys); set the server and the park "
            f"file to Basic256Sha256, or allow it with {SETTING}={policy.name}"
        )
    if policy.name == "None":
        return policy, ua.MessageSecurityMode.None_
    return policy, _MODES[security.mode]


def describe(endpoint: ua.EndpointDescription) -> str:
    """Say what an endpoint of a server asks for, in the words of the park file."""
    uri = str(endpoint.SecurityPolicyUri)
    names = [policy.name for policy in POLICIES.values() if policy.uri == uri]
    return f"{names[0] if names else uri.rpartition('#')[2]}{_WORDS.get(endpoint.SecurityMode, ' ?')}"
