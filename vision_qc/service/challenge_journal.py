"""The journal of challenge checks: one line of JSON an entry, on disk before it counts, never changed.

Of each station and product one file. The last ``plan`` entry in it is the plan in force, so plan and history
cannot contradict each other.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote, unquote

import msgspec

from twin.contract.inspection import Truth
from vision_qc.errors import ServiceAwayError

SUFFIX: Final = ".jsonl"
_LOG = logging.getLogger(__name__)

Kind = Literal["plan", "blocked", "shown", "passed", "failed"]


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled piece that is kept beside the line.

    Args:
        piece: as it is labelled.
        truth: what it is known to be; a good one must pass, a defective one must be rejected.
    """

    piece: str
    truth: Truth


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Which pieces a station must be shown, and when.

    Args:
        pieces: all of them make a check; empty = no check is asked for.
        every_s: a check holds for so long [s]; 0 = until start, changeover or change of recipe.
        changeover: whether another product in between ends what was checked; False where products are mixed.
    """

    pieces: tuple[Piece, ...] = ()
    every_s: float = 0.0
    changeover: bool = True


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened.

    Args:
        kind: ``plan`` = a person set the plan; ``blocked`` = the first product was refused; ``shown`` = a
            piece was judged; ``passed``, ``failed`` = with it the check was.
        time: by the service's clock, ns.
        by: who did it; "" = the service itself.
        why: reason of a plan, of a block or of a failure.
        version: of the recipe.
        plan: the new one.
        piece, truth, verdict, score, picture_sha256: of what was shown.
    """

    kind: Kind
    time: int
    by: str = ""
    why: str = ""
    version: int = 0
    plan: Plan | None = None
    piece: str = ""
    truth: Truth | None = None
    verdict: str = ""
    score: float | None = None
    picture_sha256: str = ""


class ChallengeJournal:
    """Appends to and reads journals; the caller sees to one thread at a time.

    Args:
        folder: made with the first entry.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def known(self) -> list[tuple[str, str]]:
        """Station and product of every journal."""
        return [
            (unquote(path.parent.name), unquote(path.name.removesuffix(SUFFIX)))
            for path in sorted(self._folder.glob(f"*/*{SUFFIX}"))
        ]

    def append(self, station: str, product: str, *entries: Entry) -> None:
        """Write entries down, all or none.

        Raises:
            ServiceAwayError: the disk takes none now.
        """
        path = self._path(station, product)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.stat().st_size if path.exists() else 0
            with path.open("ab") as file:
                try:
                    file.write(b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries))
                    file.flush()
                    os.fsync(file.fileno())
                except OSError:
                    file.truncate(before)
                    raise
        except OSError as error:
            raise ServiceAwayError(
                f"challenge of {station}: cannot be written down ({error.strerror}); make room on the disk, "
                "then do it again"
            ) from error

    def read(self, station: str, product: str) -> list[Entry]:
        """Return the entries, the oldest first; a line that a power cut tore is left out, and said."""
        path = self._path(station, product)
        if not path.is_file():
            return []
        entries = []
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            try:
                entries.append(msgspec.json.decode(line, type=Entry))
            except msgspec.MsgspecError as error:
                _LOG.error("%s: line %d is left out: %s", path, number, error)
        return entries

    def _path(self, station: str, product: str) -> Path:
        return self._folder / quote(station, safe="") / (quote(product, safe="") + SUFFIX)
