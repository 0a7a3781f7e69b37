"""An audit: a table that only grows, each line bound to the one before it by SHA-256.

A line's hash is that of the previous line's hash and of the line's own content as canonical JSON (keys in
order, no blanks, UTF-8), so that a change of one letter anywhere breaks the chain from there on. A chain that
was cut off at its end, or written anew from the start, is still a chain: that is found by comparing with a
head (number and hash) that was kept elsewhere. The database itself refuses to change or delete a line.

AuditError (ValueError)   the audit is not what was written: a line was changed, taken out or put in
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, RowMapping, Table, event, func, select, text

from twin.contract.errors import ParkTwinError

_NO_HASH: Final = "0" * 64
_CHUNK: Final = 1000


class AuditError(ParkTwinError, ValueError):
    """The audit is not what was written: a line was changed, taken out or put in."""

    code = "audit"


@dataclass(frozen=True, slots=True)
class Head:
    """The newest line. Written ``<number>:<hash>``."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def parse(cls, told: str) -> Head:
        """Read ``<number>:<hash>``.

        Raises:
            AuditError: it is none.

        >>> Head.parse("3:" + "0" * 64).number
        3
        """
        number, _, digest = told.partition(":")
        if not number.isdigit() or len(digest) != len(_NO_HASH):
            raise AuditError(
                f"head {told!r}: must be <number>:<64 hex digits>, as 'parktwin audit head' prints"
            )
        return cls(int(number), digest.lower())


@dataclass(frozen=True, slots=True)
class AuditChain:
    """The chain in a table.

    Args:
        table: with the columns ``number``, ``previous`` and ``hash``; all the others are the content.
        first: what stands in the place of a previous hash in the first line, 64 hex digits.
        lock_number: the advisory lock that writers hold on PostgreSQL.
        subject: the column that says of what a line is.
    """

    table: Table
    first: str
    lock_number: int
    subject: str

    @property
    def start(self) -> Head:
        """The head of a chain without lines."""
        return Head(0, self.first)

    def lock(self, connection: Connection) -> Head:
        """Keep other writers out until the transaction ends; return the newest line."""
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(self.lock_number)))
        return self._newest(connection)

    def append(self, connection: Connection, head: Head, content: Mapping[str, Any]) -> Head:
        """Write one line behind ``head``, which :meth:`lock` of the same transaction gave; return the new
        head. The content is numbers and texts."""
        line: dict[str, Any] = {"number": head.number + 1, **content, "previous": head.hash}
        line["hash"] = self.hash_of(line)
        connection.execute(self.table.insert().values(line))
        return Head(line["number"], line["hash"])

    def hash_of(self, line: Mapping[str, Any]) -> str:
        """The hash that a line must have, of everything in it but ``hash`` itself."""
        names = {column.name for column in self.table.columns} - {"previous", "hash"}
        content = canonical({name: line[name] for name in names})
        return hashlib.sha256(
            line["previous"].encode() + b"\n" + content.encode("utf-8", "surrogatepass")
        ).hexdigest()

    def verify(self, engine: Engine, *, expect: Head | None = None) -> Head:
        """Check every line from the first to the last; return the newest.

        Args:
            engine: where the audit is.
            expect: a head of earlier times, which must still be in the chain.

        Raises:
            AuditError: a line was changed, taken out or put in; the text says which is the first one.
        """
        head = self.start
        found = expect is None or expect == head
        for line in self._lines(engine):
            if line["number"] != head.number + 1:
                raise AuditError(
                    f"audit line {head.number + 1}: is missing, {line['number']} follows on {head.number}; "
                    "lines were taken out: compare with a backup"
                )
            if line["previous"] != head.hash:
                raise AuditError(
                    f"audit line {line['number']}: does not follow on line {head.number} by its hash; one of "
                    "the two was exchanged: compare with a backup"
                )
            if line["hash"] != self.hash_of(dict(line)):
                raise AuditError(
                    f"audit line {line['number']} ({line['event']} of {self.subject} {line[self.subject]}): "
                    "is not what was written, its hash differs; compare with a backup"
                )
            head = Head(line["number"], line["hash"])
            found = found or head == expect
        if not found:
            raise AuditError(
                f"audit: head {expect} is not in this chain, which ends at {head}; lines at its end were "
                "taken out, or it was written anew: compare with a backup"
            )
        return head

    def newest(self, engine: Engine) -> Head:
        """Return the newest line, without checking any."""
        with engine.connect() as connection:
            return self._newest(connection)

    def _newest(self, connection: Connection) -> Head:
        columns = self.table.c
        newest = select(columns.number, columns.hash).order_by(columns.number.desc()).limit(1)
        row = connection.execute(newest).first()
        return self.start if row is None else Head(row.number, row.hash)

    def _lines(self, engine: Engine) -> Iterator[RowMapping]:
        number, after = self.table.c.number, -(2**62)
        while True:
            page = select(self.table).where(number > after).order_by(number).limit(_CHUNK)
            with engine.connect() as connection:
                rows = connection.execute(page).mappings().all()
            if not rows:
                return
            yield from rows
            after = rows[-1]["number"]


def canonical(content: object) -> str:
    """Write content as JSON that is the same whoever writes it.

    >>> canonical({"b": 1, "a": "é"})
    '{"a":"é","b":1}'
    """
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


_REFUSE_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS {table}_no_{what} BEFORE {what} ON {table} "
    "BEGIN SELECT RAISE(ABORT, '{rule}'); END"
)
_MAKE_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '{rule}'; END $$"
)
_REFUSE_POSTGRESQL = (
    "CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_grows()"
)


def only_grows(table: Table, rule: str) -> None:
    """Have the database refuse to change or delete what stands in a table, from when it is made.

    Args:
        table: not made yet.
        rule: what the database says when it refuses.
    """

    @event.listens_for(table, "after_create")
    def _refuse(_: Table, connection: Connection, **__: Any) -> None:
        names = {"table": table.name, "rule": rule}
        if connection.dialect.name == "sqlite":
            for what in ("UPDATE", "DELETE"):
                connection.execute(text(_REFUSE_SQLITE.format(what=what, **names)))
        else:
            connection.execute(text(_MAKE_POSTGRESQL.format(**names)))
            connection.execute(text(_REFUSE_POSTGRESQL.format(**names)))
