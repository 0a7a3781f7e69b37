"""A bundle is verified to the byte, and what was changed is named."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from twin.incidents.bundle import MANIFEST, SIGNATURE, SIGNER, write_bundle
from twin.incidents.errors import BundleError, SigningKeyError
from twin.incidents.signing_key import KEY, fingerprint, signing_key
from twin.incidents.verify import verify_bundle


@pytest.fixture
def key(tmp_path: Path) -> Ed25519PrivateKey:
    return signing_key(tmp_path)


@pytest.fixture
def bundle(tmp_path: Path, key: Ed25519PrivateKey) -> Path:
    (tmp_path / "a").write_text("first,1\n")
    (tmp_path / "b").write_bytes(bytes(range(200)))
    path = tmp_path / "incident.zip"
    files = {"readings.csv": tmp_path / "a", "pictures/tấm.png": tmp_path / "b"}
    write_bundle(path, files, {"park": "thu", "from": 1, "to": 2}, key)
    return path


def test_what_was_written_holds(bundle: Path, key: Ed25519PrivateKey) -> None:
    found = verify_bundle(bundle)
    assert (found.manifest["park"], found.known) == ("thu", False)
    assert [row["name"] for row in found.manifest["files"]] == ["readings.csv", "pictures/tấm.png"]
    assert verify_bundle(bundle, key.public_key()).known
    assert found.signer == fingerprint(key.public_key())
    with zipfile.ZipFile(bundle) as plain:
        assert plain.read("readings.csv") == b"first,1\n"


def test_a_change_of_any_byte_is_found_and_named(bundle: Path) -> None:
    whole = bundle.read_bytes()
    named: dict[int, str] = {}
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << (place % 8)
        bundle.write_bytes(bytes(changed))
        with pytest.raises(BundleError) as caught:
            verify_bundle(bundle)
        named[place] = str(caught.value)
    bundle.write_bytes(whole)
    with zipfile.ZipFile(bundle) as plain:
        for info in plain.infolist():
            begin = whole.index(plain.read(info))
            for place in range(begin, begin + info.file_size):
                assert named[place].startswith(info.filename), named[place]


def test_what_is_cut_put_in_or_taken_out_is_found(bundle: Path) -> None:
    whole = bundle.read_bytes()
    for changed in (whole[:-1], whole + b"\0", b"\0" + whole, whole[:1000], b""):
        bundle.write_bytes(changed)
        with pytest.raises(BundleError):
            verify_bundle(bundle)
    bundle.write_bytes(whole)
    with zipfile.ZipFile(bundle, "a") as container:
        container.writestr("late.txt", "put in")
    with pytest.raises(BundleError, match=r"late.txt: is in the bundle and not in the manifest"):
        verify_bundle(bundle)
    bundle.write_bytes(whole)
    less = bundle.with_name("less.zip")
    for gone in ("readings.csv", MANIFEST, SIGNATURE, SIGNER):
        with zipfile.ZipFile(bundle) as given, zipfile.ZipFile(less, "w") as container:
            for name in given.namelist():
                if name != gone:
                    container.writestr(name, given.read(name))
        with pytest.raises(BundleError, match=gone):
            verify_bundle(less)


def test_a_bundle_that_somebody_else_signed(bundle: Path, tmp_path: Path, key: Ed25519PrivateKey) -> None:
    other = Ed25519PrivateKey.generate()
    write_bundle(bundle, {"readings.csv": tmp_path / "b"}, {"park": "thu"}, other)
    assert verify_bundle(bundle).signer == fingerprint(other.public_key())
    with pytest.raises(BundleError, match="not by the key expected"):
        verify_bundle(bundle, key.public_key())


def test_the_key_is_made_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    first, second = signing_key(tmp_path), signing_key(tmp_path)
    assert fingerprint(first.public_key()) == fingerprint(second.public_key())
    assert os.stat(tmp_path / KEY).st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / KEY).parent.iterdir()] == [KEY.name]
    (tmp_path / KEY).write_text("no key")
    with pytest.raises(SigningKeyError, match="put it back"):
        signing_key(tmp_path)
