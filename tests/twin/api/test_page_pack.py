from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.require import missing
from twin.api.page_modules import import_map
from twin.api.page_pack import PackError, pack
from twin.api.page_router import DESKS
from twin.api.service import WEB

MAIN = """import {
  double,
  one as first,
} from "./numbers.js";
import * as words from "./words.js";
import outside from "outside";
import { deep } from "outside";

/** @typedef {import("./words.js").Word} Word */
export async function start() {
  const { late } = await import("./late.js");
  return [double(first), words.HELLO, late(), outside, deep];
}
void start().then((told) => console.log(JSON.stringify(told)));
"""
NUMBERS = """import { HELLO } from "./words.js";
export const one = HELLO.length;
export function double(x) {
  return 2 * x;
}
"""
WORDS = 'export const HELLO = "export me";\nexport class Word {}\n'
LATE = 'import { HELLO } from "./words.js";\nexport function late() {\n  return `late ${HELLO}`;\n}'
OUTSIDE = "export const deep = 1;\nexport default 7;\n"
NAMES = {"outside": "vendor/outside.js"}


def test_a_pack_does_what_its_modules_do(tmp_path: Path) -> None:
    packed = pack(page(tmp_path), ("src/main.js", "src/late.js"), NAMES, source_map="desk.map")
    assert packed.outside == ("vendor/outside.js",)
    run = tmp_path / "run"
    (run / "node_modules" / "outside").mkdir(parents=True)
    (run / "node_modules" / "outside" / "package.json").write_text('{"type": "module", "main": "index.js"}')
    (run / "node_modules" / "outside" / "index.js").write_text(OUTSIDE)
    (run / "pack.mjs").write_text(packed.script)
    done = subprocess.run([node(), "pack.mjs"], cwd=run, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [18, "export me", "late export me", 7, 1]


def test_what_is_not_in_the_pack_is_imported_when_it_is_asked_for(tmp_path: Path) -> None:
    script = pack(page(tmp_path), ("src/main.js",), NAMES, source_map="desk.map").script
    assert 'await import("./late.js")' in script


def test_a_debugger_finds_each_line_in_its_module(tmp_path: Path) -> None:
    packed = pack(page(tmp_path), ("src/main.js", "src/late.js"), NAMES, source_map="desk.map")
    lines, told = packed.script.splitlines(), json.loads(packed.source_map)
    assert lines[-1] == "//# sourceMappingURL=desk.map"
    where = origins(told)
    for text, module in (("  return 2 * x;", NUMBERS), ("  return `late ${HELLO}`;", LATE)):
        source, line = where[lines.index(text)]
        assert (tmp_path / "src" / told["sources"][source]).read_text() == module
        assert module.splitlines()[line] == text


@pytest.mark.parametrize(
    ("module", "text", "said"),
    [
        ("words.js", 'import "./numbers.js";', r"src/words.js: 'import \"./numbers.js\";'"),
        ("words.js", "export let changing = 1;", "of what does not change"),
        ("words.js", "export default 1;", "export default"),
        ("words.js", 'export { one } from "./numbers.js";', "export { one }"),
        ("words.js", 'import one, { deep } from "outside";', "import one, { deep }"),
        ("words.js", 'import { one } from "./numbers.js";', "numbers.js -> src/words.js -> src/numbers.js"),
        ("words.js", 'import { one } from "./nowhere.js";', "'./nowhere.js', which is no file of the page"),
    ],
)
def test_what_cannot_be_packed_is_refused_by_name(tmp_path: Path, module: str, text: str, said: str) -> None:
    folder = page(tmp_path)
    (folder / "src" / module).write_text(f"{WORDS}{text}\n")
    with pytest.raises(PackError) as refused:
        pack(folder, ("src/main.js",), NAMES, source_map="desk.map")
    assert said.replace("\\", "") in str(refused.value)


@pytest.mark.parametrize("path", DESKS)
def test_every_desk_is_a_script_as_it_is_packed(path: str, tmp_path: Path) -> None:
    names = import_map((WEB / "index.html").read_text())
    packed = pack(WEB, ("src/main.js", *DESKS[path]), names, source_map="desk.map")
    (tmp_path / "pack.mjs").write_text(packed.script)
    subprocess.run([node(), "--check", "pack.mjs"], cwd=tmp_path, check=True)
    assert ("vendor/three/three.module.min.js" in packed.outside) == (path == "/"), "only the twin draws"


def page(folder: Path) -> Path:
    """Write a page of some modules."""
    texts: Mapping[str, str] = {
        "src/main.js": MAIN,
        "src/numbers.js": NUMBERS,
        "src/words.js": WORDS,
        "src/late.js": LATE,
        "vendor/outside.js": OUTSIDE,
    }
    for path, text in texts.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    return folder


def node() -> str:
    """Find Node.js."""
    found = shutil.which("node")
    if found is None:
        missing("Node.js", "install the package nodejs of Debian")
    return found


def origins(source_map: Mapping[str, str]) -> list[tuple[int, int]]:
    """Read where each line comes from: source and line of it; (-1, -1) = the pack's own."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    found, source, line = list[tuple[int, int]](), 0, 0
    for mapping in source_map["mappings"].split(";"):
        numbers, number, shift = list[int](), 0, 0
        for digit in map(digits.index, mapping):
            number |= (digit & 31) << shift
            shift += 5
            if not digit & 32:
                numbers.append(-(number >> 1) if number & 1 else number >> 1)
                number, shift = 0, 0
        if numbers:
            assert len(numbers) == 4, "column, source, line and column"
            source, line = source + numbers[1], line + numbers[2]
        found.append((source, line) if numbers else (-1, -1))
    return found
