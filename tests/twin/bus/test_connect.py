"""URLs: what they open, and what is said about the ones that open nothing."""

from __future__ import annotations

import ssl
from pathlib import Path

import certifi
import pytest

from twin.bus.base import BusUrlError
from twin.bus.connect import open_bus
from twin.bus.embedded import EmbeddedBus
from twin.bus.kafka import KafkaBus
from twin.bus.kafka_settings import KafkaSettings
from twin.bus.memory import MemoryBus


def test_each_scheme_opens_its_bus(tmp_path: Path) -> None:
    for url, kind in (
        ("memory:park?max_bytes=2000000", MemoryBus),
        (f"embedded:{tmp_path}/bus?max_bytes=2000000&synchronous=full", EmbeddedBus),
        ("kafka://broker:9092,other:9093?replication=3&compression=lz4&timeout_s=5", KafkaBus),
    ):
        bus = open_bus(url)
        assert isinstance(bus, kind)
        bus.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "no such bus; write memory:NAME"),
        ("memory:", "no such bus"),
        ("embedded:", "no such bus"),
        ("redis://localhost", "'redis://localhost': no such bus"),
        ("embedded:var/bus?max_bytes=many", "max_bytes='many'; write a whole number of 1048576 or more"),
        ("embedded:var/bus?max_bytes=5", "max_bytes='5'"),
        ("embedded:var/bus?synchronous=never", "synchronous='never'; write normal or full"),
        ("embedded:var/bus?colour=red", "option 'colour' is not known"),
        ("embedded:var/bus?colour", "write options as"),
        ("kafka:broker:9092", "write kafka://host:port"),
        ("kafka://broker", "server 'broker'; write host:port"),
        ("kafka://broker:9092,", "server ''; write host:port"),
        ("kafka://broker:9092?replication=0", "replication='0'; write a whole number of 1 or more"),
        ("kafka://broker:9092?security_protocol=TLS", "security_protocol='TLS'; write one of PLAINTEXT"),
        ("kafka://broker:9092?security_protocol=SASL_SSL", "sasl_mechanism=''; write one of PLAIN"),
        ("kafka://broker:9092?security_protocol=SASL_SSL&sasl_mechanism=PLAIN", "PARKTWIN_KAFKA_PASSWORD"),
        ("kafka://broker:9092?sasl_password=secret", "no password in a URL"),
        ("kafka://broker:9092?colour=red", "option 'colour' is not known; there are compression"),
    ],
)
def test_a_url_that_opens_nothing_says_why_and_what_to_write(url: str, said: str) -> None:
    with pytest.raises(BusUrlError) as caught:
        open_bus(url, environ={})
    assert said in str(caught.value)


def test_the_password_comes_from_the_environment_and_is_not_shown() -> None:
    authority = certifi.where()
    options = {"security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512", "sasl_username": "park"}
    settings = KafkaSettings.parse("k1:9093", options | {"ssl_cafile": authority}, "secret")
    client = settings.client()
    assert client["sasl_plain_password"] == "secret"
    assert client["sasl_plain_username"] == "park"
    assert client["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert client["ssl_context"].check_hostname
    assert "secret" not in f"{settings} {settings!r}"
