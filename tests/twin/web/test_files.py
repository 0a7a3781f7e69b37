"""What the page is made of: nothing from elsewhere, nothing forgotten, nothing without a licence."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import twin

WEB = Path(next(iter(twin.__path__))) / "web"
OURS = [path for folder in ("src", "style", "locales") for path in (WEB / folder).iterdir()]
MOST_COMPRESSED_BYTES = 1_500_000


def test_no_address_of_another_host_in_our_files() -> None:
    allowed = {"http://www.w3.org/2000/svg"}  # a name of XML, never fetched
    for path in [*OURS, WEB / "index.html", WEB / "favicon.svg"]:
        found = set(re.findall(r"(?:https?|wss?)://[^\s\"'`)]+", path.read_text()))
        assert found <= allowed, path


def test_every_module_that_is_imported_is_there() -> None:
    imports = json.loads(re.findall(r'importmap">(.*?)</script>', (WEB / "index.html").read_text(), re.S)[0])
    for path in (WEB / "src").iterdir():
        for name in re.findall(r"(?:from|import\()\s*\"([^\"]+)\"", _code(path)):
            if name.startswith("./"):
                assert (path.parent / name).is_file(), f"{path.name} imports {name}"
            else:
                assert any(
                    name == key or (key.endswith("/") and name.startswith(key)) for key in imports["imports"]
                )
    for target in imports["imports"].values():
        assert (WEB / target).exists()


def test_every_module_is_imported_by_another() -> None:
    code = "\n".join(_code(path) for path in (WEB / "src").iterdir())
    started = {"main.js"}
    unused = [p.name for p in (WEB / "src").iterdir() if f"/{p.name}" not in code and p.name not in started]
    assert unused == []


def test_no_markup_carries_a_style_or_a_handler() -> None:
    assert not re.search(r"\s(style|on\w+)=", (WEB / "index.html").read_text())
    for path in (WEB / "src").iterdir():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function", _code(path)), (
            path
        )


def test_vendored_code_has_its_licence() -> None:
    for folder in (WEB / "vendor").iterdir():
        if folder.is_dir():
            assert "MIT" in (folder / "LICENSE").read_text()


def test_every_sheet_is_linked() -> None:
    pages = (WEB / "index.html").read_text() + (WEB.parent / "api" / "sign_in_page.py").read_text()
    for path in (WEB / "style").iterdir():
        assert f"/style/{path.name}" in pages


def test_the_page_is_light() -> None:
    files = [
        path for path in WEB.rglob("*") if path.is_file() and path.suffix in {".js", ".css", ".json", ".html"}
    ]
    weight = sum(len(gzip.compress(path.read_bytes(), 6)) for path in files)
    assert weight < MOST_COMPRESSED_BYTES


def _code(path: Path) -> str:
    """The text of a module without its comments."""
    return re.sub(r"/\*.*?\*/|^\s*//.*?$", "", path.read_text(), flags=re.S | re.M)
