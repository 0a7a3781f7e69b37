"""An evaluator in a process of its own: ``python -m tests.twin.alarms.worker DIR [steps]``, until killed."""

from __future__ import annotations

import sys
from pathlib import Path

from prometheus_client import CollectorRegistry

from tests.twin.alarms.alarm_parks import NAME, alarm_park, alarm_table
from tests.twin.alarms.alarm_source import open_journal
from twin.alarms import evaluator
from twin.alarms.metrics import AlarmMetrics
from twin.bus.connect import open_bus
from twin.bus.tag_sets import TagSetDirectory
from twin.contract.clock import system_clock
from twin.park.alarm import AlarmRule
from twin.state.snapshot_place import SnapshotPlan

PARK = alarm_park(
    [
        AlarmRule(
            "slow", NAME, "high", kind="pump", signals=("flow",), on_delay_s=3.0, off_delay_s=2.0, limit=80.0
        )
    ]
)


def main(folder: Path, *, until_done: bool) -> None:
    """Evaluate a few messages a step and say on standard output how many, until killed or done."""
    evaluator.POLL_MESSAGES = 5
    evaluator.REWIND_MESSAGES = 3
    bus = open_bus(f"embedded:{folder / 'bus'}")
    directory = TagSetDirectory(bus)
    made = evaluator.Evaluator(
        bus,
        open_journal(f"sqlite:///{folder / 'tables.db'}", alarm_table(PARK)),
        lookup=directory.get,
        snapshots=SnapshotPlan(folder / "alarms.snapshot", 0.02),
        metrics=AlarmMetrics(CollectorRegistry()),
        clock=system_clock,
        lateness_s=0.0,
    )
    made.load()
    while not (until_done and made.live):
        sys.stdout.write(f"{made.step(0.0)}\n")
        sys.stdout.flush()
    made.step(0.0)
    made.close()
    made.stop()
    directory.close()
    bus.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), until_done="until-done" in sys.argv)
