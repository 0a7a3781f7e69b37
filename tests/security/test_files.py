"""Files and messages that somebody made to do harm where they are read: bombs, names that lead elsewhere,
code; see docs/attacks.md."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard

from twin.contract.codec import decode_message
from twin.contract.errors import ParkTwinError
from twin.contract.messages import SourceState
from twin.incidents.errors import BundleError
from twin.incidents.verify import verify_bundle
from vision_qc import recipe as recipe_file
from vision_qc.errors import RecipeError, RequestError
from vision_qc.features import SHA256
from vision_qc.recipe import FORMAT, load
from vision_qc.service.upload import take_apart


class Harm:
    """Leaves a file behind if it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[Path]]:
        return (Path.touch, (self.path,))


def zipped(names: dict[str, bytes], *, packed: bool = False) -> bytes:
    """A zip of files, whatever their names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as container:
        for name, data in names.items():
            container.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED if packed else None)
    return out.getvalue()


@pytest.mark.parametrize(
    "name", ["../../evil", "/tmp/evil", "C:\\evil", "a/../../evil", "manifest.json/../x"]
)
def test_a_bundle_whose_names_lead_elsewhere_writes_nothing(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    bundle = inner / "incident.zip"
    bundle.write_bytes(zipped({name: b"x", "manifest.json": b"{}"}))
    with pytest.raises(BundleError):
        verify_bundle(bundle)
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "a", inner, bundle]


def test_a_bundle_that_is_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bundle = tmp_path / "incident.zip"
    bundle.write_bytes(zipped({"manifest.json": b"\0" * (80 << 20)}, packed=True))
    assert bundle.stat().st_size < 1 << 20
    tracemalloc.start()
    try:
        with pytest.raises(BundleError, match="compressed"):
            verify_bundle(bundle)
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()


def recipe(folder: Path, arrays: bytes, **content: Any) -> Path:
    """A recipe that somebody else wrote: its hashes are right, what it says is not."""
    folder.mkdir(exist_ok=True)
    (folder / "arrays.npz").write_bytes(arrays)
    told = {"format": FORMAT, "network": SHA256, "arrays": hashlib.sha256(arrays).hexdigest()}
    (folder / "recipe.json").write_text(json.dumps(told | content))
    return folder


def npz(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def npy(shape: tuple[int, ...]) -> bytes:
    """An array that has no numbers and says that it has many."""
    out = io.BytesIO()
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(out, header)
    return out.getvalue()


@pytest.mark.parametrize(
    "arrays",
    [
        pytest.param(zipped({"x.npy": b"\0" * (9 << 20)}, packed=True), id="bomb"),
        pytest.param(zipped({"x.npy": npy((1 << 40,))}), id="a shape larger than any memory"),
        pytest.param(zipped({"x.npy": npy((-1,))}), id="a shape below nothing"),
        pytest.param(zipped({"../../evil.npy": b"x"}), id="a name that leads elsewhere"),
        pytest.param(b"PK\x03\x04" + b"\xff" * 100, id="damaged"),
        pytest.param(b"", id="nothing"),
        pytest.param(npz(x=np.zeros(3)), id="other arrays"),
    ],
)
def test_a_recipe_that_was_made_to_do_harm_is_refused_by_name(
    tmp_path: Path, arrays: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe_file, "MOST_UNPACKED", 8 << 20)  # a GiB is long in the packing
    with pytest.raises(RecipeError):
        load(recipe(tmp_path / "recipe", arrays))
    assert {path.name for path in tmp_path.rglob("*")} == {"recipe", "recipe.json", "arrays.npz"}


def test_nothing_in_a_recipe_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    objects = np.empty(1, dtype=object)
    objects[0] = Harm(mark)
    for number, arrays in enumerate((npz(x=objects), zipped({"x.npy": pickle.dumps(Harm(mark))}))):
        with pytest.raises(RecipeError):
            load(recipe(tmp_path / str(number), arrays))
    assert not mark.exists()


@pytest.mark.parametrize(
    "text", [b"\x87", b"[" * 100_000, b"1e999", b'{"format": NaN}', b"\xff\xfe{", b"null"]
)
def test_a_recipe_whose_words_are_no_json_is_refused_by_name(tmp_path: Path, text: bytes) -> None:
    folder = recipe(tmp_path / "recipe", npz(x=np.zeros(3)))
    (folder / "recipe.json").write_bytes(text)
    with pytest.raises(RecipeError):
        load(folder)


def test_the_name_of_an_uploaded_file_is_not_used(tmp_path: Path) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="recipe"; filename="../../etc/cron.d/x"\r\n\r\n{}\r\n'
        b'--b\r\nContent-Disposition: form-data; name="../x"\r\n\r\n1\r\n--b--\r\n'
    )
    assert take_apart("multipart/form-data; boundary=b", body) == {"recipe": b"{}", "../x": b"1"}


def test_a_form_of_endless_parts_is_refused() -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="n%d"\r\n\r\nx\r\n'
    body = b"".join(part % number for number in range(10_000)) + b"--b--\r\n"
    with pytest.raises(RequestError, match="parts"):
        take_apart("multipart/form-data; boundary=b", body)


@pytest.mark.parametrize("known_size", [True, False])
def test_a_message_that_is_a_bomb_is_not_unpacked(known_size: bool) -> None:
    packer = zstandard.ZstdCompressor(level=1, write_content_size=known_size)
    bomb = packer.compress(b" " * (200 << 20))
    assert len(bomb) < 64 << 10
    headers = {"ce_type": "source_state@1", "content-encoding": "zstd"}
    with pytest.raises(ParkTwinError):
        decode_message(SourceState, bomb, headers)
