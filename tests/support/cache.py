"""Where tests keep what they fetch by a package manager, so that the second run is fast."""

from __future__ import annotations

import os
from pathlib import Path


def cache_dir(name: str) -> Path:
    """Return (and make) ``$PARKTWIN_TEST_CACHE/<name>``, by default below ``~/.cache/parktwin-tests``."""
    root = Path(os.environ.get("PARKTWIN_TEST_CACHE", "~/.cache/parktwin-tests")).expanduser()
    path = root / name
    path.mkdir(parents=True, exist_ok=True)
    return path
