"""``python -m twin``: exit status 2, and the faults on standard error, if settings or park do not check."""

from __future__ import annotations

import logging
import os
import sys

from twin.api.service import create_app
from twin.api.settings import TwinSettings, check_roles
from twin.bus.base import BusError, BusUrlError
from twin.bus.connect import open_bus
from twin.contract.errors import ParkTwinError
from twin.park.park_file import load_park
from twin.service.app import identities_of, run
from twin.service.daemon import end_with
from twin.service.database import DatabaseError
from twin.service.logging import configure_logging
from twin.service.settings import load

EXIT_FAULT = 2

_LOG = logging.getLogger(__name__)


def main() -> int:
    """Check, then serve until told to stop."""
    try:
        settings = load(TwinSettings)
        configure_logging(settings.log_level, settings.log_format)
        check_bus_url(settings.bus)
        check_roles(settings)
        park = load_park(settings.park, environment=os.environ)
        app = create_app(settings, park)
    except ParkTwinError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAULT
    tell_first_link(settings)
    run(app, settings, name="twin")
    return 0


def tell_first_link(settings: TwinSettings) -> None:
    """While there is no account, write the link with which the first one is made; it is good once."""
    identities = identities_of(settings)
    if identities is None or "serve" not in settings.roles:
        return
    try:
        link = identities.links.first()
    except DatabaseError as error:
        _LOG.warning("identities: %s; 'parktwin users first' prints the first link later", error)
    else:
        if link:
            how = "http" if settings.tls_certificate is None else "https"
            _LOG.warning(
                "there is no account yet; good once, for a day: %s://HOST:%d%s", how, settings.port, link
            )
    finally:
        identities.close()


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
    end_with(main)
