"""Running a program, adding up the CPU time of all its processes, and reading off what its steady part cost."""

from __future__ import annotations

import bisect
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
POLL_S = 0.1
WARM = 0.25
"""Share of the input after which a contender counts as warm."""


@dataclass(frozen=True)
class Cost:
    """What a share of the input cost: seconds on the wall, seconds of CPU by kind of process and name of thread."""

    share: float
    wall_s: float
    parts: Mapping[str, float]

    @property
    def cpu_s(self) -> float:
        return sum(self.parts.values())


class Session:
    """CPU time of every process of a session, the dead ones as they were seen last.

    A program started in a session of its own keeps its JVM, workers and daemons in it, so none is
    missed, and what it ends with between two looks (0.1 s) is all that is lost.
    """

    def __init__(self, session: int, threads: bool = False) -> None:
        self._session, self._threads = session, threads
        self._seen: dict[tuple[str, ...], tuple[str, float]] = {}
        self.line: list[tuple[float, dict[str, float]]] = []
        """Time (s since 1970) and CPU seconds by name, every ``POLL_S``."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(POLL_S):
            self._look()
            self.line.append((time.time(), self._parts()))

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
                    # Python gives its threads no names, and the first is the one that started the job.
                    thread = "main" if task == entry else thread
                    self._seen[entry, task, own[19]] = (f"{name}: {thread}", _cpu(own))
            except (FileNotFoundError, ProcessLookupError):
                continue

    def _parts(self) -> dict[str, float]:
        parts: dict[str, float] = {}
        for name, seconds in self._seen.values():
            parts[name] = parts.get(name, 0.0) + seconds
        return parts

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def parts_at(self, at_s: float) -> dict[str, float]:
        """CPU seconds by name at a time, by the last look before it."""
        return self.line[max(0, bisect.bisect_right([t for t, _ in self.line], at_s) - 1)][1]


def _stat(path: str) -> tuple[str, list[str]]:
    text = Path(path).read_text(encoding="ascii", errors="replace")
    return text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()


def _cpu(fields: list[str]) -> float:
    return (int(fields[11]) + int(fields[12])) / TICKS


def run(command: Sequence[str], env: Mapping[str, str], log: Path, threads: bool = False) -> Session:
    """Run a program to its end.

    Raises:
        RuntimeError: it failed; with the end of its log.
    """
    with log.open("wb") as out:
        child = subprocess.Popen(
            list(command),
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        session = Session(child.pid, threads)
        code = child.wait()
    session.stop()
    if code:
        raise RuntimeError(f"{' '.join(command[-3:])} ended with {code}:\n{log.read_text()[-3000:]}")
    return session


def steady(session: Session, commits: Sequence[tuple[float, int]]) -> Cost:
    """What a run cost between two of its commits: after it has warmed up, and while it was still busy.

    Args:
        commits: time (s since 1970) and rows so far, of each commit of the features. A facility gives
            one row a second, so rows are shares of the input.

    Raises:
        RuntimeError: fewer than three commits: the input is too short to read anything off it.
    """
    total = commits[-1][1]
    begin = next(commit for commit in commits if commit[1] >= WARM * total)
    # The last commit may have waited for its time with nothing to do.
    end = next((commit for commit in reversed(commits) if commit[1] < total), commits[-1])
    if end[1] <= begin[1]:
        raise RuntimeError(f"only {len(commits)} commits: give a larger --size")
    before, after = session.parts_at(begin[0]), session.parts_at(end[0])
    parts = {name: after[name] - before.get(name, 0.0) for name in after}
    return Cost((end[1] - begin[1]) / total, end[0] - begin[0], parts)
