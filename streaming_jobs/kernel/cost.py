"""What a rule costs: CPU time of the kernel with the rule alone, less that with none."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from streaming_jobs.catalogue import Rule
from streaming_jobs.features.snapshot import Snapshot, decode
from streaming_jobs.kernel.engine import Engine


def _cpu_s(rules: Sequence[Rule], seconds: Sequence[Mapping[str, Any]], snapshots: Sequence[Snapshot]) -> float:
    engine = Engine(rules)
    began = time.process_time()
    for row, snapshot in zip(seconds, snapshots, strict=True):
        engine.ready(row["profile"], row["day"])
        engine.step(row["at"] // 1000, row["minute"], snapshot)
    return time.process_time() - began


def costs(rules: Sequence[Rule], seconds: Sequence[Mapping[str, Any]], repeats: int = 3) -> tuple[list[float], float]:
    """Microseconds of CPU for one second of one facility: of each rule alone, and of all together.

    Args:
        seconds: rows of ``silver.features`` of one facility, in order.
        repeats: the least of so many runs counts, since whatever else the machine does only adds.
    """
    snapshots = [decode(row["grids"]) for row in seconds]

    def least(chosen: Sequence[Rule]) -> float:
        return min(_cpu_s(chosen, seconds, snapshots) for _ in range(repeats))

    none = least([])
    scale = 1e6 / len(seconds)
    return [(least([rule]) - none) * scale for rule in rules], (least(rules) - none) * scale
