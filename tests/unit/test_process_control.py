"""Processes of an instance are started, waited for and stopped by identity, never by a mere pid."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local import process
from infra.settings import SafeholdError, Settings, UserError, bootstrap, load_settings
from infra.settings.running import RunRecord, boot_id, process_start, read_run, run_file, write_run


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SAFEHOLD_HOME", str(tmp_path))
    monkeypatch.delenv("SAFEHOLD_KAFKA_BOOTSTRAP", raising=False)
    return load_settings()


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """Somebody else's process."""
    child = subprocess.Popen(["sleep", "60"])
    yield child
    child.kill()
    child.wait()


def python(code: str) -> list[str]:
    return [sys.executable, "-u", "-c", code]


def test_a_child_runs_in_a_session_of_its_own_with_its_output_in_the_log(settings: Settings) -> None:
    record = process.start(settings, "worker", python("print('hello'); import time; time.sleep(60)"))
    process.wait_ready(settings, record, lambda: "hello" in process.log_tail(record.log), timeout_s=10)
    assert os.getsid(record.pid) == record.pid != os.getsid(0)
    assert process.is_running(settings, "worker")
    assert process.stop(settings, "worker")
    assert not record.is_alive()
    assert not process.is_running(settings, "worker")
    assert read_run(settings, "worker") is None


def test_stopping_what_does_not_run_does_nothing(settings: Settings) -> None:
    assert not process.stop(settings, "worker")


def test_a_reused_pid_is_never_stopped(settings: Settings, other: subprocess.Popen[bytes]) -> None:
    started = process_start(other.pid)
    assert started is not None
    for stranger in (
        RunRecord("worker", other.pid, started - 1, boot_id(), "", ""),
        RunRecord("worker", other.pid, started, "an earlier boot", "", ""),
    ):
        write_run(settings, stranger)
        assert not process.is_running(settings, "worker")
        assert not process.stop(settings, "worker")
    assert other.poll() is None


def test_a_child_that_has_ended_but_was_not_waited_for_is_not_alive(settings: Settings) -> None:
    record = process.start(settings, "worker", ["true"])
    deadline = time.monotonic() + 10
    while record.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not record.is_alive()
    process.stop(settings, "worker")


def test_a_child_that_ignores_the_request_to_end_is_killed_with_what_it_started(settings: Settings) -> None:
    code = (
        "import signal, subprocess, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('child', subprocess.Popen(['sleep', '60']).pid)\n"
        "time.sleep(60)"
    )
    record = process.start(settings, "stubborn", python(code))
    process.wait_ready(settings, record, lambda: "child" in process.log_tail(record.log), timeout_s=10)
    grandchild = int(process.log_tail(record.log).split()[-1])
    assert process.stop(settings, "stubborn", grace_s=0.3)
    assert not record.is_alive()
    deadline = time.monotonic() + 5
    while process_start(grandchild) is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process_start(grandchild) is None


def test_a_child_that_dies_while_starting_is_reported_with_the_end_of_its_log(settings: Settings) -> None:
    record = process.start(settings, "worker", python("raise SystemExit('the disk is full')"))
    with pytest.raises(SafeholdError, match=r"worker stopped while it was starting.*\n.*the disk is full") as caught:
        process.wait_ready(settings, record, lambda: False, timeout_s=10)
    assert caught.value.where == record.log
    assert read_run(settings, "worker") is None


def test_a_child_that_is_never_ready_is_stopped(settings: Settings) -> None:
    record = process.start(settings, "worker", ["sleep", "60"])
    with pytest.raises(SafeholdError, match="was not ready within 0 s"):
        process.wait_ready(settings, record, lambda: False, timeout_s=0.2)
    assert not record.is_alive()


def test_a_program_that_does_not_exist_is_named(settings: Settings) -> None:
    with pytest.raises(SafeholdError, match="no program no-such-program"):
        process.start(settings, "worker", ["no-such-program"])


def test_a_run_file_survives_the_command_that_wrote_it(settings: Settings) -> None:
    code = (
        "from infra.local import process\n"
        "from infra.settings import load_settings\n"
        "process.start(load_settings(), 'worker', ['sleep', '60'], address='127.0.0.1:1')"
    )
    subprocess.run(python(code), check=True)
    record = read_run(settings, "worker")
    assert record is not None
    assert record.is_alive()
    assert record.address == "127.0.0.1:1"
    assert process.stop(settings, "worker")
    assert not record.is_alive()


def test_a_damaged_run_file_tells_what_to_do(settings: Settings) -> None:
    settings.run.mkdir(parents=True)
    for text in ("", "{}", '{"pid": 1', "[1]"):
        run_file(settings, "worker").write_text(text)
        with pytest.raises(UserError, match="run file of worker") as caught:
            read_run(settings, "worker")
        assert "remove the file" in caught.value.do


def test_the_end_of_a_long_log_is_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("".join(f"line {n}\n" for n in range(100_000)))
    assert process.log_tail(log, 2).split("\n") == ["    line 99998", "    line 99999"]
    assert "empty" in process.log_tail(tmp_path / "none.log")


def test_the_bootstrap_address_is_that_of_the_living_broker_only(settings: Settings) -> None:
    with pytest.raises(UserError, match="not running") as caught:
        bootstrap(settings)
    assert "safehold up" in caught.value.do
    record = process.start(settings, "broker", ["sleep", "60"], address="127.0.0.1:29092")
    assert bootstrap(settings) == "127.0.0.1:29092"
    os.kill(record.pid, signal.SIGKILL)
    while record.is_alive():
        time.sleep(0.01)
    with pytest.raises(UserError, match="stopped by itself"):
        bootstrap(settings)
    assert bootstrap(settings.model_copy(update={"kafka_bootstrap": "kafka:9092"})) == "kafka:9092"
    process.stop(settings, "broker")


def test_a_program_whose_name_holds_brackets_and_blanks_has_its_start_time_too(tmp_path: Path) -> None:
    program = tmp_path / "a) S 1 (b"
    program.symlink_to("/bin/sleep")
    child = subprocess.Popen([str(program), "60"])
    try:
        first = process_start(child.pid)
        assert first is not None
        assert abs(first - (process_start(os.getpid()) or 0)) < 100 * 3600
        record = RunRecord("x", child.pid, first, boot_id(), "", "")
        assert record.is_alive()
        assert not replace(record, started=first + 1).is_alive()
    finally:
        child.kill()
        child.wait()
    assert process_start(child.pid) is None
