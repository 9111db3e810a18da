"""Running `safehold` as a user does: as a process, with its exit code and what it printed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


def safehold(home: Path, *arguments: str | Path, timeout_s: float = 500) -> Ran:
    """Run `safehold` in an instance."""
    done = subprocess.run(
        [sys.executable, "-m", "infra.cli", *map(str, arguments)],
        env={**os.environ, "SAFEHOLD_HOME": str(home), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def must(home: Path, *arguments: str | Path) -> Ran:
    """The same for a command that has to succeed."""
    ran = safehold(home, *arguments)
    assert ran.code == 0, f"safehold {' '.join(map(str, arguments))} ended with {ran.code}:\n{ran.out}\n{ran.err}"
    return ran
