"""``python -m connectors``: read the plant and put it on the bus; with arguments, a command of
:mod:`connectors.commands`."""

from __future__ import annotations

import sys

from connectors.service import create_app
from connectors.settings import ConnectorSettings
from twin.bus.connect import open_bus
from twin.service.app import run
from twin.service.logging import configure_logging
from twin.service.settings import load


def main() -> None:
    """Read the settings and serve until told to stop."""
    settings = load(ConnectorSettings)
    configure_logging(settings.log_level, settings.log_format)
    bus = open_bus(settings.bus)
    try:
        run(create_app(settings, bus), settings, name="connectors")
    finally:
        bus.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        from connectors.commands import run as run_command

        run_command(sys.argv[1:])
    else:
        main()
