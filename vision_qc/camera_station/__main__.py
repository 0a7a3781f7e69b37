"""``python -m vision_qc.camera_station``: have the pictures of cameras judged, and work their gates."""

from __future__ import annotations

import logging
import sys

from twin.service.app import EXIT_FAULT, run
from twin.service.logging import configure_logging
from twin.service.settings import SettingsError, load
from vision_qc.camera_station.service import create_app
from vision_qc.camera_station.settings import StationSettings


def main() -> int:
    """Read the settings and run until told to stop; 2 if the settings are wrong."""
    try:
        settings = load(StationSettings)
    except SettingsError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return EXIT_FAULT
    configure_logging(settings.log_level, settings.log_format)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells of every request
    run(create_app(settings), settings, name="station")
    return 0


if __name__ == "__main__":
    sys.exit(main())
