"""Which part a picture shows, by the name of its file, and which type of defect, by the name of its folder.

A part that was taken several times is one part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from vision_qc.errors import FolderError


def parts_of(paths: Sequence[Path], pattern: str) -> list[str]:
    """Tell the part of each picture.

    Args:
        paths: of the pictures.
        pattern: regular expression, found in the name of each file; its first group names the part.

    Raises:
        FolderError: it is no regular expression with a group, or a name does not hold it.

    Example:
        >>> parts_of([Path("A17_left.png"), Path("A17_right.png")], "^([^_]+)_")
        ['A17', 'A17']
    """
    try:
        rule = re.compile(pattern)
    except re.error as error:
        raise FolderError(f"part {pattern!r}: no regular expression ({error}); try '^([^_]+)_'") from error
    if rule.groups < 1:
        raise FolderError(f"part {pattern!r}: has no group that names the part; try '^([^_]+)_'")
    named = []
    for path in paths:
        found = rule.search(path.name)
        if found is None or found[1] is None:
            raise FolderError(f"{path.name}: does not hold {pattern!r}; name the files alike")
        named.append(found[1])
    return named


def types_of(paths: Sequence[Path], folder: Path) -> list[str]:
    """Tell the type of defect of each picture: the folder it lies in, "" for those in ``folder`` itself.

    Example:
        >>> types_of([Path("bad/scratch/1.png"), Path("bad/2.png")], Path("bad"))
        ['scratch', '']
    """
    return ["/".join(path.relative_to(folder).parts[:-1]) for path in paths]
