"""The durable log against a model of it, and what a power cut and a foreign file do to it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from twin.bus import partition_log, sqlite_file
from twin.bus.base import BusDamagedError, BusFullError, Message, TopicPartition
from twin.bus.embedded_log import DurableLog
from twin.bus.partition_log import BOOT_SKIP, LogReader, LogWriter
from twin.bus.sqlite_file import Synchronous

MAX_BYTES = 20_000


class LogModel(RuleBasedStateMachine):
    """A log does what a list does that forgets its beginning."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._path = Path(self._folder.name) / "outbox.sqlite3"
        self._kept: list[tuple[int, Message]] = []
        self._last = 0
        self._meta: bytes | None = None
        self._time = 0
        self._open()

    def _open(self) -> None:
        self.log = DurableLog(self._path, max_bytes=MAX_BYTES, clock=lambda: self._time)

    @rule(sizes=st.lists(st.integers(0, 4000), max_size=6), mark=st.none() | st.binary(max_size=8))
    def append(self, sizes: list[int], mark: bytes | None) -> None:
        self._time += 1
        entries = [Message("readings", f"k{size}", b"x" * size, {"ce_id": str(size)}) for size in sizes]
        meta = None if mark is None else {"mark": mark}
        before = self.log.size_bytes
        try:
            last = self.log.append(entries, meta=meta)
        except BusFullError:
            assert before + sum(sizes) + 100 * len(sizes) > MAX_BYTES
            return
        self._kept += [(self._last + 1 + n, entry) for n, entry in enumerate(entries)]
        self._last += len(entries)
        self._meta = self._meta if mark is None else mark
        assert last == self._last

    @rule(share=st.floats(0, 1.2))
    def trim(self, share: float) -> None:
        up_to = int(self._last * share)
        gone = [offset for offset, _ in self._kept if offset <= up_to]
        assert self.log.trim(up_to) == len(gone)
        self._kept = self._kept[len(gone) :]

    @rule(share=st.floats(0, 1), count=st.integers(1, 10), size=st.integers(1, 9000))
    def read(self, share: float, count: int, size: int) -> None:
        after = int(self._last * share)
        found = [(each.offset, each.message) for each in self.log.read(after, count, size)]
        expected = [entry for entry in self._kept if entry[0] > after]
        assert found == expected[: len(found)]
        assert bool(found) == bool(expected)
        assert len(found) <= count
        assert len(found) == 1 or sum(len(entry.value) for _, entry in found) <= size

    @rule()
    def reopen(self) -> None:
        self.log.close()
        self._open()

    @invariant()
    def says_what_it_keeps(self) -> None:
        assert self.log.last_offset == self._last
        assert self.log.entries == len(self._kept)
        assert self.log.get_meta("mark") == self._meta
        payload = sum(len(entry.value) for _, entry in self._kept)
        assert payload <= self.log.size_bytes <= payload + 100 * len(self._kept)
        if self._kept:
            assert self.log.first_offset == self._kept[0][0]

    def teardown(self) -> None:
        self.log.close()
        self._folder.cleanup()


TestLogModel = LogModel.TestCase
TestLogModel.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def entry(number: int) -> Message:
    """An entry that carries a number."""
    return Message("readings", "anphat", str(number).encode())


def test_the_time_of_an_entry_is_when_it_was_appended(tmp_path: Path) -> None:
    with closing(DurableLog(tmp_path / "log", clock=lambda: 42)) as log:
        log.append([entry(1)])
        assert log.read(0)[0].time_ns == 42


def test_a_refused_append_leaves_meta_as_it_was(tmp_path: Path) -> None:
    with closing(DurableLog(tmp_path / "log", max_bytes=1000)) as log:
        log.append([entry(1)], meta={"sequence": b"1"})
        with pytest.raises(BusFullError, match="limit of 1000 bytes; nothing was accepted"):
            log.append([entry(2), Message("readings", "k", bytes(1000))], meta={"sequence": b"3"})
        assert (log.get_meta("sequence"), log.last_offset) == (b"1", 1)
        log.set_meta("sequence", b"7")
        log.append([], meta={"other": b"8"})
        assert (log.get_meta("sequence"), log.get_meta("other")) == (b"7", b"8")


