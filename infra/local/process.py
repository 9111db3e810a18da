"""Child processes of an instance: started detached, watched until ready, stopped by identity.

A child gets its own session and log file, so that it outlives the command that started it and no
Ctrl-C meant for that command reaches it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from infra.settings import SafeholdError, Settings
from infra.settings.running import RunRecord, boot_id, process_start, read_run, run_file, write_run

_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}
"""Children of this very process: they are waited for, or they would stay as zombies."""


def log_tail(path: str | Path, lines: int = 20) -> str:
    """The last lines of a log, indented; says so where there are none."""
    try:
        with open(path, "rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 64_000))
            text = log.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        text = ""
    tail = text.splitlines()[-lines:]
    return "\n".join(f"    {line}" for line in tail) or "    (the log is empty)"


def start(
    settings: Settings,
    name: str,
    command: Sequence[str],
    *,
    address: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> RunRecord:
    """Start a detached child, with output appended to `<logs>/<name>.log`, and write its run file.

    Args:
        address: where it will answer; kept in the run file.
        env: variables on top of this process's own.

    Raises:
        SafeholdError: the program does not exist.
    """
    settings.logs.mkdir(parents=True, exist_ok=True)
    log = settings.logs / f"{name}.log"
    with log.open("ab") as out:
        try:
            child = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(env or {})},
                cwd=cwd,
            )
        except FileNotFoundError as error:
            raise SafeholdError(
                f"{name} cannot start: there is no program {command[0]}", do="run: make setup"
            ) from error
    _CHILDREN[child.pid] = child
    # A child that is gone already has no start time; 0 makes its record dead, as it is.
    record = RunRecord(name, child.pid, process_start(child.pid) or 0, boot_id(), address, str(log))
    write_run(settings, record)
    return record


def wait_ready(settings: Settings, record: RunRecord, ready: Callable[[], bool], *, timeout_s: float) -> None:
    """Wait until `ready()` says so. A child that dies or takes too long is cleared away.

    Raises:
        SafeholdError: it died, or was not ready within `timeout_s` seconds; with the log's tail.
    """
    deadline = time.monotonic() + timeout_s
    while not ready():
        alive = record.is_alive()
        if alive and time.monotonic() < deadline:
            time.sleep(0.1)
            continue
        stop(settings, record.name)
        what = f"was not ready within {timeout_s:.0f} s" if alive else "stopped while it was starting"
        raise SafeholdError(
            f"{record.name} {what}; the end of its log:\n{log_tail(record.log)}",
            where=record.log,
            do="mend what the log names, then: safehold up",
        )


def is_running(settings: Settings, name: str) -> bool:
    """True while the process of the run file lives."""
    record = read_run(settings, name)
    return record is not None and record.is_alive()


def stop(settings: Settings, name: str, *, grace_s: float = 20.0) -> bool:
    """Stop the process of the run file: TERM, and KILL for its whole session after `grace_s` seconds.

    A process that only has the same pid is left alone. Returns True if one was stopped.
    """
    record = read_run(settings, name)
    if record is None:
        return False
    was_alive = record.is_alive()
    if was_alive:
        with suppress(ProcessLookupError):
            os.kill(record.pid, signal.SIGTERM)
        deadline = time.monotonic() + grace_s
        while record.is_alive() and time.monotonic() < deadline:
            _reap(record.pid)
            time.sleep(0.05)
        # The session also holds what the child started itself (a server's workers). While any of
        # it lives, the kernel does not give the leader's pid away, so this hits nobody else.
        with suppress(ProcessLookupError):
            os.killpg(record.pid, signal.SIGKILL)
        while record.is_alive():
            _reap(record.pid)
            time.sleep(0.05)
    _reap(record.pid)
    run_file(settings, name).unlink(missing_ok=True)
    return was_alive


def _reap(pid: int) -> None:
    child = _CHILDREN.get(pid)
    if child is not None and child.poll() is not None:
        del _CHILDREN[pid]
