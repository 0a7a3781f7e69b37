"""``python -m tests.fuzz [--minutes N] [TARGET ...]``: every target under atheris, guided by coverage, for N
minutes in all.

Begins with the kept seeds and what earlier runs grew in ``var/fuzz``. Prints how often each target ran, how
far it came and what it found; status 1 if there is a finding, whose bytes are then in
``var/fuzz/TARGET/findings``.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.fuzz.targets import CORPUS, TARGETS

SHARES: Final = {"publish_response": 6, "frame": 2, "recording": 1, "modbus_register": 1}
"""How the time is shared out."""
ONE_INPUT_S: Final = 20
"""An input that takes longer is a hang."""
MEMORY_MB: Final = 2_048
LONGEST: Final = 4_096
"""Bytes of an input; what is longer holds only more of the same."""
GRACE_S: Final = 300
LINE: Final = 300
"""Letters of an error that are shown: it may hold a whole message."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one target."""

    name: str
    executions: int
    per_s: int
    coverage: int
    corpus: int
    corpus_bytes: int
    findings: tuple[Path, ...]
    counts: dict[str, int]
    said: str


def fuzz(name: str, seconds: int, root: Path) -> Outcome:
    """Run one target for a while."""
    grown, findings = root / name / "corpus", root / name / "findings"
    for folder in (grown, findings):
        folder.mkdir(parents=True, exist_ok=True)
    known = set(findings.iterdir())
    counts = root / name / "counts.json"
    counts.unlink(missing_ok=True)
    command = [
        sys.executable, "-m", "tests.fuzz.child", name, str(counts), str(grown), str(CORPUS / name),
        f"-max_total_time={seconds}", f"-timeout={ONE_INPUT_S}", f"-rss_limit_mb={MEMORY_MB}",
        f"-max_len={LONGEST}", f"-artifact_prefix={findings}/", "-print_final_stats=1",
        "-use_value_profile=1",
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=seconds + GRACE_S
    )
    said = done.stdout + done.stderr
    found = tuple(sorted(set(findings.iterdir()) - known))
    if done.returncode and not found:
        raise RuntimeError(f"fuzzing {name} ended with status {done.returncode}:\n{said[-3000:]}")
    files = list(grown.iterdir())
    return Outcome(
        name,
        executions=_last(r"stat::number_of_executed_units: (\d+)", said),
        per_s=_last(r"stat::average_exec_per_sec: +(\d+)", said),
        coverage=_last(r"cov: (\d+)", said),
        corpus=len(files),
        corpus_bytes=sum(file.stat().st_size for file in files),
        findings=found,
        counts=json.loads(counts.read_text()) if counts.exists() else {},
        said=said,
    )


def _last(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def _report(outcome: Outcome) -> list[str]:
    lines = [
        f"{outcome.name:18} {outcome.executions:>11,} executions ({outcome.per_s:,}/s)  coverage "
        f"{outcome.coverage:,}  corpus {outcome.corpus:,} ({outcome.corpus_bytes:,} B)  findings "
        f"{len(outcome.findings)}"
    ]
    lines += [f"    {times:>11,} {reason}" for reason, times in sorted(outcome.counts.items())]
    for path in outcome.findings:
        keep = f"cp {path} {CORPUS / outcome.name}/found-WHAT.bin"
        lines.append(f"    FOUND {path}: mend the decoder, then keep it: {keep}")
    if outcome.findings:
        errors = [line for line in outcome.said.splitlines() if re.search(r"Error\b|ERROR:", line)]
        lines += [f"        {line[:LINE]}" for line in errors[-5:]]
    return lines


def main(arguments: list[str]) -> int:
    """Fuzz and print; 2 if atheris is not installed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("--minutes", type=float, default=5.0, help="for all targets together (default 5)")
    parser.add_argument("--folder", type=Path, default=Path("var/fuzz"), help="of what is grown")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)} (default all)")
    given = parser.parse_args(arguments)
    names = given.targets or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    if find_spec("atheris") is None:
        sys.stderr.write("atheris is not installed: run 'make fuzz', which does it\n")
        return 2
    shares = sum(SHARES[name] for name in names)
    found = False
    for name in names:
        seconds = max(1, round(60 * given.minutes * SHARES[name] / shares))
        outcome = fuzz(name, seconds, given.folder)
        sys.stdout.write("\n".join(_report(outcome)) + "\n")
        sys.stdout.flush()
        found = found or bool(outcome.findings)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
