"""A plain asyncua server as a process of its own, through asyncua's public interface only.

It does what it is told on standard input, one JSON object a line, answers each with one on standard output,
and writes down every value it was given before it tells the server, one JSON object a line.

    python asyncua_server.py PORT LOG [--namespaces URI,URI...] [--nodes FILE] [--security JSON]
                             [--history memory|FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.history_sql import HistorySQLite
from asyncua.server.server import Server
from asyncua.server.user_managers import UserManager
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

NAMESPACE = "urn:parktwin:test"
UNHISTORIZED = "plain"
"""Variables named so have no history, whatever the server keeps of the others."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEPT = timedelta(days=1)


class History(HistorySQLite):
    """asyncua's, which refuses the table names that it makes of nodes with a text for an identifier."""

    def _get_table_name(self, node_id: ua.NodeId) -> str:
        return f"{node_id.NamespaceIndex}_{node_id.Identifier!s}"


class Plant:
    """The server with its nodes by name."""

    def __init__(self, server: Server, namespace: int, log: TextIO, *, historize: bool) -> None:
        self.server = server
        self.historize = historize
        self.namespace = namespace
        self.log = log
        self.nodes: dict[str, Any] = {}

    async def add(self, name: str, kind: str, value: Any) -> None:
        """Add a variable under its name."""
        node_id = ua.NodeId(name, self.namespace)  # type: ignore[arg-type]
        folder = self.server.nodes.objects
        variant = variant_of(kind, value)
        node = await folder.add_variable(node_id, f"{self.namespace}:{name}", variant)
        self.nodes[name] = node
        await self.write(name, kind, value, 0, None)
        if self.historize and not name.startswith(UNHISTORIZED):
            await self.server.historize_node_data_change(node, period=KEPT)

    async def write(self, name: str, kind: str, value: Any, status: int, time_ns: int | None) -> None:
        """Write a value with a status and a source time, and write it down first."""
        time_us = (time.time_ns() if time_ns is None else time_ns) // 1000
        entry = {"tag": name, "time": time_us * 1000, "value": value, "kind": kind, "status": status}
        self.log.write(json.dumps(entry) + "\n")
        self.log.flush()
        stamp: Any = EPOCH + timedelta(microseconds=time_us)
        data = ua.DataValue(variant_of(kind, value), ua.StatusCode(ua.UInt32(status)), stamp, stamp)
        await self.nodes[name].write_value(data)


def variant_of(kind: str, value: Any) -> ua.Variant:
    """Make the variant of a built-in type from what JSON can say."""
    if kind.endswith("[]"):
        return ua.Variant(value, ua.VariantType[kind[:-2]])
    if kind == "DateTime":
        value = EPOCH + timedelta(seconds=value)
    elif kind == "ByteString":
        value = bytes.fromhex(value)
    elif kind == "LocalizedText":
        value = ua.LocalizedText(value, "vi")
    elif kind == "QualifiedName":
        value = ua.QualifiedName(value, 1)
    elif kind == "ExtensionObject":
        value = ua.Range(Low=value, High=value + 1)
    elif kind in {"Double", "Float"} and isinstance(value, str):
        value = float(value)
    return ua.Variant(value, ua.VariantType[kind])


async def count(plant: Plant, names: list[str], start: int, steps: int, every_s: float) -> None:
    """Count all of ``names`` up together, each step with its own time."""
    due = time.monotonic()
    for step in range(start, start + steps):
        now = time.time_ns()
        for name in names:
            await plant.write(name, "Double", float(step), 0, now)
        due += every_s
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def obey(plant: Plant, order: dict[str, Any]) -> dict[str, Any]:
    """Do one thing."""
    if order["do"] == "add":
        await plant.add(order["tag"], order["kind"], order["value"])
    elif order["do"] == "write":
        await plant.write(
            order["tag"], order["kind"], order["value"], order.get("status", 0), order.get("time")
        )
    elif order["do"] == "count":
        await count(plant, order["tags"], order["start"], order["steps"], order["every_s"])
    elif order["do"] == "let_write":
        for name in order["tags"]:
            await plant.nodes[name].set_writable()
    elif order["do"] == "delete":
        await plant.server.delete_nodes([plant.nodes.pop(order["tag"])])
    return {"done": order["do"]}


class Users(UserManager):
    """Lets in who has the password, and who has a user certificate of these."""

    def __init__(self, passwords: dict[str, str], certificates: list[str], *, anonymous: bool) -> None:
        self.passwords = passwords
        self.certificates = {bytes.fromhex(certificate) for certificate in certificates}
        self.anonymous = anonymous

    def get_user(
        self, iserver: Any, username: str | None = None, password: str | None = None, certificate: Any = None
    ) -> User | None:
        """Whether this user may come in (asyncua calls this)."""
        if username is not None:
            good = self.passwords.get(username) == password
        else:
            good = self.anonymous or certificate in self.certificates
        return User(role=UserRole.User) if good else None


def is_in(folder: Path, der: bytes) -> bool:
    """Tell whether a file of this content lies in the folder."""
    return der in [path.read_bytes() for path in folder.iterdir()]


async def secure(server: Server, wanted: dict[str, Any]) -> None:
    """Give the server a certificate, policies, users, and clients it trusts.

    ``refuse`` is a status code that it answers to every client whose certificate is not in ``trusted``.
    """
    await server.set_application_uri(wanted["uri"])
    await server.load_certificate(Path(wanted["certificate"]))
    await server.load_private_key(Path(wanted["key"]))
    server.set_security_policy([ua.SecurityPolicyType[name] for name in wanted["policies"]])
    tokens = {
        "anonymous": ua.AnonymousIdentityToken,
        "name": ua.UserNameIdentityToken,
        "certificate": ua.X509IdentityToken,
    }
    server.set_identity_tokens([tokens[name] for name in wanted["tokens"]])

    async def validate(certificate: x509.Certificate, _: Any) -> None:
        if not is_in(Path(wanted["trusted"]), certificate.public_bytes(Encoding.DER)):
            raise ServiceError(wanted["refuse"])

    if wanted["trusted"]:
        server.set_certificate_validator(validate)


async def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("log", type=Path)
    parser.add_argument("--namespaces", default=NAMESPACE)
    parser.add_argument("--nodes", default="[]", help="JSON list of [name, kind, value]")
    parser.add_argument("--security", default="null", help="JSON object for secure()")
    parser.add_argument("--history", default="", help="'memory', or a file")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    security = json.loads(arguments.security)
    users = None
    if security is not None:
        anonymous = "anonymous" in security["tokens"]
        users = Users(security["passwords"], security["user_certificates"], anonymous=anonymous)
    server = Server(user_manager=users)
    if arguments.history not in {"", "memory"}:
        server.iserver.history_manager.set_storage(History(arguments.history))
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{arguments.port}/")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    if security is not None:
        await secure(server, security)
    indices = {uri: await server.register_namespace(uri) for uri in arguments.namespaces.split(",")}
    with arguments.log.open("a") as log:
        plant = Plant(server, indices[NAMESPACE], log, historize=bool(arguments.history))
        for name, kind, value in json.loads(arguments.nodes):
            await plant.add(name, kind, value)
        async with server:
            answer({"ready": True})
            reader = asyncio.StreamReader()
            loop = asyncio.get_running_loop()
            await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
            while line := await reader.readline():
                answer(await obey(plant, json.loads(line)))


def answer(what: dict[str, Any]) -> None:
    """Say something on standard output."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
