"""Starting Flink in this process: class path, logs and settings of an instance."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from infra.settings import SafeholdError, Settings


def prepare_gateway(settings: Settings) -> None:
    """Set what PyFlink's JVM reads from the environment; call before anything of pyflink is used.

    Iceberg and Hadoop must be on the gateway's own class path (``HADOOP_CLASSPATH``); jars of the
    pipeline come too late for them. Logs and the configuration are the instance's, not the package's.

    Raises:
        SafeholdError: the jars are not there.
    """
    jars = sorted((settings.jars / "flink").glob("*.jar"))
    if not jars:
        raise SafeholdError("the jars of Flink are missing", where=str(settings.jars / "flink"), do="run: make setup")
    import pyflink

    conf = settings.flink / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(pyflink.__file__).parent / "conf" / "config.yaml", conf)
    for name in ("log4j.properties", "log4j-cli.properties"):  # PyFlink takes either, by how it was started
        shutil.copy(Path(__file__).with_name("log4j.properties"), conf / name)
    logs = settings.logs / "flink"
    logs.mkdir(parents=True, exist_ok=True)
    # A job's own workers may start no JVM; a process that a former job's process started is none of them.
    os.environ.pop("PYFLINK_GATEWAY_DISABLED", None)
    os.environ["HADOOP_CLASSPATH"] = ":".join(str(jar) for jar in jars)
    os.environ["FLINK_CONF_DIR"] = str(conf)
    os.environ["FLINK_LOG_DIR"] = str(logs)
    os.environ["ROOT_LOG_LEVEL"] = os.environ.get("ROOT_LOG_LEVEL", "WARN")
    os.environ["JVM_ARGS"] = f"-Xmx2g -XX:+UseSerialGC -Djava.io.tmpdir={_temporary(settings)}"
    # The workers must find this environment's Python and its packages.
    os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", "")


def _temporary(settings: Settings) -> Path:
    folder = settings.flink / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def job_options(settings: Settings, restore_from: Path | None) -> dict[str, str]:
    """Flink's configuration of the stream job."""
    options = {
        "parallelism.default": str(settings.parallelism),
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
        "python.execution-mode": settings.flink_python_mode,
        "python.fn-execution.bundle.time": "100",
        "rest.port": "0",
        "rest.bind-address": "127.0.0.1",
        "io.tmp.dirs": str(_temporary(settings)),
        "state.backend.type": "hashmap",
        "execution.checkpointing.interval": f"{settings.checkpoint_interval_ms}ms",
        "execution.checkpointing.dir": f"file://{settings.flink / 'checkpoints'}",
        "execution.checkpointing.savepoint-dir": f"file://{settings.flink / 'savepoints'}",
        "execution.checkpointing.num-retained": "2",
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        "restart-strategy.type": "fixed-delay",
        "restart-strategy.fixed-delay.attempts": "3",
        "restart-strategy.fixed-delay.delay": "1s",
        "table.local-time-zone": "UTC",
    }
    if restore_from is not None:
        options["execution.state-recovery.path"] = f"file://{restore_from}"
    return options
