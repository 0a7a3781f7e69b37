"""A desk of the page: its HTML, and its modules and its style sheets in one file each."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path

from fastapi import Request, Response

from twin.api.page_modules import import_map, reached
from twin.api.page_pack import pack

STYLE = "style/page.pack.css"
_START = re.compile(r'<script type="module" src="\./([^"]+)"></script>')
_SHEET = re.compile(r'[ \t]*<link rel="stylesheet" href="\./([^"]+)">\n')


@dataclass(frozen=True)
class _File:
    kind: str
    body: bytes
    etag: str

    @cached_property
    def packed(self) -> bytes:
        """As gzip, for the first who can unpack it."""
        return gzip.compress(self.body, 9, mtime=0)


class DeskPage:
    """The files that a desk comes as.

    Args:
        folder: the page's.
        name: of the desk.
        later: the modules that this desk imports once it runs, as paths in the folder.
    """

    def __init__(self, folder: Path, name: str, later: Sequence[str]) -> None:
        self.script = f"src/{name}.pack.js"
        self.source_map = f"{self.script}.map"
        self._folder = folder
        self._later = later
        self._made: tuple[int, dict[str, _File]] | None = None

    def answer(self, name: str, request: Request) -> Response:
        """Answer a request for one of the files; an update is seen at once.

        Args:
            name: ``index.html``, :attr:`script`, :attr:`source_map` or :data:`STYLE`.
            request: whose headers say what the browser has and can unpack.
        """
        file = self._files()[name]
        headers = {
            "cache-control": "no-cache",
            "etag": file.etag,
            "vary": "Accept-Encoding",
            "content-type": file.kind,
        }
        if file.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.packed, headers=headers | {"content-encoding": "gzip"})
        return Response(file.body, headers=headers)

    def _files(self) -> Mapping[str, _File]:
        changed = max(path.stat().st_mtime_ns for path in self._sources())
        if self._made is None or self._made[0] != changed:
            self._made = (changed, self._make())
        return self._made[1]

    def _sources(self) -> Iterator[Path]:
        yield self._folder / "index.html"
        for part in ("src", "style"):
            yield self._folder / part
            yield from (self._folder / part).iterdir()

    def _make(self) -> dict[str, _File]:
        index = (self._folder / "index.html").read_text("utf-8")
        names, start = import_map(index), _START.search(index)
        if start is None:
            raise ValueError(f"{self._folder / 'index.html'}: has no script to start with")
        made = pack(self._folder, (start[1], *self._later), names, source_map=Path(self.source_map).name)
        sheets = _SHEET.findall(index)
        style = "".join((self._folder / sheet).read_text("utf-8") for sheet in sheets)
        modules = reached(self._folder, made.outside, names)
        links = [f'    <link rel="stylesheet" href="./{STYLE}">\n']
        links += [f'    <link rel="modulepreload" href="./{path}">\n' for path in modules]
        index = _SHEET.sub(lambda found: links[0] if found[1] == sheets[0] else "", index)
        place = index.rindex("\n", 0, index.index(start[0])) + 1
        index = index[:place] + "".join(links[1:]) + index[place:]
        return {
            "index.html": _file("text/html; charset=utf-8", index.replace(start[1], self.script)),
            self.script: _file("text/javascript; charset=utf-8", made.script),
            self.source_map: _file("application/json", made.source_map),
            STYLE: _file("text/css; charset=utf-8", style),
        }


def _file(kind: str, text: str) -> _File:
    body = text.encode()
    # weak: what was packed and what was not are the same only once unpacked (RFC 9110, 8.8.1)
    return _File(kind, body, f'W/"{hashlib.sha256(body).hexdigest()[:32]}"')