def test_threads_may_append_and_read(tmp_path: Path) -> None:
    with closing(DurableLog(tmp_path / "log")) as log:

        def work(start: int) -> None:
            for number in range(start, start + 50):
                log.append([entry(number)])
                log.read(0, 5)

        threads = [threading.Thread(target=work, args=(start,)) for start in (0, 100, 200)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        values = [int(each.message.value) for each in log.read(0)]
    assert len(values) == 150
    for start in (0, 100, 200):
        assert [v for v in values if start <= v < start + 100] == list(range(start, start + 50))


@pytest.mark.parametrize(("synchronous", "skip"), [("normal", BOOT_SKIP), ("full", 0)])
def test_no_offset_is_given_twice_after_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synchronous: Synchronous, skip: int
) -> None:
    path = tmp_path / "log"
    with closing(DurableLog(path, synchronous=synchronous)) as log:
        log.append([entry(1), entry(2)])
    monkeypatch.setattr(partition_log, "boot_id", lambda: "the next boot")
    with closing(DurableLog(path, synchronous=synchronous)) as log:
        assert log.entries == 2
        assert log.append([entry(3)]) == 3 + skip
        assert [int(each.message.value) for each in log.read(0)] == [1, 2, 3]
        assert log.entries == 3
        log.trim(2)
        assert log.entries == 1


def test_a_hole_after_a_power_cut_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    partition = TopicPartition("gaps", 0)
    with closing(LogWriter(path)) as writer:
        id_ = writer.ensure([(partition, False)])[partition]
        writer.append([(id_, entry(n)) for n in range(3)], 1)
    monkeypatch.setattr(partition_log, "boot_id", lambda: "the next boot")
    with closing(LogWriter(path)) as writer, closing(LogReader(path)) as reader:
        last = writer.append([(id_, entry(n)) for n in range(2)], 1)
        assert last == 5 + BOOT_SKIP
        assert reader.span(id_, 2, last + 1) == 4
        assert reader.span(id_, 1, 4) == 3
        beyond_the_end = 100  # committed before the power cut, to messages that it took
        assert reader.span(id_, beyond_the_end, last + 1) == 2


def test_a_log_of_another_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log"
    DurableLog(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(BusDamagedError, match="log of version 99, this program knows 1"):
        DurableLog(path)


def test_a_reader_that_stands_still_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "CHECKPOINT_BYTES", 1 << 20)
    monkeypatch.setattr(sqlite_file, "MAX_WAL_BYTES", 2 << 20)
    frames = [Message("readings", "k", bytes(24_000))] * 4
    wal = tmp_path / "log-wal"
    with closing(DurableLog(tmp_path / "log")) as log:
        log.append(frames)
        with closing(sqlite3.connect(tmp_path / "log", isolation_level=None)) as standing:
            standing.execute("BEGIN")
            standing.execute("SELECT count(*) FROM messages").fetchone()
            for _ in range(100):
                log.append(frames)
            grown = wal.stat().st_size
        for _ in range(20):
            log.append(frames)
        assert log.entries == 4 * 121
        assert wal.stat().st_size < 4 << 20 < grown


def test_busy_readers_do_not_let_the_write_ahead_log_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "CHECKPOINT_BYTES", 1 << 20)
    monkeypatch.setattr(sqlite_file, "MAX_WAL_BYTES", 4 << 20)
    path = tmp_path / "log"
    partition = TopicPartition("readings", 0)
    done = threading.Event()
    with closing(LogWriter(path)) as writer:
        id_ = writer.ensure([(partition, False)])[partition]

        def look() -> None:
            with closing(LogReader(path)) as reader:
                while not done.is_set():
                    reader.read(id_, 1, 200, 4 << 20)

        readers = [threading.Thread(target=look) for _ in range(3)]
        for reader in readers:
            reader.start()
        try:
            sizes = []
            for _ in range(300):
                writer.append([(id_, Message("readings", "k", bytes(24_000)))] * 4, 1)
                sizes.append((tmp_path / "log-wal").stat().st_size)
        finally:
            done.set()
            for reader in readers:
                reader.join()
    assert max(sizes) < 12 << 20


def test_a_file_removed_while_in_use_takes_nothing_more_and_gives_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite3"
    with closing(DurableLog(path)) as log:
        log.append([Message("gaps", "anphat", b"1")])
        path.unlink()
        with pytest.raises(BusDamagedError, match="removed or replaced"):
            log.append([Message("gaps", "anphat", b"2")])
        assert [stored.message.value for stored in log.read(0)] == [b"1"]
