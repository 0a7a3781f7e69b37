"""Accounts: who is let in, who waits, who is out, and that all of it stands in the audit."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from sqlalchemy import select

from tests.twin.identity.conftest import Clock
from twin.contract.clock import NS_PER_S
from twin.identity.accounts import TRIES
from twin.identity.errors import AccountError, SignInError, UnknownAccountError
from twin.identity.identities import Identities
from twin.identity.permissions import allowed
from twin.identity.tables import AUDIT, CHAIN, LINKS, SESSIONS, USERS

PASSWORD = "bốn chữ dài đủ rồi"


def with_lan(identities: Identities, *roles: str) -> None:
    identities.accounts.add("lan", display="Trần Thị Lan", roles=roles or ("operator",), by="test")
    identities.accounts.set_password("lan", PASSWORD, by="test")


def events(identities: Identities) -> list[tuple[str, str]]:
    with identities.store.reading() as connection:
        rows = connection.execute(select(AUDIT.c.subject, AUDIT.c.event).order_by(AUDIT.c.number)).all()
    return [(row.subject, row.event) for row in rows]


def test_the_right_password_opens_a_session_and_a_wrong_one_does_not(identities: Identities) -> None:
    with_lan(identities)
    assert identities.accounts.sign_in("Lan ", PASSWORD).display == "Trần Thị Lan"
    for name, password in (("lan", PASSWORD + "!"), ("lan", ""), ("minh", PASSWORD)):
        with pytest.raises(SignInError) as refused:
            identities.accounts.sign_in(name, password)
        assert "lan" not in str(refused.value)
    principal = identities.find(identities.sessions.open("lan"))
    assert principal is not None
    assert (principal.name, principal.permissions) == ("lan", allowed(["operator"]))
    assert identities.find("pts_nothing") is None


def test_no_secret_stands_in_the_database(identities: Identities) -> None:
    with_lan(identities)
    session = identities.sessions.open("lan")
    link = identities.links.make("lan", by="test")
    token = identities.tokens.issue("station-1", ["inspection.judge"], days=1, by="test")
    with identities.store.reading() as connection:
        kept = repr([connection.execute(select(table)).all() for table in (USERS, SESSIONS, LINKS, AUDIT)])
    for secret in (PASSWORD, session, link.rpartition("=")[2], token.rpartition("_")[2]):
        assert secret not in kept
    assert "$argon2id$" in kept


def test_five_wrong_tries_make_it_wait_and_longer_each_time(identities: Identities, clock: Clock) -> None:
    with_lan(identities)
    for _ in range(TRIES):
        with pytest.raises(SignInError):
            identities.accounts.sign_in("lan", "wrong wrong wrong")
    with pytest.raises(SignInError):
        identities.accounts.sign_in("lan", PASSWORD)
    clock.pass_s(61)
    with pytest.raises(SignInError):
        identities.accounts.sign_in("lan", "wrong wrong wrong")
    clock.pass_s(61)
    with pytest.raises(SignInError):
        identities.accounts.sign_in("lan", PASSWORD)
    clock.pass_s(61)
    assert identities.accounts.sign_in("lan", PASSWORD).name == "lan"
    assert identities.accounts.get("lan").locked_until == 0


def test_a_second_factor_is_asked_for_and_each_code_is_good_once(
    identities: Identities, clock: Clock
) -> None:
    with_lan(identities)
    address = identities.accounts.set_totp("lan", on=True, by="test")
    totp = pyotp.TOTP(parse_qs(urlsplit(address).query)["secret"][0])
    code = totp.at(clock.now // NS_PER_S)
    with pytest.raises(SignInError):
        identities.accounts.sign_in("lan", PASSWORD)
    assert identities.accounts.sign_in("lan", PASSWORD, code).has_totp
    with pytest.raises(SignInError):
        identities.accounts.sign_in("lan", PASSWORD, code)
    clock.pass_s(30)
    assert identities.accounts.sign_in("lan", PASSWORD, totp.at(clock.now // NS_PER_S)).name == "lan"
    clock.pass_s(300)
    with pytest.raises(SignInError):
        identities.accounts.sign_in("lan", PASSWORD, totp.at(clock.now // NS_PER_S - 90))


@pytest.mark.parametrize("change", ["disable", "password", "roles", "totp"])
def test_a_change_of_an_account_ends_its_sessions(identities: Identities, clock: Clock, change: str) -> None:
    with_lan(identities)
    session = identities.sessions.open("lan")
    assert identities.find(session) is not None
    accounts = identities.accounts
    if change == "disable":
        accounts.disable("lan", by="test")
    elif change == "password":
        accounts.set_password("lan", PASSWORD + " mới", by="test")
    elif change == "roles":
        accounts.set_roles("lan", ["viewer"], by="test")
    else:
        accounts.set_totp("lan", on=True, by="test")
    clock.pass_s(3)
    assert identities.find(session) is None


def test_a_disabled_account_is_out_until_it_is_let_in_again(identities: Identities) -> None:
    with_lan(identities)
    identities.accounts.disable("lan", by="test")
    with pytest.raises(SignInError):
        identities.accounts.sign_in("lan", PASSWORD)
    identities.accounts.disable("lan", disabled=False, by="test")
    assert identities.accounts.sign_in("lan", PASSWORD).name == "lan"


def test_a_session_ends_when_nothing_is_asked_and_after_a_shift(identities: Identities, clock: Clock) -> None:
    with_lan(identities)
    idle, used = identities.sessions.open("lan"), identities.sessions.open("lan")
    for _ in range(14):
        clock.pass_s(3000)
        assert identities.find(used) is not None
    assert identities.find(idle) is None
    clock.pass_s(1300)
    assert identities.find(used) is None


def test_signing_out_ends_this_session_alone(identities: Identities, clock: Clock) -> None:
    with_lan(identities)
    one, other = identities.sessions.open("lan"), identities.sessions.open("lan")
    principal = identities.find(one)
    assert principal is not None
    identities.sessions.end(principal)
    identities.forget()
    assert identities.find(one) is None
    assert identities.find(other) is not None


def test_the_first_account_is_made_by_a_link_that_is_good_once(identities: Identities, clock: Clock) -> None:
    secret = identities.links.first().rpartition("=")[2]
    assert identities.links.first() == "", "somebody has it already"
    with pytest.raises(AccountError):
        identities.links.use(secret, "short", name="lan", display="Lan")
    assert identities.links.use(secret, PASSWORD, name="lan", display="Trần Thị Lan") == "lan"
    assert identities.accounts.sign_in("lan", PASSWORD).roles == ("administrator",)
    with pytest.raises(SignInError):
        identities.links.use(secret, PASSWORD, name="minh", display="Minh")
    assert identities.links.first(anew=True) == ""
    again = identities.links.make("lan", by="test").rpartition("=")[2]
    clock.pass_s(86_401)
    with pytest.raises(SignInError):
        identities.links.use(again, PASSWORD)


@pytest.mark.parametrize(
    "password", ["short", "a" * 12, "abcabcabcabcabc", "my name is lan indeed", "x" * 129, "lan" * 5]
)
def test_a_password_that_can_be_guessed_is_refused(identities: Identities, password: str) -> None:
    with_lan(identities)
    with pytest.raises(AccountError):
        identities.accounts.set_password("lan", password, by="test")


def test_what_cannot_be_an_account_is_refused_by_its_fault(identities: Identities) -> None:
    with_lan(identities)
    for name, roles in (
        ("", ["viewer"]),
        ("Lan!", ["viewer"]),
        ("minh", ["boss"]),
        ("minh", []),
        ("lan", ["viewer"]),
    ):
        with pytest.raises(AccountError):
            identities.accounts.add(name, roles=roles, by="test")
    with pytest.raises(UnknownAccountError):
        identities.accounts.disable("minh", by="test")


def test_a_token_has_a_scope_an_end_and_a_successor(identities: Identities, clock: Clock) -> None:
    tokens = identities.tokens
    first = tokens.issue("station-1", ["inspection.judge"], days=2, by="test")
    principal = identities.find(first)
    assert principal is not None
    assert (principal.kind, sorted(principal.permissions)) == ("token", ["inspection.judge"])
    (kept,) = tokens.all()
    second = tokens.rotate(kept.id, days=10, by="test")
    clock.pass_s(23 * 3600)
    assert identities.find(first) is not None, "the old secret goes on for a day"
    assert identities.find(second) is not None
    clock.pass_s(2 * 3600)
    assert identities.find(first) is None
    assert identities.find(second) is not None
    tokens.revoke(kept.id, by="test")
    clock.pass_s(3)
    assert identities.find(second) is None
    third = tokens.issue("station-2", ["inspection.judge"], days=1, by="test")
    clock.pass_s(86_401)
    assert identities.find(third) is None
    for name, scope, days in (
        ("s", ["park.read"], 1.0),
        ("st", ["all"], 1.0),
        ("st", [], 1.0),
        ("st", ["park.read"], 400.0),
    ):
        with pytest.raises(AccountError):
            tokens.issue(name, scope, days=days, by="test")


def test_every_sign_in_and_every_change_stands_in_the_audit(identities: Identities) -> None:
    with_lan(identities)
    identities.accounts.sign_in("lan", PASSWORD, where="10.0.0.7")
    with pytest.raises(SignInError):
        identities.accounts.sign_in("lan", "no no no no no", where="10.0.0.8")
    identities.accounts.set_roles("lan", ["engineer", "operator"], by="minh")
    assert events(identities) == [
        ("lan", "added"),
        ("lan", "password"),
        ("lan", "signed in"),
        ("lan", "refused"),
        ("lan", "roles"),
    ]
    with identities.store.reading() as connection:
        rows = connection.execute(select(AUDIT.c.by, AUDIT.c.body).order_by(AUDIT.c.number)).all()
    assert json.loads(rows[3].body) == {"where": "10.0.0.8", "why": "password"}
    assert (rows[4].by, json.loads(rows[4].body)["before"]) == ("minh", ["operator"])
    assert CHAIN.verify(identities.store.engine()).number == 5
