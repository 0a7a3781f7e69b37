"""Writing a bundle: files, the manifest with their SHA-256, its signature.

The zip is made so that the same files give the same bytes: stored, one fixed date, nothing optional. So a
byte of the container that is not content can be told to be changed, too: whoever verifies makes it again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from twin.incidents.signing_key import fingerprint, public_pem

FORMAT: Final = "parktwin-incident@1"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
SIGNER: Final = "signer.pem"
CHUNK: Final = 1 << 20
_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest a zip can say; when what happened stands in the manifest."""


def write_bundle(
    path: Path, files: Mapping[str, Path], head: Mapping[str, Any], key: Ed25519PrivateKey
) -> None:
    """Write a bundle.

    Args:
        path: where to; written over.
        files: by name in the bundle, where each is now.
        head: what the manifest says beside the files, as JSON.
        key: to sign with.
    """
    listed = [
        {"name": name, "bytes": file.stat().st_size, "sha256": sha256_of(file)}
        for name, file in files.items()
    ]
    signer = key.public_key()
    body = {"format": FORMAT, **head, "signer": fingerprint(signer), "files": listed}
    manifest = json.dumps(body, ensure_ascii=False, indent=1).encode()
    small = {MANIFEST: manifest, SIGNATURE: signature_file(manifest, key), SIGNER: public_pem(signer)}
    with path.open("wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as container:
        for name, data in small.items():
            add(container, name, [data])
        for name, file in files.items():
            with file.open("rb") as source:
                add(container, name, chunks(source))


def signature_file(manifest: bytes, key: Ed25519PrivateKey) -> bytes:
    """Return two lines: SHA-256 of the manifest, so that it can be told which of the two was changed, and the
    signature in base64."""
    signature = base64.b64encode(key.sign(manifest)).decode()
    return f"{hashlib.sha256(manifest).hexdigest()}\n{signature}\n".encode()


def add(container: zipfile.ZipFile, name: str, data: Iterable[bytes]) -> None:
    """Put a file into a container that is being written."""
    info = zipfile.ZipInfo(name, _DATE)
    info.create_system = 3
    info.external_attr = 0o644 << 16
    with container.open(info, "w", force_zip64=True) as entry:
        for chunk in data:
            entry.write(chunk)


def chunks(source: BinaryIO) -> Iterable[bytes]:
    """Read to the end, a piece at a time."""
    while chunk := source.read(CHUNK):
        yield chunk


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
