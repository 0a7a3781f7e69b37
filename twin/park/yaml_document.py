"""YAML as it was written: values with their lines, and nothing that YAML swallows or invents.

A plain YAML loader keeps the last of two equal keys, reads ``no`` as false, ``012`` as ten and ``1:30`` as
ninety, and unfolds a nest of aliases until memory is gone. This one builds its own tree from the parser's
events: it reads the YAML 1.2 core types, remembers where everything stands, and notes what is doubtful
instead of guessing.
"""

from __future__ import annotations

import re
import unicodedata

import yaml

from twin.park.yaml_tree import Doubt, Mapping, Node, Scalar, Sequence

MAX_BYTES = 5_000_000
MAX_DEPTH = 30
"""Nested lists and mappings; a park file needs eight."""
MAX_NODES = 2_000_000
"""Values with every alias counted as often as it is used."""


class YamlError(ValueError):
    """The text is no YAML we read; it is turned into a fault by whoever reads the file."""

    def __init__(self, code: str, line: int, column: int, rule: str, next_step: str) -> None:
        super().__init__(f"{line}:{column} [{code}] {rule}; {next_step}")
        self.code = code
        self.line = line
        self.column = column
        self.rule = rule
        self.next_step = next_step


def read_yaml(text: str) -> Node:
    """Read one YAML document.

    Raises:
        YamlError: it is no YAML, or more than one document, or nested or unfolded beyond the bounds.

    >>> root = read_yaml("high: 80\\nactive: no")
    >>> from twin.park.yaml_tree import locate
    >>> locate(root, ("active",))
    (2, 9, 'active')
    """
    try:
        return _build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = " ".join(part for part in (error.context, error.problem) if part)
        raise YamlError("yaml.syntax", line, column, f"not YAML: {problem}", _syntax_hint(problem)) from error
    except yaml.YAMLError as error:
        line, column = _place_of_bad_character(text)
        rule = "not YAML: a character that may not stand in a text file"
        raise YamlError("yaml.syntax", line, column, rule, "delete it and save the file as UTF-8") from error


def _build(text: str) -> Node:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder()
    for event in yaml.parse(text, Loader=loader):
        builder.take(event)
    if builder.root is None:
        raise YamlError("yaml.empty", 1, 1, "the file is empty", "see docs/park-file.md for a small example")
    return builder.root


