"""``python -m benchmarks [NAME ...]``: run the benchmarks one after the other and print one table."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.table import Row, as_markdown

HERE = Path(__file__).parent


def _names() -> list[str]:
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def _machine() -> str:
    cpu = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    return f"{os.cpu_count()} cores of {cpu}, Python {platform.python_version()}, {platform.system()}"


def _commit() -> str:
    answer = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, cwd=HERE
    )
    return answer.stdout.strip() or "no git"


def main() -> int:
    wanted = sys.argv[1:] or _names()
    if unknown := set(wanted) - set(_names()):
        print(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(_names())}", file=sys.stderr)
        return 2
    print(f"Measured {datetime.now(UTC):%Y-%m-%d} at commit {_commit()} on {_machine()}.\n", flush=True)
    rows: list[Row] = []
    for name in wanted:
        print(f"... {name}", file=sys.stderr, flush=True)
        rows += import_module(f"benchmarks.bench_{name}").run()
    print(as_markdown(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
