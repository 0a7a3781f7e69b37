"""Signed messages: who reads one knows which service said it, and that no byte of it was changed.

A signature stands in two headers, so that the payload stays what the contract says: ``parktwin-key`` names
the key, ``parktwin-signature`` is Ed25519 (RFC 8032) over topic, key, every other header and the value, each
with its length before it. Which key may say what is a folder: ``TRUST/<topic>/*.pem`` holds the public keys
whose messages of that topic are believed, so the key of a connector signs outcomes and no commands. Files
that are put there or taken away count from the next message on.

That a message comes again is not seen here: readers of signed topics are idempotent by the id of the message,
which is signed, and say so if it comes again.

    MessageError
    └── SignatureError      it is not signed, by a key that is not trusted here, or was changed
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import ClassVar, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from twin.bus.base import Message
from twin.contract.errors import MessageError, ParkTwinError
from twin.contract.topics import COMMAND_OUTCOMES, COMMANDS
from twin.service.private_files import make_once

SIGNED_BY: Final = {COMMANDS.name: "twin", COMMAND_OUTCOMES.name: "connectors"}
"""Topics whose messages are signed, and the service that says them. An approval is part of its command."""
KEY_HEADER: Final = "parktwin-key"
SIGNATURE_HEADER: Final = "parktwin-signature"
_DOMAIN: Final = b"parktwin-signature/1"


class SignatureError(MessageError):
    """A message is not signed, is signed by a key that is not trusted here, or was changed."""

    code: ClassVar[str] = "contract.signature"


class SigningKeyError(ParkTwinError, ValueError):
    """A file is no key."""

    code: ClassVar[str] = "bus.signing_key"


Sign = Callable[[Message], Message]
"""Returns a message with its signature."""
Check = Callable[[Message], None]
"""Raises SignatureError for a message that is not to be believed."""


@dataclass(frozen=True, slots=True)
class Signing:
    """What a service does with messages that matter.

    Args:
        sign: for what it says.
        check: for what it hears.
    """

    sign: Sign = lambda message: message
    check: Check = lambda _: None


UNSIGNED: Final = Signing()
"""Where no keys are named: nothing is signed, everything is believed."""


def open_signing(key: Path | None, trust: Path | None) -> Signing:
    """Make what a service needs of the files that its settings name.

    Args:
        key: private key in PEM; None = nothing is signed.
        trust: folder of public keys; None = everything is believed.

    Raises:
        SigningKeyError: the key cannot be read, or the folder is none.
    """
    sign = UNSIGNED.sign if key is None else Signer(read_private(key)).sign
    if trust is None:
        return Signing(sign=sign)
    if not trust.is_dir():
        raise SigningKeyError(
            f"{trust}: is no folder of public keys; make one with 'parktwin certs init', or correct "
            "PARKTWIN_SIGNING_TRUST"
        )
    return Signing(sign=sign, check=Trust(trust).check)


class Signer:
    """Signs messages with one key. Thread-safe."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._id = key_id(key.public_key())

    def sign(self, message: Message) -> Message:
        """Return the message with its signature."""
        headers = {**message.headers, KEY_HEADER: self._id}
        named = replace(message, headers=headers)
        signature = base64.b64encode(self._key.sign(_signed_bytes(named))).decode()
        return replace(named, headers={**headers, SIGNATURE_HEADER: signature})


class Trust:
    """Says which messages are to be believed. Thread-safe.

    Args:
        folder: with a folder of public keys for each topic.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._seen: dict[str, tuple[tuple[tuple[str, int, int], ...], dict[str, Ed25519PublicKey]]] = {}

    def check(self, message: Message) -> None:
        """Look at the signature of a message.

        Raises:
            SignatureError: with what is wrong; treat the message as never said.
        """
        named, written = message.headers.get(KEY_HEADER), message.headers.get(SIGNATURE_HEADER)
        if not named or not written:
            raise SignatureError(
                f"a message of {message.topic} is not signed: who wrote it is not known; see who else may "
                "write to the bus"
            )
        key = self._keys(message.topic).get(named)
        if key is None:
            raise SignatureError(
                f"a message of {message.topic} is signed with key {named}, which may not say such; if it is "
                f"one of ours put its public key into {self._folder / message.topic}"
            )
        try:
            key.verify(base64.b64decode(written, validate=True), _signed_bytes(message))
        except (InvalidSignature, binascii.Error) as error:
            raise SignatureError(
                f"a message of {message.topic} with key {named} was changed or is forged: its signature does "
                "not fit; see who else may write to the bus"
            ) from error

    def _keys(self, topic: str) -> dict[str, Ed25519PublicKey]:
        """The keys of a topic, read again when the files have changed."""
        files = sorted((self._folder / topic).glob("*.pem"))
        state = tuple((file.name, *_times(file)) for file in files)
        with self._lock:
            seen = self._seen.get(topic)
            if seen is None or seen[0] != state:
                seen = self._seen[topic] = (state, {key_id(key): key for key in _readable(files)})
            return seen[1]


def make_keys(folder: Path, services: Iterable[str] = ("twin", "connectors")) -> None:
    """Make the keys of services and the folder of those that are trusted; what is there stays.

    Args:
        folder: gets ``<service>.key.pem``, each readable by its owner alone, and ``trust/<topic>/``.
        services: whose.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for service in services:
        path = folder / f"{service}.key.pem"
        if not path.exists():
            make_key(path)
        public = read_private(path).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        for topic, by in SIGNED_BY.items():
            trusted = folder / "trust" / topic
            trusted.mkdir(parents=True, exist_ok=True)
            if by == service and not (trusted / f"{service}.pem").exists():
                (trusted / f"{service}.pem").write_bytes(public)


def read_private(path: Path) -> Ed25519PrivateKey:
    """Read a private key in PEM.

    Raises:
        SigningKeyError: it is none, or cannot be read.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningKeyError(f"{path}: no private key in PEM ({error}); put it back") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyError(f"{path}: no Ed25519 key; make one with 'parktwin certs init'")
    return key


def make_key(path: Path) -> None:
    """Make a private key if there is none.

    Raises:
        OSError: it cannot be written.
    """
    made = Ed25519PrivateKey.generate()
    make_once(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def key_id(key: Ed25519PublicKey) -> str:
    """What tells one key from another: 16 hex digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _signed_bytes(message: Message) -> bytes:
    headers = sorted((name, text) for name, text in message.headers.items() if name != SIGNATURE_HEADER)
    texts = [message.topic, message.key, *(part for header in headers for part in header)]
    parts = [_DOMAIN, *(text.encode() for text in texts), message.value]
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _readable(files: Iterable[Path]) -> list[Ed25519PublicKey]:
    """The keys of the files that hold one: a file that does not must not silence the others."""
    found = []
    for file in files:
        with suppress(OSError, ValueError, UnsupportedAlgorithm):
            key = load_pem_public_key(file.read_bytes())
            if isinstance(key, Ed25519PublicKey):
                found.append(key)
    return found


def _times(file: Path) -> tuple[int, int]:
    try:
        stat = file.stat()
    except FileNotFoundError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size
