"""One Kafka broker (KRaft, broker and controller in one) from Maven jars, as a child process."""

from __future__ import annotations

import base64
import shutil
import subprocess
import uuid
from contextlib import suppress
from pathlib import Path

from infra.local import process
from infra.local.ports import HOST, choose_port
from infra.local.service import Background
from infra.local.topics import answers
from infra.settings import SafeholdError, Settings
from infra.settings.running import BROKER

START_ATTEMPTS = 3
READY_TIMEOUT_S = 90.0


class Broker(Background):
    """The instance's broker. Its data lies under `<home>/kafka` and survives `safehold down`."""

    name = BROKER

    def address(self, settings: Settings) -> str:
        """Bootstrap address; empty while it does not run."""
        return settings.kafka_bootstrap or super().address(settings)

    def start(self, settings: Settings) -> None:
        """Format the storage on first start, start the broker and wait until it answers as a broker.

        Does nothing where it runs, or where the settings name a cluster instead.

        Raises:
            SafeholdError: no Java, no jars, or the broker does not come up.
        """
        if self.is_running(settings) or settings.kafka_bootstrap:
            return
        java = shutil.which("java")
        if java is None:
            raise SafeholdError("the broker needs Java 17, there is no program java", do="install a Java 17 runtime")
        if not list((settings.jars / "kafka").glob("kafka_*.jar")):
            raise SafeholdError("the broker's jars are missing", where=str(settings.jars), do="run: make setup")
        for attempt in range(1, START_ATTEMPTS + 1):
            try:
                self._start_once(settings, java)
                return
            except SafeholdError as error:
                # Another program may take the port between our look and the broker's bind.
                if "Address already in use" not in str(error) or attempt == START_ATTEMPTS:
                    raise

    def _start_once(self, settings: Settings, java: str) -> None:
        port = choose_port(settings, "broker")
        controller_port = choose_port(settings, "broker-controller")
        properties = _write_config(settings, port, controller_port)
        classpath = str(settings.jars / "kafka" / "*")
        if not (settings.kafka / "data" / "meta.properties").exists():
            _format(java, classpath, properties)
        command = [
            java,
            "-Xms128m",
            f"-Xmx{settings.kafka_heap}",
            "-XX:+ExitOnOutOfMemoryError",
            f"-Dlog4j2.configurationFile={settings.kafka / 'log4j2.properties'}",
            "-cp",
            classpath,
            "kafka.Kafka",
            str(properties),
        ]
        address = f"{HOST}:{port}"
        record = process.start(settings, self.name, command, address=address)
        process.wait_ready(settings, record, lambda: answers(address), timeout_s=READY_TIMEOUT_S)


def _format(java: str, classpath: str, properties: Path) -> None:
    """Write the cluster's id and first metadata into the data folder."""
    cluster = "S" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]
    done = subprocess.run(
        [java, "-Xmx128m", "-cp", classpath, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        # A half formatted folder holds nothing yet, and would stop the next attempt.
        with suppress(FileNotFoundError):
            shutil.rmtree(properties.parent / "data")
        output = done.stdout.decode(errors="replace")
        raise SafeholdError(f"the broker's storage cannot be formatted:\n{output}", where=str(properties.parent))


def _write_config(settings: Settings, port: int, controller_port: int) -> Path:
    """Write `server.properties` and the log configuration anew: ports may have changed."""
    folder = settings.kafka
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "server.properties"
    path.write_text(
        "\n".join(
            [
                "# Written anew at each start by infra/local/broker.py.",
                "process.roles=broker,controller",
                "node.id=1",
                f"controller.quorum.voters=1@{HOST}:{controller_port}",
                f"listeners=PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
                f"advertised.listeners=PLAINTEXT://{HOST}:{port}",
                "controller.listener.names=CONTROLLER",
                f"log.dirs={folder / 'data'}",
                # One broker holds every copy that there is.
                "offsets.topic.replication.factor=1",
                "offsets.topic.num.partitions=4",
                "transaction.state.log.replication.factor=1",
                "transaction.state.log.min.isr=1",
                "transaction.state.log.num.partitions=4",
                "transaction.max.timeout.ms=3600000",
                "group.initial.rebalance.delay.ms=0",
                # A topic exists because safehold made it; a misspelt name is an error, not a topic.
                "auto.create.topics.enable=false",
                "",
            ]
        ),
        encoding="utf-8",
    )
    (folder / "log4j2.properties").write_text(
        "\n".join(
            [
                "# Written anew at each start by infra/local/broker.py. Warnings and errors go to the log",
                "# that a failed start shows; everything goes to a log that rolls and cannot fill the disk.",
                "status=error",
                "appender.out.type=Console",
                "appender.out.name=OUT",
                "appender.out.filter.level.type=ThresholdFilter",
                "appender.out.filter.level.level=WARN",
                "appender.out.layout.type=PatternLayout",
                "appender.out.layout.pattern=[%d] %p %m (%c)%n",
                "appender.file.type=RollingFile",
                "appender.file.name=FILE",
                f"appender.file.fileName={settings.logs / 'broker-detail.log'}",
                f"appender.file.filePattern={settings.logs / 'broker-detail.log.%i'}",
                "appender.file.layout.type=PatternLayout",
                "appender.file.layout.pattern=[%d] %p %m (%c)%n",
                "appender.file.policies.type=Policies",
                "appender.file.policies.size.type=SizeBasedTriggeringPolicy",
                "appender.file.policies.size.size=10MB",
                "appender.file.strategy.type=DefaultRolloverStrategy",
                "appender.file.strategy.max=3",
                "rootLogger.level=INFO",
                "rootLogger.appenderRef.out.ref=OUT",
                "rootLogger.appenderRef.file.ref=FILE",
                "",
            ]
        ),
        encoding="utf-8",
    )
    return path
