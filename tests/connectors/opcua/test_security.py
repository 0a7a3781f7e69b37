"""Certificates against real servers: right ones connect, each wrong one is told by side, field and fix."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asyncua.ua.status_codes import StatusCodes

from connectors.errors import SecurityError
from connectors.opcua.limits import NAMESPACE_ARRAY
from connectors.opcua.security import Door, SecurityKit
from connectors.opcua.session import Session
from connectors.pki.own import make_own
from tests.connectors.opcua.conftest import StartServer, starter
from tests.connectors.opcua.cuttable import CuttableWay
from tests.connectors.opcua.servers.process import NodeOpcUaProcess, ServerProcess
from tests.connectors.opcua.test_recovery import NAMES, account, last_number
from tests.connectors.pki_maker import SERVER_URI, Made, make, trust
from tests.connectors.rig import BreakableBus, Rig, config_of, until
from twin.contract.clock import system_clock
from twin.contract.messages import Connection, SourceSecurity

pytestmark = pytest.mark.slow

NODES = [("a", "Double", 1.0)]
BASIC = SourceSecurity(policy="Basic256Sha256")
POLICIES = [
    "NoSecurity",
    "Basic256Sha256_Sign",
    "Basic256Sha256_SignAndEncrypt",
    "Aes128Sha256RsaOaep_SignAndEncrypt",
    "Aes256Sha256RsaPss_SignAndEncrypt",
]


def secured(made: Made, **changes: Any) -> dict[str, Any]:
    """What a server with this certificate is told."""
    return {
        "certificate": str(made.path), "key": str(made.key_path), "uri": SERVER_URI, "policies": POLICIES,
        "tokens": ["anonymous", "name", "certificate"], "passwords": {"operator": "mật khẩu"},
        "user_certificates": [], "trusted": "", "refuse": StatusCodes.BadCertificateUntrusted, **changes,
    }  # fmt: skip


def kit_of(folder: Path, **environment: str) -> SecurityKit:
    """What the connector has, in a folder of its own."""
    return SecurityKit(folder / "pki", system_clock, environment)


async def connect(
    server: ServerProcess, kit: SecurityKit, security: SourceSecurity = BASIC, endpoint: str = ""
) -> None:
    """Connect once, read something, and close."""
    config = config_of(server, ["a"], security=security, endpoint=endpoint or server.endpoint)
    session = Session(config.endpoint, name="test", door=Door(config, kit))
    await session.open()
    try:
        (namespaces,) = await session.read([NAMESPACE_ARRAY])
        assert namespaces.Value is not None
    finally:
        await session.close()


async def refused(
    server: ServerProcess, kit: SecurityKit, security: SourceSecurity = BASIC, endpoint: str = ""
) -> str:
    """The sentence with which a connect is refused."""
    with pytest.raises(SecurityError) as error:
        await connect(server, kit, security, endpoint)
    return str(error.value)


async def test_every_policy_and_user_that_is_right_comes_in(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    made = make(tmp_path, "server")
    kit = kit_of(tmp_path, PLC_USER="operator", PLC_PASSWORD="mật khẩu")
    user = make(kit.folder / "users", "operator", uri="urn:test:user")
    server = start_asyncua(
        NODES, security=secured(made, user_certificates=[user.certificate.der.hex()], trusted="")
    )
    trust(kit.folder, made.certificate)
    name: dict[str, Any] = {"user_name_env": "PLC_USER", "password_env": "PLC_PASSWORD"}
    for security in (
        SourceSecurity(policy="Basic256Sha256", mode="sign"),
        SourceSecurity(policy="Basic256Sha256"),
        SourceSecurity(policy="Aes128Sha256RsaOaep"),
        SourceSecurity(policy="Aes256Sha256RsaPss"),
        SourceSecurity(policy="Basic256Sha256", **name),
        SourceSecurity(policy="Basic256Sha256", mode="sign", **name),
        SourceSecurity(policy="None", **name),
        SourceSecurity(policy="Aes256Sha256RsaPss", user_certificate="operator"),
    ):
        await connect(server, kit, security)


async def test_what_is_wrong_with_a_user_or_a_policy_is_told(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    made = make(tmp_path, "server")
    server = start_asyncua(NODES, security=secured(made, tokens=["name"]))
    kit = kit_of(tmp_path, PLC_USER="operator", PLC_PASSWORD="wrong")
    trust(kit.folder, made.certificate)
    named = SourceSecurity(policy="Basic256Sha256", user_name_env="PLC_USER", password_env="PLC_PASSWORD")
    assert "user 'operator'" in await refused(server, kit, named)
    unset = SourceSecurity(policy="Basic256Sha256", user_name_env="PLC_USER", password_env="PLC_SECRET")
    assert "environment variable PLC_SECRET is not set" in await refused(server, kit, unset)
    assert "does not take anonymous" in await refused(server, kit)
    text = await refused(server, kit, SourceSecurity(policy="Aes256Sha256RsaPss", mode="sign"))
    assert "Aes256Sha256RsaPss sign; it offers" in text
    assert "Basic256Sha256 sign_and_encrypt" in text
    assert "PARKTWIN_OPCUA_OLD_POLICIES=Basic256" in await refused(
        server, kit, SourceSecurity(policy="Basic256")
    )
    missing = SourceSecurity(policy="Basic256Sha256", user_certificate="nobody")
    assert "nobody.der" in await refused(server, kit, missing)


async def test_an_old_policy_that_a_setting_names_comes_in(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    made = make(tmp_path, "server", bits=1024)
    server = start_asyncua(NODES, security=secured(made, policies=["Basic256_SignAndEncrypt"]))
    old = SourceSecurity(policy="Basic256")
    kit = SecurityKit(tmp_path / "pki", system_clock, {}, frozenset({"Basic256"}))
    trust(kit.folder, made.certificate)
    await connect(server, kit, old)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"days": (-400, -35)}, ("the server's certificate", "notAfter", "expired 35 days ago", "new one")),
        ({"days": (3, 300)}, ("the server's certificate", "notBefore", "only in 3 days", "clocks")),
        ({"uri": "urn:somebody:else"}, ("field URI", "urn:somebody:else", SERVER_URI, "ApplicationUri")),
        ({"hosts": ("plc-7",)}, ("field DNS/IP", "plc-7", "endpoint says 127.0.0.1", "check_host: false")),
        ({"bits": 1024}, ("public key", "RSA of 1024 bits", "at least 2048", "longer key")),
    ],
    ids=["expired", "not-yet-valid", "wrong-uri", "wrong-host", "weak-key"],
)
async def test_a_wrong_server_certificate_is_told_by_field_and_fix(
    start_asyncua: StartServer, tmp_path: Path, wrong: dict[str, Any], said: tuple[str, ...]
) -> None:
    made = make(tmp_path, "server", **wrong)
    server = start_asyncua(NODES, security=secured(made))
    kit = kit_of(tmp_path)
    trust(kit.folder, made.certificate)
    text = await refused(server, kit)
    for part in said:
        assert part in text
    assert "; and " not in text
    if "hosts" in wrong:
        await connect(server, kit, SourceSecurity(policy="Basic256Sha256", check_host=False))


async def test_an_untrusted_issuer_is_told_kept_and_trusted(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    authority = make(tmp_path, "authority", uri="urn:test:ca", ca=True, key_number=1)
    made = make(tmp_path, "server", issuer=authority, days=(-400, -35))
    server = start_asyncua(NODES, security=secured(made))
    kit = kit_of(tmp_path)
    text = await refused(server, kit)
    assert "is not trusted, nor is its issuer 'CN=authority'" in text
    assert f"parktwin certs trust {made.certificate.thumbprint[:8]}" in text
    assert "; and the server's certificate" in text, "the expiry is told in the same breath"
    assert [entry for _, entry in kit.store.certificates("rejected")] == [made.certificate]
    trust(kit.folder, authority.certificate)
    assert "is not trusted" not in await refused(server, kit)


async def test_a_server_that_refuses_ours_says_what_to_do_there(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    made = make(tmp_path, "server")
    kit = kit_of(tmp_path)
    trust(kit.folder, made.certificate)
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    server = start_asyncua(NODES, security=secured(made, trusted=str(allowed)))
    text = await refused(server, kit)
    own = kit.own().certificate
    assert "the server does not trust our certificate" in text
    assert own.thumbprint in text
    (allowed / "ours.der").write_bytes(own.der)
    await connect(server, kit)


async def test_our_own_expired_certificate_is_told_before_any_server_sees_it(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    made = make(tmp_path, "server")
    server = start_asyncua(NODES, security=secured(made))
    kit = kit_of(tmp_path)
    trust(kit.folder, made.certificate)
    make_own(kit.folder / "own", lambda: system_clock() - 6 * 365 * 86_400 * 10**9)
    text = await refused(server, kit)
    assert "our own certificate" in text
    assert "parktwin certs renew" in text
    make_own(kit.folder / "own", system_clock)
    await connect(server, kit)


async def test_certificates_rotated_while_connected(
    start_asyncua: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.opcua.session.TRUST_S", 0.2)
    first = make(tmp_path / "first", "server", days=(-1, 12.5))
    second = make(tmp_path / "second", "server", key_number=1)
    server = start_asyncua(NODES, security=secured(first))
    async with Rig(tmp_path, BreakableBus("rotated")) as rig:
        trust(rig.kit.folder, first.certificate)
        source = await rig.read(server, ["a"], security=BASIC)
        (condition,) = rig.manager.states()[0].conditions
        assert condition.code == "certificate_expires"
        assert "the server's certificate" in condition.detail
        assert "expires in 12 days" in condition.detail

        # ours is renewed: taken up by itself
        own = make_own(rig.kit.folder / "own", system_clock)
        await until(lambda: source.supervisor.reconnects == 1, "it came back with our new certificate")
        assert "was exchanged" in source.supervisor.last_error
        assert (
            source.link.figures()["certificate_expires_seconds"]["own"]
            == own.certificate.not_after.timestamp()
        )

        # the server's is exchanged: told until somebody trusts the new one
        server.kill()
        server.security = secured(second)
        await asyncio.to_thread(server.start)
        await until(
            lambda: second.certificate.thumbprint in source.supervisor.last_error, "the new one is told"
        )
        assert source.supervisor.connection is Connection.LOST
        assert "is not trusted" in source.supervisor.last_error
        trust(rig.kit.folder, second.certificate)
        await until(lambda: source.supervisor.connection is Connection.CONNECTED, "it is back")
        await until(
            lambda: rig.manager.states()[0].conditions == (), "its gap is filled, and nothing is wrong"
        )

        # trust is withdrawn: the standing connection is broken off
        path = rig.kit.folder / "trusted" / f"{second.certificate.thumbprint}.der"
        rig.kit.store.move(path, second.certificate, "rejected")
        await until(lambda: source.supervisor.connection is Connection.LOST, "it is broken off")
        assert "trusted" in source.supervisor.last_error


async def test_a_secured_way_that_breaks_is_mended_without_a_gap(
    start_asyncua: StartServer, tmp_path: Path
) -> None:
    made = make(tmp_path, "server")
    server = start_asyncua(
        [(name, "Double", -1.0) for name in NAMES], security=secured(made, tokens=["name"])
    )
    way = CuttableWay(server.port)
    await way.start()
    secrets = {"PLC_USER": "operator", "PLC_PASSWORD": "mật khẩu"}
    security = SourceSecurity(
        policy="Aes256Sha256RsaPss", user_name_env="PLC_USER", password_env="PLC_PASSWORD"
    )
    async with Rig(tmp_path, BreakableBus("secured-way"), environment=secrets) as rig:
        trust(rig.kit.folder, made.certificate)
        endpoint = f"opc.tcp://127.0.0.1:{way.port}/"
        source = await rig.read(server, NAMES, endpoint=endpoint, security=security)
        server.begin("count", tags=NAMES, start=0, steps=200, every_s=0.02)
        await rig.arrived(lambda found: last_number(found) > 10, "numbers arrive")
        way.cut()
        await until(lambda: source.supervisor.connection is Connection.LOST, "the loss is noticed")
        await asyncio.sleep(0.5)
        way.mend()
        on_bus = await rig.arrived(lambda found: last_number(found) == 199, "all numbers arrived")
        await asyncio.to_thread(server.wait_done)
        assert source.link.figures()["resumed_sessions"] == {"": 1}
    await way.close()
    assert on_bus.gaps == []
    assert account(server.given(), on_bus) == []


@pytest.fixture
def start_node_opcua(tmp_path: Path) -> Iterator[StartServer]:
    """Start node-opcua servers: another implementation of the standard, with a certificate of its own."""
    yield from starter(tmp_path, NodeOpcUaProcess)


@pytest.mark.node
async def test_another_implementation_lets_us_in_by_every_policy(
    start_node_opcua: StartServer, tmp_path: Path
) -> None:
    security = {"pki": str(tmp_path / "node-pki"), "accept": True, "passwords": {"operator": "mật khẩu"}}
    server = start_node_opcua(NODES, security=security)
    kit = kit_of(tmp_path, PLC_USER="operator", PLC_PASSWORD="mật khẩu")
    name: dict[str, Any] = {
        "user_name_env": "PLC_USER", "password_env": "PLC_PASSWORD", "check_host": False
    }  # fmt: skip
    text = await refused(server, kit, SourceSecurity(policy="Basic256Sha256", check_host=False))
    assert "is not trusted" in text
    ((path, certificate),) = kit.store.certificates("rejected")
    kit.store.move(path, certificate, "trusted")
    for wanted in (
        SourceSecurity(policy="Basic256Sha256", mode="sign", check_host=False),
        SourceSecurity(policy="Basic256Sha256", **name),
        SourceSecurity(policy="Aes128Sha256RsaOaep", **name),
        SourceSecurity(policy="Aes256Sha256RsaPss", **name),
        SourceSecurity(policy="None", **name),
    ):
        await connect(server, kit, wanted)
    wrong = kit_of(tmp_path, PLC_USER="operator", PLC_PASSWORD="wrong")
    assert "user 'operator'" in await refused(server, wrong, SourceSecurity(policy="Basic256Sha256", **name))


@pytest.mark.node
async def test_another_implementation_that_does_not_trust_us_is_explained(
    start_node_opcua: StartServer, tmp_path: Path
) -> None:
    security = {"pki": str(tmp_path / "node-pki"), "accept": False, "passwords": {}}
    server = start_node_opcua(NODES, security=security)
    kit = kit_of(tmp_path)
    wanted = SourceSecurity(policy="Basic256Sha256", check_host=False)
    await refused(server, kit, wanted)
    ((path, certificate),) = kit.store.certificates("rejected")
    kit.store.move(path, certificate, "trusted")
    text = await refused(server, kit, wanted)
    assert "rejected or quarantined" in text
    assert kit.own().certificate.thumbprint in text
