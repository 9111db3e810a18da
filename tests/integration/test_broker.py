"""`safehold up`, `status` and `down` with a real broker."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from confluent_kafka.admin import ConfigResource, ResourceType

from infra.local.instance import start_services, stop_services
from infra.local.ports import HOST
from infra.local.topics import admin
from infra.settings import SafeholdError, Settings, bootstrap, load_settings, open_catalog
from infra.settings.lake import NAMESPACES
from infra.settings.model import ROOT
from infra.settings.running import RunRecord, read_run
from ingestion.contracts import DERIVED, REGISTERS
from ingestion.landing import land
from ingestion.sources.record import Record
from tests.support.instance import instance
from tests.support.topic import read_topic

pytestmark = pytest.mark.jvm


def safehold(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a user types it."""
    return subprocess.run(
        [ROOT / ".venv" / "bin" / "safehold", *arguments],
        env={**os.environ, "SAFEHOLD_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def broker_of(settings: Settings) -> RunRecord:
    record = read_run(settings, "broker")
    assert record is not None
    return record


def processes_that_mention(home: Path) -> list[str]:
    """Command lines of all living processes that name the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if str(home) in line:
                found.append(line)
    return found


def test_up_makes_the_topic_and_the_lake_s_tables(broker_instance: Settings) -> None:
    client = admin(bootstrap(broker_instance))
    topic = client.list_topics(timeout=10).topics["events"]
    assert len(topic.partitions) == broker_instance.events_partitions
    resource = ConfigResource(ResourceType.TOPIC, "events")
    config = client.describe_configs([resource])[resource].result(timeout=10)
    assert config["retention.ms"].value == "-1"
    assert config["message.timestamp.type"].value == "CreateTime"
    assert config["message.timestamp.after.max.ms"].value == "3600000"
    catalog = open_catalog(broker_instance)
    tables = {".".join(name) for space in NAMESPACES for name in catalog.list_tables(space)}
    assert len(tables) >= len(DERIVED) + len(REGISTERS)


def test_up_twice_leaves_the_running_broker_alone(broker_instance: Settings) -> None:
    before = broker_of(broker_instance)
    assert [service.name for service in start_services(broker_instance, ["broker"])] == ["broker"]
    assert broker_of(broker_instance) == before


def test_the_commands_start_show_and_stop_an_instance(tmp_path: Path) -> None:
    home = tmp_path / "home"
    try:
        up = safehold(home, "up", "--only", "broker")
        assert up.returncode == 0, up.stderr
        assert "broker" in up.stdout
        status = safehold(home, "status")
        assert "127.0.0.1:" in status.stdout
        assert "pid" in status.stdout
        assert processes_that_mention(home)
    finally:
        down = safehold(home, "down")
    assert "stopped broker" in down.stdout
    assert processes_that_mention(home) == []
    assert "broker     stopped" in safehold(home, "status").stdout
    again = safehold(home, "down")
    assert (again.returncode, again.stdout.strip()) == (0, "nothing was running")


def test_a_service_that_does_not_exist_is_the_user_s_fault(tmp_path: Path) -> None:
    done = safehold(tmp_path, "up", "--only", "brocker")
    assert done.returncode == 2
    assert "no service 'brocker'" in done.stderr
    assert "broker" in done.stderr
    assert "Traceback" not in done.stderr


def test_two_instances_live_side_by_side_and_down_stops_only_its_own(tmp_path: Path) -> None:
    with instance(tmp_path / "one") as one:
        with instance(tmp_path / "two") as two:
            assert bootstrap(one) != bootstrap(two)
            land(one, "s", [Record(b"330101", b"of one")])
            land(two, "s", [Record(b"330101", b"of two")])
            assert [record.value for record in read_topic(one)] == [b"of one"]
            assert [record.value for record in read_topic(two)] == [b"of two"]
        assert processes_that_mention(tmp_path / "two") == []
        assert broker_of(one).is_alive()
        assert [record.value for record in read_topic(one)] == [b"of one"]


def test_records_survive_down_and_up_also_on_another_port(tmp_path: Path) -> None:
    with instance(tmp_path / "home") as settings:
        land(settings, "s", [Record(b"330101", b"kept")])
        first = bootstrap(settings)
        stop_services(settings)
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind((HOST, int(first.rpartition(":")[2])))
            taken.listen()
            list(start_services(settings, ["broker"]))
        assert bootstrap(settings) != first
        assert [record.value for record in read_topic(settings)] == [b"kept"]


def test_a_broker_that_was_killed_is_noticed_and_started_again_with_its_records(tmp_path: Path) -> None:
    with instance(tmp_path / "home") as settings:
        land(settings, "s", [Record(b"330101", b"kept")])
        record = broker_of(settings)
        os.kill(record.pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while record.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert "stopped by itself" in safehold(settings.home, "status").stdout
        done = safehold(settings.home, "land", str(ROOT / "pyproject.toml"), "--source", "s")
        assert done.returncode == 2
        assert "safehold up" in done.stderr
        list(start_services(settings, ["broker"]))
        assert [record.value for record in read_topic(settings)] == [b"kept"]


def test_a_broker_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFEHOLD_HOME", str(tmp_path))
    monkeypatch.setenv("SAFEHOLD_KAFKA_HEAP", "nonsense")
    with pytest.raises(SafeholdError, match="Invalid maximum heap size") as caught:
        list(start_services(load_settings(), ["broker"]))
    assert "broker.log" in caught.value.where


def test_without_java_the_user_is_told_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFEHOLD_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("java") is None
    with pytest.raises(SafeholdError, match="needs Java 17"):
        list(start_services(load_settings(), ["broker"]))


def test_two_ups_at_once_start_one_broker(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command = [ROOT / ".venv" / "bin" / "safehold", "up", "--only", "broker"]
    env = {**os.environ, "SAFEHOLD_HOME": str(home)}
    try:
        both = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        addresses = {child.communicate(timeout=120)[0].split()[1] for child in both}
        assert [child.returncode for child in both] == [0, 0]
        assert len(addresses) == 1
        assert len([line for line in processes_that_mention(home) if "kafka.Kafka" in line]) == 1
    finally:
        safehold(home, "down")
    assert processes_that_mention(home) == []
