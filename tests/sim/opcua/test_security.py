"""Security policies, users, certificates and trust, as a plain client meets them."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asyncua import ua
from asyncua.client.client import Client
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sim.opcua.certificate import expired, own_identity
from tests.sim.opcua.serving import WAIT_S, client_of, double, served, write

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CLIENT_URI = "urn:test:client"
USERS = {"vanhanh": "for-tests"}


async def secure_client(
    endpoint: str, folder: Path, mode: ua.MessageSecurityMode = ua.MessageSecurityMode.SignAndEncrypt
) -> Client:
    own_identity(folder, CLIENT_URI, "localhost", datetime.now(UTC))
    client = Client(endpoint, timeout=WAIT_S)
    client.session_timeout = 60_000
    client.application_uri = CLIENT_URI
    await client.set_security(
        SecurityPolicyBasic256Sha256,
        certificate=str(folder / "certificate.der"),
        private_key=str(folder / "key.pem"),
        mode=mode,
    )
    return client


@pytest.mark.parametrize("mode", [ua.MessageSecurityMode.Sign, ua.MessageSecurityMode.SignAndEncrypt])
async def test_a_client_signs_and_encrypts(mode: ua.MessageSecurityMode, tmp_path: Path) -> None:
    async with served([double("a")], certificate_dir=tmp_path / "server") as server:
        await write(server, 7.5)
        async with await secure_client(server.endpoint, tmp_path / "client", mode) as client:
            index = await client.get_namespace_index("urn:test:columns")
            assert await client.get_node(f"ns={index};s=a").read_value() == 7.5
        async with client_of(server.endpoint) as plain:
            assert await plain.node("a").read_value() == 7.5


async def test_the_endpoints_are_those_promised(tmp_path: Path) -> None:
    async with served([double("a")], certificate_dir=tmp_path) as server:
        client = Client(server.endpoint)
        endpoints = await client.connect_and_get_server_endpoints()
        offered = {(one.SecurityPolicyUri.rpartition("#")[2], one.SecurityMode.name) for one in endpoints}
        assert offered == {
            ("None", "None_"),
            ("Basic256Sha256", "Sign"),
            ("Basic256Sha256", "SignAndEncrypt"),
        }
        certificate = x509.load_der_x509_certificate(endpoints[0].ServerCertificate)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.UniformResourceIdentifier) == [server.uri]
        assert endpoints[0].Server.ApplicationUri == server.uri
    async with served([double("a")]) as server:
        endpoints = await Client(server.endpoint).connect_and_get_server_endpoints()
        assert [one.SecurityMode.name for one in endpoints] == ["None_"]
    async with served([double("a")], certificate_dir=tmp_path, insecure=False) as server:
        endpoints = await Client(server.endpoint).connect_and_get_server_endpoints()
        assert {one.SecurityMode.name for one in endpoints} == {"Sign", "SignAndEncrypt"}


async def test_users_come_in_with_their_password_only(tmp_path: Path) -> None:
    async with served([double("a")], users=USERS, anonymous=False, certificate_dir=tmp_path) as server:
        for name, password, refusal in (
            ("vanhanh", "for-tests", None),
            ("vanhanh", "wrong", ua.uaerrors.BadUserAccessDenied),
            ("admin", "", ua.uaerrors.BadUserAccessDenied),
            ("vanhanh", "", ua.uaerrors.BadUserAccessDenied),
        ):
            client = Client(server.endpoint)
            client.session_timeout = 60_000
            client.set_user(name)
            client.set_password(password)
            if refusal is None:
                async with client:
                    pass
            else:
                with pytest.raises(refusal):
                    await client.connect()
        with pytest.raises(ua.uaerrors.BadIdentityTokenRejected):
            async with client_of(server.endpoint):
                pass


async def test_a_certificate_that_is_not_trusted_is_rejected_until_it_is(tmp_path: Path) -> None:
    trust = tmp_path / "trust"
    async with served([double("a")], certificate_dir=tmp_path / "server", trust_dir=trust) as server:
        client = await secure_client(server.endpoint, tmp_path / "client")
        with pytest.raises((ua.uaerrors.UaStatusCodeError, ConnectionError, TimeoutError)):
            await client.connect()
        (rejected,) = (trust / "rejected").iterdir()
        assert rejected.read_bytes() == (tmp_path / "client" / "certificate.der").read_bytes()
        rejected.rename(trust / "client.der")
        async with await secure_client(server.endpoint, tmp_path / "client"):
            pass


async def test_trust_reads_pem_and_survives_rubbish(tmp_path: Path) -> None:
    identity = own_identity(tmp_path / "client", CLIENT_URI, "localhost", NOW)
    trust = tmp_path / "trust"
    trust.mkdir()
    (trust / "rubbish.pem").write_text("no certificate")
    (trust / "client.pem").write_bytes(identity.certificate.public_bytes(Encoding.PEM))
    from sim.opcua.access import Trust

    assert Trust(trust).trusts(identity.certificate.public_bytes(Encoding.DER))
    assert not Trust(trust).trusts(b"somebody else")


def test_a_certificate_is_made_once_and_renewed_in_time(tmp_path: Path) -> None:
    first = own_identity(tmp_path, "urn:a", "host", NOW)
    assert own_identity(tmp_path, "urn:a", "host", NOW).certificate == first.certificate
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    end = first.certificate.not_valid_after_utc
    renewed = own_identity(tmp_path, "urn:a", "host", end - timedelta(days=10))
    assert renewed.certificate.not_valid_after_utc > end
    assert renewed.key.private_numbers() == first.key.private_numbers()
    moved = own_identity(tmp_path, "urn:b", "host", NOW)
    names = moved.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["urn:b"]


def test_an_expired_certificate_is_of_the_same_key(tmp_path: Path) -> None:
    own = own_identity(tmp_path, "urn:a", "host", NOW)
    old = expired(own, "urn:a", "host", NOW)
    assert old.certificate.not_valid_after_utc < NOW
    assert old.certificate.public_key() == own.certificate.public_key()
    assert own_identity(tmp_path, "urn:a", "host", NOW).certificate == own.certificate
