"""Structures that many machines share: what OPC 30050 (PackML) and OPC 40001-1 (Machinery) call things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connectors.opcua.address_space import Found

PACKML: Final = "http://opcfoundation.org/UA/PackML/"
MACHINERY: Final = "http://opcfoundation.org/UA/Machinery/"

ROLES: Final[Mapping[str, str]] = {"StateCurrent": "state", "ProdDefectiveCount": "reject_count"}
"""PackML's names to the roles of a park file. ProdProcessedCount counts the defective ones too (OPC 30050,
table of Admin tags), so it is no good count."""


def structure_of(found: Found, namespaces: tuple[str, ...]) -> str:
    """Return ``PackML`` or ``Machinery`` if a node is of such a structure, by its type or its name; else "".

    >>> node = Found(node="nsu=urn:x;i=1", path=("0:Objects", "1:Unit"), kind="object",
    ...              type="http://opcfoundation.org/UA/PackML/;PackMLBaseObjectType")
    >>> structure_of(node, ("http://opcfoundation.org/UA/", "urn:x"))
    'PackML'
    """
    uri = found.type.partition(";")[0]
    number = found.path[-1].partition(":")[0]
    own = namespaces[int(number)] if number.isdigit() and int(number) < len(namespaces) else ""
    for name, wanted in (("PackML", PACKML), ("Machinery", MACHINERY)):
        if wanted in (uri, own):
            return name
    return ""


def role_of(found: Found, data_type: str, namespaces: tuple[str, ...]) -> str:
    """Return the role of a variable in a park file, from its name in PackML; "" if it has none."""
    role = ROLES.get(found.name, "")
    number = found.path[-1].partition(":")[0]
    packml = structure_of(found, namespaces) == "PackML" or namespaces[int(number)] == PACKML
    if not role or not packml:
        return ""
    numeric = data_type not in {"String", "LocalizedText", "DateTime", "Guid", "Boolean", "Float", "Double"}
    return role if numeric or role == "reject_count" else ""
