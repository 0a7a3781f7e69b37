"""The bus on a real broker that is restarted, killed, emptied, guarded, and read by a stranger."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import psutil
import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource
from kafka.structs import TopicPartition as KafkaPartition

from tests.support.kafka import SASL_PASSWORD, SASL_USER, KafkaBroker, RunningBroker
from tests.support.ports import free_port
from tests.support.require import missing
from tests.support.services import wait_for
from tests.twin.bus.reading import DEADLINE_S, message, numbers, read, read_until
from tests.twin.bus.test_embedded import Workers, kill_one_of_two
from tests.twin.bus.topics import delete_all_topics
from twin.bus.base import (
    MAX_MESSAGE_BYTES,
    Bus,
    BusUnavailableError,
    Consumer,
    Message,
    Received,
    TopicPartition,
)
from twin.bus.connect import open_bus
from twin.contract.codec import decode_message, encode_message, frame_headers
from twin.contract.frame import Frame, decode_frame, encode_frame
from twin.contract.messages import TagSet
from twin.contract.topics import TOPICS

pytestmark = pytest.mark.kafka

Broker = KafkaBroker | RunningBroker


@pytest.fixture
def url(kafka_broker: Broker) -> str:
    """A broker with none of our topics; calls give up after 3 s."""
    delete_all_topics(kafka_broker.bootstrap)
    return f"kafka://{kafka_broker.bootstrap}?timeout_s=3"


@pytest.fixture
def bus(url: str) -> Iterator[Bus]:
    """A bus on it."""
    with closing(open_bus(url)) as bus:
        yield bus


def publish_in_order(bus: Bus, count: int, stop_at: dict[int, Callable[[], None]]) -> int:
    """Publish numbers one by one, again until each is taken, and do something before some; return how often
    the broker was away."""
    away = 0
    for number in range(count):
        if number in stop_at:
            stop_at[number]()
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                bus.publish([message(number)])
                break
            except BusUnavailableError:
                away += 1
                assert time.monotonic() < deadline
    return away


@pytest.mark.slow
def test_a_restart_and_a_kill_in_mid_stream_lose_nothing_and_keep_order(
    kafka_broker: Broker, bus: Bus, url: str, group: str
) -> None:
    received: list[Received] = []
    away: list[int] = []
    done = threading.Event()

    def consume() -> None:
        with closing(open_bus(url)) as reading, closing(reading.consumer(["gaps"], group=group)) as consumer:
            while not done.is_set():
                try:
                    received.extend(consumer.poll(0.2))
                    consumer.commit()
                except BusUnavailableError as error:
                    away.append(len(str(error)))

    def kill() -> None:
        kafka_broker.kill()
        threading.Timer(4.0, kafka_broker.start).start()

    consuming = threading.Thread(target=consume)
    consuming.start()
    try:
        refused = publish_in_order(bus, 300, {100: kafka_broker.restart, 200: kill})
        deadline = time.monotonic() + DEADLINE_S
        while set(numbers(received)) != set(range(300)):
            assert time.monotonic() < deadline, sorted(set(range(300)) - set(numbers(received)))
            time.sleep(0.1)
    finally:
        done.set()
        consuming.join()
    assert refused >= 1
    assert list(dict.fromkeys(numbers(received))) == list(range(300))


@pytest.mark.slow
def test_a_killed_member_hands_its_part_over(bus: Bus, url: str, group: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        kill_one_of_two(bus, Workers(url, stack), group, tmp_path)


def test_a_broker_that_is_away_is_said_in_bounded_time() -> None:
    start = time.monotonic()
    with closing(open_bus(f"kafka://127.0.0.1:{free_port()}?timeout_s=2")) as bus:
        with pytest.raises(BusUnavailableError, match=r"publish: .*try again"):
            bus.publish([message(1)])
        with closing(bus.consumer(["gaps"])) as consumer:
            with pytest.raises(BusUnavailableError):
                consumer.poll(0.1)
            assert consumer.lag() == -1
            assert consumer.positions == {}
    assert time.monotonic() - start < DEADLINE_S


@pytest.mark.slow
def test_a_broker_that_is_away_costs_no_thread_and_no_file(kafka_broker: Broker, bus: Bus) -> None:
    if isinstance(kafka_broker, RunningBroker):
        missing("a broker that may be killed", "unset PARKTWIN_TEST_KAFKA")
    large = [Message("gaps", "anphat", bytes(1_000_000))] * 8
    process = psutil.Process()
    bus.publish(large)
    before = process.num_threads(), process.num_fds()
    kafka_broker.kill()
    try:
        for _ in range(2):
            with pytest.raises(BusUnavailableError):
                bus.publish(large)
        with closing(bus.consumer(["gaps"])) as consumer, pytest.raises(BusUnavailableError):
            consumer.poll(0.1)
        wait_for(
            lambda: process.num_threads() <= before[0] and process.num_fds() <= before[1],
            f"no more than {before} threads and files are left",
            20,
        )
    finally:
        kafka_broker.start()


def test_a_reader_says_that_the_broker_went_away_and_goes_on_when_it_is_back(
    kafka_broker: Broker, bus: Bus, group: str
) -> None:
    bus.publish([message(1)])
    with closing(bus.consumer(["gaps"])) as alone, closing(bus.consumer(["gaps"], group=group)) as member:
        assert numbers(read(alone, 1)) == numbers(read(member, 1)) == [1]
        kafka_broker.stop()
        try:
            with pytest.raises(BusUnavailableError):
                member.commit()
            for consumer in (alone, member):
                with pytest.raises(BusUnavailableError):
                    poll_on(consumer)
        finally:
            kafka_broker.start()
        publish_in_order(bus, 1, {})
        for consumer in (alone, member):
            received: list[Received] = []
            deadline = time.monotonic() + DEADLINE_S
            while 0 not in numbers(received):
                assert time.monotonic() < deadline
                try:
                    received += consumer.poll(0.5)
                except BusUnavailableError:
                    continue


def poll_on(consumer: Consumer) -> None:
    """Poll until it fails, or long enough."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        consumer.poll(0.5)


