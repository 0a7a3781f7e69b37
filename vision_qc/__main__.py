"""``python -m vision_qc``: the command line of the camera inspection; ``parktwin qc`` comes here."""

from __future__ import annotations

import sys

from vision_qc.cli import main

if __name__ == "__main__":
    sys.exit(main())
