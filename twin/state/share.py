"""Shares of the evaluation: who has one, and the snapshot with which it goes from hand to hand.

A process that is given a share counts its *epoch* up by one and reads the snapshot in the same transaction.
Everything it writes for the share afterwards is written only while the epoch is still its own: a process that
was stopped for a minute and wakes up finds that another has taken over, whatever its broker connection says.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

import zstandard
from sqlalchemy import BigInteger, Column, Connection, Engine, LargeBinary, MetaData, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from twin.contract.clock import Clock
from twin.contract.errors import ParkTwinError
from twin.service.database import writing

TABLES = MetaData()
"""For :func:`twin.service.database.create_tables`."""

SHARES = Table(
    "evaluation_shares",
    TABLES,
    Column("share", String(100), primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("holder", String(300), nullable=False),
    Column("taken", BigInteger, nullable=False),
    Column("written", BigInteger, nullable=False),
    Column("snapshot", LargeBinary),
)
"""One row a share; ``taken`` and ``written`` [ns]: when it was last taken over, and its snapshot replaced."""


class ShareLostError(ParkTwinError):
    """Another process has taken the share over; nothing was written."""

    code = "share.lost"


class Share:
    """One share, as this process holds it. Thread-safe once taken.

    Args:
        engine: where the table is.
        name: of the share, the same for all processes.
        clock: ns since the epoch.
        every_s: seconds between two snapshots.
    """

    def __init__(self, engine: Engine, name: str, clock: Clock, *, every_s: float) -> None:
        self.name = name
        self.every_s = every_s
        self._engine = engine
        self._clock = clock
        self._epoch = 0
        self._found: bytes | None = None

    def __str__(self) -> str:
        return f"share {self.name}"

    def take(self) -> int:
        """Take it over from whoever has it; return its epoch.

        Raises:
            DatabaseError: nobody has taken it.
        """
        holder = f"{socket.gethostname()} {os.getpid()}"
        mine = SHARES.c.share == self.name
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        first = dialect.insert(SHARES).values(share=self.name, epoch=0, holder="", taken=0, written=0)
        taken = (
            SHARES.update().where(mine).values(epoch=SHARES.c.epoch + 1, holder=holder, taken=self._clock())
        )
        with writing(self._engine) as connection:
            connection.execute(first.on_conflict_do_nothing())
            connection.execute(taken)
            row = connection.execute(select(SHARES.c.epoch, SHARES.c.snapshot).where(mine)).one()
        self._epoch, self._found = row.epoch, row.snapshot
        return self._epoch

    def guard(self, connection: Connection) -> None:
        """See, within a transaction, that it is still this process's; nobody can take it before the end.

        Raises:
            ShareLostError: it is not; roll the transaction back.
        """
        asked = select(SHARES.c.epoch).where(SHARES.c.share == self.name).with_for_update(read=True)
        epoch = connection.scalar(asked)
        if epoch != self._epoch:
            raise ShareLostError(
                f"share {self.name}: another process has it now (epoch {epoch}, ours was {self._epoch})"
            )

    def read(self) -> bytes | None:
        """Return the snapshot that the share came with; None if it never had one."""
        found, self._found = self._found, None
        return None if found is None else zstandard.ZstdDecompressor().decompress(found)

    def write(self, data: bytes) -> None:
        """Replace the snapshot.

        Raises:
            ShareLostError, DatabaseError: the one before still stands.
        """
        packed = zstandard.ZstdCompressor(level=1).compress(data)
        with writing(self._engine) as connection:
            self.guard(connection)
            connection.execute(
                SHARES.update()
                .where(SHARES.c.share == self.name)
                .values(snapshot=packed, written=self._clock())
            )


Guard = Callable[[Connection], None]
"""Raises within a transaction if what it would write is not this process's to write any more."""