class _Builder:
    """Puts the parser's events together; bounded in depth and in what aliases unfold to."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[tuple[Mapping | Sequence, str | None]] = []
        self._anchors: dict[str, Node] = {}

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if isinstance(event, yaml.ScalarEvent):
            scalar = _scalar(event, line, column)
            if event.anchor:
                self._anchors[event.anchor] = scalar
            self._place(scalar, line, column)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            _refuse_tag(event.tag, line, column)
            if len(self._open) >= MAX_DEPTH:
                raise _too_deep(line, column)
            new = Mapping if isinstance(event, yaml.MappingStartEvent) else Sequence
            self._open.append((new(line, column), event.anchor))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            node, anchor = self._open.pop()
            if anchor:
                self._anchors[anchor] = node
            self._place(node, node.line, node.column)
        elif isinstance(event, yaml.AliasEvent):
            target = self._anchors.get(event.anchor or "")
            if target is None:
                rule = f"alias *{event.anchor} stands before or inside what it names"
                raise YamlError("yaml.alias", line, column, rule, f"define it above with &{event.anchor}")
            self._place(target, line, column)
        elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            rule = "a second document begins ('---')"
            raise YamlError(
                "yaml.documents", line, column, rule, "put it into a file of its own and include it"
            )

    def _place(self, node: Node, line: int, column: int) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1][0]
        parent.count += node.count
        parent.height = max(parent.height, node.height + 1)
        if parent.count > MAX_NODES:
            rule = f"aliases unfold to more than {MAX_NODES} values"
            raise YamlError(
                "yaml.expansion", line, column, rule, "use kinds and id patterns instead of aliases"
            )
        if len(self._open) + node.height > MAX_DEPTH:
            raise _too_deep(line, column)
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif parent.key is None:
            if not isinstance(node, Scalar):
                raise YamlError(
                    "yaml.key", line, column, "a key is a list or a mapping", "write a plain name"
                )
            parent.key = node
        else:
            _put(parent, parent.key, node)
            parent.key = None


def _put(parent: Mapping, key: Scalar, node: Node) -> None:
    if key.text == "<<" and key.value == "<<":
        step = "write the keys out, or let a kind carry what its machines share"
        doubt = Doubt("yaml.merge", "merge keys are not read here", step, of_key=True)
        parent.doubtful_keys.append((key, doubt))
        return
    if not isinstance(key.value, str):
        doubt = Doubt("yaml.key", f"key {key.text!r} is no text", f"write '{key.text}'", of_key=True)
        parent.doubtful_keys.append((key, doubt))
    elif key.doubt is not None:
        parent.doubtful_keys.append((key, key.doubt._replace(of_key=True)))
    earlier = parent.children.get(key.text)
    if earlier is not None:
        rule = f"key {key.text!r} stands already in line {earlier[0].line}, and one of the two would be lost"
        doubt = Doubt("yaml.duplicate_key", rule, "delete or rename one of them", of_key=True)
        parent.doubtful_keys.append((key, doubt))
        return
    parent.children[key.text] = (key, node)


def _too_deep(line: int, column: int) -> YamlError:
    rule = f"lists and mappings are nested more than {MAX_DEPTH} deep"
    return YamlError("yaml.depth", line, column, rule, "a park file needs eight; take the brackets apart")


def _refuse_tag(tag: str | None, line: int, column: int) -> None:
    if tag is not None and tag not in _KNOWN_TAGS:
        short = tag.replace("tag:yaml.org,2002:", "!!")
        rule = f"tag {short} is not read here"
        raise YamlError("yaml.tag", line, column, rule, "delete the tag and write the plain value")


_KNOWN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq")) | {"!"}
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE = frozenset(("true", "True", "TRUE"))
_FALSE = frozenset(("false", "False", "FALSE"))
_OLD_BOOLEANS = frozenset(("y", "n", "yes", "no", "on", "off"))
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"([-+]?)\.(?:inf|Inf|INF)|(\.(?:nan|NaN|NAN))")
_OLD_NUMBER = re.compile(  # octal, binary, hexadecimal, with underscores, base 60
    r"[-+]?(?:0[0-9_]+|0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+"
    r"|[0-9]+_[0-9_]*(?:\.[0-9_]*)?|[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?)"
)


def _scalar(event: yaml.ScalarEvent, line: int, column: int) -> Scalar:
    _refuse_tag(event.tag, line, column)
    text = event.value if event.value.isascii() else unicodedata.normalize("NFC", event.value)
    if event.style or event.tag:
        return Scalar(line, column, text, text)
    if text in _NULL:
        return Scalar(line, column, text, None)
    first = text[0]
    if first.isdigit() or first in "+-.":
        return _number(text, line, column)
    if text in _TRUE or text in _FALSE:
        return Scalar(line, column, text, text in _TRUE)
    if text.lower() in _OLD_BOOLEANS:
        rule = f"{text} without quotes is true or false to some YAML readers and text to others"
        meant = "true" if text.lower() in ("y", "yes", "on") else "false"
        doubt = Doubt("yaml.boolean", rule, f"write {meant}, or '{text}' for the text")
        return Scalar(line, column, text, text, doubt)
    return Scalar(line, column, text, text)


def _number(text: str, line: int, column: int) -> Scalar:
    if _INTEGER.fullmatch(text):
        return Scalar(line, column, text, int(text))
    if _OLD_NUMBER.fullmatch(text):
        rule = f"{text} without quotes is another number to some YAML readers (octal, base 60, ...)"
        doubt = Doubt("yaml.number", rule, f"write a plain decimal number, or '{text}' for the text")
        return Scalar(line, column, text, text, doubt)
    if _FLOAT.fullmatch(text):
        return Scalar(line, column, text, float(text))
    infinite = _INFINITE.fullmatch(text)
    if infinite:
        value = float("nan") if infinite[2] else float(f"{infinite[1]}inf")
        return Scalar(line, column, text, value)
    return Scalar(line, column, text, text)


def _syntax_hint(problem: str) -> str:
    if "cannot start any token" in problem or "tab character" in problem:
        return "indent with spaces, never tabs; put texts that begin with @, %, ` or a tab into quotes"
    if "mapping values are not allowed" in problem:
        return "put a text that contains ': ' into quotes, and check the indentation of the line"
    if "expected <block end>" in problem or "expected ',' or" in problem:
        return "check indentation and brackets; inside { } a pattern like c{01..12} needs quotes"
    return "check indentation, brackets and quotes of this line and the one above"


def _place_of_bad_character(text: str) -> tuple[int, int]:
    """Find the first character YAML forbids: control characters other than tab and line ends."""
    line, column = 1, 0
    for character in text:
        column += 1
        if character == "\n":
            line, column = line + 1, 0
        elif character not in "\t\r\x85" and (unicodedata.category(character) in ("Cc", "Cs")):
            break
    return line, column
