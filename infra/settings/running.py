"""Run files: which process serves what for an instance, and whether it is still that process.

A pid alone is not an identity, the kernel gives it to somebody else one day. So a run file also
holds the start time of the process (clock ticks since boot) and the id of the boot; only where all
three agree is the process ours, and only then may it be asked or stopped.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.settings.errors import UserError
from infra.settings.model import Settings

BROKER = "broker"
JOB_JVM = "stream-jvm"
"""The JVM of the stream job; its address is that of Flink's REST interface."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One process of an instance, as its run file tells."""

    name: str
    pid: int
    started: int
    """Start of the process, clock ticks since boot (field 22 of /proc/<pid>/stat)."""
    boot: str
    address: str
    """Where it answers, `host:port` or a URL; empty where it answers nowhere."""
    log: str

    def is_alive(self) -> bool:
        """True while that very process runs; a zombie or a reused pid does not count."""
        return self.boot == boot_id() and process_start(self.pid) == self.started


def boot_id() -> str:
    """Id of the machine's current boot."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def process_start(pid: int) -> int | None:
    """Start time of a living process in clock ticks since boot; None if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in brackets and may itself hold spaces and brackets.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in ("Z", "X") else int(fields[19])


def run_file(settings: Settings, name: str) -> Path:
    """Path of a service's run file."""
    return settings.run / f"{name}.json"


def read_run(settings: Settings, name: str) -> RunRecord | None:
    """What the run file says, or None if the instance never started this service or stopped it."""
    try:
        return RunRecord(**json.loads(run_file(settings, name).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise UserError(
            f"the run file of {name} cannot be read: {error}",
            where=str(run_file(settings, name)),
            do=f"see that no {name} of this instance runs, remove the file, then: safehold up",
        ) from error


def write_run(settings: Settings, record: RunRecord) -> None:
    """Write a service's run file as a whole or not at all."""
    settings.run.mkdir(parents=True, exist_ok=True)
    path = run_file(settings, record.name)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(asdict(record), indent=1), encoding="utf-8")
    draft.replace(path)
