"""Running the stream job of an instance: until it is drained, or until it is told to stop."""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from infra.settings import SafeholdError, Settings, UserError, bootstrap, ensure_tables, open_catalog
from infra.settings.running import JOB_JVM, RunRecord, boot_id, process_start, read_run, run_file, write_run
from streaming_jobs.jobs.environment import job_options, prepare_gateway
from streaming_jobs.jobs.progress import Progress, Watch
from streaming_jobs.jobs.recovery import restore_points

POLL_S = 0.5


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """One stream job an instance.

    Raises:
        UserError: another one is running.
    """
    settings.run.mkdir(parents=True, exist_ok=True)
    with (settings.run / "stream.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(
                "the stream job of this instance is running already",
                where=str(settings.home),
                do="stop that one first, or use another SAFEHOLD_HOME",
            ) from error
        yield


def _end_jvm_left_behind(settings: Settings) -> None:
    """The JVM of a job that was killed notices it only after seconds, and must not commit meanwhile."""
    record = read_run(settings, JOB_JVM)
    if record is not None and record.is_alive():
        os.kill(record.pid, signal.SIGKILL)
        while record.is_alive():
            time.sleep(0.05)
    run_file(settings, JOB_JVM).unlink(missing_ok=True)


def _remember_jvm(settings: Settings, address: str = "") -> None:
    for pid in _children(os.getpid()):
        started = process_start(pid)
        if started is not None and b"PythonGatewayServer" in Path(f"/proc/{pid}/cmdline").read_bytes():
            log = str(settings.logs / "flink")
            write_run(settings, RunRecord(JOB_JVM, pid, started, boot_id(), address, log))


def _rest_address(job: Any) -> str:
    """Where the job's own cluster answers questions about it: on a free port that Flink chose, of this machine only.

    The client of a cluster within the process knows it, but PyFlink has no method for that.
    """
    client = job._j_job_client
    cluster = client.getClass().getDeclaredField("miniCluster")
    cluster.setAccessible(True)
    return str(cluster.get(client).getRestAddress().get().toString())


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def run_stream(
    settings: Settings, *, until_drained: bool, report: Callable[[Progress], None] = lambda progress: None
) -> Progress:
    """Start the job where it left off, watch it, and stop it with a savepoint.

    Args:
        until_drained: stop when all that the topic holds is in the lake; else on SIGINT or SIGTERM.
        report: called with the numbers whenever they changed.

    Raises:
        UserError: no broker, or a job that runs already.
        SafeholdError: the job failed.
    """
    bootstrap(settings)
    with only_one(settings):
        _end_jvm_left_behind(settings)
        ensure_tables(open_catalog(settings))
        points = restore_points(settings)
        job = _start(settings, points[0] if points else None)
        watch = Watch(settings)
        try:
            return _follow(settings, job, watch, until_drained, report)
        finally:
            watch.close()
            _shut_down(settings)


def _start(settings: Settings, restore_from: Path | None) -> Any:
    prepare_gateway(settings)
    from pyflink.common import Configuration
    from pyflink.datastream import StreamExecutionEnvironment

    from streaming_jobs.jobs.pipeline import build

    options = Configuration()
    for name, value in job_options(settings, restore_from).items():
        options.set_string(name, value)
    env = StreamExecutionEnvironment.get_execution_environment(options)
    _remember_jvm(settings)
    build(env, settings)
    job = env.execute_async("safehold-stream")
    _remember_jvm(settings, _rest_address(job))
    return job


def _follow(
    settings: Settings, job: Any, watch: Watch, until_drained: bool, report: Callable[[Progress], None]
) -> Progress:
    asked: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    last: Progress | None = None
    try:
        while not asked:
            state = job.get_job_status().result().name
            if state in ("FAILED", "CANCELED", "FINISHED"):
                raise SafeholdError(
                    f"the stream job ended by itself ({state.lower()}): {_cause(job)}",
                    where=str(settings.logs / "flink"),
                    do="see the log there; run it again, it goes on where it was",
                )
            now = watch()
            if now != last:
                last = now
                report(now)
            if until_drained and now.drained:
                break
            time.sleep(POLL_S)
        folder = f"file://{settings.flink / 'savepoints'}"
        # PyFlink's own stop_with_savepoint calls a method that Flink 2 no longer has.
        from pyflink.java_gateway import get_gateway

        formats = get_gateway().jvm.org.apache.flink.core.execution.SavepointFormatType
        job._j_job_client.stopWithSavepoint(False, folder, formats.CANONICAL).get()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return watch()


def _cause(job: Any) -> str:
    try:
        job.get_job_execution_result().result()
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines()]
        causes = [line for line in lines if line.startswith("Caused by:") or line.endswith("Error")]
        return (causes or lines or ["unknown cause"])[-1][:500]
    return "no error was reported"


def _shut_down(settings: Settings) -> None:
    """End the JVM and its workers."""
    from pyflink.java_gateway import get_gateway

    # Workers and callbacks lose their JVM now, and py4j would report each of them as an error.
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    logging.getLogger().setLevel(logging.CRITICAL)
    get_gateway().shutdown()
    record = read_run(settings, JOB_JVM)
    if record is not None and record.is_alive():
        os.kill(record.pid, signal.SIGTERM)
        for _ in range(100):
            if not record.is_alive():
                break
            time.sleep(0.1)
    _end_jvm_left_behind(settings)
