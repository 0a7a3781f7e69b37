"""The way into one server: policy, certificates of both sides, and the user, looked at anew at each connect.

Before a channel is opened the server is asked, without security, what it offers; its certificate is checked
against the trust store; only then is anything encrypted for it. Nothing is kept from one connect to the next
but what is needed to notice that a certificate was exchanged: so a renewed certificate, a newly trusted
server and a changed password count from the next connect on, without a restart.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from asyncua import ua
from asyncua.client.client import Client
from asyncua.crypto.uacrypto import CertProperties
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors.errors import CertificateError, SecurityError, SourceRefusedError
from connectors.opcua.policies import Policy, describe, policy_of
from connectors.opcua.refusals import explain_refusal, explain_silence
from connectors.pki.certificate import Certificate, parse_chain
from connectors.pki.checks import OWN, SERVER, Peer, expiry_warning, own_faults, server_faults
from connectors.pki.own import Credentials, own_credentials, read_credentials
from connectors.pki.trust_store import TrustStore
from twin.contract.clock import Clock
from twin.contract.messages import Condition, SourceConfig
from twin.service.logging import ConditionLog

DISCOVERY_TIMEOUT_S: Final = 5.0
EXPIRES: Final = "certificate_expires"
"""Code of the condition that says so."""
BAD_CERTIFICATE_INVALID: Final = 0x80120000

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SecurityKit:
    """What all sources of a process share.

    Args:
        folder: ``DATA_DIR/connectors/pki``.
        clock: ns since the epoch.
        environment: where user names and passwords are found.
        old_policies: obsolete policies that may be used, by name.
    """

    folder: Path
    clock: Clock
    environment: Mapping[str, str] = field(default_factory=dict)
    old_policies: frozenset[str] = frozenset()

    @property
    def store(self) -> TrustStore:
        """Whom we trust."""
        return TrustStore(self.folder)

    def own(self) -> Credentials:
        """Our own certificate, made now if there is none.

        Raises:
            CertificateError: the one that is there cannot be used.
        """
        return own_credentials(self.folder / "own", self.clock)


@dataclass(frozen=True, slots=True)
class User:
    """Who we come as: a name with a password, or a certificate; neither is anonymous."""

    name: str = ""
    password: str = field(default="", repr=False)
    credentials: Credentials | None = None

    def __str__(self) -> str:
        if self.credentials is not None:
            return f"user certificate {self.credentials.certificate}"
        return f"user {self.name!r}" if self.name else "anonymous"

    @property
    def token_type(self) -> ua.UserTokenType:
        """What the server must offer for it."""
        if self.credentials is not None:
            return ua.UserTokenType.Certificate
        return ua.UserTokenType.UserName if self.name else ua.UserTokenType.Anonymous


class Door:
    """The way into the server of one source.

    Args:
        config: whose.
        kit: what all sources share.
    """

    def __init__(self, config: SourceConfig, kit: SecurityKit) -> None:
        self._config = config
        self._kit = kit
        self._own: Credentials | None = None
        self._server: Certificate | None = None
        self._chain: tuple[Certificate, ...] = ()
        self._user = User()
        self._expiring: dict[str, Condition] = {}
        self._conditions = ConditionLog(_LOG, kit.clock)

    @property
    def is_open(self) -> bool:
        """True if neither a policy nor a user was asked for."""
        security = self._config.security
        return security.policy == "None" and not security.user_name_env and not security.user_certificate

    async def prepare(self, client: Client, *, resume: bool) -> None:
        """Make a client ready to open its channel.

        Raises:
            SecurityError: we may not, or cannot; the text says what to do.
            SourceRefusedError: a certificate changed since the session that is to be resumed began.
            OSError, TimeoutError, UaError: the server cannot be asked.
        """
        if self.is_open:
            return
        policy, mode = policy_of(self._config.security, self._kit.old_policies)
        known = self._certificates()
        self._user = self._find_user()
        self._own = await self._find_own() if policy.name != "None" else None
        await self._look_at(policy, mode)
        server, own = self._server, self._own
        if resume and known != self._certificates():
            raise SourceRefusedError("a certificate was exchanged", BAD_CERTIFICATE_INVALID)
        if own is not None and server is not None:
            client.application_uri = own.application_uri
            await client.set_security(
                policy.kind,
                CertProperties(own.certificate.der, "der"),
                CertProperties(own.key_pem, "pem"),
                server_certificate=CertProperties(server.der, "der"),
                mode=mode,
            )

    async def activate(self, client: Client) -> None:
        """Activate the session as the user.

        Raises:
            SecurityError: the password would go over the wire in clear.
            OSError, TimeoutError, UaError: refused, or no answer.
        """
        user = self._user
        if user.credentials is not None:
            client.user_private_key = load_pem_private_key(user.credentials.key_pem, None)
            await client.activate_session(certificate=user.credentials.certificate.parsed)
            return
        if user.name:
            uri = client.server_policy(ua.UserTokenType.UserName).SecurityPolicyUri or ""
            encrypted = client.security_policy.Mode == ua.MessageSecurityMode.SignAndEncrypt
            if uri.endswith("#None") and not encrypted:
                raise SecurityError(
                    f"the server wants the password of {user} in clear over a channel that is not encrypted; "
                    "write mode: sign_and_encrypt, or have the server ask for an encrypted password"
                )
            await client.activate_session(username=user.name, password=user.password)
            return
        await client.activate_session()

    def explain(self, status: int | None, *, opening: bool) -> str:
        """Say what a failure to connect means; "" if it is no matter of trust.

        Args:
            status: the server's status code; None if the connection broke.
            opening: whether the secure channel was just being opened.
        """
        own = self._own.certificate if self._own is not None else None
        if status is not None:
            return explain_refusal(status, own, str(self._user))
        return explain_silence(own) if opening and own is not None else ""

    def lost_trust(self) -> str:
        """Say why a connection that stands should not: trust withdrawn, own certificate renewed; "" if it
        may. Reads files."""
        if self.is_open or not self._chain:
            return ""
        store = self._kit.store
        if not store.trusts(self._chain) or store.revoked(self._chain[0]):
            return (
                f"{SERVER} {self._chain[0]} is no longer trusted; if that is not meant, 'parktwin certs "
                f"trust {self._chain[0].thumbprint[:8]}'"
            )
        if self._own is not None:
            try:
                now = self._kit.own().certificate
            except CertificateError:
                return ""  # half copied, perhaps; what is in memory still works
            if now != self._own.certificate:
                return f"{OWN} was exchanged for {now}; connecting anew with it"
        return ""

    def expiries(self) -> dict[str, float]:
        """When the certificates of the sides expire, seconds since the epoch."""
        return {side: entry.not_after.timestamp() for side, entry in self._certificates().items()}

    def conditions(self) -> tuple[Condition, ...]:
        """What is wrong with the certificates of this source from 30 days before they expire on."""
        now = self._kit.clock()
        for side, certificate in self._certificates().items():
            said = expiry_warning(certificate, side, now)
            if not said:
                self._expiring.pop(side, None)
                self._conditions.end(side, f"source {self._config.source}: {side} holds long enough again")
                continue
            since = self._expiring[side].since if side in self._expiring else now
            self._expiring[side] = Condition(code=EXPIRES, since=since, detail=said)
            self._conditions.begin(side, f"source {self._config.source}: {said}")
        return tuple(self._expiring.values())

    def _certificates(self) -> dict[str, Certificate]:
        own, server = self._own, self._server
        sides = {OWN: own.certificate if own is not None else None, SERVER: server}
        return {side: entry for side, entry in sides.items() if entry is not None}

    def _find_user(self) -> User:
        security = self._config.security
        if security.user_certificate:
            place = self._kit.folder / "users"
            name = security.user_certificate
            try:
                return User(credentials=read_credentials(place / f"{name}.der", place / f"{name}.pem"))
            except CertificateError as error:
                raise SecurityError(f"user certificate {name!r}: {error}") from error
        if not security.user_name_env:
            return User()
        values = []
        for variable in (security.user_name_env, security.password_env):
            value = self._kit.environment.get(variable, "")
            if not value:
                raise SecurityError(
                    f"environment variable {variable} is not set for the connectors; set it and start them "
                    "again, or correct security.user in the park file"
                )
            values.append(value)
        return User(name=values[0], password=values[1])

    async def _find_own(self) -> Credentials:
        try:
            own = await asyncio.to_thread(self._kit.own)
        except (CertificateError, OSError) as error:
            raise SecurityError(f"{OWN}: {error}") from error
        faults = own_faults(own.certificate, self._kit.clock())
        if faults:
            self._own = own
            raise SecurityError("; and ".join(faults))
        return own

    async def _look_at(self, policy: Policy, mode: ua.MessageSecurityMode) -> None:
        """Ask the server what it offers, and check the certificate it shows for it."""
        url = self._config.endpoint
        probe = Client(url, timeout=DISCOVERY_TIMEOUT_S)
        offered = await probe.connect_and_get_server_endpoints()
        fitting = [entry for entry in offered if entry.SecurityPolicyUri == policy.uri]
        endpoint = next((entry for entry in fitting if entry.SecurityMode == mode), None)
        if endpoint is None:
            offers = ", ".join(sorted({describe(entry) for entry in offered})) or "nothing"
            raise SecurityError(
                f"the server does not offer what the park file asks for, security {self._wanted()}; it "
                f"offers {offers}: write one of these, or enable {policy.name} at the server"
            )
        self._check_token(endpoint)
        if not endpoint.ServerCertificate:
            raise SecurityError(
                f"the server shows no certificate for security {self._wanted()}; give it one, a password "
                "cannot be protected without"
            )
        try:
            chain = parse_chain(bytes(endpoint.ServerCertificate), SERVER)
        except CertificateError as error:
            raise SecurityError(f"{error}; make the server's certificate anew") from error
        self._chain, self._server = chain, chain[0]
        peer = Peer(
            host=urlsplit(url).hostname or "",
            application_uri=str(endpoint.Server.ApplicationUri or ""),
            check_host=self._config.security.check_host,
            old_policy=policy.obsolete,
        )
        store = self._kit.store
        faults = server_faults(chain, peer, store, self._kit.clock())
        if faults:
            if not store.trusts(chain):
                store.keep_rejected(chain[0])
            raise SecurityError("; and ".join(faults))

    def _check_token(self, endpoint: ua.EndpointDescription) -> None:
        kinds = {token.TokenType for token in endpoint.UserIdentityTokens or ()}
        if kinds and self._user.token_type not in kinds:
            offers = ", ".join(sorted(kind.name for kind in kinds))
            raise SecurityError(
                f"the server does not take {self._user} with security {self._wanted()}, only {offers}: write "
                "security.user in the park file accordingly, or change it at the server"
            )

    def _wanted(self) -> str:
        security = self._config.security
        return security.policy if security.policy == "None" else f"{security.policy} {security.mode}"
