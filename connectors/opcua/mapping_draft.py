"""From what a browse found to a draft of a park file: it checks as it stands, and a person finishes it.

An *equipment* is an object with variables; what lies in folders below it belongs to it, with the folder's
name before the signal's. Equipment with the same signals is of one *kind*. Every node is named by namespace
URI. What cannot be a tag (arrays, structures, what we may not read) is left out by name, as a comment.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from connectors.opcua.address_space import Found, Header
from connectors.opcua.companion import role_of, structure_of

KNOWN_TYPES: Final = frozenset(
    {
        "Boolean", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float",
        "Double", "String", "LocalizedText", "DateTime", "Guid",
    }
)  # fmt: skip
"""Types of which a tag can be (docs/park-file.md)."""
MAX_FILE_BYTES: Final = 4_000_000
"""A park file has at most 5 MB."""
MAX_NAME: Final = 300
MAX_INLINE_COMMENTS: Final = 5_000
_NUMERIC = KNOWN_TYPES - {"Boolean", "String", "LocalizedText", "DateTime", "Guid"}
_FOLDER = "http://opcfoundation.org/UA/;FolderType"
_COLUMNS: Final = 50
_STEP_M: Final = 4


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal of an equipment as the draft has it."""

    id: str
    found: Found
    role: str


@dataclass(slots=True)
class Machine:
    """One object with its signals."""

    path: tuple[str, ...]
    type: str
    structure: str
    signals: list[Signal] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Draft:
    """What a draft is made of.

    Args:
        machines: objects with signals, in the order in which they were found.
        left_out: node and reason of what cannot be a tag.
        structures: how many nodes are of each companion specification.
    """

    machines: list[Machine] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    structures: dict[str, int] = field(default_factory=dict)


def gather(header: Header, found: Iterable[Found]) -> Draft:
    """Sort what was found into machines and their signals."""
    draft = Draft()
    objects: dict[tuple[str, ...], tuple[str, str]] = {}
    machines: dict[tuple[str, ...], Machine] = {}
    for entry in found:
        structure = structure_of(entry, header.namespaces)
        if structure:
            draft.structures[structure] = draft.structures.get(structure, 0) + 1
        if entry.kind == "object":
            objects[entry.path] = (entry.type, structure)
            continue
        owner = _owner(entry.path, objects)
        reason = _not_a_tag(entry)
        machine = machines.get(owner)
        if machine is None:
            kind, of = objects.get(owner, ("", ""))
            machine = machines[owner] = Machine(owner, kind, of)
        if reason:
            draft.left_out.append((entry.node, reason))
            continue
        name = _key("_".join(part.partition(":")[2] for part in entry.path[len(owner) :]))
        unique = _unique(name, machine.taken)
        role = role_of(entry, entry.data_type, header.namespaces)
        if role in {signal.role for signal in machine.signals}:
            role = ""
        machine.signals.append(Signal(unique, entry, role))
    draft.machines = [machine for machine in machines.values() if machine.signals]
    return draft


