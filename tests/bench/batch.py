"""Full and incremental builds of the marts on both engines at 1, 10 and 100 times the demo's registers.

Prints one JSON object a build: wall seconds, CPU seconds of its processes (looked at five times a second), the
largest resident memory of one process and of all together. The incremental build follows a day in which every facility
admits and releases five persons. Disclosure control is left out unless asked for: from some twenty facilities on
it takes many minutes, on whichever engine, and would hide what is measured here.

    python -m tests.bench.batch [--times 1,10,100] [--targets embedded,cluster] [--home DIR] [--disclosure-control]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date, timedelta
from pathlib import Path

from batch_jobs.marts.build import Target, build_marts
from infra.settings import Settings, load_settings
from ingestion.sources.simulator import Scenario, write_registers
from tests.support.new_day import add_day

SIZES = {1: (2, 2, 2), 10: (5, 4, 4), 100: (20, 10, 4)}
"""Times the demo's registers to provinces, cities of each, facilities of each city."""

LAST_DAY = date(2026, 11, 23)


def _children(pid: int) -> list[int]:
    try:
        lists = [p.read_text().split() for p in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    own = [int(child) for found in lists for child in found]
    return [*own, *(below for child in own for below in _children(child))]


def _used(pid: int) -> tuple[int, int, float]:
    """Resident memory of a process now and at most, in kB, and CPU seconds of it so far; nothing if it is gone."""
    try:
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return 0, 0, 0.0
    now, most = (int(lines.get(name, "0").split()[0]) for name in ("VmRSS", "VmHWM"))
    return now, most, sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


class Usage(threading.Thread):
    """Watches this process's children: their memory together and of the largest, and their CPU time."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.together = self.largest = 0
        self.cpu: dict[int, float] = {}
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(0.2):
            used = {pid: _used(pid) for pid in _children(os.getpid())}
            self.together = max(self.together, sum(now for now, _, _ in used.values()))
            self.largest = max(self.largest, *(most for _, most, _ in used.values()), 0)
            for pid, (_, _, seconds) in used.items():
                self.cpu[pid] = max(self.cpu.get(pid, 0.0), seconds)

    def stop(self) -> None:
        self._done.set()
        self.join()


def _measured(settings: Settings, target: Target, *, incremental: bool, disclosure_control: bool) -> dict[str, object]:
    """One build with what it cost."""
    usage, began = Usage(), time.monotonic()
    usage.start()
    try:
        done = build_marts(settings, target=target, incremental=incremental, disclosure_control=disclosure_control)
    finally:
        usage.stop()
    return {
        "target": target,
        "incremental": done.incremental,
        "wall_s": round(time.monotonic() - began, 1),
        "cpu_s": round(sum(usage.cpu.values()), 1),
        "largest_process_mb": round(usage.largest / 1024),
        "together_mb": round(usage.together / 1024),
    }


def _fill(settings: Settings, times: int) -> None:
    """Write the registers in a process of its own: their making takes more memory than any build."""
    code = f"from tests.bench.batch import fill; fill({times})"
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"SAFEHOLD_HOME": str(settings.home)}, check=True)


def fill(times: int) -> None:
    """Registers of so many times the demo's facilities, over its 24 months."""
    provinces, cities, facilities = SIZES[times]
    scenario = Scenario(seed=7, provinces=provinces, cities_per_province=cities, facilities_per_city=facilities)
    write_registers(load_settings(), scenario)


def main() -> None:
    """Build at each size on each target, in full and after a new day."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", default="1,10,100")
    parser.add_argument("--targets", default="embedded,cluster")
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--disclosure-control", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for times in map(int, asked.times.split(",")):
            settings = load_settings(home=(asked.home or Path(temporary)) / f"times-{times}")
            if not settings.lake.exists():
                _fill(settings, times)
            day = LAST_DAY
            for target in asked.targets.split(","):
                for incremental in (False, True):
                    if incremental:
                        day += timedelta(days=1)
                        add_day(settings, day)
                    cost = _measured(
                        settings, target, incremental=incremental, disclosure_control=asked.disclosure_control
                    )
                    print(json.dumps({"times": times, **cost}), flush=True)


if __name__ == "__main__":
    main()
