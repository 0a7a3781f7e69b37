"""A real Apache Kafka broker (KRaft, one node) for tests: fetched by Maven, run by java, stopped by its pid.

``PARKTWIN_TEST_KAFKA=host:port`` uses a broker that runs already; tests that must kill it cannot run then.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cache import cache_dir
from tests.support.ports import free_port
from tests.support.require import missing
from twin.contract.clock import system_clock
from twin.service.closed_network import make_network

KAFKA_VERSION = "4.3.0"
SASL_USER = "park"
SASL_PASSWORD = "for-tests-on-loopback-only"
_START_S = 90.0
_POM = f"""<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>parktwin.tests</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>{KAFKA_VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""
_PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},SASL://127.0.0.1:{sasl},CONTROLLER://127.0.0.1:{controller},\\
  TLS://127.0.0.1:{tls}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},SASL://127.0.0.1:{sasl},\\
  CONTROLLER://127.0.0.1:{controller},TLS://127.0.0.1:{tls}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SASL_SSL
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:park
listener.name.tls.ssl.keystore.type=PEM
listener.name.tls.ssl.keystore.location={certificates}/127.0.0.1.both.pem
listener.name.tls.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.tls.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule \\
  required;
listener.name.sasl.sasl.enabled.mechanisms=PLAIN
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \\
  required user_park="{password}";
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
auto.create.topics.enable=false
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=16777216
"""


def kafka_jars() -> Path:
    """Return the folder of Kafka's jars, fetched with Maven on first use."""
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            missing(program, "install it (Debian: default-jre-headless, maven) or set PARKTWIN_TEST_KAFKA")
    jars = cache_dir(f"kafka-{KAFKA_VERSION}")
    done = jars / "complete"
    if not done.exists():
        (jars / "pom.xml").write_text(_POM, "utf-8")
        fetched = subprocess.run(
            [
                "mvn",
                "-q",
                "-B",
                "dependency:copy-dependencies",
                "-DincludeScope=runtime",
                "-DoutputDirectory=jars",
            ],
            cwd=jars,
            capture_output=True,
            text=True,
            timeout=300,
        )
        if fetched.returncode:
            missing("Apache Kafka", f"Maven could not fetch it: {fetched.stdout[-500:]}")
        done.touch()
    return jars / "jars"


class KafkaBroker:
    """One broker process.

    Args:
        folder: where it keeps its data and its log.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._sasl = free_port()
        self._tls = free_port()
        self._controller = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._jars = kafka_jars()

    @property
    def bootstrap(self) -> str:
        """``host:port`` clients connect to; the same after a restart."""
        return f"127.0.0.1:{self._port}"

    @property
    def sasl_bootstrap(self) -> str:
        """``host:port`` of the listener that wants SASL PLAIN, :data:`SASL_USER` and
        :data:`SASL_PASSWORD`."""
        return f"127.0.0.1:{self._sasl}"

    @property
    def tls_bootstrap(self) -> str:
        """``host:port`` of the listener that wants TLS and SCRAM-SHA-512; users are made by the tests."""
        return f"127.0.0.1:{self._tls}"

    @property
    def certificates(self) -> Path:
        """Folder with ``ca.pem`` of the authority that signed the broker's certificate."""
        return self._folder / "certificates"

    def start(self) -> None:
        """Start on this broker's port and data, and wait until it answers."""
        properties = self._folder / "server.properties"
        if not properties.exists():
            data = self._folder / "data"
            make_network(self.certificates, ["127.0.0.1"], system_clock)
            text = _PROPERTIES.format(
                port=self._port,
                sasl=self._sasl,
                tls=self._tls,
                certificates=self.certificates,
                controller=self._controller,
                data=data,
                password=SASL_PASSWORD,
            )
            properties.write_text(text, "utf-8")
            tool = ("kafka.tools.StorageTool", "format", "--standalone", "-t", "MkU3OEVBNTcwNTJENDM2Qg")
            self._java(*tool, "-c", str(properties)).wait(60)
        self._process = self._java("kafka.Kafka", str(properties))
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail(f"Kafka did not start: {self._log()[-2000:]}", pytrace=False)
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop in good order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Stop without warning (SIGKILL)."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop in good order and start again."""
        self.stop()
        self.start()

    def _end(self, sign: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(sign)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(30)
        self._process = None

    def _java(self, main: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self._folder / "kafka.log").open("ab") as log:
            return subprocess.Popen(
                ["java", "-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                 "-cp", f"{self._jars}/*", main, *arguments],
                stdout=log,
                stderr=log,
            )  # fmt: skip

    def _answers(self) -> bool:
        from kafka import KafkaAdminClient
        from kafka.errors import KafkaError

        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self._port)):
                return False
        try:
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, bootstrap_timeout_ms=2000)
        except KafkaError:
            return False
        try:
            return bool(admin.describe_cluster()["brokers"])
        except KafkaError:
            return False
        finally:
            admin.close()

    def _log(self) -> str:
        return (self._folder / "kafka.log").read_text("utf-8", "replace")


class RunningBroker:
    """A broker that somebody else runs: it can be used, not stopped."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def start(self) -> None:
        """It runs already."""

    def stop(self) -> None:
        """Not ours to stop."""
        missing("a broker of our own", "this test stops the broker; unset PARKTWIN_TEST_KAFKA")

    kill = restart = stop

    @property
    def sasl_bootstrap(self) -> str:
        """We do not know whether it has such a listener."""
        missing("a broker of our own", "this test needs its SASL listener; unset PARKTWIN_TEST_KAFKA")

    @property
    def tls_bootstrap(self) -> str:
        """We do not know whether it has such a listener."""
        missing("a broker of our own", "this test needs its TLS listener; unset PARKTWIN_TEST_KAFKA")

    @property
    def certificates(self) -> Path:
        """We do not know who signed its certificate."""
        missing("a broker of our own", "this test needs its TLS listener; unset PARKTWIN_TEST_KAFKA")


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker | RunningBroker]:
    """A broker that answers; whoever stops it starts it again. Mark the test ``kafka``."""
    running = os.environ.get("PARKTWIN_TEST_KAFKA")
    if running:
        yield RunningBroker(running)
        return
    broker = KafkaBroker(tmp_path_factory.mktemp("kafka"))
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
