"""What of a folder is kept, moved aside, and said of it; and dumps of a real PostgreSQL."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.postgres import fresh_database
from twin.backup.errors import BackupKeyError, BackupSourceError, BackupTargetError
from twin.backup.folder import copy_database, look_through
from twin.backup.keys import Identity, Recipient, make_pair
from twin.backup.restore import restore_backup, verify_backup
from twin.backup.take import Source, take_backup
from twin.contract.clock import system_clock
from twin.service.database import open_database, writing


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Identity, Recipient]:
    """A private key and its public one."""
    private, public = make_pair()
    (tmp_path / "backup.key").write_text(private)
    return Identity.read(tmp_path / "backup.key"), Recipient.parse(public)


def source(folder: Path, **environment: str) -> Source:
    """A folder in which nothing runs."""

    def no_token() -> None:
        raise AssertionError("nobody runs")

    return Source(folder, None, environment, no_token)  # type: ignore[arg-type]


def small_folder(folder: Path) -> Path:
    """A folder as of 'parktwin up', with a table and a file."""
    (folder / "bus").mkdir(parents=True)
    (folder / "twin").mkdir()
    (folder / "logs").mkdir()
    for name in ("bus/groups.sqlite3", "bus/log.sqlite3", "twin/twin.sqlite3"):
        with sqlite3.connect(folder / name) as database:
            database.execute("CREATE TABLE t (x)")
            database.execute("INSERT INTO t VALUES (42)")
    for name in ("twin/twin.lock", "twin/twin.url", "logs/twin.log", "twin/half.part", "twin/state.snapshot"):
        (folder / name).write_text(name)
    return folder


def test_positions_come_first_and_messages_last(tmp_path: Path) -> None:
    kept = look_through(small_folder(tmp_path / "up"))
    assert [path.name for path in kept.positions] == ["groups.sqlite3"]
    assert [path.name for path in kept.tables] == ["twin.sqlite3"]
    assert [path.name for path in kept.files] == ["state.snapshot"]
    assert [path.name for path in kept.messages] == ["log.sqlite3"]


def test_an_empty_folder_is_no_park(tmp_path: Path) -> None:
    with pytest.raises(BackupSourceError, match="nothing there to keep"):
        look_through(tmp_path)


def test_a_damaged_database_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (x)")
        database.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 200)
    data = bytearray(path.read_bytes())
    data[8192:12288] = bytes(4096)
    path.write_bytes(data)
    with pytest.raises(BackupSourceError, match=r"is damaged|malformed"):
        copy_database(path, tmp_path / "copy")


def test_what_is_there_is_moved_aside_when_forced(tmp_path: Path, pair: tuple[Identity, Recipient]) -> None:
    folder = small_folder(tmp_path / "up")
    out = tmp_path / "b"
    take_backup(source(folder), out, pair[1], system_clock)
    with pytest.raises(BackupTargetError, match="is there already"):
        take_backup(source(folder), out, pair[1], system_clock)
    (folder / "twin" / "state.snapshot").write_text("newer")
    with pytest.raises(BackupTargetError, match="is not empty"):
        restore_backup(out, folder, pair[0], environment={})
    restore_backup(out, folder, pair[0], environment={}, force=True)
    assert (folder / "twin" / "state.snapshot").read_text() == "twin/state.snapshot"
    assert (tmp_path / "up.before-restore-1" / "twin" / "state.snapshot").read_text() == "newer"
    with sqlite3.connect(folder / "twin" / "twin.sqlite3") as database:
        assert database.execute("SELECT x FROM t").fetchall() == [(42,)]
    assert not (folder / "twin" / "twin.lock").exists()


def test_settings_are_kept_and_secrets_are_not(tmp_path: Path, pair: tuple[Identity, Recipient]) -> None:
    folder, out, there = small_folder(tmp_path / "up"), tmp_path / "b", tmp_path / "there"
    settings = {"PARKTWIN_TICK_S": "0.2", "PARKTWIN_KAFKA_PASSWORD": "s3cret-s3cret", "HOME": "/root"}
    take_backup(source(folder, **settings), out, pair[1], system_clock)
    restore_backup(out, there, pair[0], environment={})
    told = (there / "settings.json").read_text()
    assert "PARKTWIN_TICK_S" in told
    assert "s3cret" not in told
    assert "HOME" not in told


def test_a_key_that_is_none_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(BackupKeyError, match="make a pair with"):
        Recipient.parse("parktwin-backup-public-short")
    with pytest.raises(BackupKeyError, match="cannot be read as a key"):
        Identity.read(tmp_path / "none.key")


def test_tables_on_a_server_are_dumped_and_put_back(
    tmp_path: Path, pair: tuple[Identity, Recipient], postgres: str
) -> None:
    folder, out = small_folder(tmp_path / "up"), tmp_path / "b"
    with fresh_database(postgres) as one, fresh_database(postgres) as other:
        engine = open_database(one)
        with writing(engine) as connection:
            connection.execute(text("CREATE TABLE audit (n int PRIMARY KEY, what text)"))
            connection.execute(text("INSERT INTO audit VALUES (1, 'lệnh')"))
        engine.dispose()
        done = take_backup(
            source(folder, PARKTWIN_DATABASE=one, PARKTWIN_IDENTITY=one), out, pair[1], system_clock
        )
        assert list(done["databases"].values()) == [["PARKTWIN_DATABASE", "PARKTWIN_IDENTITY"]]
        assert len(verify_backup(out, pair[0]).parts) == len(done["parts"])
        with pytest.raises(BackupTargetError, match="set it to an empty one"):
            restore_backup(out, tmp_path / "there", pair[0], environment={})
        with pytest.raises(BackupTargetError, match="has 1 tables already"):
            restore_backup(out, tmp_path / "there", pair[0], environment={"PARKTWIN_DATABASE": one})
        assert not (tmp_path / "there").exists()
        restore_backup(out, tmp_path / "there", pair[0], environment={"PARKTWIN_DATABASE": other})
        engine = open_database(other)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT n, what FROM audit")).fetchall() == [(1, "lệnh")]
        engine.dispose()