def test_topics_are_made_as_the_table_says(kafka_broker: Broker, bus: Bus) -> None:
    bus.publish([message(1, topic=topic) for topic in TOPICS])
    admin = KafkaAdminClient(bootstrap_servers=kafka_broker.bootstrap)
    try:
        partitions = {each["name"]: len(each["partitions"]) for each in admin.describe_topics(sorted(TOPICS))}
        said = admin.describe_configs([ConfigResource("topic", name) for name in TOPICS])["topic"]
    finally:
        admin.close()
    assert partitions == {topic.name: topic.partitions for topic in TOPICS.values()}
    for topic in TOPICS.values():
        config = {name: each["value"] for name, each in said[topic.name].items()}
        assert int(config["max.message.bytes"]) > MAX_MESSAGE_BYTES
        if topic.compacted:
            assert config["cleanup.policy"] == "compact"
        else:
            assert int(config["retention.ms"]) == topic.retention_hours * 3_600_000


def test_what_the_broker_removed_is_counted(kafka_broker: Broker, bus: Bus, group: str) -> None:
    bus.publish([message(n) for n in range(20)])
    with closing(bus.consumer(["gaps"], group=group)) as first:
        while len(first.poll(1.0, max_messages=5)) != 5:
            pass
        first.commit()
    with closing(bus.consumer(["gaps"])) as reader:
        read(reader, 20)
    positions = {TopicPartition("gaps", 0): 2}
    admin = KafkaAdminClient(bootstrap_servers=kafka_broker.bootstrap)
    try:
        admin.delete_records({KafkaPartition("gaps", 0): 12})
    finally:
        admin.close()
    with closing(bus.consumer(["gaps"], group=group)) as second:
        assert numbers(read(second, 8)) == list(range(12, 20))
        assert second.lost == 7
    with closing(bus.consumer(["gaps"], positions=positions)) as alone:
        assert numbers(read(alone, 8)) == list(range(12, 20))
        assert alone.lost == 10


