"""A broker that wants TLS, SCRAM and access lists: who is let in, for what, and what is said to others."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.kafka import KafkaBroker, RunningBroker
from tests.support.services import wait_for
from tests.twin.bus.reading import message, numbers, read_until
from twin import cli_bus
from twin.bus.base import Bus, BusError, BusRefusedError, BusUnavailableError, BusUrlError, Message
from twin.bus.connect import open_bus
from twin.bus.kafka_access import SERVICES
from twin.contract.clock import system_clock
from twin.service.closed_network import make_network

pytestmark = [pytest.mark.slow, pytest.mark.kafka]

PASSWORDS = {service.user: f"of-{service.user}-for-this-test" for service in SERVICES}
Broker = KafkaBroker | RunningBroker


@pytest.fixture(scope="module", autouse=True)
def users(kafka_broker: Broker) -> None:
    """The users of the services, made over a listener that lets an administrator in."""
    url, named = f"kafka://{kafka_broker.bootstrap}", "PARKTWIN_KAFKA_PASSWORD_"
    none = {f"{named}{user.upper()}": None for user in PASSWORDS}
    short = CliRunner().invoke(cli_bus.app, ["secure", url], env={**none, f"{named}QC": "short"})
    assert short.exit_code == 2
    given = {f"{named}{user.upper()}": password for user, password in PASSWORDS.items()}
    done = CliRunner().invoke(cli_bus.app, ["secure", url], env=given)
    assert done.output.split() == ["twin", "connectors", "qc", "maintenance"], done.output
    with closing(open_bus(f"kafka://{kafka_broker.bootstrap}")) as bus:
        bus.publish([message(0)])  # makes the topic, whoever comes first


def secured(broker: Broker, user: str, *, cafile: Path | None = None, password: str | None = None) -> Bus:
    """The bus as a service opens it."""
    authority = cafile or broker.certificates / "ca.pem"
    url = f"kafkas://{broker.tls_bootstrap}?sasl_username={user}&ssl_cafile={authority}&timeout_s=4"
    word = PASSWORDS.get(user, "") if password is None else password
    return open_bus(url, environ={"PARKTWIN_KAFKA_PASSWORD": word})


def eventually_published(bus: Bus, what: Message) -> None:
    """Publish; access lists take a moment to reach every part of a broker."""

    def done() -> bool:
        try:
            bus.publish([what])
        except BusError:
            return False
        return True

    wait_for(done, f"{what.topic} is taken", 60.0)


def test_a_service_says_and_hears_what_is_its(kafka_broker: Broker) -> None:
    with closing(secured(kafka_broker, "connectors")) as connectors:
        eventually_published(connectors, message(7))
    with closing(secured(kafka_broker, "twin")) as twin, closing(twin.consumer(["gaps"])) as consumer:
        assert 7 in numbers(read_until(consumer, lambda got: 7 in numbers(got)))
        with closing(twin.consumer(["gaps"], group="historian")) as member:
            read_until(member, lambda got: 7 in numbers(got))
            member.commit()


def test_a_service_does_not_say_what_is_not_its(kafka_broker: Broker) -> None:
    command = Message("commands", "anphat", b"{}")
    with closing(secured(kafka_broker, "twin")) as twin:
        eventually_published(twin, command)
    for user in ("connectors", "qc", "maintenance"):
        refused = pytest.raises(BusRefusedError, match="check user, password and access lists")
        with closing(secured(kafka_broker, user)) as bus, refused:
            bus.publish([command])
    refused = pytest.raises(BusRefusedError, match="check user, password and access lists")
    with (
        closing(secured(kafka_broker, "qc")) as bus,
        closing(bus.consumer(["commands"])) as consumer,
        refused,
    ):
        consumer.poll(1.0)


@pytest.fixture
def other_authority(tmp_path: Path) -> Path:
    """An authority that has signed nothing here."""
    make_network(tmp_path / "other", [], system_clock)
    return tmp_path / "other" / "ca.pem"


def test_what_is_wrong_is_said(kafka_broker: Broker, other_authority: Path) -> None:
    cases = (
        (
            secured(kafka_broker, "twin", cafile=other_authority),
            "is not signed by the authority in .*other/ca.pem",
        ),
        (secured(kafka_broker, "twin", password="wrong"), "'twin' and its password are known to the broker"),
        (secured(kafka_broker, "nobody", password="at-all"), "'nobody' and its password are known"),
    )
    for bus, why in cases:
        begun = time.monotonic()
        with closing(bus), pytest.raises(BusUnavailableError, match=why):
            bus.publish([message(8)])
        assert time.monotonic() - begun < 60


def test_a_port_without_tls_is_said(kafka_broker: Broker) -> None:
    authority = kafka_broker.certificates / "ca.pem"
    url = f"kafkas://{kafka_broker.bootstrap}?sasl_username=twin&ssl_cafile={authority}&timeout_s=3"
    bus = open_bus(url, environ={"PARKTWIN_KAFKA_PASSWORD": "x"})
    with (
        closing(bus),
        pytest.raises(BusUnavailableError, match=r"does not speak TLS as we do|cannot be reached"),
    ):
        bus.publish([message(9)])


def test_a_certificate_for_another_host_is_said(kafka_broker: Broker) -> None:
    port = kafka_broker.tls_bootstrap.rpartition(":")[2]
    authority = kafka_broker.certificates / "ca.pem"
    url = f"kafkas://localhost:{port}?sasl_username=twin&ssl_cafile={authority}&timeout_s=3"
    bus = open_bus(url, environ={"PARKTWIN_KAFKA_PASSWORD": PASSWORDS["twin"]})
    with closing(bus), pytest.raises(BusUnavailableError, match="is not for 'localhost'"):
        bus.publish([message(10)])


def test_the_password_may_stand_in_a_file(kafka_broker: Broker, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORDS["connectors"] + "\n")
    authority = kafka_broker.certificates / "ca.pem"
    url = f"kafkas://{kafka_broker.tls_bootstrap}?sasl_username=connectors&ssl_cafile={authority}"
    with closing(open_bus(url, environ={"PARKTWIN_KAFKA_PASSWORD_FILE": str(file)})) as bus:
        eventually_published(bus, message(11))
    with pytest.raises(BusUrlError, match="PARKTWIN_KAFKA_PASSWORD_FILE"):
        open_bus(url, environ={"PARKTWIN_KAFKA_PASSWORD_FILE": str(tmp_path / "none")})
    with pytest.raises(BusUrlError, match="there is no such file"):
        open_bus(f"{url}.old", environ={"PARKTWIN_KAFKA_PASSWORD": "x"})
