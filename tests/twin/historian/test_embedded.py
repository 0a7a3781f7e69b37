"""chDB in its directory: one owner, side by side, and whole again after a SIGKILL."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from random import Random
from time import monotonic, sleep

import numpy as np
import pytest

from tests.twin.historian.counting_writer import OF, ROWS
from tests.twin.historian.frames import START, frame, tag_set
from twin.historian.base import EngineError, HistoryTimeoutError, HistoryUnavailableError
from twin.historian.connect import open_history
from twin.historian.embedded import EmbeddedEngine
from twin.historian.native import Column
from twin.historian.store import EngineHistory

ROOT = Path(__file__).parents[3]


def run_writer(directory: Path, first: int) -> subprocess.Popen[str]:
    """Start a process that counts up into the history in ``directory`` from insert ``first`` on."""
    module = "tests.twin.historian.counting_writer"
    return subprocess.Popen(
        [sys.executable, "-m", module, str(directory), str(first)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


@pytest.mark.slow
def test_killed_in_mid_insert_and_replayed_every_reading_is_there_once(tmp_path: Path) -> None:
    """As the recorder does it: what was not acknowledged is told again by the next process."""
    random = Random(7)
    done = -1
    for _ in range(3):
        writer = run_writer(tmp_path, max(done, 0))
        assert writer.stdout is not None
        for line in writer.stdout:
            done = int(line)
            if done % 7 == 6:
                sleep(random.uniform(0, 0.03))  # into the middle of an insert
                writer.send_signal(signal.SIGKILL)
                break
        writer.stdout.close()
        assert writer.wait(30) == -signal.SIGKILL

    history = open_history(f"chdb:{tmp_path}", retention_days=0)
    told = (done + 1) * ROWS
    for i, tag in enumerate(OF.tags):
        pages = list(history.export(tag, START, START + told))
        places = list(range(i, told, len(OF.tags)))
        assert [t - START for page in pages for t in page.time.tolist()] == places
        assert [v for page in pages for v in page.value.tolist()] == places
    history.close()


def test_another_process_has_it_open(tmp_path: Path) -> None:
    writer = run_writer(tmp_path, 0)
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "0\n"
        with pytest.raises(HistoryUnavailableError, match="one process at a time"):
            open_history(f"chdb:{tmp_path}")
    finally:
        writer.kill()
        writer.communicate()


def test_a_process_has_one_history(tmp_path: Path) -> None:
    history = open_history(f"chdb:{tmp_path / 'a'}")
    with pytest.raises(HistoryUnavailableError, match="only one history"):
        open_history(f"chdb:{tmp_path / 'b'}")
    history.close()
    open_history(f"chdb:{tmp_path / 'b'}").close()


def test_a_long_question_keeps_no_insert_waiting(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path)
    history = EngineHistory(engine, retention_days=0)
    of = tag_set("patient")
    long = threading.Event()
    errors: list[BaseException] = []

    def ask() -> None:
        long.set()
        try:
            engine.query(
                "SELECT sum(sin(number)) AS s FROM numbers(1e12) SETTINGS max_execution_time = 4", {}
            )
        except BaseException as error:
            errors.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    long.wait()
    sleep(0.2)
    for i in range(5):
        history.append([frame(of, [START + i], [1.0])])
    assert history.trend(of.tags[0], START, START + 10, 10).count.sum() == 5
    assert asking.is_alive()
    asking.join()
    assert [type(error) for error in errors] == [HistoryTimeoutError]
    history.close()


def test_many_threads_ask_and_tell_at_once(tmp_path: Path) -> None:
    history = open_history(f"chdb:{tmp_path}", retention_days=0)
    of = tag_set("busy")
    history.append([frame(of, [START], [0.0])])
    errors: list[BaseException] = []

    def tell() -> None:
        try:
            for i in range(1, 40):
                history.append([frame(of, [START + i], [float(i)])])
        except BaseException as error:
            errors.append(error)

    def ask() -> None:
        try:
            seen = 0
            while seen < 40:
                count = int(history.trend(of.tags[0], START, START + 100, 5).count.sum())
                assert count >= seen, "what was seen once stays"
                seen = count
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for work in (tell, ask, ask, ask, ask, ask)]
    began = monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not errors
    assert not any(thread.is_alive() for thread in threads), f"stuck after {monotonic() - began:.0f} s"
    history.close()


def test_closed_is_closed(tmp_path: Path) -> None:
    history = open_history(f"chdb:{tmp_path}", retention_days=0)
    of = tag_set("closed")
    history.append([frame(of, [START], [0.0])])
    history.close()
    history.close()
    for _ in range(5):
        with pytest.raises(HistoryUnavailableError, match="is closed"):
            history.stats()
    with pytest.raises(HistoryUnavailableError, match="is closed"):
        history.append([frame(of, [START], [0.0])])


def test_what_the_engine_says_is_in_the_error(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path)
    with pytest.raises(EngineError, match="UNKNOWN_TABLE"):
        engine.query("SELECT 1 FROM nowhere", {})
    with pytest.raises(EngineError, match="SYNTAX_ERROR"):
        engine.execute("MAKE ME A TABLE")
    engine.close()


def test_an_insert_that_fails_at_its_very_end_is_told(tmp_path: Path) -> None:
    """A full disk is such an end, and chDB's streaming insert said of each that the rows were stored."""
    engine = EmbeddedEngine(tmp_path)
    engine.execute("CREATE TABLE t (a UInt64, CONSTRAINT small CHECK a < 10) ENGINE = MergeTree ORDER BY a")

    def insert(*numbers: int) -> None:
        engine.insert("t", [Column("a", "UInt64", np.array(numbers, "u8"))])

    insert(1, 2)
    with pytest.raises(EngineError, match="small"):
        insert(3, 11)
    engine.execute("ALTER TABLE t MODIFY SETTING parts_to_delay_insert = 1, parts_to_throw_insert = 1")
    with pytest.raises(HistoryUnavailableError, match="TOO_MANY_PARTS"):
        insert(5)
    engine.execute("ALTER TABLE t RESET SETTING parts_to_delay_insert, parts_to_throw_insert")
    insert(6)
    found = engine.query("SELECT a FROM t ORDER BY a", {})["a"]
    assert np.asarray(found).tolist() == [1, 2, 6]
    engine.close()
