"""A calculator in a process of its own: ``python -m tests.twin.calculation.worker URL DIR``, until killed."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry

from tests.twin.calculation.plant import make_park
from twin.api.evaluation import SLACK_S
from twin.bus.base import BusError
from twin.bus.connect import open_bus
from twin.bus.tag_sets import TagSetDirectory
from twin.calculation.calculator import Calculator
from twin.calculation.metrics import CalculationMetrics
from twin.contract.clock import system_clock
from twin.state.snapshot_place import SnapshotPlan
from twin.state.tag_table import build_tag_table


def main(url: str, folder: Path) -> None:
    """Calculate, and say on standard output when the end of the bus is reached."""
    park = make_park(folder)
    bus = open_bus(url)
    calculator = Calculator(
        bus,
        park,
        build_tag_table(park),
        lookup=TagSetDirectory(bus).get,
        snapshots=SnapshotPlan(folder / "calculated.snapshot", 0.5),
        metrics=CalculationMetrics(CollectorRegistry()),
        clock=system_clock,
        slack_s=SLACK_S,
    )
    calculator.load()
    said = False
    while True:
        with suppress(BusError):  # the broker's to mend; asked again
            calculator.step()
        if calculator.live and not said:
            said = True
            sys.stdout.write("live\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
