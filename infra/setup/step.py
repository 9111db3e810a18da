"""A step of the set-up: skipped while what it depends on is unchanged, shown with its seconds, loud when it fails."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".cache" / "setup"
"""Logs of the steps and stamps of those done."""

BEAT_S = 15.0
"""A step that takes longer says so as often as this."""


class Failed(Exception):
    """A step cannot go on: what was wrong and what to do."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(f"{what}\n  do:    {do}")


class Without(Exception):
    """A step that the platform can do without could not be done; it is tried again next time."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `work` is done unless its stamp says that it was done for these very inputs."""

    name: str
    title: str
    inputs: tuple[Path, ...]
    outputs: tuple[Path, ...]
    work: Callable[[Path], None]
    """Gets the file to log to."""

    def run(self) -> None:
        """Do the step if it is due, with lines that tell how long it takes."""
        stamp = STATE / f"{self.name}.stamp"
        wanted = fingerprint(self.inputs)
        if stamp.exists() and stamp.read_text(encoding="ascii") == wanted and all(p.exists() for p in self.outputs):
            say(f"{self.title}: there")
            return
        began = time.monotonic()
        say(f"{self.title} ...")
        STATE.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        try:
            self.work(STATE / f"{self.name}.log")
        except Without as reason:
            say(f"{self.title}: going on without: {reason}")
            return
        stamp.write_text(wanted, encoding="ascii")
        say(f"{self.title}: done in {time.monotonic() - began:.1f} s")


def say(line: str) -> None:
    """A line of progress."""
    print(f"setup: {line}", flush=True)


def fingerprint(paths: Iterable[Path]) -> str:
    """Digest over the contents of files and this Python's version."""
    digest = hashlib.sha256(sys.version.encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run(
    command: Sequence[str | Path], log: Path, *, do: str, env: Mapping[str, str] | None = None, append: bool = False
) -> None:
    """Run a program with its output in the log, saying now and then that it still runs.

    Raises:
        Failed: it ended with an error; with the end of the log and what to do.
    """
    began = time.monotonic()
    with log.open("ab" if append else "wb") as out:
        child = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=None if env is None else dict(env),
        )
        try:
            while True:
                try:
                    code = child.wait(BEAT_S)
                    break
                except subprocess.TimeoutExpired:
                    say(f"  still at it, {time.monotonic() - began:.0f} s: {_last_line(log)}")
        except BaseException:
            child.terminate()
            child.wait()
            raise
    if code != 0:
        tail = "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-25:])
        name = " ".join(str(part) for part in command[:3])
        raise Failed(f"`{name} ...` ended with {code}; the end of {log.relative_to(ROOT)}:\n{tail}", do)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n")
    return next((line.strip()[:100] for line in reversed(lines) if line.strip()), "")
