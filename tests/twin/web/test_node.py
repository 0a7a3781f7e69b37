"""The page's own checks, which need Node.js: unit tests of the pure modules, and types."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.require import missing
from tests.twin.web.typecheck import typecheck

HERE = Path(__file__).parent


def tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        missing(name, "install Node.js 20 or newer with npm")
    return path


def test_unit_tests_of_the_page() -> None:
    files = sorted(map(str, HERE.glob("*.test.js")))
    assert len(files) >= 6
    result = subprocess.run(
        [tool("node"), "--test", *files], capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stdout[-8000:] + result.stderr[-2000:]
    assert "# fail 0" in result.stdout


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_types_of_the_page() -> None:
    result = typecheck(tool("npm"), tool("node"))
    assert result.returncode == 0, result.stdout + result.stderr
