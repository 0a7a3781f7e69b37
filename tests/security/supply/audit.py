"""``python -m tests.security.supply.audit``: known faults of what is pinned, as pip-audit finds them at an
advisory source; it says so, and fails, if there is none that knows of every package."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Final

from tests.security.supply.packages import CONSTRAINTS

SOURCES: Final = ("osv", "pypi")
"""Advisory services of pip-audit, in the order they are asked."""
NONE_KNOWN, FAULTS, NOT_AUDITED = 0, 1, 3


def audit() -> tuple[int, str]:
    """Look up; the status, and what there is to say."""
    said = []
    for service in SOURCES:
        done = subprocess.run(
            [
                sys.executable, "-m", "pip_audit", "--requirement", str(CONSTRAINTS), "--no-deps",
                "--disable-pip", "--vulnerability-service", service, "--progress-spinner", "off",
                "--timeout", "20", "--format", "json",
            ],
            capture_output=True, text=True, check=False, timeout=900,
        )  # fmt: skip
        try:
            rows = json.loads(done.stdout)["dependencies"]
        except (ValueError, KeyError):
            said.append((done.stderr.strip().splitlines() or ["ended without a word"])[-1])
        else:
            status, told = judge(rows)
            if status != NOT_AUDITED:
                return status, f"{service}: {told}"
            said.append(told)
        said[-1] = f"{service}: {said[-1]}"
    return NOT_AUDITED, "NOT AUDITED: no advisory source could be asked\n" + "\n".join(said)


def judge(rows: list[dict[str, Any]]) -> tuple[int, str]:
    """What pip-audit's rows come to: a package that was left out was not looked at, which is not well.

    >>> judge([{"name": "x", "version": "1", "vulns": []}, {"name": "y", "skip_reason": "not found"}])
    (3, '1 of 2 packages are not known there, such as y: not found')
    """
    faults = [
        f"{row['name']} {row['version']}: {fault['id']}, "
        f"mended in {', '.join(fault['fix_versions']) or 'none'}"
        for row in rows
        for fault in row.get("vulns", ())
    ]
    left_out = [row for row in rows if "skip_reason" in row]
    if faults:
        return FAULTS, "\n".join(faults)
    if left_out or not rows:
        first = f", such as {left_out[0]['name']}: {left_out[0]['skip_reason']}" if left_out else ""
        return NOT_AUDITED, f"{len(left_out)} of {len(rows)} packages are not known there{first}"
    return NONE_KNOWN, f"no fault is known of {len(rows)} packages"


def main() -> int:
    """Run the command: 0 none is known, 1 some are, 3 nobody could be asked."""
    status, told = audit()
    sys.stdout.write(told + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
