"""The same promises on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, ForeignKey, Integer, MetaData, String, Table, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from tests.support.ports import free_port
from tests.support.postgres import AUTHORITIES
from tests.support.require import missing
from twin.contract.clock import system_clock
from twin.service import database
from twin.service.closed_network import make_network
from twin.service.database import (
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseUnavailableError,
    DatabaseUrlError,
    create_tables,
    open_database,
    writing,
)

METADATA = MetaData()
PARENTS = Table("parents", METADATA, Column("id", Integer, primary_key=True), Column("name", String))
CHILDREN = Table(
    "children",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("parent", ForeignKey(PARENTS.c.id), nullable=False),
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    create_tables(engine, METADATA)
    yield engine
    engine.dispose()


def names(engine: Engine) -> list[str | None]:
    with engine.connect() as connection:
        return list(connection.scalars(select(PARENTS.c.name).order_by(PARENTS.c.id)))


def test_what_is_committed_is_there_for_the_next_who_opens(engine: Engine, database_url: str) -> None:
    with writing(engine) as connection:
        connection.execute(PARENTS.insert(), [{"id": 1, "name": "lò hàn"}, {"id": 2, "name": "máy nén"}])
    again = open_database(database_url)
    assert names(again) == ["lò hàn", "máy nén"]
    again.dispose()


def test_an_error_rolls_the_whole_transaction_back(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(PARENTS.insert(), [{"id": 1, "name": "lost"}, {"id": 1, "name": "again"}])
    assert names(engine) == []


def test_foreign_keys_are_enforced(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(CHILDREN.insert().values(id=1, parent=99))


def test_a_programming_error_stays_one(engine: Engine) -> None:
    wrong = text("SELECT * FROM no_such_table")
    with (
        pytest.raises((ProgrammingError, OperationalError), match="no_such_table"),
        engine.connect() as connection,
    ):
        connection.execute(wrong)


def test_processes_that_make_tables_together_do_not_trip(database_url: str) -> None:
    engines = [open_database(database_url) for _ in range(6)]
    with ThreadPoolExecutor(len(engines)) as pool:
        list(pool.map(lambda each: create_tables(each, METADATA), engines))
    assert names(engines[0]) == []
    for each in engines:
        each.dispose()


def test_writers_that_read_first_wait_for_each_other_and_lose_nothing(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(PARENTS.insert().values(id=0, name="count"))
    lock = PARENTS.update().where(PARENTS.c.id == 0).values(name="count")

    def add_rows() -> None:
        for _ in range(20):
            with writing(engine) as connection:
                connection.execute(lock)
                newest = connection.scalar(select(func.max(PARENTS.c.id)))
                connection.execute(PARENTS.insert().values(id=(newest or 0) + 1, name="row"))

    threads = [threading.Thread(target=add_rows) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(engine) == ["count"] + ["row"] * 80


def test_a_lock_held_for_too_long_is_a_busy_error(
    database_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 1)
    impatient = open_database(database_url)
    with writing(engine) as holder:
        holder.execute(PARENTS.insert().values(id=1, name="held"))
        if engine.dialect.name == "postgresql":
            holder.execute(text("LOCK TABLE parents"))
        with pytest.raises(DatabaseBusyError, match="try again"), writing(impatient) as connection:
            connection.execute(PARENTS.insert().values(id=2, name="waits"))
    assert names(engine) == ["held"]
    impatient.dispose()


def test_sqlite_runs_in_wal_with_every_commit_on_disk(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/below/that/tables.db")
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
    engine.dispose()


def test_a_full_sqlite_is_a_full_error(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/tables.db")
    create_tables(engine, METADATA)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=10")
    with pytest.raises(DatabaseFullError, match="make room"), writing(engine) as connection:
        connection.execute(PARENTS.insert(), [{"name": "x" * 10_000} for _ in range(20)])
    assert names(engine) == []
    engine.dispose()


def test_memory_is_shared_by_all_connections_of_an_engine() -> None:
    engine = open_database("sqlite://")
    create_tables(engine, METADATA)
    with writing(engine) as connection:
        connection.execute(PARENTS.insert().values(id=1, name="one"))
    assert names(engine) == ["one"]
    engine.dispose()


def test_a_postgresql_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(DatabaseUnavailableError) as caught:
        open_database(f"postgresql://parktwin:secret-word@127.0.0.1:{free_port()}/park")
    assert "secret-word" not in str(caught.value)
    assert "check that it runs" in str(caught.value)


def test_a_wrong_password_is_unavailable_and_stays_secret(postgres: str) -> None:
    wrong = make_url(postgres).set(password="wrong-word").render_as_string(hide_password=False)
    with pytest.raises(DatabaseUnavailableError) as caught:
        open_database(wrong)
    assert "wrong-word" not in str(caught.value)
    assert "user or password is wrong" in str(caught.value)


def test_a_server_is_checked_by_its_authority_and_its_name(postgres: str, tmp_path: Path) -> None:
    port = make_url(postgres).port
    if port not in AUTHORITIES:
        missing("a PostgreSQL of our own", "this test needs its certificates; unset PARKTWIN_TEST_POSTGRES")
    make_network(tmp_path, [], system_clock)

    def secured(authority: Path, host: str = "127.0.0.1") -> str:
        options = {"sslmode": "verify-full", "sslrootcert": str(authority)}
        return (
            make_url(postgres).update_query_dict(options).set(host=host).render_as_string(hide_password=False)
        )

    engine = open_database(secured(AUTHORITIES[port]))
    with engine.connect() as connection:
        used = connection.execute(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).scalar()
    engine.dispose()
    assert used is True
    for url, why in (
        (secured(tmp_path / "ca.pem"), "is not signed by the authority of sslrootcert"),
        (secured(AUTHORITIES[port], host="localhost"), "have a certificate made for that name"),
    ):
        with pytest.raises(DatabaseUnavailableError, match=why):
            open_database(url)


def test_a_sqlite_in_an_impossible_folder_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DatabaseUnavailableError, match="check"):
        open_database(f"sqlite:///{tmp_path}/file/tables.db")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "tables.db",
        "mysql://user:secret-word@host/park",
        "postgresql://user:secret-word@host",
        "sqlite+aiosqlite://",
    ],
)
def test_an_unknown_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseUrlError) as caught:
        open_database(url)
    assert "secret-word" not in str(caught.value)
    assert "sqlite:///PATH" in str(caught.value)
