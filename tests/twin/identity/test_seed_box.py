"""The seeds of second factors: no use without the key's file, nor on another account."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from sqlalchemy import select

from tests.twin.identity.conftest import Clock
from twin.contract.clock import NS_PER_S
from twin.identity.errors import SeedKeyError, SignInError
from twin.identity.identities import Identities
from twin.identity.second_factor import new_seed
from twin.identity.seed_box import SEALED_LETTERS, SeedBox
from twin.identity.tables import AUDIT, USERS

PASSWORD = "bốn chữ dài đủ rồi"


def with_lan(identities: Identities) -> pyotp.TOTP:
    """An account with a second factor; what its owner's app has."""
    identities.accounts.add("lan", roles=("operator",), by="test")
    identities.accounts.set_password("lan", PASSWORD, by="test")
    address = identities.accounts.set_totp("lan", on=True, by="test")
    return pyotp.TOTP(parse_qs(urlsplit(address).query)["secret"][0])


def kept(identities: Identities) -> str:
    with identities.store.reading() as connection:
        return str(connection.execute(select(USERS.c.totp)).scalar_one())


def test_the_table_has_no_seed_and_the_key_is_read_by_nobody_else(
    identities: Identities, tmp_path: Path
) -> None:
    totp = with_lan(identities)
    assert len(kept(identities)) == SEALED_LETTERS
    assert totp.secret not in kept(identities)
    assert (tmp_path / "seed.key").stat().st_mode & 0o777 == 0o600


def test_without_its_key_a_second_factor_lets_nobody_in_and_the_audit_says_why(
    identities: Identities, clock: Clock, tmp_path: Path
) -> None:
    totp = with_lan(identities)
    key = tmp_path / "seed.key"
    away = key.rename(tmp_path / "elsewhere")
    with pytest.raises(SignInError):
        identities.accounts.sign_in("lan", PASSWORD, totp.at(clock.now // NS_PER_S))
    key.write_bytes(b"\0" * 32)
    with pytest.raises(SignInError):
        identities.accounts.sign_in("lan", PASSWORD, totp.at(clock.now // NS_PER_S))
    with identities.store.reading() as connection:
        told = connection.execute(select(AUDIT.c.body).where(AUDIT.c.event == "refused")).scalars().all()
    assert len(told) == 2
    assert all("no key" in body for body in told)
    away.replace(key)
    assert identities.accounts.sign_in("lan", PASSWORD, totp.at(clock.now // NS_PER_S)).has_totp


def test_a_seed_from_before_is_read_and_sealed_when_it_is_used(identities: Identities, clock: Clock) -> None:
    with_lan(identities)
    plain = new_seed()
    with identities.store.changing() as (connection, _):
        connection.execute(USERS.update().values(totp=plain))
    assert identities.accounts.sign_in("lan", PASSWORD, pyotp.TOTP(plain).at(clock.now // NS_PER_S)).has_totp
    assert len(kept(identities)) == SEALED_LETTERS
    clock.pass_s(60)
    assert identities.accounts.sign_in("lan", PASSWORD, pyotp.TOTP(plain).at(clock.now // NS_PER_S)).has_totp


def test_a_seed_is_of_one_account_and_a_key_is_whole_and_named(tmp_path: Path) -> None:
    box, seed = SeedBox(tmp_path / "key"), new_seed()
    sealed = box.seal(seed, "lan")
    assert box.open(sealed, "lan") == seed
    assert box.seal(seed, "lan") != sealed
    with pytest.raises(SeedKeyError, match="parktwin users totp"):
        box.open(sealed, "minh")
    with pytest.raises(SeedKeyError):
        box.open(("A" if sealed[0] != "A" else "B") + sealed[1:], "lan")
    (tmp_path / "short").write_bytes(b"x")
    with pytest.raises(SeedKeyError, match="1 bytes"):
        SeedBox(tmp_path / "short").open(sealed, "lan")
    with pytest.raises(SeedKeyError, match="PARKTWIN_IDENTITY_KEY"):
        SeedBox(None).seal(seed, "lan")
