"""The audit: a change of one byte is found, and the database does not let it be made."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError as SqlError
from typer.testing import CliRunner

from tests.twin.commands.hall import Hall
from twin.cli_audit import app
from twin.commands.audit import FIRST, newest, verify
from twin.contract.command import CommandState
from twin.service.audit_chain import AuditError, Head
from twin.service.database import open_database, writing


@pytest.fixture
def told(hall: Hall) -> Hall:
    """A hall in which some things were done."""
    return do_things(hall)


@pytest.fixture
def told_anywhere(hall_anywhere: Hall) -> Hall:
    """The same on each database."""
    return do_things(hall_anywhere)


def do_things(hall: Hall) -> Hall:
    made = hall.desk.request(hall.wish())
    hall.answer(made, CommandState.ACCEPTED, CommandState.WRITTEN, CommandState.HELD, value=1500.0)
    opened = hall.desk.request(hall.wish("open", None, reason="bảo trì định kỳ"))
    hall.desk.decline(opened.id, by="Minh", reason="chưa")
    return hall


def tamper(engine: Engine, statement: str, **values: object) -> None:
    """Change the audit as somebody can who owns the database."""
    with writing(engine) as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER command_audit_no_UPDATE"))
            connection.execute(text("DROP TRIGGER command_audit_no_DELETE"))
        else:
            connection.execute(text("ALTER TABLE command_audit DISABLE TRIGGER ALL"))
        connection.execute(text(statement), values)


def test_it_is_what_was_written(told_anywhere: Hall) -> None:
    told = told_anywhere
    head = verify(told.engine)
    assert head == newest(told.engine)
    assert head.number == 7
    assert verify(told.engine, expect=head) == head
    assert verify(told.engine, expect=Head(0, FIRST)) == head


@pytest.mark.parametrize("line", [1, 4, 7])
@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("time", "time + 1"),
        ("park", "'p2'"),
        ("command", "command || 'x'"),
        ("event", "'approved'"),
        ('"by"', "'Hoa'"),
        ("body", "replace(body, 'a', 'á')"),
        ("previous", "replace(previous, substr(previous, 9, 1), 'g')"),
        ("hash", "replace(hash, substr(hash, 9, 1), 'g')"),
    ],
)
def test_a_change_of_one_letter_is_found(told: Hall, line: int, column: str, change: str) -> None:
    tamper(told.engine, f"UPDATE command_audit SET {column} = {change} WHERE number = :line", line=line)
    with pytest.raises(AuditError, match=rf"audit line ({line}|{line + 1})\b"):
        verify(told.engine)


@pytest.mark.parametrize("line", [1, 4])
def test_a_line_that_was_taken_out_is_found(told_anywhere: Hall, line: int) -> None:
    told = told_anywhere
    tamper(told.engine, "DELETE FROM command_audit WHERE number = :line", line=line)
    with pytest.raises(AuditError, match=f"audit line {line}: is missing"):
        verify(told.engine)


def test_an_end_that_was_cut_off_is_found_by_a_head_that_was_kept(told: Hall) -> None:
    head = verify(told.engine)
    tamper(told.engine, "DELETE FROM command_audit WHERE number > 5")
    assert verify(told.engine).number == 5
    with pytest.raises(AuditError, match="is not in this chain, which ends at 5"):
        verify(told.engine, expect=head)


@pytest.mark.parametrize(
    "statement", ["UPDATE command_audit SET event = 'x' WHERE number = 1", "DELETE FROM command_audit"]
)
def test_the_database_refuses_to_change_it(told_anywhere: Hall, statement: str) -> None:
    told = told_anywhere
    with (
        pytest.raises(SqlError, match="the audit of commands only grows"),
        writing(told.engine) as connection,
    ):
        connection.execute(text(statement))
    assert verify(told.engine).number == 7


def test_a_text_of_the_head_is_read_back() -> None:
    head = Head(3, FIRST)
    assert Head.parse(str(head)) == head
    for wrong in ("3", "x:" + FIRST, f"3:{FIRST[1:]}"):
        with pytest.raises(AuditError, match="must be"):
            Head.parse(wrong)


def test_the_command_line_finds_one_changed_byte_in_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "twin"
    folder.mkdir()
    file = folder / "twin.sqlite3"
    url = f"sqlite:///{file}"
    engine = open_database(url)
    hall = Hall(tmp_path, engine)
    hall.all_well()
    hall.desk.request(hall.wish(reason="đổi sản phẩm"))
    engine.dispose()
    run = CliRunner()
    told = run.invoke(app, ["verify", "--dir", str(tmp_path)])
    assert (told.exit_code, told.stdout[:9]) == (0, "2 lines, ")
    head = run.invoke(app, ["head", "--database", url]).stdout.strip()
    assert run.invoke(app, ["verify", "--database", url, "--expect", head]).exit_code == 0
    raw = file.read_bytes()
    assert raw.count("đổi sản phẩm".encode()) >= 1
    file.write_bytes(raw.replace("đổi sản phẩm".encode(), "đổi sản phầm".encode()))
    broken = run.invoke(app, ["verify", "--database", url])
    assert broken.exit_code == 1
    assert "audit line 1 (requested of command" in broken.output
    missing = run.invoke(app, ["verify", "--dir", str(tmp_path / "elsewhere")])
    assert missing.exit_code == 2
