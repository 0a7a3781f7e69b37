"""Logging: one line per change of condition, in text for people or JSON for machines."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import dataclass, field

from twin.contract.clock import NS_PER_S, Clock, to_iso


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": to_iso(int(record.created * NS_PER_S)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


class _TextFormatter(logging.Formatter):
    """For people; what a message quotes can make no line of its own and move no cursor."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return "".join(_shown(letter) for letter in super().formatMessage(record))


def _shown(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()


_QUIET = {
    "asyncua": logging.WARNING,  # at INFO it turns whole publish results into strings
    "httpx": logging.WARNING,  # at INFO it tells of every question that a desk asks
    "kafka": logging.CRITICAL,  # says the same broker is away many times a second; we say it once
    "uvicorn.access": logging.WARNING,
    "uvicorn.error": logging.WARNING,  # at INFO it tells of every viewer that comes and goes
}


def configure_logging(level: str, style: str) -> None:
    """Send everything of ``level`` and above to standard error, except what libraries repeat."""
    handler = logging.StreamHandler(sys.stderr)
    text = _TextFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    handler.setFormatter(_JsonFormatter() if style == "json" else text)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name, threshold in _QUIET.items():
        logging.getLogger(name).setLevel(threshold)


@dataclass(slots=True)
class ConditionLog:
    """Logs the beginning and the end of a condition once each, the end with its duration, never every
    symptom.

    Args:
        logger: where to.
        clock: ns since the epoch.

    >>> now = [0]
    >>> log = ConditionLog(logging.getLogger("doc"), clock=lambda: now[0])
    >>> log.begin("outbox", "disk full"), log.begin("outbox", "disk full")
    (True, False)
    >>> now[0] = 5_000_000_000
    >>> log.end("outbox", "accepting again")
    5.0
    """

    logger: logging.Logger
    clock: Clock
    _since: dict[str, int] = field(default_factory=dict)

    def begin(self, name: str, text: str) -> bool:
        """Note that ``name`` is so; True (and one warning) only if it was not before."""
        if name in self._since:
            return False
        self._since[name] = self.clock()
        self.logger.warning("%s", text)
        return True

    def end(self, name: str, text: str) -> float | None:
        """Note that ``name`` is over; return how long it was [s], None if it was not."""
        since = self._since.pop(name, None)
        if since is None:
            return None
        seconds = (self.clock() - since) / NS_PER_S
        self.logger.info("%s (after %.1f s)", text, seconds)
        return seconds