def test_a_guarded_listener_wants_the_right_password(kafka_broker: Broker) -> None:
    options = f"security_protocol=SASL_PLAINTEXT&sasl_mechanism=PLAIN&sasl_username={SASL_USER}&timeout_s=3"
    guarded = f"kafka://{kafka_broker.sasl_bootstrap}?{options}"
    with closing(open_bus(guarded, environ={"PARKTWIN_KAFKA_PASSWORD": SASL_PASSWORD})) as bus:
        bus.publish([message(7)])
        with closing(bus.consumer(["gaps"])) as consumer:
            received = read_until(consumer, lambda got: 7 in numbers(got))
            assert numbers(received)[-1] == 7
    refused = pytest.raises(BusUnavailableError, match="check that 'park' and its password are known")
    with closing(open_bus(guarded, environ={"PARKTWIN_KAFKA_PASSWORD": "wrong"})) as bus, refused:
        bus.publish([message(8)])


@pytest.mark.parametrize("compression", ["none", "lz4", "zstd"])
def test_every_compression_comes_back(url: str, compression: str) -> None:
    with closing(open_bus(f"{url}&compression={compression}")) as bus:
        sent = [Message("gaps", "k", bytes([n]) * 50_000) for n in range(5)]
        bus.publish(sent)
        with closing(bus.consumer(["gaps"])) as consumer:
            assert [each.message for each in read(consumer, 5)] == sent


def kcat(broker: Broker, topic: str) -> list[dict[str, object]]:
    """Read a topic as a stranger would: one JSON envelope per message."""
    if shutil.which("kcat") is None:
        missing("kcat", "install it (Debian: kcat)")
    command = ["kcat", "-b", broker.bootstrap, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-J"]
    said = subprocess.run(command, capture_output=True, timeout=60, check=True).stdout
    return [json.loads(line) for line in said.decode("utf-8", "replace").splitlines()]


def test_a_stranger_reads_a_json_topic(kafka_broker: Broker, bus: Bus) -> None:
    tag_set = TagSet(source="anphat", tags=("yenphong/a:x",), units=("°C",), data_types=("Double",))
    value, headers = encode_message(tag_set, message_id=tag_set.id, source="connectors/opcua", time_ns=1)
    bus.publish([Message("tag_sets", tag_set.id, value, headers)])
    (envelope,) = kcat(kafka_broker, "tag_sets")
    assert envelope["key"] == tag_set.id
    assert json.loads(str(envelope["payload"])) == {
        "source": "anphat",
        "tags": ["yenphong/a:x"],
        "units": ["°C"],
        "data_types": ["Double"],
        "simulated": False,
    }
    shown = envelope["headers"]
    assert isinstance(shown, list)
    seen = dict(zip(shown[::2], shown[1::2], strict=True))
    assert seen["ce_type"] == "tag_set@1"
    assert seen["content-type"] == "application/json"
    assert decode_message(TagSet, str(envelope["payload"]).encode(), seen) == tag_set


def test_a_stranger_reads_a_frames_topic(kafka_broker: Broker, bus: Bus, tmp_path: Path) -> None:
    frame = Frame(
        source="anphat",
        sequence=7,
        tag_set="0" * 32,
        index=np.arange(1000, dtype=np.uint32),
        source_time=np.arange(1000, dtype=np.int64),
        status=np.zeros(1000, np.uint32),
        value=np.linspace(0.0, 1.0, 1000),
    )
    sent = encode_frame(frame)
    bus.publish([Message("readings", frame.source, sent, frame_headers(frame, 1))])
    (envelope,) = kcat(kafka_broker, "readings")
    assert envelope["key"] == "anphat"
    shown = envelope["headers"]
    assert isinstance(shown, list)
    seen = dict(zip(shown[::2], shown[1::2], strict=True))
    assert seen["ce_type"] == "frame@1"
    assert seen["content-type"] == "application/vnd.parktwin.frame"
    command = ["kcat", "-b", kafka_broker.bootstrap, "-C", "-t", "readings", "-e", "-q", "-D", "", "-f", "%s"]
    raw = subprocess.run(command, capture_output=True, timeout=60, check=True).stdout
    assert raw == sent
    assert decode_frame(raw).sequence == 7
