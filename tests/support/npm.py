"""Packages of npm that tests use as tools: into the test cache, never into the checkout."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.cache import cache_dir


def install(npm: str, name: str, packages: Sequence[str]) -> Path:
    """Install packages, each ``name@version``, unless they are there; return ``node_modules``.

    Raises:
        subprocess.CalledProcessError: npm could not.
    """
    folder = cache_dir(name)
    wanted = json.dumps(packages)
    done = folder / "installed.json"
    if not done.exists() or done.read_text() != wanted:
        (folder / "package.json").write_text(json.dumps({"name": name, "private": True}))
        subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", *packages],
            cwd=folder, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        done.write_text(wanted)
    return folder / "node_modules"
