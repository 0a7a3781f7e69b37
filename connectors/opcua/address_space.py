"""What a browse found, a line a node in a file: to make a mapping from, and to compare a server with later.

The first line has the namespaces; everything below names them by their place in *that* line, so the file
means the same however a restart numbers them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, TextIO

import msgspec

from connectors.errors import NodeAddressError

FORMAT: Final = "parktwin.address_space@1"


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """One node.

    Args:
        node: ``nsu=<uri>;s=<identifier>``.
        path: browse names from the root, each ``<namespace>:<name>``.
        kind: ``object`` or ``variable``.
        type: browse name of the type definition as ``<uri>;<name or node>``; "" if the server says none.
        data_type: built-in type name; "" for objects, and where it cannot be known.
        unit: symbol of a park file; "" if none or not known.
        unit_shown: what the server calls the unit.
        low, high: EURange; None where there is none.
        array: the value is an array, which a tag cannot be.
        readable: the server lets us read it.
    """

    node: str
    path: tuple[str, ...]
    kind: str
    type: str = ""
    data_type: str = ""
    unit: str = ""
    unit_shown: str = ""
    low: float | None = None
    high: float | None = None
    array: bool = False
    readable: bool = True

    @property
    def name(self) -> str:
        """The last browse name, without its namespace."""
        return self.path[-1].partition(":")[2]


class Header(msgspec.Struct, frozen=True):
    """The first line.

    Args:
        format: which file this is.
        endpoint: where it was found.
        namespaces: what the numbers in the paths mean.
    """

    format: str
    endpoint: str
    namespaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddressSpaceWriter:
    """Writes a file of nodes as they are found.

    Args:
        out: where to.
        endpoint, namespaces: of the header.
    """

    out: TextIO
    endpoint: str
    namespaces: Sequence[str]
    _encoder: msgspec.json.Encoder = field(default_factory=msgspec.json.Encoder)

    def begin(self) -> None:
        """Write the header."""
        header = Header(FORMAT, self.endpoint, tuple(self.namespaces))
        self.out.write(self._encoder.encode(header).decode() + "\n")

    def write(self, found: Found) -> None:
        """Write a node."""
        self.out.write(self._encoder.encode(found).decode() + "\n")


def read_address_space(path: Path) -> tuple[Header, Iterator[Found]]:
    """Read a file of nodes, line by line.

    Raises:
        NodeAddressError: the file is none, or a line is damaged.
    """
    lines = path.open("rb")
    try:
        header = msgspec.json.decode(lines.readline(), type=Header)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        lines.close()
        raise NodeAddressError(f"{path}: no file of 'parktwin opcua browse --out': {error}") from error
    if header.format != FORMAT:
        lines.close()
        raise NodeAddressError(f"{path}: format {header.format!r}, this reader knows {FORMAT!r}; browse anew")
    return header, _nodes(path, lines)


def _nodes(path: Path, lines: BinaryIO) -> Iterator[Found]:
    decoder = msgspec.json.Decoder(Found)
    with lines:
        for number, line in enumerate(lines, 2):
            try:
                yield decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise NodeAddressError(f"{path}:{number}: {error}; browse anew") from error


def qualified(path: Sequence[str], namespaces: Sequence[str]) -> tuple[str, ...]:
    """Write a path with namespace URIs instead of numbers, so that two files can be compared.

    >>> qualified(("0:Objects", "1:Line"), ("urn:a", "urn:b"))
    ('urn:a:Objects', 'urn:b:Line')
    """
    parts = (part.partition(":") for part in path)
    return tuple(f"{namespaces[int(number)]}:{name}" for number, _, name in parts)
