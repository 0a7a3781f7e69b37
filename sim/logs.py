"""Logging of the simulator, in the shape of the other services' (it may not import theirs)."""

from __future__ import annotations

import json
import logging
import sys

from twin.contract.clock import NS_PER_S, to_iso


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


def configure_logging(level: str, style: str) -> None:
    """Log to standard error, as text or as JSON; asyncua only what is an error of its own (it warns of every
    client's wish for a longer session than it grants)."""
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    handler.setFormatter(_JsonFormatter() if style == "json" else text)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("asyncua").setLevel(logging.ERROR)
    logging.getLogger("asyncua.server.server").setLevel(logging.CRITICAL)  # start errors are ours to tell
    logging.getLogger("pymodbus").setLevel(logging.WARNING)  # "Server listening", "Repeating...."
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
