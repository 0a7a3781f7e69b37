"""A ClickHouse server, over HTTP by clickhouse-connect, with the same SQL and the same ``Native`` blocks.

No package registry carries a current server, so the tests put chDB's engine (ClickHouse 26.9) behind the same
clickhouse-connect client: everything here but the HTTP transport. With ``PARKTWIN_TEST_CLICKHOUSE=host:port``
the same tests run against a server.

The server's database must exist. Each insert is one block and synchronous. The tables are those of one server
(ReplacingMergeTree); replicas need ``ReplicatedReplacingMergeTree``, which an administrator may create under
the same names before the first start.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError

from twin.historian.base import HistoryError, HistoryUnavailableError, HistoryUrlError
from twin.historian.engine import Parameters, engine_error
from twin.historian.native import Column, Columns, decode_blocks, encode_block

_INSERT_SETTINGS = {
    "async_insert": 0,
    "max_partitions_per_insert_block": 0,
    # A replicated table would take what is told again for told, and pass nothing on to `moments`.
    "insert_deduplicate": 0,
}
_CONNECT_TIMEOUT_S = 5
_ANSWER_TIMEOUT_S = 60


class ClusterEngine:
    """ClickHouse behind a clickhouse-connect client, which pools its connections and is thread-safe.

    Args:
        client: without a session id, so that questions may run side by side; closed with the engine.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def execute(self, sql: str) -> None:
        """Run a statement without an answer."""
        try:
            self._client.command(sql)
        except ClickHouseError as error:
            raise _mapped("statement", error) from error

    def query(self, sql: str, parameters: Parameters) -> Columns:
        """Run a query and return its columns."""
        try:
            answer = self._client.raw_query(sql, parameters=dict(parameters), fmt="Native")
        except ClickHouseError as error:
            raise _mapped("query", error) from error
        return decode_blocks(answer)

    def insert(self, table: str, columns: Sequence[Column]) -> None:
        """Insert one block."""
        try:
            self._client.raw_insert(
                table,
                column_names=[column.name for column in columns],
                insert_block=encode_block(columns),
                settings=_INSERT_SETTINGS,
                fmt="Native",
            )
        except ClickHouseError as error:
            raise _mapped("insert", error) from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def connect_engine(url: str, *, password: str, authority: str = "") -> ClusterEngine:
    """Connect to ``clickhouse://user@host:port/database`` or, with TLS, ``clickhouses://``.

    Args:
        url: without a password.
        password: of the user.
        authority: PEM file of who has signed the server's certificate; "" = those that this machine knows.

    Raises:
        HistoryUrlError: the URL is incomplete or carries a password.
        HistoryUnavailableError: the server does not answer or does not let us in.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise HistoryUrlError(f"history {_shown(url)!r}: {error}") from error
    if parts.password is not None:
        raise HistoryUrlError(
            f"history {_shown(url)!r}: a password does not belong in a URL, which is logged; "
            "set PARKTWIN_CLICKHOUSE_PASSWORD"
        )
    if not parts.hostname or parts.query or parts.fragment:
        raise HistoryUrlError(f"history {_shown(url)!r}: write clickhouse://user@host:port/database")
    secure = parts.scheme == "clickhouses"
    try:
        client = clickhouse_connect.get_client(
            host=parts.hostname,
            port=port or (8443 if secure else 8123),
            secure=secure,
            username=unquote(parts.username or "default"),
            password=password,
            database=unquote(parts.path.strip("/")) or "default",
            autogenerate_session_id=False,
            verify=True,
            ca_cert=authority or None,
            connect_timeout=_CONNECT_TIMEOUT_S,
            send_receive_timeout=_ANSWER_TIMEOUT_S,
        )
    except ClickHouseError as error:
        raise HistoryUnavailableError(
            f"history {_shown(url)!r} does not open: {str(error)[:300]}; {_hint(str(error), authority)}"
        ) from error
    return ClusterEngine(client)


def _hint(text: str, authority: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" not in text:
        return "start the server, or check user, password (PARKTWIN_CLICKHOUSE_PASSWORD) and the database"
    if "match" in text:
        return "its certificate is for another name: have one made for this name, or use the name it has"
    by = f"the authority in {authority}" if authority else "an authority that this machine knows"
    return f"its certificate is not signed by {by}: check PARKTWIN_CLICKHOUSE_CA"


def _mapped(what: str, error: ClickHouseError) -> HistoryError:
    mapped = engine_error(what, str(error))
    answered = isinstance(error, DatabaseError) and getattr(error, "code", None) is not None
    if answered or isinstance(mapped, ConnectionError | TimeoutError):
        return mapped
    return HistoryUnavailableError(f"history {what}: no answer: {str(error)[:300]}; it is tried again")


def _shown(url: str) -> str:
    """The URL without what might be a secret."""
    scheme, separator, rest = url.partition("://")
    user, at, host = rest.rpartition("@")
    return f"{scheme}{separator}{user.partition(':')[0]}{at}{host}"
