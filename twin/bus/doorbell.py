"""Waking consumers in other processes: one small file per topic, written to after a commit, watched with
inotify.

Why this: the kernel tells all watchers at once, in about 0.1 ms; ringing costs 1.5 microseconds and needs no
list of who listens; an idle listener costs nothing; and nothing is left behind by a process that was killed.
Unix sockets need a registry of listeners, and asking SQLite's ``data_version`` every 20 ms costs each idle
consumer 50 wake-ups a second. Where there is no inotify (another system, or its instances are used up) a
listener looks every :data:`FALLBACK_S`.
"""

from __future__ import annotations

import ctypes
import os
import select
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from urllib.parse import quote

FALLBACK_S = 0.02
_IN_MODIFY = 0x2


class Doorbell:
    """Rings the bells in a folder. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._files: dict[str, int] = {}

    def ring(self, names: Iterable[str]) -> None:
        """Wake everybody who listens to one of the names. Never fails: listeners also look by themselves."""
        with self._lock:
            for name in names:
                with suppress(OSError):
                    if name not in self._files:
                        self._files[name] = _open(self._folder, name)
                    os.pwrite(self._files[name], b"\0", 0)

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            for file in self._files.values():
                os.close(file)
            self._files.clear()


class Listener:
    """Waits until one of several bells rings. Rings between two waits are not missed."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self._inotify = -1
        with suppress(OSError, AttributeError):
            self._inotify = _watch(folder, names)

    def wait(self, timeout_s: float) -> None:
        """Wait for a ring, at most ``timeout_s``; the rings so far are answered when this returns."""
        if self._inotify < 0:
            time.sleep(min(timeout_s, FALLBACK_S))
            return
        waiting = select.poll()
        waiting.register(self._inotify, select.POLLIN)
        if waiting.poll(max(timeout_s, 0.0) * 1000):
            with suppress(BlockingIOError):
                os.read(self._inotify, 1 << 16)

    def close(self) -> None:
        """Stop listening."""
        if self._inotify >= 0:
            os.close(self._inotify)
            self._inotify = -1


def _open(folder: Path, name: str) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    return os.open(folder / quote(name, safe=""), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _watch(folder: Path, names: Iterable[str]) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    inotify: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if inotify < 0:
        raise OSError(ctypes.get_errno(), "inotify_init1")
    for name in names:
        os.close(_open(folder, name))
        if libc.inotify_add_watch(inotify, os.fsencode(folder / quote(name, safe="")), _IN_MODIFY) < 0:
            os.close(inotify)
            raise OSError(ctypes.get_errno(), "inotify_add_watch")
    return inotify
