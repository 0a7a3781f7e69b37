"""From a URL to a history, and what is wrong with a URL."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.twin.historian.frames import START, frame, tag_set
from twin.contract.clock import system_clock
from twin.historian.base import HistoryUnavailableError, HistoryUrlError
from twin.historian.connect import open_history
from twin.service.closed_network import make_network


def test_chdb_keeps_what_it_was_told_over_a_restart(tmp_path: Path) -> None:
    url = f"chdb:{tmp_path / 'deep' / 'lịch sử'}"
    of = tag_set("restart")
    history = open_history(url, retention_days=0)
    history.append([frame(of, [START], [7.0])])
    history.close()
    again = open_history(url, retention_days=0)
    assert again.last_before(of.tags[0], START + 1).value.tolist() == [7.0]
    again.close()


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("", "write chdb:DIR or clickhouse://"),
        ("chdb:", "write chdb:DIR"),
        ("postgres://host/db", "write chdb:DIR"),
        ("chdb:what?", "the name has a '[?]'"),
        ("clickhouse:///db", "write clickhouse://user@host:port/database"),
        ("clickhouse://host:99999/db", "out of range"),
        ("clickhouse://host/db?secure=1", "write clickhouse://"),
        ("clickhouse://me:hidden@host/db", "PARKTWIN_CLICKHOUSE_PASSWORD"),
    ],
)
def test_a_url_that_names_no_history_is_refused(url: str, rule: str) -> None:
    with pytest.raises(HistoryUrlError, match=rule) as caught:
        open_history(url)
    assert "hidden" not in str(caught.value)


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    url = f"clickhouse://parktwin@127.0.0.1:{free_port()}/parktwin"
    with pytest.raises(HistoryUnavailableError, match="start the server"):
        open_history(url, env={"PARKTWIN_CLICKHOUSE_PASSWORD": "secret"})


def test_a_directory_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HistoryUnavailableError, match="does not open"):
        open_history(f"chdb:{tmp_path / 'file' / 'history'}")


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[int]:
    """A server on 127.0.0.1 with a certificate of a closed network, that says nothing of use."""
    make_network(tmp_path / "certs", ["127.0.0.1"], system_clock)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certs" / "127.0.0.1.pem", tmp_path / "certs" / "127.0.0.1.key.pem")
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_with_tls_is_checked_by_its_authority(tls_server: int, tmp_path: Path) -> None:
    make_network(tmp_path / "other", [], system_clock)
    url = f"clickhouses://default@127.0.0.1:{tls_server}/park"
    for authority, why in (
        ("other", "is not signed by the authority in .*other/ca.pem"),
        ("certs", "start the server, or check user"),  # it is let in, and is no ClickHouse
    ):
        env = {"PARKTWIN_CLICKHOUSE_CA": str(tmp_path / authority / "ca.pem")}
        with pytest.raises(HistoryUnavailableError, match=why):
            open_history(url, env=env)
    with pytest.raises(HistoryUrlError, match="there is no such file"):
        open_history(url, env={"PARKTWIN_CLICKHOUSE_CA": str(tmp_path / "none.pem")})
