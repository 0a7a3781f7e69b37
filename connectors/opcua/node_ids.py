"""Node addresses that survive a restart: ``nsu=<namespace uri>;s=<identifier>``, never a bare index.

A server may number its namespaces anew at every start, so the index is looked up in the server's
NamespaceArray at each connect. Namespace 0 is the standard's own and needs no URI.
"""

from __future__ import annotations

import uuid
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from asyncua import ua

from connectors.errors import NodeAddressError

STANDARD_NAMESPACE = "http://opcfoundation.org/UA/"


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """A node as the park file names it.

    Args:
        namespace: URI of its namespace.
        kind: ``i``, ``s``, ``g`` or ``b``.
        identifier: number, text, UUID or bytes.
    """

    namespace: str
    kind: str
    identifier: int | str | uuid.UUID | bytes


def parse_node_address(text: str) -> NodeAddress:
    """Read ``nsu=<uri>;s=<identifier>`` (or ``i=``, ``g=``, ``b=``); without ``nsu=`` the standard's
    namespace.

    Raises:
        NodeAddressError: it is none, or names its namespace by index.

    >>> parse_node_address("nsu=urn:parktwin:sim;s=line1/oven;zone=3")
    NodeAddress(namespace='urn:parktwin:sim', kind='s', identifier='line1/oven;zone=3')
    >>> parse_node_address("i=2258").namespace
    'http://opcfoundation.org/UA/'
    """
    if text.startswith("ns="):
        raise NodeAddressError(
            f"node {text!r}: names its namespace by index, which may change at every restart of the server; "
            "write nsu=<namespace uri>;s=<identifier>"
        )
    namespace, rest = STANDARD_NAMESPACE, text
    if text.startswith("nsu="):
        namespace, found, rest = text[4:].partition(";")
        if not namespace or not found:
            raise NodeAddressError(
                f"node {text!r}: no ';' after the namespace uri; write nsu=<uri>;s=<identifier>"
            )
    kind, found, identifier = rest.partition("=")
    if not found or kind not in {"i", "s", "g", "b"} or not identifier:
        raise NodeAddressError(
            f"node {text!r}: after the namespace must come i=, s=, g= or b= and an identifier"
        )
    return NodeAddress(namespace, kind, _identifier(text, kind, identifier))


def _identifier(text: str, kind: str, identifier: str) -> int | str | uuid.UUID | bytes:
    try:
        if kind == "i":
            number = int(identifier)
            if not 0 <= number < 2**32:
                raise ValueError("not a uint32")
            return number
        if kind == "g":
            return uuid.UUID(identifier)
        if kind == "b":
            return b64decode(identifier, validate=True)
    except (ValueError, Base64Error) as error:
        raise NodeAddressError(
            f"node {text!r}: identifier {identifier!r} is no {_NAMES[kind]}: {error}"
        ) from error
    return identifier


_NAMES = {"i": "number from 0 to 4294967295", "g": "UUID", "b": "base64"}
_TYPES = {
    "i": ua.NodeIdType.Numeric,
    "s": ua.NodeIdType.String,
    "g": ua.NodeIdType.Guid,
    "b": ua.NodeIdType.ByteString,
}


def resolve(address: NodeAddress, namespaces: Sequence[str]) -> ua.NodeId:
    """Make the NodeId that means ``address`` on a server with this NamespaceArray.

    Raises:
        NodeAddressError: the server has no such namespace.
    """
    index = _indices(tuple(namespaces)).get(address.namespace)
    if index is None:
        raise NodeAddressError(
            f"namespace {address.namespace!r}: the server has {', '.join(map(repr, namespaces[1:]))}; "
            "correct the node in the park file or the server's configuration"
        )
    identifier: Any = address.identifier
    return ua.NodeId(identifier, ua.Int16(index), _TYPES[address.kind])


@lru_cache(maxsize=8)
def _indices(namespaces: tuple[str, ...]) -> dict[str, int]:
    return {uri: index for index, uri in reversed(list(enumerate(namespaces)))}
