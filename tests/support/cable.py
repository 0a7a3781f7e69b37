"""The network between a browser and a server, which a test can cut, let go dead, and mend."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 1 << 16
POLL_S = 0.05


class Cable:
    """Passes TCP connections on to ``target``, a URL, which may be another one after each cut."""

    def __init__(self, target: str) -> None:
        self.target = target
        self._whole = threading.Event()
        self._whole.set()
        self._dead = False
        self._over = False
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection, and let none come up, as a pulled plug does on this machine."""
        self._whole.clear()
        self._drop()

    def die(self) -> None:
        """Lose what is sent without a word, as a broken switch does: connections stay and nothing passes."""
        self._dead = True

    def mend(self, target: str = "") -> None:
        """Pass on again, to another target if one is given; what was lost meanwhile stays lost."""
        self.target = target or self.target
        if self._dead:
            self._drop()
        self._dead = False
        self._whole.set()

    def close(self) -> None:
        """End it."""
        self._over = True
        self._listener.close()
        self._drop()

    def _drop(self) -> None:
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            _end(end)

    def _accept(self) -> None:
        while not self._over:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._whole.is_set():
                near.close()
                continue
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        while self._dead and not self._over:
            time.sleep(POLL_S)
        place = urlsplit(self.target)
        try:
            far = socket.create_connection((place.hostname or "", place.port or 80), timeout=5)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        with self._lock:
            self._ends |= {near, far}
        threading.Thread(target=self._pump, args=(near, far), daemon=True).start()
        self._pump(far, near)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(CHUNK):
                if not self._dead:
                    sink.sendall(data)
        except OSError:
            pass
        _end(source)
        _end(sink)


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def cable(target: str) -> Iterator[Cable]:
    """A cable to a server, for a ``with``."""
    one = Cable(target)
    try:
        yield one
    finally:
        one.close()
