"""The files of a park: the main one and those it includes, read and bounded before anything else is asked."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from twin.park.faults import Document, FaultLog
from twin.park.yaml_document import MAX_BYTES, YamlError, read_yaml
from twin.park.yaml_tree import Loc, Mapping, Scalar, Sequence

MAX_FILES = 1000


def read_files(main: Path, log: FaultLog) -> tuple[list[Document], bool]:
    """Read a park file and what it includes, the main file first, included ones in the order they are named.

    Returns:
        The files that could be read, and whether those are all.
    """
    reader = _Reader(main, log)
    reader.read(main, str(main), ())
    return reader.documents, reader.whole


class _Reader:
    def __init__(self, main: Path, log: FaultLog) -> None:
        self.documents: list[Document] = []
        self.whole = True
        self._folder = main.parent
        self._log = log
        self._seen: set[Path] = set()

    def read(self, path: Path, shown: str, chain: tuple[Path, ...]) -> None:
        """Read one file and then what it includes; ``chain`` is who included whom on the way here."""
        real = path.resolve()
        self._seen.add(real)
        document = self._parse(path, shown)
        if document is None:
            self.whole = False
            return
        self.documents.append(document)
        assert isinstance(document.root, Mapping)
        if "include" not in document.root.children:
            return
        named = document.root.children["include"][1]
        if isinstance(named, Scalar):
            self._include(document, ("include",), named, path, (*chain, real))
        elif isinstance(named, Sequence):
            for number, item in enumerate(named.items):
                self._include(document, ("include", number), item, path, (*chain, real))
        else:
            self._refuse(
                document, ("include",), "schema.type", "must be a list of file names", "write [a.yaml]"
            )

    def _parse(self, path: Path, shown: str) -> Document | None:
        try:
            data = _read(path)
        except (OSError, ValueError) as error:
            rule = f"cannot be read: {getattr(error, 'strerror', None) or error}"
            step = "check the path and its permissions"
            self._log.add_file("file.missing", shown, rule=rule, next_step=step)
            return None
        if len(data) > MAX_BYTES:
            rule = f"the file has more than {MAX_BYTES} bytes"
            step = "use kinds and id patterns, or part it into included files"
            self._log.add_file("file.too_big", shown, rule=rule, next_step=step)
            return None
        try:
            root = read_yaml(data.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            column = error.start - data.rfind(b"\n", 0, error.start)
            rule = f"byte 0x{data[error.start]:02x} is not UTF-8"
            self._log.add_file(
                "file.encoding",
                shown,
                line=line,
                column=column,
                rule=rule,
                next_step="save the file as UTF-8",
            )
            return None
        except YamlError as error:
            self._log.add_file(
                error.code, shown, line=error.line, column=error.column, rule=error.rule,
                next_step=error.next_step,
            )  # fmt: skip
            return None
        if not isinstance(root, Mapping):
            rule = "a park file is a mapping of sections such as 'park:' and 'equipment:'"
            step = "see docs/park-file.md for a small example"
            self._log.add("schema.type", Document(shown, root), (), rule=rule, next_step=step)
            return None
        return Document(shown, root)

    def _include(
        self, document: Document, loc: Loc, item: object, including: Path, chain: tuple[Path, ...]
    ) -> None:
        if not isinstance(item, Scalar) or not isinstance(item.value, str) or not item.value:
            self._refuse(
                document, loc, "schema.type", "must be a file name", "write a path such as kinds.yaml"
            )
            return
        pattern = item.value
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            self._refuse(
                document, loc, "include.outside", "an absolute path or '..' leads out of the park's folder",
                "put the file below the main file and name it from here",
            )  # fmt: skip
            return
        found = self._find(pattern, including)
        if not found:
            step = "check the name; it is looked up from the folder of the including file"
            self._refuse(document, loc, "include.missing", "no such file", step)
        for path in found:
            self._include_file(document, loc, path, chain)

    def _find(self, pattern: str, including: Path) -> list[Path]:
        folder = including.parent
        if not set(pattern) & set("*?["):
            try:
                return [folder / pattern] if (folder / pattern).is_file() else []
            except (OSError, ValueError):
                return []
        try:
            matches = [path for path in islice(folder.glob(pattern), MAX_FILES) if path.is_file()]
        except (OSError, ValueError, NotImplementedError):
            return []
        return sorted(path for path in matches if path.resolve() != including.resolve())

    def _include_file(self, document: Document, loc: Loc, path: Path, chain: tuple[Path, ...]) -> None:
        real = path.resolve()
        shown = str(self._folder / path.relative_to(self._folder))
        if not real.is_relative_to(self._folder.resolve()):
            step = "copy the file into the park's folder"
            self._refuse(
                document, loc, "include.outside", f"{shown} is a link out of the park's folder", step
            )
        elif real in chain:
            step = "delete this include"
            self._refuse(document, loc, "include.cycle", f"{shown} includes itself on the way here", step)
        elif real in self._seen:
            step = "include it from one file only"
            self._refuse(document, loc, "include.twice", f"{shown} is included already", step)
        elif len(self._seen) >= MAX_FILES:
            step = "put several areas into one file"
            self._refuse(document, loc, "include.missing", f"more than {MAX_FILES} files", step)
        else:
            self.read(path, shown, chain)

    def _refuse(self, document: Document, loc: Loc, code: str, rule: str, next_step: str) -> None:
        self.whole = False
        self._log.add(code, document, loc, rule=rule, next_step=next_step)


def _read(path: Path) -> bytes:
    """Read a regular file up to the bound and one byte more; a pipe or a device could keep us for ever."""
    if path.exists() and not path.is_file():
        raise IsADirectoryError(None, "no regular file")
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
