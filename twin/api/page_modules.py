"""Which modules a page needs: what its scripts import, and what that imports."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_IMPORT_MAP = re.compile(r'<script type="importmap">(.*?)</script>', re.DOTALL)
_STATIC = re.compile(r"""^(?:import\b(?!\s*\()|export\s*[*{])[^;"']*?["']([^"']+)["']""", re.MULTILINE)


def reached(folder: Path, starts: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """Return modules and all that they import, the nearest first, as paths in the page's folder.

    Args:
        folder: the page's.
        starts: paths in it.
        names: what the page's import map says.
    """
    known = list(starts)
    for path in known:
        for imported in _imported(folder, path, names):
            if imported not in known:
                known.append(imported)
    return known


def _imported(folder: Path, path: str, names: Mapping[str, str]) -> Iterator[str]:
    for name in _STATIC.findall((folder / path).read_text("utf-8")):
        found = resolved(name, path, names)
        if found is not None and (folder / found).is_file():
            yield found


def resolved(name: str, importer: str, names: Mapping[str, str]) -> str | None:
    """Return the path that an import means, as the browser would find it; None if it is no file of the page.

    >>> resolved("./b.js", "src/a.js", {})
    'src/b.js'
    >>> resolved("three/addons/c.js", "src/a.js", {"three": "vendor/t.js", "three/addons/": "vendor/add/"})
    'vendor/add/c.js'
    """
    if name.startswith("."):
        return posixpath.normpath(posixpath.join(posixpath.dirname(importer), name))
    if name in names:
        return names[name]
    above = max((one for one in names if one.endswith("/") and name.startswith(one)), key=len, default=None)
    return None if above is None else names[above] + name.removeprefix(above)


def import_map(index: str) -> dict[str, str]:
    """Return what an ``index.html`` says that names of modules mean, as paths in its folder."""
    found = _IMPORT_MAP.search(index)
    told = {} if found is None else json.loads(found[1])["imports"]
    return {name: path.removeprefix("./") for name, path in told.items()}
