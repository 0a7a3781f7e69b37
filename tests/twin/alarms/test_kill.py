"""SIGKILL in mid-stream, again and again: the journal and the topic end as if nothing had happened."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.twin.alarms.alarm_source import AlarmSource, journalled, open_journal, published, told
from tests.twin.alarms.scalar_alarm import limit_edges
from tests.twin.alarms.worker import PARK
from twin.alarms.alarm_table import build_alarm_table
from twin.bus.connect import open_bus
from twin.state.tag_table import build_tag_table

FRAMES = 500
KILLS = 4


def start(folder: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.twin.alarms.worker", str(folder), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_an_evaluator_that_is_killed_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    rng = random.Random(62682)
    bus = open_bus(f"embedded:{tmp_path / 'bus'}")
    source = AlarmSource(bus, PARK)
    series: dict[str, list[tuple[int, float, bool]]] = {"plain": [], "flow": []}
    messages = []
    for time in range(1, FRAMES + 1):
        calm = time > FRAMES - 20
        rows = []
        for name, values in (("plain", (0.0, 12.0)), ("flow", (50.0, 78.0, 90.0))):
            value = values[0] if calm else rng.choice(values)
            series[name].append((time, value, False))
            rows.append((name, float(time), value))
        messages.append(source.message(rows))
    bus.publish(messages)

    journal = open_journal(
        f"sqlite:///{tmp_path / 'tables.db'}", build_alarm_table(PARK, build_tag_table(PARK))
    )
    reached = [0]
    for _ in range(KILLS):
        process = start(tmp_path)
        assert process.stdout is not None
        for _ in range(rng.randint(8, 20)):
            assert process.stdout.readline(), "it ended by itself"
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        reached.append(len(journalled(journal.engine)))
    last = start(tmp_path, "until-done")
    last.communicate(timeout=90)
    assert last.returncode == 0
    reached.append(len(journalled(journal.engine)))
    assert reached == sorted(set(reached)), "every one of them had something left to do"

    found = told(journal.engine)
    for alarm, wanted in {
        "pump0:plain:high": limit_edges(
            series["plain"], high=10.0, deadband=0.0, on_delay=0, off_delay=0, until=FRAMES
        ),
        "pump0:flow:slow": limit_edges(
            series["flow"], high=80.0, deadband=5.0, on_delay=3, off_delay=2, until=FRAMES
        ),
    }.items():
        mine = [(round(at), event == "alarm") for name, event, _, at in found if name == alarm]
        assert mine == wanted
        assert len(mine) >= 10
    entries = journalled(journal.engine)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    once = {entry.number: entry for entry in published(bus)}
    assert [once[number] for number in sorted(once)] == entries
    journal.engine.dispose()
    bus.close()
