"""``python -m tests.security.supply.secret_scan``: no file that git keeps has a secret in it.

detect-secrets looks by what keys and tokens of known makes look like, and we by what our own do; it does not
go by how random a text looks, which would be every hash of a golden file. What is no secret is said on its
line with ``pragma: allowlist secret``, and why.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from detect_secrets.core.scan import scan_line
from detect_secrets.settings import transient_settings

ROOT: Final = Path(__file__).parents[3]
DETECTORS: Final = (
    "ArtifactoryDetector",
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "CloudantDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "JwtTokenDetector",
    "MailchimpDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "SquareOAuthDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
)
OURS: Final = re.compile(r"pt[st]_(?:[0-9a-f]{12}_)?[A-Za-z0-9_-]{43}\b|link=[A-Za-z0-9_-]{43}\b")
"""Tokens, sessions and one-time links of ParkTwin."""
HINT: Final = re.compile(
    r"key|token|secret|sk[-_]|xox|eyJ|gh[pousr]_|glpat|AKIA|npm_|pypi-|SG\.|://[^/\s]*:[^/\s]*@|pt[st]_|link=|AC[a-z0-9]{10}"
    r"|[0-9]{8,10}:|[MNO][a-zA-Z\d_-]{23}",
    re.IGNORECASE,
)
"""What a line has that a detector could find anything in; the others are left out, for the time it takes."""
ALLOWED: Final = "pragma: allowlist secret"
PLACEHOLDER: Final = re.compile(
    r"\$\{|\{[a-zA-Z_.]+\}|://[^/\s]*:(?:password|hidden|secret|secret-word|x|\.\.\.)@"
)
"""An address whose password is none: filled in later, or a word."""
GITHUB: Final = re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b")
"""detect-secrets sees one in the middle of a word: weighs_what_the_cut."""
_MOST_BYTES: Final = 2 << 20


@dataclass(frozen=True)
class Finding:
    """A line that looks as if it has a secret in it; the secret itself is not shown."""

    path: str
    line: int
    kind: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.kind}"


def tracked() -> list[Path]:
    """Every file that git keeps."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name]


def scan(paths: Iterable[Path], root: Path = ROOT) -> Iterator[Finding]:
    """Look through files; what is no text, or larger than 2 MiB, has no lines."""
    with transient_settings({"plugins_used": [{"name": name} for name in DETECTORS]}):
        for path in paths:
            if not path.is_file() or path.stat().st_size > _MOST_BYTES:
                continue
            raw = path.read_bytes()
            if b"\0" in raw:
                continue
            for number, line in enumerate(raw.decode(errors="replace").splitlines(), start=1):
                for kind in kinds(line):
                    yield Finding(str(path.relative_to(root)), number, kind)


def kinds(line: str) -> set[str]:
    """The kinds of secret that a line looks to have."""
    if ALLOWED in line or len(line) > 20_000 or not HINT.search(line):
        return set()
    found = {secret.type for secret in scan_line(line)}
    if PLACEHOLDER.search(line):
        found.discard("Basic Auth Credentials")
    if not GITHUB.search(line):
        found.discard("GitHub Token")
    return found | ({"ParkTwin token"} if OURS.search(line) else set())


def main() -> int:
    """Run the command; 1 if something looks like a secret."""
    found = list(scan(tracked()))
    for one in found:
        sys.stdout.write(f"{one}; take it out and make a new one, or say why it is none: {ALLOWED}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
