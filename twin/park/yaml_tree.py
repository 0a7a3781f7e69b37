"""A YAML document as a tree that knows where everything stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

Value: TypeAlias = "bool | int | float | str | None"
Loc: TypeAlias = tuple[str | int, ...]


class Doubt(NamedTuple):
    """Why a value or a key may not be what the writer meant."""

    code: str
    rule: str
    next_step: str
    of_key: bool = False


@dataclass(slots=True, eq=False)
class Scalar:
    """One value."""

    line: int
    column: int
    text: str
    value: Value
    doubt: Doubt | None = None
    count: int = 1
    height: int = 0


@dataclass(slots=True, eq=False)
class Mapping:
    """Keys in file order with the places where they stand."""

    line: int
    column: int
    children: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    doubtful_keys: list[tuple[Scalar, Doubt]] = field(default_factory=list)
    count: int = 1
    height: int = 1
    key: Scalar | None = None


@dataclass(slots=True, eq=False)
class Sequence:
    """Items in file order."""

    line: int
    column: int
    items: list[Node] = field(default_factory=list)
    count: int = 1
    height: int = 1


Node: TypeAlias = "Scalar | Mapping | Sequence"


def plain(node: Node) -> object:
    """Return the value as tuples, dictionaries and scalars."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return tuple(plain(item) for item in node.items)
    return {key: plain(child) for key, (_, child) in node.children.items()}


def doubts(node: Node, loc: Loc = ()) -> Iterator[tuple[Loc, Scalar, Doubt]]:
    """Yield what is doubtful below ``node``, with its path."""
    if isinstance(node, Scalar):
        if node.doubt is not None:
            yield loc, node, node.doubt
        return
    if isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            yield from doubts(item, (*loc, number))
        return
    for scalar, doubt in node.doubtful_keys:
        yield (*loc, scalar.text), scalar, doubt
    for key, (_, child) in node.children.items():
        yield from doubts(child, (*loc, key))


def locate(root: Node, loc: Loc, *, key: bool = False) -> tuple[int, int, str]:
    """Find line, column and readable path of ``loc``, or of its nearest parent that is there.

    Items of a list are named by their ``id`` where they have one. A path into a text that stands for a list
    or a mapping (``name: Park``) ends at the text.
    """
    node, line, column, path = root, root.line, root.column, ""
    found = True
    for step in loc:
        if isinstance(node, Scalar):
            break
        label = str(step) if not path and isinstance(step, str) else f".{step}"
        if isinstance(step, int):
            label = f"[{step}]"
        child: Node | None = None
        if found and isinstance(node, Mapping) and isinstance(step, str) and step in node.children:
            key_scalar, child = node.children[step]
            line, column = (key_scalar.line, key_scalar.column) if key else (child.line, child.column)
        elif found and isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            child = node.items[step]
            line, column = child.line, child.column
            name = child.children.get("id") if isinstance(child, Mapping) else None
            if name is not None and isinstance(name[1], Scalar):
                label = f"[{name[1].text}]"
        path += label
        found = child is not None
        node = child or node
    return line, column, path


def written(root: Node, loc: Loc) -> str:
    """Return the text at ``loc`` as it was written, "" if it is missing or no scalar."""
    node = root
    for step in loc:
        if isinstance(node, Mapping) and isinstance(step, str) and step in node.children:
            node = node.children[step][1]
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            return node.text if isinstance(node, Scalar) else ""
    return node.text if isinstance(node, Scalar) else ""
