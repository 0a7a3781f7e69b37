"""Whether a bundle is what was signed; if not, which file is not."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import struct
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from twin.incidents.bundle import CHUNK, FORMAT, MANIFEST, SIGNATURE, SIGNER, add, chunks
from twin.incidents.errors import BundleError, SigningKeyError
from twin.incidents.signing_key import fingerprint, read_public

_DAMAGED = (
    zipfile.BadZipFile,
    NotImplementedError,
    EOFError,
    RuntimeError,
    ValueError,
    OSError,
    struct.error,
)
"""What reading a damaged zip can raise."""
_SMALL = 64 << 20
"""Bytes that manifest, signature and key are read up to."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A bundle that is what was signed.

    Args:
        manifest: what it says.
        signer: fingerprint of the key.
        known: True if that key was the one expected, False if none was.
    """

    manifest: dict[str, Any]
    signer: str
    known: bool


def verify_bundle(path: Path, expected: Ed25519PublicKey | None = None) -> Verified:
    """Check every byte of a bundle.

    Args:
        path: of the bundle.
        expected: the key it must be signed with; left out, the one that it brings along, so that only a
            changed bundle is found and not one that somebody else has signed.

    Raises:
        BundleError: it is not what was signed; the text begins with the file that is not.
        OSError: it cannot be opened.
    """
    with path.open("rb") as given:
        try:
            with zipfile.ZipFile(given) as container:
                verified = _verify(container, expected)
                _same_container(given, container)
                return verified
        except BundleError:
            raise
        except _DAMAGED as error:
            raise BundleError(f"{path.name}: damaged as a zip: {error}") from error


def _verify(container: zipfile.ZipFile, expected: Ed25519PublicKey | None) -> Verified:
    names = container.namelist()
    if len(set(names)) != len(names):
        raise BundleError(f"{next(name for name in names if names.count(name) > 1)}: is in the bundle twice")
    for info in container.infolist():
        if info.compress_type != zipfile.ZIP_STORED:
            raise BundleError(f"{info.filename}: is compressed in the zip, which was not written so")
    manifest_bytes, signature, pem = (_read(container, name) for name in (MANIFEST, SIGNATURE, SIGNER))
    signer = _signer(pem)
    if expected is not None and fingerprint(signer) != fingerprint(expected):
        raise BundleError(
            f"{SIGNER}: signed by {fingerprint(signer)}, not by the key expected, {fingerprint(expected)}"
        )
    _check_signature(manifest_bytes, signature, signer, pem)
    manifest: dict[str, Any] = json.loads(manifest_bytes)
    if manifest.get("format") != FORMAT:
        raise BundleError(f"{MANIFEST}: format {manifest.get('format')!r}; this version reads {FORMAT!r}")
    listed = {row["name"]: row for row in manifest["files"]}
    for name, row in listed.items():
        if name not in names:
            raise BundleError(f"{name}: is in the manifest and not in the bundle")
        if _digest(container, name) != (row["bytes"], row["sha256"]):
            raise BundleError(f"{name}: is not what was signed: its SHA-256 is not the one of the manifest")
    for name in names:
        if name not in listed and name not in (MANIFEST, SIGNATURE, SIGNER):
            raise BundleError(f"{name}: is in the bundle and not in the manifest")
    return Verified(manifest, fingerprint(signer), expected is not None)


def _signer(pem: bytes) -> Ed25519PublicKey:
    try:
        return read_public(pem, SIGNER)
    except SigningKeyError as error:
        raise BundleError(str(error)) from error


def _check_signature(manifest: bytes, file: bytes, signer: Ed25519PublicKey, pem: bytes) -> None:
    """Of manifest, signature and key each tells of the others: what only one contradicts is named."""
    try:
        digest, _, signature = file.decode().rstrip("\n").partition("\n")
        signed = base64.b64decode(signature, validate=True)
    except (UnicodeDecodeError, binascii.Error) as error:
        raise BundleError(f"{SIGNATURE}: holds no signature: {error}") from error
    whole = file == f"{digest}\n{base64.b64encode(signed).decode()}\n".encode()
    try:
        signer.verify(signed, manifest)
    except InvalidSignature:
        if hashlib.sha256(manifest).hexdigest() != digest:
            named = MANIFEST
        else:
            named = SIGNATURE if fingerprint(signer).encode() in manifest else SIGNER
        raise BundleError(f"{named}: is not what was signed: the signature does not hold") from None
    if not whole or hashlib.sha256(manifest).hexdigest() != digest:
        raise BundleError(f"{SIGNATURE}: is not what was written")


def _read(container: zipfile.ZipFile, name: str) -> bytes:
    if name not in container.namelist():
        raise BundleError(f"{name}: is missing; this is no bundle of an incident, or it was taken out")
    with _open(container, name) as entry:
        return _readable(entry, name, _SMALL)


def _digest(container: zipfile.ZipFile, name: str) -> tuple[int, str]:
    sha256, size = hashlib.sha256(), 0
    with _open(container, name) as entry:
        while chunk := _readable(entry, name, CHUNK):
            sha256.update(chunk)
            size += len(chunk)
    return size, sha256.hexdigest()


def _open(container: zipfile.ZipFile, name: str) -> IO[bytes]:
    try:
        return container.open(name)
    except zipfile.BadZipFile as error:
        raise BundleError(f"{name}: its header in the zip is not what was written: {error}") from error


def _readable(entry: IO[bytes], name: str, size: int) -> bytes:
    try:
        return entry.read(size)
    except (zipfile.BadZipFile, EOFError) as error:
        raise BundleError(f"{name}: is not what was signed: {error}") from error


def _same_container(given: BinaryIO, container: zipfile.ZipFile) -> None:
    """Make the zip again of its files; what differs then is no content but was changed all the same."""
    with tempfile.TemporaryFile() as again:
        with zipfile.ZipFile(again, "w", zipfile.ZIP_STORED) as made:
            for info in container.infolist():
                with container.open(info) as entry:
                    add(made, info.filename, chunks(entry))  # type: ignore[arg-type]  # reads as a file does
        given.seek(0)
        again.seek(0)
        place = 0
        while True:
            one, other = given.read(CHUNK), again.read(CHUNK)
            if one != other:
                differs = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
                place += min(len(one), len(other)) if differs is None else differs
                raise BundleError(
                    f"{_around(container, place)}: byte {place} of the zip is not what was written"
                )
            if not one:
                return
            place += len(one)


def _around(container: zipfile.ZipFile, place: int) -> str:
    """Name the file whose header in the zip a byte belongs to."""
    before = [info for info in container.infolist() if info.header_offset <= place < container.start_dir]
    return before[-1].filename if before else "the directory of the zip"
