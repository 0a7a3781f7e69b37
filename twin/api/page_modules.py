"""Which modules a page will need, so that its browser can ask for all of them at once and not one layer of
imports after the other."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_IMPORT_MAP = re.compile(r'<script type="importmap">(.*?)</script>', re.DOTALL)
_START = re.compile(r'<script type="module" src="\./([^"]+)">')
_PRELOADED = re.compile(r'<link rel="modulepreload" href="\./([^"]+)">')
_STATIC = re.compile(r"""^(?:import\b(?!\s*\()|export\s*[*{])[^;"']*?["']([^"']+)["']""", re.MULTILINE)


def with_preloads(folder: Path, later: Sequence[str] = ()) -> str:
    """Return ``index.html`` of a folder with a ``modulepreload`` for each module that its script imports.

    Args:
        folder: the page's.
        later: modules that it will import while it runs, as paths in the folder; what they import is
            named too.
    """
    index = (folder / "index.html").read_text("utf-8")
    start = _START.search(index)
    if start is None:
        return index
    known = {start[1], *_PRELOADED.findall(index)}
    modules = _reached(folder, (start[1], *later), _imports(index))
    links = [f'    <link rel="modulepreload" href="./{path}">\n' for path in modules if path not in known]
    place = index.rindex("\n", 0, start.start()) + 1
    return index[:place] + "".join(links) + index[place:]


def _reached(folder: Path, starts: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """Return modules and all that they import, the nearest first, as paths in the folder."""
    reached = list(starts)
    for path in reached:
        for imported in _imported(folder, path, names):
            if imported not in reached:
                reached.append(imported)
    return reached


def _imported(folder: Path, path: str, names: Mapping[str, str]) -> Iterator[str]:
    for name in _STATIC.findall((folder / path).read_text("utf-8")):
        found = _resolved(name, path, names)
        if found is not None and (folder / found).is_file():
            yield found


def _resolved(name: str, importer: str, names: Mapping[str, str]) -> str | None:
    """Return the path that an import means, as the browser would find it; None if it is no file of the page.

    >>> _resolved("./b.js", "src/a.js", {})
    'src/b.js'
    >>> _resolved("three/addons/c.js", "src/a.js", {"three": "vendor/t.js", "three/addons/": "vendor/add/"})
    'vendor/add/c.js'
    """
    if name.startswith("."):
        return posixpath.normpath(posixpath.join(posixpath.dirname(importer), name))
    if name in names:
        return names[name]
    above = max((one for one in names if one.endswith("/") and name.startswith(one)), key=len, default=None)
    return None if above is None else names[above] + name.removeprefix(above)


def _imports(index: str) -> dict[str, str]:
    found = _IMPORT_MAP.search(index)
    told = {} if found is None else json.loads(found[1])["imports"]
    return {name: path.removeprefix("./") for name, path in told.items()}
