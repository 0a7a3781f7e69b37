"""All modules that a desk of the page needs as one file, so that a browser asks once and not a hundred times.

A request costs a browser some milliseconds however small its answer is, and over a long line a way there
and back. The modules are written to be packed: they import and export at the start of a line, by name, and in
no circle. Each becomes a function that is called once and returns what it exports, after all that it
imports; what stands in ``vendor/`` stays a module of its own.

The files themselves are served as ever: workers load them, and a source map leads a debugger to them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from twin.api.page_modules import resolved

_IMPORT = re.compile(r"""^import\s+([^;"']*?)\s*from\s*["']([^"']+)["'];""", re.MULTILINE)
_LATER = re.compile(r"""\bimport\(["'](\.[^"']+)["']\)(?!\.)""")
"""An import while the page runs; with a dot behind it, it is the type of a comment."""
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
_UNPACKED = re.compile(r"^(?:export\b|import\b(?!\())[^\n]*", re.MULTILINE)
_VLQ = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class PackError(ValueError):
    """Modules that cannot be packed."""


@dataclass(frozen=True)
class Pack:
    """The modules of a desk in one file, to be served beside them.

    Attributes:
        script: a module.
        source_map: where each of its lines comes from (ECMA-426).
        outside: the modules that it imports itself, as paths in the page's folder.
    """

    script: str
    source_map: str
    outside: tuple[str, ...]


def pack(folder: Path, starts: Sequence[str], names: Mapping[str, str], *, source_map: str) -> Pack:
    """Pack modules and all that they import.

    Args:
        folder: the page's.
        starts: paths in it, all in ``src/``; the first is run last.
        names: what the page's import map says.
        source_map: name of the source map's file, beside the pack.

    Raises:
        PackError: a module is written otherwise than can be packed.
    """
    packing = _Packing(folder, names)
    for path in (*starts[1:], starts[0]):
        packing.add(path, ())
    lines = [
        f'import * as {name} from "{packing.spelled[path]}";\n' for path, name in packing.outside.items()
    ]
    origins: list[tuple[int, int] | None] = [None] * len(lines)
    for number, (path, name) in enumerate(packing.packed.items()):
        body, exported = packing.written(path)
        own = body.splitlines(keepends=True)
        lines += [f"const {name} = (() => {{\n", *own, f"return {{ {', '.join(exported)} }};\n", "})();\n"]
        origins += [None, *((number, line) for line in range(len(own))), None, None]
    lines.append(f"//# sourceMappingURL={source_map}\n")
    sources = [path.removeprefix("src/") for path in packing.packed]
    told = {"version": 3, "sources": sources, "names": [], "mappings": ";".join(_mappings(origins))}
    return Pack("".join(lines), json.dumps(told, separators=(",", ":")), tuple(packing.outside))


class _Packing:
    def __init__(self, folder: Path, names: Mapping[str, str]) -> None:
        self._folder = folder
        self._names = names
        self._texts: dict[str, str] = {}
        self.packed: dict[str, str] = {}
        """What each module of ours is called in the pack, in the order in which they run."""
        self.outside: dict[str, str] = {}
        self.spelled: dict[str, str] = {}
        """How a module from outside is imported."""

    def add(self, path: str, importers: tuple[str, ...]) -> None:
        """Pack what a module imports, and then the module."""
        if path in importers:
            raise PackError(
                f"{' -> '.join((*importers, path))}: modules import each other in a circle; part them"
            )
        if path in self.packed:
            return
        text = self._texts[path] = (self._folder / path).read_text("utf-8")
        for _, name in _IMPORT.findall(text):
            found = self._found(name, path)
            if found.startswith("src/"):
                self.add(found, (*importers, path))
            elif found not in self.outside:
                self.outside[found] = f"$o{len(self.outside)}"
                self.spelled[found] = name
        self.packed[path] = f"$m{len(self.packed)}"

    def written(self, path: str) -> tuple[str, list[str]]:
        """Return the body of a packed module, of as many lines as the module, and what it exports."""
        text = _IMPORT.sub(lambda found: self._imported(path, found), self._texts[path])
        text = _LATER.sub(lambda found: self._later(path, found), text)
        exported = _EXPORT.findall(text)
        text = _EXPORT.sub("", text)
        if (odd := _UNPACKED.search(text)) is not None:
            rule = "a pack takes imports and exports by name, at the start of a line, of what does not change"
            raise PackError(f"{path}: {odd[0]!r}: {rule}")
        return text if text.endswith("\n") else text + "\n", exported

    def _found(self, name: str, importer: str) -> str:
        found = resolved(name, importer, self._names)
        if found is None or not (self._folder / found).is_file():
            raise PackError(f"{importer}: imports {name!r}, which is no file of the page")
        return found

    def _imported(self, path: str, found: re.Match[str]) -> str:
        module = self._found(found[2], path)
        name = self.packed.get(module) or self.outside[module]
        what, lines = found[1], "\n" * found[0].count("\n")
        if what.startswith("{"):
            taken = " ".join(what.split()).replace(" as ", ": ")
            return f"const {taken} = {name};{lines}"
        if what.startswith("* as "):
            return f"const {what.removeprefix('* as ')} = {name};{lines}"
        return f"const {what} = {name}.default;{lines}" if what.isidentifier() else found[0]

    def _later(self, path: str, found: re.Match[str]) -> str:
        name = self.packed.get(self._found(found[1], path))
        return found[0] if name is None else f"Promise.resolve({name})"


def _mappings(origins: Sequence[tuple[int, int] | None]) -> Iterator[str]:
    """Write where each line comes from: source and line in it, each as the difference to the one before."""
    before = (0, 0)
    for origin in origins:
        if origin is None:
            yield ""
            continue
        yield "A" + _vlq(origin[0] - before[0]) + _vlq(origin[1] - before[1]) + "A"
        before = origin


def _vlq(number: int) -> str:
    """Write a number as source maps do (ECMA-426, base64 VLQ).

    >>> _vlq(0), _vlq(1), _vlq(-1), _vlq(16)
    ('A', 'C', 'D', 'gB')
    """
    rest = abs(number) << 1 | (number < 0)
    digits = ""
    while True:
        rest, digit = rest >> 5, rest & 31
        digits += _VLQ[digit | (32 if rest else 0)]
        if not rest:
            return digits
