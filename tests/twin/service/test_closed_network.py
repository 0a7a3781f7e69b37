"""The certificates of a closed network: made once, renewed in time, checked by OpenSSL itself."""

from __future__ import annotations

import datetime
import os
import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509

from twin.contract.clock import NS_PER_S, system_clock
from twin.service.closed_network import SERVER_DAYS, ClosedNetworkError, make_network

DAY_NS = 86_400 * NS_PER_S


def handshake(folder: Path, host: str, *, authority: Path, name: str) -> str:
    """What a client that wants ``name`` says of the server ``host``: "" if it is right."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / f"{host}.pem", folder / f"{host}.key.pem")
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            server.wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with ssl.create_default_context(cafile=str(authority)).wrap_socket(ours, server_hostname=name):
            return ""
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    finally:
        ours.close()
        thread.join()


def test_a_server_is_known_by_every_name_it_has_and_by_no_other(tmp_path: Path) -> None:
    make_network(tmp_path, ["kafka=localhost,127.0.0.1", "postgres"], system_clock)
    for name in ("kafka", "localhost", "127.0.0.1"):
        assert handshake(tmp_path, "kafka", authority=tmp_path / "ca.pem", name=name) == ""
    assert "mismatch" in handshake(tmp_path, "postgres", authority=tmp_path / "ca.pem", name="kafka").lower()
    make_network(tmp_path / "other", [], system_clock)
    assert handshake(tmp_path, "kafka", authority=tmp_path / "other" / "ca.pem", name="kafka")


def test_what_is_there_stays_and_what_runs_out_is_made_anew(tmp_path: Path) -> None:
    now = system_clock()
    (first,) = make_network(tmp_path, ["kafka"], lambda: now)
    before, authority = (tmp_path / "kafka.pem").read_bytes(), (tmp_path / "ca.pem").read_bytes()
    (again,) = make_network(tmp_path, ["kafka"], lambda: now + DAY_NS)
    assert (first.new, again.new) == (True, False)
    assert (tmp_path / "kafka.pem").read_bytes() == before
    (later,) = make_network(tmp_path, ["kafka"], lambda: now + (SERVER_DAYS - 30) * DAY_NS)
    assert later.new
    assert later.expires - first.expires > datetime.timedelta(days=600)
    (more,) = make_network(tmp_path, ["kafka=broker"], lambda: now + DAY_NS)
    assert more.new  # it has another name now
    assert (tmp_path / "ca.pem").read_bytes() == authority


def test_secrets_are_their_owners_alone_and_the_authority_signs_no_authorities(tmp_path: Path) -> None:
    make_network(tmp_path, ["kafka"], system_clock)
    for name in ("ca.key.pem", "kafka.key.pem", "kafka.both.pem"):
        assert (os.stat(tmp_path / name).st_mode & 0o777) == 0o600
    authority = x509.load_pem_x509_certificate((tmp_path / "ca.pem").read_bytes())
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    server = x509.load_pem_x509_certificate((tmp_path / "kafka.pem").read_bytes())
    assert not server.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_an_authority_in_pieces_is_refused(tmp_path: Path) -> None:
    make_network(tmp_path / "a", [], system_clock)
    make_network(tmp_path / "b", [], system_clock)
    (tmp_path / "a" / "ca.key.pem").write_bytes((tmp_path / "b" / "ca.key.pem").read_bytes())
    with pytest.raises(ClosedNetworkError, match="is not the key of"):
        make_network(tmp_path / "a", ["kafka"], system_clock)
    (tmp_path / "b" / "ca.pem").unlink()
    with pytest.raises(ClosedNetworkError, match="put it back, or take both away"):
        make_network(tmp_path / "b", ["kafka"], system_clock)
    with pytest.raises(ClosedNetworkError, match="write a name or an address"):
        make_network(tmp_path / "c", ["../x"], system_clock)
