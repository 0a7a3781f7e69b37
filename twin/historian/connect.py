"""``open_history(url)``: the only way in."""

from __future__ import annotations

from collections.abc import Mapping
from os import environ
from pathlib import Path

from twin.historian.base import HistoryStore, HistoryUrlError
from twin.historian.schema import check_retention
from twin.historian.store import EngineHistory

PASSWORD_VARIABLE = "PARKTWIN_CLICKHOUSE_PASSWORD"
AUTHORITY_VARIABLE = "PARKTWIN_CLICKHOUSE_CA"
DEFAULT_RETENTION_DAYS = 730


def open_history(
    url: str, *, retention_days: int = DEFAULT_RETENTION_DAYS, env: Mapping[str, str] = environ
) -> HistoryStore:
    """Open a history.

    Args:
        url: ``chdb:DIR``, or ``clickhouse://user@host:port/database`` (``clickhouses://`` with TLS).
        retention_days: how long a reading is kept after its source time; 0 = for ever.
        env: where ``PARKTWIN_CLICKHOUSE_PASSWORD`` is, and ``PARKTWIN_CLICKHOUSE_CA``: the PEM file of who
            signed the certificate of a server that is reached by TLS.

    Raises:
        HistoryUrlError: the URL names no history, or the retention is out of bounds.
        HistoryUnavailableError: it cannot be opened now.

    >>> open_history("sqlite:history.db")
    Traceback (most recent call last):
        ...
    twin.historian.base.HistoryUrlError: history 'sqlite:history.db': write chdb:DIR or clickhouse://...
    """
    check_retention(retention_days)
    kind, _, rest = url.partition(":")
    # Either engine is imported only when it is asked for: chDB alone takes seconds and 100 MB.
    if kind == "chdb" and rest:
        from twin.historian.embedded import EmbeddedEngine

        return EngineHistory(EmbeddedEngine(Path(rest)), retention_days=retention_days)
    if kind in {"clickhouse", "clickhouses"}:
        from twin.historian.cluster import connect_engine

        password, authority = env.get(PASSWORD_VARIABLE, ""), env.get(AUTHORITY_VARIABLE, "")
        if authority and not Path(authority).is_file():
            raise HistoryUrlError(
                f"{AUTHORITY_VARIABLE}={authority}: there is no such file; 'parktwin certs init' makes ca.pem"
            )
        return EngineHistory(
            connect_engine(url, password=password, authority=authority), retention_days=retention_days
        )
    raise HistoryUrlError(f"history {url!r}: write chdb:DIR or clickhouse://...")
