"""The history of a backup: from a twin that runs, which alone can read it, or from the files of one that does
not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from twin.backup.errors import BackupSourceError
from twin.historian.base import HistoryError, HistoryStore, Piece
from twin.historian.connect import open_history
from twin.historian.piece_stream import read_pieces

_CONNECT_S: Final = 10.0
_ANSWER_S: Final = 600.0
"""For the next piece; counting the readings of a grown week takes seconds."""
_READ_BYTES: Final = 1 << 20


@contextmanager
def pieces_of_running(url: str, token: str) -> Iterator[Iterator[Piece]]:
    """Ask a twin that runs.

    Args:
        url: of the twin.
        token: that may ``backup.make``; "" where nothing is secured.

    Raises:
        BackupSourceError: it does not answer, or not with a history.
    """
    headers = {"accept-encoding": "identity"} | ({"authorization": f"Bearer {token}"} if token else {})
    try:
        with httpx.stream(
            "GET",
            f"{url}/api/backup/history",
            headers=headers,
            timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
        ) as answer:
            if answer.status_code != httpx.codes.OK:
                answer.read()
                raise BackupSourceError(
                    f"{url} answers {answer.status_code}: {answer.text[:300]}; nothing was written"
                )
            with io.BufferedReader(_Body(answer), _READ_BYTES) as body:
                yield read_pieces(body.readline, body.read)
    except httpx.HTTPError as error:
        why = str(error) or type(error).__name__
        raise BackupSourceError(f"{url}: the history broke off: {why}; nothing was written") from error
    except HistoryError as error:
        raise BackupSourceError(f"{url}: {error}; nothing was written") from error


@contextmanager
def pieces_of_url(url: str) -> Iterator[Iterator[Piece]]:
    """Read a history that no twin has open, or one on a server.

    Raises:
        BackupSourceError: it cannot be opened or read.
    """
    try:
        store = _open_all(url)
        try:
            yield store.copy_out()
        finally:
            store.close()
    except HistoryError as error:
        raise BackupSourceError(f"{url}: {error}; nothing was written") from error


def put_in(url: str, blocks: list[tuple[str, Path]]) -> int:
    """Put pieces into a history and return how many rows they had.

    Args:
        url: of the history; an embedded one is made.
        blocks: table and file of each.

    Raises:
        HistoryError: the history does not take them.
    """
    store = _open_all(url)
    try:
        for table, file in blocks:
            store.copy_in(Piece(table, 0, file.read_bytes()))
        return store.stats().readings
    finally:
        store.close()


def readings_in(url: str) -> int:
    """How many readings a history holds."""
    store = open_history(url)
    try:
        return store.stats().readings
    finally:
        store.close()


def _open_all(url: str) -> HistoryStore:
    """Open a history; an embedded one without an end, so that nothing of it is dropped."""
    return open_history(url, retention_days=0) if url.startswith("chdb:") else open_history(url)


class _Body(io.RawIOBase):
    """The body of an answer as a file."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self._chunks = answer.iter_raw(_READ_BYTES)
        self._held = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        into = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # any buffer, as of every raw file
        while not self._held:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._held = memoryview(chunk)
        size = min(len(into), len(self._held))
        into[:size] = self._held[:size]
        self._held = self._held[size:]
        return size
