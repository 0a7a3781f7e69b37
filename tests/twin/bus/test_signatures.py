"""What a signature covers, and whose counts."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.services import wait_for
from tests.twin.bus.conftest import OpenBus
from twin.bus.base import Message, Received
from twin.bus.signatures import (
    KEY_HEADER,
    SIGNATURE_HEADER,
    UNSIGNED,
    SignatureError,
    Signer,
    SigningKeyError,
    Trust,
    make_keys,
    open_signing,
    read_private,
)

COMMAND = Message("commands", "anphat", b'{"value": 1}', {"ce_id": "12345678", "ce_source": "twin/commands"})


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Keys of a park."""
    make_keys(tmp_path / "keys")
    return tmp_path / "keys"


def of(keys: Path, service: str = "twin") -> Signer:
    """The signer of a service."""
    return Signer(read_private(keys / f"{service}.key.pem"))


def test_a_signed_message_goes_over_every_bus(open_another: OpenBus, keys: Path) -> None:
    bus = open_another()
    signed = of(keys).sign(COMMAND)
    bus.publish([signed])
    consumer = bus.consumer(["commands"])
    got: list[Received] = []

    def came() -> bool:
        got.extend(consumer.poll(0.5))
        return bool(got)

    wait_for(came, "it comes")
    consumer.close()
    Trust(keys / "trust").check(got[0].message)
    assert got[0].message.value == COMMAND.value


@pytest.mark.parametrize(
    "change",
    [
        lambda m: replace(m, value=b'{"value": 2}'),
        lambda m: replace(m, key="dongho"),
        lambda m: replace(m, topic="command_outcomes"),
        lambda m: replace(m, headers={**m.headers, "ce_id": "87654321"}),
        lambda m: replace(m, headers={**m.headers, "more": "x"}),
        lambda m: replace(m, headers={k: v for k, v in m.headers.items() if k != "ce_source"}),
        lambda m: replace(m, headers={k: v for k, v in m.headers.items() if k != SIGNATURE_HEADER}),
        lambda m: replace(m, headers={k: v for k, v in m.headers.items() if k != KEY_HEADER}),
        lambda m: replace(m, headers={**m.headers, SIGNATURE_HEADER: "no base64"}),
        lambda m: replace(m, headers={**m.headers, SIGNATURE_HEADER: "AAAA"}),
        lambda m: replace(m, headers={}),
    ],
)
def test_whatever_is_changed_it_is_not_believed(change: object, keys: Path) -> None:
    trust = Trust(keys / "trust")
    signed = of(keys).sign(COMMAND)
    trust.check(signed)
    with pytest.raises(SignatureError):
        trust.check(change(signed))  # type: ignore[operator]


def test_a_key_says_what_its_folder_says(keys: Path) -> None:
    trust = Trust(keys / "trust")
    with pytest.raises(SignatureError, match="which may not say such"):
        trust.check(of(keys, "connectors").sign(COMMAND))
    outcome = Message("command_outcomes", "12345678", b"{}", {})
    trust.check(of(keys, "connectors").sign(outcome))
    with pytest.raises(SignatureError, match="which may not say such"):
        trust.check(of(keys).sign(outcome))


def test_keys_come_and_go_while_it_runs(keys: Path, tmp_path: Path) -> None:
    make_keys(tmp_path / "next")
    trust, new = Trust(keys / "trust"), of(tmp_path / "next")
    with pytest.raises(SignatureError):
        trust.check(new.sign(COMMAND))
    added = keys / "trust" / "commands" / "twin-2.pem"
    added.write_bytes((tmp_path / "next" / "trust" / "commands" / "twin.pem").read_bytes())
    (keys / "trust" / "commands" / "broken.pem").write_text("no key")
    trust.check(new.sign(COMMAND))
    trust.check(of(keys).sign(COMMAND))
    (keys / "trust" / "commands" / "twin.pem").unlink()
    with pytest.raises(SignatureError):
        trust.check(of(keys).sign(COMMAND))


def test_keys_are_made_once_and_are_their_owners_alone(keys: Path) -> None:
    before = (keys / "twin.key.pem").read_bytes()
    make_keys(keys)
    assert (keys / "twin.key.pem").read_bytes() == before
    assert (os.stat(keys / "twin.key.pem").st_mode & 0o777) == 0o600
    assert sorted(str(p.relative_to(keys)) for p in keys.rglob("*.pem")) == [
        "connectors.key.pem",
        "trust/command_outcomes/connectors.pem",
        "trust/commands/twin.pem",
        "twin.key.pem",
    ]


def test_without_keys_everything_is_as_it_was(tmp_path: Path) -> None:
    signing = open_signing(None, None)
    assert signing.sign(COMMAND) is COMMAND
    signing.check(COMMAND)
    assert signing.check is UNSIGNED.check
    with pytest.raises(SigningKeyError, match="is no folder of public keys"):
        open_signing(None, tmp_path / "nowhere")
    (tmp_path / "x.pem").write_text("nothing")
    with pytest.raises(SigningKeyError, match="no private key in PEM"):
        open_signing(tmp_path / "x.pem", None)
