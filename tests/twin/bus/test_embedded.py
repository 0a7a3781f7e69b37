"""The embedded bus between real processes, killed at random moments, and on a full disk."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.twin.bus.reading import DEADLINE_S, message, numbers, read
from twin.bus.base import Bus, BusDamagedError, BusUnavailableError, Start
from twin.bus.connect import open_bus

ROOT = Path(__file__).parents[3]


class Workers:
    """Starts worker processes and ends those that are left."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        self._url = url
        self._stack = stack

    def start(self, work: str, *arguments: object) -> subprocess.Popen[str]:
        """Run ``tests.twin.bus.worker`` on the bus."""
        command = [sys.executable, "-m", "tests.twin.bus.worker", work, self._url, *map(str, arguments)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self._stack.callback(end, process)
        return process


def end(process: subprocess.Popen[str]) -> None:
    """Kill a process if it runs, and wait for it."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A bus in an empty folder."""
    return f"embedded:{tmp_path / 'bus'}"


@pytest.fixture
def workers(url: str) -> Iterator[Workers]:
    """Processes on that bus."""
    with ExitStack() as stack:
        yield Workers(url, stack)


def effects(files: list[Path]) -> dict[str, list[int]]:
    """What consumers wrote down, per key, in the order of each file, one after the other."""
    found: dict[str, list[int]] = {}
    for file in files:
        for line in file.read_text("utf-8").splitlines() if file.exists() else []:
            key, _, number = line.partition(" ")
            if number:
                found.setdefault(key, []).append(int(number))
    return found


def wait_for_effects(files: list[Path], wanted: dict[str, set[int]]) -> dict[str, list[int]]:
    """Wait until the consumers have written down all of ``wanted``."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        found = effects(files)
        missing = {key: wanted[key] - set(found.get(key, [])) for key in wanted}
        if not any(missing.values()):
            return found
        assert time.monotonic() < deadline, f"missing: {missing}"
        time.sleep(0.1)


@pytest.mark.slow
def test_processes_publish_and_share_at_the_same_time(workers: Workers, tmp_path: Path) -> None:
    files = [tmp_path / "one", tmp_path / "two"]
    for file in files:
        workers.start("consume", "recorder", file)
    publishers = [workers.start("publish", f"source{n}", 0, 200, 5000) for n in range(4)]
    for publisher in publishers:
        assert publisher.wait(DEADLINE_S) == 0
    found = wait_for_effects(files, {f"source{n}": set(range(200)) for n in range(4)})
    for file in files:
        for numbers_of_key in effects([file]).values():
            first_time = list(dict.fromkeys(numbers_of_key))
            assert first_time == sorted(first_time)
    assert all(set(numbers_of_key) == set(range(200)) for numbers_of_key in found.values())


@pytest.mark.slow
def test_nothing_is_lost_when_publishers_and_consumers_are_killed(workers: Workers, tmp_path: Path) -> None:
    chance = random.Random(20)
    files = [tmp_path / f"effect{n}" for n in range(4)]
    consumers = [
        workers.start("consume", "recorder", files[0]),
        workers.start("consume", "recorder", files[1]),
    ]
    accepted: dict[str, set[int]] = {}
    for round_ in range(3):
        key = f"source{round_}"
        publisher = workers.start("publish", key, 0, 100_000, 3000)
        assert publisher.stdout is not None
        assert publisher.stdout.readline()
        time.sleep(chance.uniform(0.1, 0.6))
        publisher.send_signal(signal.SIGKILL)
        said = publisher.stdout.read()
        accepted[key] = {0} | {int(line) for line in said.splitlines(keepends=True) if line.endswith("\n")}
        if round_ < 2:
            consumers[round_].send_signal(signal.SIGKILL)
            workers.start("consume", "recorder", files[2 + round_])
    found = wait_for_effects(files, accepted)
    for key, numbers_of_key in found.items():
        highest = max(numbers_of_key)
        assert set(numbers_of_key) == set(range(highest + 1)), f"{key} has a hole"
        assert highest % 2 == 1, f"{key} has half of a publish"


def kill_one_of_two(bus: Bus, workers: Workers, group: str, folder: Path) -> Path:
    """Kill one of two members of a group in mid-stream; see that everything arrives. Return the file of the
    member that is left."""
    files = [folder / "killed", folder / "left"]
    killed = workers.start("consume", group, files[0])
    workers.start("consume", group, files[1])
    wanted: dict[str, set[int]] = {f"source{n}": set() for n in range(12)}
    deadline = time.monotonic() + DEADLINE_S
    while not all(effects([file]) for file in files):
        assert time.monotonic() < deadline
        number = len(wanted["source0"])
        bus.publish([message(number, key, "readings") for key in wanted])
        for each in wanted.values():
            each.add(number)
        time.sleep(0.1)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    bus.publish([message(1_000_000, key, "readings") for key in wanted])
    for each in wanted.values():
        each.add(1_000_000)
    wait_for_effects(files, wanted)
    return files[1]


@pytest.mark.slow
def test_a_killed_consumer_hands_its_part_over(url: str, workers: Workers, tmp_path: Path) -> None:
    with closing(open_bus(url)) as bus:
        left = kill_one_of_two(bus, workers, "recorder", tmp_path)
    assert all(1_000_000 in numbers_of_key for numbers_of_key in effects([left]).values())


def test_a_publish_of_another_process_wakes_a_waiting_consumer(url: str, workers: Workers) -> None:
    with closing(open_bus(url)) as bus, closing(bus.consumer(["readings"], start=Start.LATEST)) as consumer:
        workers.start("publish", "k", 0, 2, 0)
        received = consumer.poll(DEADLINE_S)
        late_s = (time.time_ns() - received[0].time_ns) / 1e9
    assert numbers(received)[0] == 0
    assert late_s < 10  # how early it is stands in the benchmark


def test_a_full_disk_refuses_whole_publishes_and_keeps_what_it_took(url: str, workers: Workers) -> None:
    worker = workers.start("fill", 3_000_000)
    said, _ = worker.communicate(timeout=DEADLINE_S)
    count, *failures = said.splitlines()
    taken = int(count)
    assert taken > 20
    assert len(failures) == 3
    assert all("no room on the disk" in failure and "nothing was accepted" in failure for failure in failures)
    with closing(open_bus(url)) as bus:
        bus.publish([message(taken, "k", "readings")])
        with closing(bus.consumer(["readings"])) as consumer:
            assert numbers(read(consumer, taken + 1)) == list(range(taken + 1))


def test_committed_offsets_and_messages_survive_closing(url: str) -> None:
    with closing(open_bus(url)) as bus:
        bus.publish([message(n) for n in range(5)])
        with closing(bus.consumer(["gaps"], group="recorder")) as consumer:
            assert numbers(read(consumer, 5)) == [0, 1, 2, 3, 4]
            consumer.commit()
    with closing(open_bus(url)) as bus:
        bus.publish([message(5)])
        with closing(bus.consumer(["gaps"], group="recorder")) as consumer:
            assert numbers(read(consumer, 1)) == [5]


def test_a_file_that_is_no_log_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "log.sqlite3").write_bytes(b"this is no database" * 1000)
    with pytest.raises(BusDamagedError, match="move it away"):
        open_bus(f"embedded:{tmp_path}")


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BusUnavailableError, match="file"):
        open_bus(f"embedded:{tmp_path / 'file' / 'bus'}")


def test_a_folder_removed_while_in_use_is_said_and_not_written_to_in_secret(tmp_path: Path) -> None:
    url = f"embedded:{tmp_path / 'bus'}"
    with closing(open_bus(url)) as bus, closing(bus.consumer(["gaps"])) as consumer:
        bus.publish([message(1)])
        assert numbers(consumer.poll(DEADLINE_S)) == [1]
        shutil.rmtree(tmp_path / "bus")
        for _ in range(2):
            with pytest.raises(BusDamagedError, match="removed or replaced"):
                bus.publish([message(2)])
            with pytest.raises(BusDamagedError, match="removed or replaced"):
                consumer.poll(0.0)
        with closing(open_bus(url)) as anew, closing(anew.consumer(["gaps"])) as reader:
            anew.publish([message(3)])
            assert numbers(reader.poll(DEADLINE_S)) == [3]
            with pytest.raises(BusDamagedError, match="removed or replaced"):
                bus.publish([message(4)])
