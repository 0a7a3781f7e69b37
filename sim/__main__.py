"""``python -m sim``: the simulated park; settings in :mod:`sim.settings`."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

from sim.errors import SimError
from sim.logs import configure_logging
from sim.run import serve
from sim.settings import read_settings


def main() -> int:
    """Serve until a signal comes; 2 if the settings or the plant file are wrong, 3 if a port is taken."""
    try:
        settings = read_settings(os.environ)
        configure_logging(settings.log_level, settings.log_format)
        asyncio.run(serve(settings))
    except SimError as error:
        logging.getLogger("sim").critical("%s", error)
        return 3 if isinstance(error, OSError) else 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
