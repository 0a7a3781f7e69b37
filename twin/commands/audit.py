"""The audit: every step of every command, each line bound to the one before it by SHA-256.

A line's hash is that of the previous line's hash and of the line's own content as canonical JSON (keys in
order, no blanks, UTF-8), so that a change of one letter anywhere breaks the chain from there on. A chain that
was cut off at its end, or written anew from the start, is still a chain: that is found by comparing with a
head (number and hash) that was kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, RowMapping, func, select

from twin.commands.command_tables import AUDIT
from twin.commands.errors import AuditError

FIRST: Final = hashlib.sha256(b"parktwin.command_audit@1").hexdigest()
"""What stands in the place of a previous hash in the first line."""
_LOCK: Final = 0x636D6473  # "cmds": the advisory lock that writers of the audit hold
_CHUNK: Final = 1000


@dataclass(frozen=True, slots=True)
class Head:
    """The newest line: 0 and :data:`FIRST` where there is none. Written ``<number>:<hash>``."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read ``<number>:<hash>``.

        Raises:
            AuditError: it is none.

        >>> Head.parse("3:" + "0" * 64).number
        3
        """
        number, _, digest = text.partition(":")
        if not number.isdigit() or len(digest) != len(FIRST):
            raise AuditError(
                f"head {text!r}: must be <number>:<64 hex digits>, as 'parktwin audit head' prints"
            )
        return cls(int(number), digest.lower())


def lock(connection: Connection) -> Head:
    """Keep other writers out until the transaction ends; return the newest line."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    row = connection.execute(
        select(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)
    ).first()
    return Head(0, FIRST) if row is None else Head(row.number, row.hash)


def append(
    connection: Connection,
    head: Head,
    *,
    time: int,
    park: str,
    command: str,
    event: str,
    by: str,
    body: Mapping[str, Any],
) -> Head:
    """Write one line behind ``head``, which :func:`lock` of the same transaction gave; return the new
    head."""
    line: dict[str, Any] = {
        "number": head.number + 1,
        "time": time,
        "park": park,
        "command": command,
        "event": event,
        "by": by,
        "body": json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        "previous": head.hash,
    }
    line["hash"] = hash_of(line)
    connection.execute(AUDIT.insert().values(line))
    return Head(line["number"], line["hash"])


def hash_of(line: Mapping[str, Any]) -> str:
    """The hash that a line must have, of everything in it but ``hash`` itself."""
    content = {name: line[name] for name in ("number", "time", "park", "command", "event", "by", "body")}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(
        line["previous"].encode() + b"\n" + text.encode("utf-8", "surrogatepass")
    ).hexdigest()


def verify(engine: Engine, *, expect: Head | None = None) -> Head:
    """Check every line from the first to the last; return the newest.

    Args:
        engine: where the audit is.
        expect: a head of earlier times, which must still be in the chain.

    Raises:
        AuditError: a line was changed, taken out or put in; the text says which is the first one.
    """
    head = Head(0, FIRST)
    found = expect is None or (expect.number, expect.hash) == (head.number, head.hash)
    for line in _lines(engine):
        if line["number"] != head.number + 1:
            raise AuditError(
                f"audit line {head.number + 1}: is missing, {line['number']} follows on {head.number}; "
                "lines were taken out: compare with a backup"
            )
        if line["previous"] != head.hash:
            raise AuditError(
                f"audit line {line['number']}: does not follow on line {head.number} by its hash; one of the "
                "two was exchanged: compare with a backup"
            )
        if line["hash"] != hash_of(dict(line)):
            raise AuditError(
                f"audit line {line['number']} ({line['event']} of command {line['command']}): is not what "
                "was written, its hash differs; compare with a backup"
            )
        head = Head(line["number"], line["hash"])
        found = found or head == expect
    if not found:
        raise AuditError(
            f"audit: head {expect} is not in this chain, which ends at {head}; lines at its end were taken "
            "out, or it was written anew: compare with a backup"
        )
    return head


def newest(engine: Engine) -> Head:
    """Return the newest line, without checking any."""
    with engine.connect() as connection:
        row = connection.execute(
            select(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)
        ).first()
    return Head(0, FIRST) if row is None else Head(row.number, row.hash)


def _lines(engine: Engine) -> Iterator[RowMapping]:
    after = -(2**62)
    while True:
        with engine.connect() as connection:
            rows = (
                connection.execute(
                    select(AUDIT).where(AUDIT.c.number > after).order_by(AUDIT.c.number).limit(_CHUNK)
                )
                .mappings()
                .all()
            )
        if not rows:
            return
        yield from rows
        after = rows[-1]["number"]
