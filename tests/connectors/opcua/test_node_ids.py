"""Node addresses by namespace URI."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from asyncua import ua

from connectors.errors import NodeAddressError
from connectors.opcua.node_ids import STANDARD_NAMESPACE, parse_node_address, resolve

NAMESPACES = [STANDARD_NAMESPACE, "urn:server", "urn:a", "urn:b"]
GUID = "72962b91-fa75-4ae6-8d28-b404dc7daf63"


@pytest.mark.parametrize(
    ("text", "namespace", "identifier"),
    [
        ("nsu=urn:b;s=line1/oven:temp", 3, "line1/oven:temp"),
        ("nsu=urn:b;s=semi;colon=and=more", 3, "semi;colon=and=more"),
        ("nsu=urn:a;i=4294967295", 2, 2**32 - 1),
        (f"nsu=urn:a;g={GUID}", 2, uuid.UUID(GUID)),
        ("nsu=urn:a;b=AAH/", 2, b"\x00\x01\xff"),
        ("i=2258", 0, 2258),
    ],
)
def test_an_address_is_resolved_by_the_servers_own_order(text: str, namespace: int, identifier: Any) -> None:
    node = resolve(parse_node_address(text), NAMESPACES)
    assert (int(node.NamespaceIndex), node.Identifier) == (namespace, identifier)
    moved = [STANDARD_NAMESPACE, "urn:b", "urn:a"]
    again = resolve(parse_node_address(text), moved)
    assert int(again.NamespaceIndex) == {0: 0, 3: 1, 2: 2}[namespace]


NONE = "ns=2;s=x s nsu=urn:a nsu=;s=x nsu=urn:a;s= nsu=urn:a;x=1 i=-1 i=4294967296 g=1 b=?"


@pytest.mark.parametrize("text", [*NONE.split(), ""])
def test_what_is_no_address_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(NodeAddressError, match="node"):
        parse_node_address(text)


def test_a_namespace_the_server_has_not_is_named_with_those_it_has() -> None:
    with pytest.raises(NodeAddressError, match=r"urn:c.*urn:a"):
        resolve(parse_node_address("nsu=urn:c;s=x"), NAMESPACES)


def test_a_node_id_of_each_kind_is_what_asyncua_encodes() -> None:
    node = resolve(parse_node_address("nsu=urn:a;i=7"), NAMESPACES)
    assert node == ua.NodeId(ua.Int32(7), ua.Int16(2))