def write_draft(header: Header, draft: Draft, source: str, name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the files of a park, each a name and its lines: one, or where that would be too long a main file
    that includes others.

    Args:
        header: where it was found.
        draft: what was found.
        source: id of the source.
        name: of the main file, without ``.yaml``.
    """
    blocks = list(_blocks(draft, source))
    parts: list[list[str]] = []
    size, section = MAX_FILE_BYTES, ""
    for block_section, block in blocks:
        length = sum(4 * len(line) if not line.isascii() else len(line) + 1 for line in block)
        if size + length > MAX_FILE_BYTES:
            parts.append([])
            size, section = 0, ""
        if section != block_section:
            parts[-1].append(f"{block_section}:")
            section = block_section
        parts[-1] += block
        size += length
    head = list(_head(header, draft, source))
    left_out = [f"# Left out, {len(draft.left_out)} nodes that cannot be tags:"] if draft.left_out else []
    left_out += [f"#   {_comment(node)}: {reason}" for node, reason in draft.left_out]
    if len(parts) <= 1 and len(left_out) < MAX_INLINE_COMMENTS:
        yield f"{name}.yaml", [*head, *(parts[0] if parts else ["kinds: []", "equipment: []"]), *left_out]
        return
    yield f"{name}.yaml", [*head, f"include: [{_text(f'{name}.part*.yaml')}]"]
    for number, part in enumerate(parts, 1):
        yield f"{name}.part{number:03}.yaml", part
    if left_out:
        yield f"{name}.left_out.txt", left_out


def _head(header: Header, draft: Draft, source: str) -> Iterator[str]:
    tags = sum(len(machine.signals) for machine in draft.machines)
    yield f"# Draft made by 'parktwin opcua browse {_comment(header.endpoint)}':"
    yield f"# {len(draft.machines)} machines, {tags} tags. Rename, place, and delete what you do not need;"
    yield "# names, ranges and units are what the server says."
    for name, count in sorted(draft.structures.items()):
        yield f"# {name}: {count} nodes of this companion specification were recognised."
    yield "park: {id: draft, name: Draft, timezone: Asia/Ho_Chi_Minh}"
    yield "places:"
    yield "  - {id: draft/plant, name: Plant}"
    yield "sources:"
    name = _text(source)
    yield f"  - {{id: {name}, name: {name}, protocol: opcua, endpoint: {_text(header.endpoint)}}}"


def _blocks(draft: Draft, source: str) -> Iterator[tuple[str, list[str]]]:
    """Yield every kind and every machine as the section it belongs to and its lines."""
    kinds = _kinds(draft.machines)
    for name, machine in kinds.values():
        title = _name(machine.type.partition(";")[2] or name)
        lines = [f"  - id: {_text(name)}", f"    name: {title}", "    size: [2, 1, 2]", "    signals:"]
        yield "kinds", lines + [f"      - {_signal(signal)}" for signal in machine.signals]
    taken: set[str] = set()
    for number, machine in enumerate(draft.machines):
        yield "equipment", list(_equipment(number, machine, kinds[_signature(machine)][0], source, taken))


def _equipment(number: int, machine: Machine, kind: str, source: str, taken: set[str]) -> Iterator[str]:
    names = [part.partition(":")[2] for part in machine.path]
    name = _unique(_segment("-".join(names[1:][-3:]) or names[0]), taken, joint="-", most=40)
    yield f"  - id: draft/plant/{name}"
    yield f"    kind: {_text(kind)}"
    yield f"    name: {_name(names[-1])}"
    yield f"    # browse path: {_comment('/'.join(names))}"
    if machine.structure:
        yield f"    # of companion specification {machine.structure}"
    yield f"    position: [{number % _COLUMNS * _STEP_M}, {number // _COLUMNS * _STEP_M}, 0]"
    yield f"    source: {_text(source)}"
    yield "    signals:"
    yield from (
        f"      {_text(signal.id)}: {{node: {_text(signal.found.node)}}}" for signal in machine.signals
    )


def _signal(signal: Signal) -> str:
    found = signal.found
    parts = [f"id: {_text(signal.id)}", f"name: {_name(found.name)}"]
    if found.unit and found.data_type in _NUMERIC:
        parts.append(f"unit: {_text(found.unit)}")
    if found.data_type != "Double":
        parts.append(f"data_type: {found.data_type}")
    if found.low is not None and found.data_type in _NUMERIC:
        parts.append(f"range: [{found.low:.10g}, {found.high:.10g}]")
    if signal.role:
        parts.append(f"role: {signal.role}")
    unknown = found.unit_shown and not found.unit
    comment = f"  # the server's unit {_comment(found.unit_shown)!r} is none that a park file knows"
    return "{" + ", ".join(parts) + "}" + (comment if unknown else "")


def _kinds(machines: Iterable[Machine]) -> dict[object, tuple[str, Machine]]:
    """Give every set of signals a kind, named after the type of the first machine that has it."""
    kinds: dict[object, tuple[str, Machine]] = {}
    taken: set[str] = set()
    for machine in machines:
        signature = _signature(machine)
        if signature not in kinds:
            kind = machine.type.partition(";")[2]
            plain = not kind or kind in {"FolderType", "BaseObjectType"} or kind.startswith("nsu=")
            name = _key(machine.path[-1].partition(":")[2] if plain else kind)
            kinds[signature] = (_unique(name, taken), machine)
    return kinds


def _signature(machine: Machine) -> object:
    return (
        machine.type,
        tuple(
            (s.id, s.found.name, s.found.data_type, s.found.unit, s.found.low, s.found.high, s.role)
            for s in machine.signals
        ),
    )


def _owner(path: tuple[str, ...], objects: dict[tuple[str, ...], tuple[str, str]]) -> tuple[str, ...]:
    """Return the path of the machine a variable belongs to: the nearest object above that is no folder, or
    the folder itself if there is none."""
    nearest: tuple[str, ...] | None = None
    for length in range(len(path) - 1, 0, -1):
        above = path[:length]
        if above not in objects:
            continue
        nearest = nearest or above
        if objects[above][0] != _FOLDER:
            return above
    return nearest or path[:1]


def _not_a_tag(found: Found) -> str:
    if not found.readable:
        return "the server does not let us read it"
    if found.array:
        return "an array"
    if "{" in found.node:
        return "braces in its identifier, which a park file takes for a placeholder"
    if found.data_type not in KNOWN_TYPES:
        return f"data type {found.data_type}" if found.data_type else "data type not known"
    return ""


def _plain(text: str) -> str:
    """Strip marks off letters: ids are ASCII.

    >>> _plain("Máy nén Đ2")
    'May nen D2'
    """
    split = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in split if not unicodedata.combining(letter))


def _key(text: str) -> str:
    """Make a signal or kind id.

    >>> _key("Zone3Temperature"), _key("PV.flow-rate"), _key("2nd")
    ('zone3_temperature', 'pv_flow_rate', 'x2nd')
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", _plain(text))
    name = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")[:50].rstrip("_")
    return name if name[:1].isalpha() else f"x{name}"


def _segment(text: str) -> str:
    """Make the last part of an equipment id.

    >>> _segment("Line 1-Oven_3")
    'line-1-oven-3'
    """
    return re.sub(r"[^a-z0-9]+", "-", _plain(text).lower()).strip("-")[-36:].strip("-") or "x"


def _unique(name: str, taken: set[str], *, joint: str = "_", most: int = 60) -> str:
    unique, number = name[:most], 1
    while unique in taken:
        number += 1
        end = f"{joint}{number}"
        unique = name[: most - len(end)].rstrip(joint) + end
    taken.add(unique)
    return unique


def _name(text: str) -> str:
    """Quote a name for people: never empty, not too long, and no braces, which would be a pattern.

    >>> _name("Zone {1}"), _name("")
    ('"Zone (1)"', '"?"')
    """
    plain = _comment(text.replace("{", "(").replace("}", ")")).strip()
    return _text(plain[:MAX_NAME] or "?")


def _text(text: str) -> str:
    """Quote a text for YAML; JSON's quotes are YAML's. Ids too: a signal may be called ``on`` or ``null``."""
    return json.dumps(text, ensure_ascii=False)


def _comment(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
