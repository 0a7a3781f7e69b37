"""A recorder in a process of its own, with a chDB of its own: arguments are the bus's URL and a folder.

It runs until SIGTERM; ``DIR.status`` says how many messages wait for the partitions that it has."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from threading import Event

from twin.bus.connect import open_bus
from twin.bus.tag_sets import TagSetDirectory
from twin.contract.clock import system_clock
from twin.historian.connect import open_history
from twin.historian.recorder import Recorder


def main(url: str, folder: Path) -> None:
    """Record until told to end."""
    ended = Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    history = open_history(f"chdb:{folder}", retention_days=0)
    bus = open_bus(url)
    directory = TagSetDirectory(bus)
    recorder = Recorder(bus, directory, history, clock=system_clock, max_wait_s=0.3)
    recorder.start()
    status = folder.with_suffix(".status")
    while not ended.wait(0.2):
        status.write_text(f"{recorder.metrics.lag._value.get():.0f}")  # noqa: SLF001
    recorder.stop()
    directory.close()
    bus.close()
    history.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
