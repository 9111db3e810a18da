"""Full and incremental builds of the marts on both engines at 1, 10 and 100 times the demo's registers.

Prints one JSON object a build: wall and CPU seconds of it and its processes, and the largest resident memory of
one process beside the sum of the largest of all. The incremental build follows a day in which every facility
admits and releases five persons.

    python -m tests.bench.batch [--times 1,10,100] [--targets embedded,cluster] [--home DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
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


def _resident(pid: int) -> int:
    """Largest resident memory the process ever had, in kB; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


class Memory(threading.Thread):
    """Watches this process's children: the largest resident memory of each."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.largest: dict[int, int] = {}
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(0.2):
            for pid in _children(os.getpid()):
                self.largest[pid] = max(self.largest.get(pid, 0), _resident(pid))

    def stop(self) -> None:
        self._done.set()
        self.join()


def _measured(settings: Settings, target: Target, *, incremental: bool) -> dict[str, object]:
    """One build with what it cost."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    memory, began = Memory(), time.monotonic()
    memory.start()
    try:
        done = build_marts(settings, target=target, incremental=incremental)
    finally:
        memory.stop()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "target": target,
        "incremental": done.incremental,
        "wall_s": round(time.monotonic() - began, 1),
        "cpu_s": round(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, 1),
        "largest_process_mb": round(max(memory.largest.values(), default=0) / 1024),
        "all_processes_mb": round(sum(memory.largest.values()) / 1024),
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
                    print(
                        json.dumps({"times": times, **_measured(settings, target, incremental=incremental)}), flush=True
                    )


if __name__ == "__main__":
    main()
