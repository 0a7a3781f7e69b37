"""What changed at a server since a browse was kept: by node, whatever the namespaces are numbered now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from connectors.opcua.address_space import Found, Header, qualified

_FIELDS: Final = ("type", "data_type", "unit_shown", "low", "high", "array", "readable")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Args:
        what: ``added``, ``removed``, ``moved`` (same place, another node: the mapping has to be corrected) or
            ``changed``.
        node: which.
        path: browse names.
        detail: what exactly.
    """

    what: str
    node: str
    path: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.what:<8}{self.path}  {self.node}" + (f"  {self.detail}" if self.detail else "")


def compare(
    old_header: Header, old: Iterable[Found], new_header: Header, new: Iterable[Found]
) -> Iterator[Change]:
    """Yield every difference between two browses of a server."""
    before = {entry.node: entry for entry in old}
    by_path = {qualified(entry.path, old_header.namespaces): entry.node for entry in before.values()}
    moved: set[str] = set()
    for entry in new:
        known = before.pop(entry.node, None)
        path = qualified(entry.path, new_header.namespaces)
        shown = _shown(entry)
        if known is None:
            former = by_path.get(path)
            if former is not None and former != entry.node:
                moved.add(former)
                yield Change("moved", entry.node, shown, f"was {former}")
            else:
                yield Change("added", entry.node, shown)
            continue
        details = [
            f"{name} {getattr(known, name)!r} -> {getattr(entry, name)!r}"
            for name in _FIELDS
            if getattr(known, name) != getattr(entry, name)
        ]
        if qualified(known.path, old_header.namespaces) != path:
            details.insert(0, f"path was {_shown(known)}")
        if details:
            yield Change("changed", entry.node, shown, "; ".join(details))
    for node, entry in before.items():
        if node not in moved:
            yield Change("removed", node, _shown(entry))


def _shown(found: Found) -> str:
    return "/".join(part.partition(":")[2] for part in found.path)
