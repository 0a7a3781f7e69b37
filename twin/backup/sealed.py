"""A sealed stream: encrypted in chunks, so that memory is bounded, and whole or refused.

Layout: the line ``parktwin-backup/1``, the header as one line of JSON, then chunks of 64 KiB, each with
ChaCha20-Poly1305 (RFC 8439) under the key of the file. The nonce is the number of the chunk and whether it is
the last, so that none can be taken out, moved or cut off; the header is bound to every chunk (STREAM, Hoang
et al. 2015, as ``age`` uses it).
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from typing import IO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from twin.backup.errors import BackupDamagedError
from twin.backup.keys import Unwrapper, Wrapper

MAGIC: Final = b"parktwin-backup/1\n"
CHUNK_BYTES: Final = 64 << 10
_TAG_BYTES: Final = 16
_MOST_HEADER: Final = 4096


class SealedWriter(io.RawIOBase):
    """Seals what is written to it; :meth:`close` writes the last chunk and leaves the file open.

    Args:
        out: open for writing.
        wrapper: for whom.
    """

    def __init__(self, out: IO[bytes], wrapper: Wrapper) -> None:
        super().__init__()
        key = os.urandom(32)
        header = json.dumps(wrapper.wrap(key), sort_keys=True).encode() + b"\n"
        out.write(MAGIC + header)
        self._out = out
        self._cipher = ChaCha20Poly1305(key)
        self._bound = hashlib.sha256(MAGIC + header).digest()
        self._held = bytearray()
        self._count = 0

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, data: object) -> int:
        """Seal; what does not fill a chunk waits for more."""
        taken = bytes(memoryview(data))  # type: ignore[arg-type]  # any buffer, as of every raw file
        self._held += taken
        while len(self._held) > CHUNK_BYTES:  # of a full one it is not known yet whether it is the last
            self._seal(bytes(self._held[:CHUNK_BYTES]), last=False)
            del self._held[:CHUNK_BYTES]
        return len(taken)

    def close(self) -> None:
        """Seal the last chunk."""
        if not self.closed:
            self._seal(bytes(self._held), last=True)
        super().close()

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._count, last), chunk, self._bound))
        self._count += 1


class SealedReader(io.RawIOBase):
    """Opens what :class:`SealedWriter` wrote; no byte comes out that was not checked.

    Args:
        file: open for reading.
        unwrapper: who opens it.
        name: of the file, for what is said of it.

    Raises:
        BackupDamagedError: it is no backup; (from :meth:`readinto`) a chunk is not what was written, or the
            end is missing.
        BackupKeyError: the key or passphrase does not open it.
    """

    def __init__(self, file: IO[bytes], unwrapper: Unwrapper, name: str) -> None:
        super().__init__()
        self._file = file
        self._name = name
        if file.read(len(MAGIC)) != MAGIC:
            raise BackupDamagedError(f"{name}: is no backup of ParkTwin: it begins with something else")
        header = file.readline(_MOST_HEADER)
        try:
            told = json.loads(header)
            wrapped = {str(name): str(value) for name, value in told.items()}
        except (ValueError, AttributeError) as error:
            raise BackupDamagedError(f"{name}: its header cannot be read; take another copy") from error
        self._cipher = ChaCha20Poly1305(unwrapper.unwrap(wrapped))
        self._bound = hashlib.sha256(MAGIC + header).digest()
        self._count = 0
        self._next = file.read(CHUNK_BYTES + _TAG_BYTES)
        self._opened = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: object) -> int:
        """Read what was sealed; 0 only at the true end."""
        into = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # any buffer, as of every raw file
        while not self._opened and not self._ended:
            self._open_next()
        size = min(len(into), len(self._opened))
        into[:size] = self._opened[:size]
        self._opened = self._opened[size:]
        return size

    def _open_next(self) -> None:
        sealed, self._next = self._next, self._file.read(CHUNK_BYTES + _TAG_BYTES)
        self._ended = not self._next
        try:
            opened = self._cipher.decrypt(_nonce(self._count, self._ended), sealed, self._bound)
        except (InvalidTag, ValueError) as error:
            raise BackupDamagedError(
                f"{self._name}: bytes from {self._count * CHUNK_BYTES:,} on are not what was written, or its "
                "end is missing; nothing of it is used, take another copy"
            ) from error
        self._opened = memoryview(opened)
        self._count += 1


def _nonce(count: int, last: bool) -> bytes:
    return count.to_bytes(11, "big") + bytes([last])
