"""``python -m twin``: exit status 2, and the faults on standard error, if settings or park do not check."""

from __future__ import annotations

import os
import sys

from twin.api.service import create_app
from twin.api.settings import TwinSettings
from twin.bus.base import BusError, BusUrlError
from twin.bus.connect import open_bus
from twin.contract.errors import ParkTwinError
from twin.park.park_file import load_park
from twin.service.app import run
from twin.service.logging import configure_logging
from twin.service.settings import load

EXIT_FAULT = 2


def main() -> int:
    """Check, then serve until told to stop."""
    try:
        settings = load(TwinSettings)
        configure_logging(settings.log_level, settings.log_format)
        check_bus_url(settings.bus)
        park = load_park(settings.park, environment=os.environ)
    except ParkTwinError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAULT
    run(create_app(settings, park), settings, name="twin")
    return 0


def check_bus_url(url: str) -> None:
    """Refuse a URL that will never name a bus; one that is only away now is the service's to wait for.

    Raises:
        BusUrlError: it names none.
    """
    try:
        open_bus(url).close()
    except BusUrlError:
        raise
    except BusError:
        return


if __name__ == "__main__":
    sys.exit(main())
