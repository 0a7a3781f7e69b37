"""``python -m vision_qc.service``: inspect what stations send."""

from __future__ import annotations

import sys

from twin.bus.connect import open_bus
from twin.service.app import EXIT_FAULT, run
from twin.service.logging import configure_logging
from twin.service.settings import SettingsError, load
from vision_qc.service.service import create_app
from vision_qc.service.settings import QcSettings


def main() -> int:
    """Read the settings and serve until told to stop; 2 if the settings are wrong."""
    try:
        settings = load(QcSettings)
    except SettingsError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return EXIT_FAULT
    configure_logging(settings.log_level, settings.log_format)
    bus = open_bus(settings.bus)
    try:
        run(create_app(settings, bus), settings, name="qc")
    finally:
        bus.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
