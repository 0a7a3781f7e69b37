"""``python -m tests.security.supply.packages``: what is installed is what ``constraints.txt`` pins, and its
licence lets us ship it. Asks nobody; known faults of packages are looked up by ``make audit``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parents[3]
CONSTRAINTS: Final = ROOT / "constraints.txt"
NAME: Final = "parktwin"
ALLOWED: Final = re.compile(
    r"\b(MIT|MIT-0|MIT-CMU|BSD|0BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla Public|Zlib|CC0|"
    r"LGPL|Lesser General Public|HPND|Unlicense)\b",
    re.IGNORECASE,
)
"""Licences of what is imported beside our own Apache-2.0: permissive, or copyleft of the library alone."""
REFUSED: Final = re.compile(
    r"(?<!Lesser )General Public License|(?<!L)GPL|Affero|SSPL|BUSL|Elastic|Commons Clause|Proprietary",
    re.IGNORECASE,
)
SAID_ELSEWHERE: Final = {"atheris": "Apache-2.0"}
"""Licences of packages that do not say theirs where tools look; from the file in their repository."""


def closure(extras: Iterable[str] = ()) -> dict[str, Distribution]:
    """Everything that ParkTwin with some extras needs on this machine, by canonical name, itself not.

    Raises:
        PackageNotFoundError: something is not installed.
    """
    found: dict[str, Distribution] = {}
    done: set[tuple[str, str]] = set()
    waiting = [(NAME, extra) for extra in ("", *extras)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in done:
            continue
        done.add((name, extra))
        found[name] = distribution(name)
        for line in found[name].requires or ():
            wanted = Requirement(line)
            if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
                waiting += [(canonicalize_name(wanted.name), one) for one in ("", *wanted.extras)]
    del found[NAME]
    return dict(sorted(found.items()))


def pins(text: str) -> dict[str, str]:
    """The versions that lines of ``name==version`` say, by canonical name.

    >>> pins("Py_Yaml==6.0\\n\\nnumpy==2.4.1\\n")
    {'py-yaml': '6.0', 'numpy': '2.4.1'}
    """
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    return {
        canonicalize_name(name): version
        for name, _, version in (line.partition("==") for line in lines if line)
    }


def licence(package: Distribution) -> str:
    """What a package says of its licence, in the newest of the three ways that there are; "" for nothing."""
    told: Any = package.metadata  # an e-mail's headers, whose type leaves out get()
    by_class = [text for text in told.get_all("Classifier") or () if text.startswith("License ::")]
    words = ", ".join(text.rpartition(" :: ")[2] for text in by_class)
    plain = (told.get("License") or "").strip().splitlines()
    short = plain[0][:100] if plain and plain[0] != "UNKNOWN" else ""
    return told.get("License-Expression") or words or short or SAID_ELSEWHERE.get(package.name, "")


def fault_of(name: str, version: str, pinned: str | None, licensed: str) -> str:
    """What is wrong with a package, "" for nothing.

    >>> fault_of("x", "1.1", "1.0", "MIT")
    'x 1.1: constraints.txt says 1.0; install that, or pin this'
    >>> fault_of("x", "1.0", "1.0", "AGPL-3.0-only")
    "x 1.0: licence 'AGPL-3.0-only' does not let us ship it; take another package"
    >>> fault_of("x", "1.0", "1.0", "LGPL-3.0-only")
    ''
    """
    if pinned is None:
        return f"{name} {version}: is not in constraints.txt; pin it"
    if pinned != version:
        return f"{name} {version}: constraints.txt says {pinned}; install that, or pin this"
    if REFUSED.search(licensed):
        return f"{name} {version}: licence {licensed!r} does not let us ship it; take another package"
    if not ALLOWED.search(licensed):
        return f"{name} {version}: licence {licensed!r} is not known; read it, and name it here"
    return ""


def main() -> int:
    """Run the command; 1 if something is not as it should be, 2 if something is not installed."""
    pinned = pins(CONSTRAINTS.read_text())
    try:
        needed = closure(["dev"])
    except PackageNotFoundError as error:
        sys.stderr.write(f"{error.name}: is needed and not installed; make test installs it\n")
        return 2
    faults = [
        fault_of(name, package.version, pinned.get(name), licence(package))
        for name, package in needed.items()
    ]
    sys.stdout.write("".join(f"{fault}\n" for fault in faults if fault))
    return 1 if any(faults) else 0


if __name__ == "__main__":
    sys.exit(main())
