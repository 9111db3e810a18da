"""Running a program and adding up the CPU time of all its processes."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
POLL_S = 0.1


@dataclass(frozen=True)
class Cost:
    """Seconds on the wall and of CPU, of one run or of the difference of two."""

    wall_s: float
    cpu_s: float
    parts: Mapping[str, float] = field(default_factory=dict)
    """CPU seconds by kind of process and name of thread, where they were asked for."""

    def __sub__(self, other: Cost) -> Cost:
        names = {*self.parts, *other.parts}
        parts = {name: self.parts.get(name, 0.0) - other.parts.get(name, 0.0) for name in names}
        return Cost(self.wall_s - other.wall_s, self.cpu_s - other.cpu_s, parts)


class Session:
    """CPU time of every process of a session, the dead ones as they were seen last.

    A program started in a session of its own keeps its JVM, workers and daemons in it, so none is
    missed, and what it ends with between two looks (0.1 s) is all that is lost.
    """

    def __init__(self, session: int, threads: bool = False) -> None:
        self._session, self._threads = session, threads
        self._seen: dict[tuple[str, ...], tuple[str, float]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(POLL_S):
            self._look()

    def _look(self) -> None:
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                name, fields = _stat(f"/proc/{entry}/stat")
                if int(fields[3]) != self._session:
                    continue
                if not self._threads:
                    self._seen[entry, fields[19]] = (name, _cpu(fields))
                    continue
                for task in os.listdir(f"/proc/{entry}/task"):
                    thread, own = _stat(f"/proc/{entry}/task/{task}/stat")
                    self._seen[entry, task, own[19]] = (f"{name}: {thread}", _cpu(own))
            except (FileNotFoundError, ProcessLookupError):
                continue

    def stop(self) -> dict[str, float]:
        """CPU seconds by name."""
        self._over.set()
        self._thread.join()
        parts: dict[str, float] = {}
        for name, seconds in self._seen.values():
            parts[name] = parts.get(name, 0.0) + seconds
        return parts


def _stat(path: str) -> tuple[str, list[str]]:
    text = Path(path).read_text(encoding="ascii", errors="replace")
    return text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()


def _cpu(fields: list[str]) -> float:
    return (int(fields[11]) + int(fields[12])) / TICKS


def run(command: Sequence[str], env: Mapping[str, str], log: Path, threads: bool = False) -> Cost:
    """Run a program to its end.

    Raises:
        RuntimeError: it failed; with the end of its log.
    """
    began = time.monotonic()
    with log.open("wb") as out:
        child = subprocess.Popen(
            list(command), env={**os.environ, **env}, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
        session = Session(child.pid, threads)
        code = child.wait()
        wall = time.monotonic() - began
    parts = session.stop()
    if code:
        raise RuntimeError(f"{' '.join(command[-3:])} ended with {code}:\n{log.read_text()[-3000:]}")
    return Cost(wall, sum(parts.values()), parts)
