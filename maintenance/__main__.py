"""``python -m maintenance``: the command line of maintenance; ``parktwin rul`` comes here."""

from __future__ import annotations

import sys

from maintenance.cli import main

if __name__ == "__main__":
    sys.exit(main())
