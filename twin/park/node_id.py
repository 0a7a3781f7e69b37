"""Node ids as park files and connectors write them: by namespace URI, because an index changes with a
restart.

Syntax after OPC 10000-6, 5.3.1.11, with the namespace URI required: ``nsu=<uri>;<s|i|g|b>=<identifier>``.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid

_NODE = re.compile(r"nsu=([^;]+);([sigb])=(.+)", re.DOTALL)
_MAX_TEXT = 4096
_MAX_INDEX = 2**32 - 1


class NodeIdError(ValueError):
    """The text is no node id; it says why."""


def canonical_node(text: str) -> str:
    """Return the one form in which two texts of the same node are equal.

    Raises:
        NodeIdError: the text is no node id.

    >>> canonical_node("nsu=urn:plc;i=007")
    'nsu=urn:plc;i=7'
    """
    match = _NODE.fullmatch(text)
    if match is None:
        if text.startswith("ns="):
            raise NodeIdError("a namespace index changes when the server restarts; use nsu=<namespace URI>")
        raise NodeIdError("must be nsu=<namespace URI>;s=<identifier>, or i=, g=, b= instead of s=")
    kind, identifier = match[2], match[3]
    if kind == "s":
        if len(identifier) > _MAX_TEXT:
            raise NodeIdError(f"a text identifier has at most {_MAX_TEXT} characters")
        return text
    try:
        return f"nsu={match[1]};{kind}={_CANONICAL[kind](identifier)}"
    except (ValueError, binascii.Error) as error:
        raise NodeIdError(f"{kind}={identifier} {_WANTED[kind]}") from error


def _number(identifier: str) -> str:
    if not identifier.isascii() or not identifier.isdigit() or len(identifier) > 12:
        raise ValueError(identifier)
    number = int(identifier)
    if number > _MAX_INDEX:
        raise ValueError(identifier)
    return str(number)


def _guid(identifier: str) -> str:
    return str(uuid.UUID(identifier))


def _opaque(identifier: str) -> str:
    return base64.b64encode(base64.b64decode(identifier, validate=True)).decode()


_CANONICAL = {"i": _number, "g": _guid, "b": _opaque}
_WANTED = {
    "i": f"must be a whole number from 0 to {_MAX_INDEX}",
    "g": "must be a GUID",
    "b": "must be base64",
}
