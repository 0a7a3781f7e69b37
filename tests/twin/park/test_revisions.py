"""Which park was loaded when, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from twin.park.errors import ParkDocumentError, UnknownRevisionError
from twin.park.model import Park
from twin.park.park_file import load_park
from twin.park.revisions import TABLES, list_loadings, park_of, remember, revision_at
from twin.service.database import create_tables, open_database, writing

GOOD = Path(__file__).parent / "good"
NS = 1_000_000_000


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    create_tables(engine, TABLES)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def small() -> Park:
    return load_park(GOOD / "minimal" / "park.yaml", environment={})


@pytest.fixture(scope="module")
def full() -> Park:
    return load_park(GOOD / "full" / "park.yaml", environment={"SMT_HOST": "10.0.0.7"})


def test_a_replay_finds_the_park_of_its_day(engine: Engine, small: Park, full: Park) -> None:
    assert revision_at(engine, 10 * NS) is None
    assert remember(engine, small, lambda: 10 * NS)
    assert remember(engine, full, lambda: 20 * NS)
    assert remember(engine, small, lambda: 30 * NS)
    in_force = [revision_at(engine, second * NS) for second in (9, 10, 19, 20, 29, 99)]
    assert [loading and loading.revision for loading in in_force] == [
        None, small.revision, small.revision, full.revision, full.revision, small.revision,
    ]  # fmt: skip
    assert [loading.loaded_at // NS for loading in list_loadings(engine)] == [30, 20, 10]


def test_a_restart_on_the_same_park_is_no_new_loading(engine: Engine, small: Park) -> None:
    assert remember(engine, small, lambda: 1)
    assert not remember(engine, small, lambda: 2)
    assert len(list_loadings(engine)) == 1


def test_the_park_comes_back_as_it_was_with_endpoints_as_written(engine: Engine, full: Park) -> None:
    remember(engine, full, lambda: 1)
    back = park_of(engine, full.revision)
    as_written = tuple(replace(source, endpoint=source.endpoint_template) for source in full.sources)
    assert back == replace(full, sources=as_written)
    assert back.files == ("park.yaml", "kinds.yaml", "areas/smt.yaml", "areas/utilities.yaml")
    assert revision_at(engine, 1) == list_loadings(engine, limit=1)[0]


def test_an_unknown_revision_is_an_error_of_its_own(engine: Engine) -> None:
    with pytest.raises(UnknownRevisionError, match="0123456789abcdef"):
        park_of(engine, "0123456789abcdef")


def test_a_damaged_document_is_never_half_a_park(engine: Engine, small: Park, full: Park) -> None:
    remember(engine, small, lambda: 1)
    remember(engine, full, lambda: 2)
    other = text(
        "UPDATE park_documents SET document = (SELECT document FROM park_documents WHERE revision = :other)"
    )
    with writing(engine) as connection:
        connection.execute(other, {"other": small.revision})
    with pytest.raises(ParkDocumentError, match=small.revision):
        park_of(engine, full.revision)
    with writing(engine) as connection:
        connection.execute(text("UPDATE park_documents SET document = :bytes"), {"bytes": b"not zstd"})
    with pytest.raises(ParkDocumentError, match="backup"):
        park_of(engine, full.revision)


def test_two_processes_that_start_together_on_one_park_do_not_trip(
    database_url: str, engine: Engine, full: Park
) -> None:
    engines = [open_database(database_url) for _ in range(4)]
    failed: list[BaseException] = []

    def start(each: Engine) -> None:
        try:
            remember(each, full, lambda: 5)
        except BaseException as error:  # whatever it is, the test must see it
            failed.append(error)

    threads = [threading.Thread(target=start, args=(each,)) for each in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in engines:
        each.dispose()
    assert failed == []
    assert park_of(engine, full.revision).revision == full.revision
    assert {loading.revision for loading in list_loadings(engine)} == {full.revision}
