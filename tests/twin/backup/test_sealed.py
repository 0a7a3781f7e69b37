"""A sealed file is whole or refused, and opened by nobody else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from twin.backup.archive import check_parts, copy_part, read_archive, writing_archive
from twin.backup.errors import BackupDamagedError, BackupKeyError
from twin.backup.keys import Identity, Passphrase, Recipient, make_pair
from twin.backup.sealed import CHUNK_BYTES, MAGIC, SealedReader, SealedWriter

PASSPHRASE = Passphrase("for this test alone")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Identity, Recipient]:
    """A private key and its public one."""
    private, public = make_pair()
    file = tmp_path_factory.mktemp("keys") / "backup.key"
    file.write_text(private + "\n")
    return Identity.read(file), Recipient.parse(public)


def sealed(data: bytes, recipient: Recipient) -> bytes:
    """Seal bytes."""
    out = io.BytesIO()
    with SealedWriter(out, recipient) as writer:
        writer.write(data)
    return out.getvalue()


def opened(data: bytes, identity: Identity) -> bytes:
    """Open them."""
    return io.BufferedReader(SealedReader(io.BytesIO(data), identity, "b")).read()


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_what_was_sealed_comes_out(size: int, pair: tuple[Identity, Recipient]) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    assert opened(sealed(data[:size], pair[1]), pair[0]) == data[:size]


def test_a_byte_changed_anywhere_is_found(pair: tuple[Identity, Recipient]) -> None:
    whole = sealed(bytes(2 * CHUNK_BYTES + 100), pair[1])
    head = whole.index(b"\n", len(MAGIC)) + 1
    places = [*range(head), *range(head, len(whole), 997), len(whole) - 1]
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1
        with pytest.raises((BackupDamagedError, BackupKeyError)):
            opened(bytes(changed), pair[0])


def test_chunks_cannot_be_cut_off_taken_out_or_moved(pair: tuple[Identity, Recipient]) -> None:
    whole = sealed(b"".join(bytes([n]) * CHUNK_BYTES for n in range(3)), pair[1])
    head = whole.index(b"\n", len(MAGIC)) + 1
    size = CHUNK_BYTES + 16
    start, chunks = whole[:head], [whole[head + n * size : head + (n + 1) * size] for n in range(3)]
    for others in (chunks[:2], chunks[1:], [chunks[1], chunks[0], chunks[2]], [*chunks, chunks[2]], []):
        with pytest.raises(BackupDamagedError, match="not what was written"):
            opened(start + b"".join(others), pair[0])


def test_another_key_does_not_open_it_and_is_told_so(
    pair: tuple[Identity, Recipient], tmp_path: Path
) -> None:
    file = tmp_path / "other.key"
    file.write_text(make_pair()[0])
    with pytest.raises(BackupKeyError, match=r"is sealed for key .*, the key given is"):
        opened(sealed(b"x", pair[1]), Identity.read(file))
    with pytest.raises(BackupKeyError, match="sealed for a key, not with a passphrase"):
        SealedReader(io.BytesIO(sealed(b"x", pair[1])), PASSPHRASE, "b")


def test_a_passphrase_opens_what_it_sealed_and_another_does_not() -> None:
    out = io.BytesIO()
    with SealedWriter(out, PASSPHRASE) as writer:
        writer.write(b"the history of a park")
    assert b"park" not in out.getvalue()[len(MAGIC) :]
    assert SealedReader(io.BytesIO(out.getvalue()), PASSPHRASE, "b").read() == b"the history of a park"
    with pytest.raises(BackupKeyError, match="it is another one"):
        SealedReader(io.BytesIO(out.getvalue()), Passphrase("for that test alone"), "b")


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(BackupKeyError, match="write 12 or more"):
        Passphrase("hunter2")


def test_what_is_no_backup_says_so(pair: tuple[Identity, Recipient]) -> None:
    with pytest.raises(BackupDamagedError, match="is no backup of ParkTwin"):
        SealedReader(io.BytesIO(b"PK\3\4 something else entirely"), pair[0], "x.zip")


def test_the_manifest_says_what_each_part_must_be(pair: tuple[Identity, Recipient]) -> None:
    out = io.BytesIO()
    with writing_archive(out, pair[1]) as archive:
        archive.add_bytes("a/b", "file", b"12")
        archive.add_bytes("c", "file", b"3")
        archive.finish({"made": "today"})
    seen = {}
    for item in read_archive(io.BytesIO(out.getvalue()), pair[0], "b"):
        if isinstance(item, dict):
            manifest = item
        else:
            seen[item[0]] = copy_part(item[1], None)
    assert [part.name for part in check_parts(manifest, seen, "b")] == ["a/b", "c"]
    for changed in ({**seen, "c": (1, "0" * 64)}, {"a/b": seen["a/b"]}, {**seen, "d": (0, "")}):
        with pytest.raises(BackupDamagedError):
            check_parts(manifest, changed, "b")


@pytest.mark.parametrize("name", ["../out", "/etc/x", "a/../../x"])
def test_a_name_that_leads_out_is_refused(name: str, pair: tuple[Identity, Recipient]) -> None:
    out = io.BytesIO()
    with writing_archive(out, pair[1]) as archive:
        archive.add_bytes(name, "file", b"x")
        archive.finish({})
    with pytest.raises(BackupDamagedError, match="which no backup of ours does"):
        list(read_archive(io.BytesIO(out.getvalue()), pair[0], "b"))
