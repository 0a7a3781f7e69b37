"""Our own certificate and the trust store on disk, and the commands that work on them."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from connectors.commands import run
from connectors.errors import CertificateError
from connectors.pki.certificate import moment, parse_certificate, parse_chain
from connectors.pki.checks import EXPIRY_WARNING, OWN, expiry_warning, own_faults
from connectors.pki.own import make_own, own_credentials, read_credentials
from connectors.pki.trust_store import MAX_REJECTED, TrustStore
from tests.connectors.pki_maker import NOW, make, trust
from twin.contract.clock import system_clock

ROOT = Path(__file__).parents[3]


def test_our_own_is_made_once_and_keeps_its_uri_when_renewed(tmp_path: Path) -> None:
    own = own_credentials(tmp_path, system_clock)
    assert own_credentials(tmp_path, system_clock).certificate == own.certificate
    assert own.application_uri.endswith(":parktwin:connectors")
    assert own_faults(own.certificate, system_clock()) == ()
    assert (tmp_path / "private_key.pem").stat().st_mode & 0o077 == 0
    renewed = make_own(tmp_path, system_clock, host="elsewhere")
    assert renewed.application_uri == own.application_uri
    assert renewed.certificate.hosts == ("elsewhere",)
    assert sorted(path.stem for path in (tmp_path / "old").iterdir()) == [own.certificate.thumbprint] * 2


def test_a_key_of_another_pair_is_refused(tmp_path: Path) -> None:
    one, other = make(tmp_path, "one"), make(tmp_path, "other", key_number=1)
    with pytest.raises(CertificateError, match="is not the key of"):
        read_credentials(one.path, other.key_path)
    with pytest.raises(CertificateError, match="put the key"):
        read_credentials(one.path, tmp_path / "missing.pem")


def test_expiry_is_told_thirty_days_ahead(tmp_path: Path) -> None:
    certificate = make(tmp_path, "one", days=(-1, 100)).certificate
    end = int(certificate.not_after.timestamp()) * 10**9
    day = 86_400 * 10**9
    assert expiry_warning(certificate, OWN, end - 31 * day) == ""
    assert "expires in 30 days" in expiry_warning(certificate, OWN, end - 30 * day)
    assert "expires in 12 hours" in expiry_warning(certificate, OWN, end - day // 2)
    assert "expired on" in expiry_warning(certificate, OWN, end + day)
    assert timedelta(days=30) == EXPIRY_WARNING
    assert moment(end) == certificate.not_after


def test_a_chain_is_trusted_by_its_end_and_only_through_authorities(tmp_path: Path) -> None:
    root = make(tmp_path, "root", ca=True, key_number=1)
    middle = make(tmp_path, "middle", ca=True, key_number=2, issuer=root)
    server = make(tmp_path, "server", issuer=middle)
    no_authority = make(tmp_path, "fake", key_number=3)
    below = make(tmp_path, "below", issuer=no_authority)
    store = TrustStore(tmp_path / "pki")
    chain = parse_chain(server.certificate.der + middle.certificate.der, "test")
    assert [entry.name for entry in chain] == ["server", "middle"]
    assert not store.trusts(chain)
    trust(store.folder, root.certificate, no_authority.certificate)
    assert store.trusts(chain)
    assert not store.trusts(chain[:1]), "the one in between is missing"
    trust(store.folder, middle.certificate, state="issuers")
    assert store.trusts(chain[:1])
    assert not store.trusts((below.certificate,))


def test_what_an_authority_revoked_is_known(tmp_path: Path) -> None:
    root = make(tmp_path, "root", ca=True, key_number=1)
    server = make(tmp_path, "server", issuer=root).certificate
    revoked = (
        x509.RevokedCertificateBuilder()
        .serial_number(server.parsed.serial_number)
        .revocation_date(NOW)
        .build()
    )
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.parsed.subject)
        .last_update(NOW)
        .next_update(NOW + timedelta(days=1))
        .add_revoked_certificate(revoked)
        .sign(root.key, hashes.SHA256())
    )
    store = TrustStore(tmp_path / "pki")
    assert not store.revoked(server)
    (store.folder / "crl").mkdir(parents=True)
    (store.folder / "crl" / "root.crl").write_bytes(made.public_bytes(Encoding.DER))
    (store.folder / "crl" / "broken.crl").write_bytes(b"no list")
    assert store.revoked(server)


def test_rejected_certificates_do_not_fill_the_disk(tmp_path: Path) -> None:
    store = TrustStore(tmp_path / "pki")
    for number in range(MAX_REJECTED + 5):
        store.keep_rejected(make(tmp_path / "made", f"c{number}").certificate)
    assert len(list(store.certificates("rejected"))) == MAX_REJECTED


@pytest.mark.parametrize("data", [b"", b"0", b"nothing of the kind", b"0\x82\x03\xe8" + bytes(20)])
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    with pytest.raises(CertificateError, match="certificate"):
        parse_certificate(data, "test")


def certs(*arguments: str) -> int | str | None:
    """Run ``parktwin certs`` as far as it is the connectors'; return the exit status."""
    with pytest.raises(SystemExit) as end:
        run(["certs", *arguments])
    return end.value.code


def test_the_commands_move_trust_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ("--data-dir", str(tmp_path))
    store = TrustStore(tmp_path / "connectors" / "pki")
    made = make(tmp_path / "made", "plc7").certificate
    store.keep_rejected(made)
    assert certs("list", *place) == 0
    listed = capsys.readouterr().out
    assert f"rejected  {made.thumbprint}" in listed
    assert "own " in listed
    assert certs("trust", made.thumbprint[:8], *place) == 0
    assert store.trusts((made,))
    assert certs("reject", made.thumbprint, *place) == 0
    assert not store.trusts((made,))
    other = make(tmp_path / "made", "plc8", key_number=1)
    assert certs("trust", str(other.path), *place) == 0
    assert store.trusts((other.certificate,))
    assert certs("trust", "FFFF", *place) == 2
    assert "no certificate begins so" in capsys.readouterr().err


@pytest.mark.slow
def test_parktwin_passes_the_commands_on_with_their_exit_status(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twin.cli", "certs", "trust", "FFFF", "--data-dir", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no certificate begins so" in done.stderr
