"""What a rule costs: CPU time of the kernel with the rule alone, less that with none. The clock is the caller's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streaming_jobs.catalogue import Rule
from streaming_jobs.features.snapshot import Snapshot, decode
from streaming_jobs.kernel.engine import Engine


@dataclass(frozen=True)
class Costs:
    """Microseconds of CPU for one second of one facility."""

    none: float
    """The kernel without a rule."""
    each: list[float]
    """Of each rule alone, less none."""
    together: float
    """Of all rules at once, less none."""


def costs(
    rules: Sequence[Rule], seconds: Sequence[Mapping[str, Any]], cpu_s: Callable[[], float], repeats: int = 3
) -> Costs:
    """Judge recorded seconds without a rule, with each alone, and with all.

    Args:
        seconds: rows of ``silver.features`` of one facility, in order.
        cpu_s: CPU time used by this process so far, s.
        repeats: the least of so many runs counts, since whatever else the machine does only adds.
    """
    snapshots = [decode(row["grids"]) for row in seconds]

    def least(chosen: Sequence[Rule]) -> float:
        return min(_run(chosen, seconds, snapshots, cpu_s) for _ in range(repeats)) * 1e6 / len(seconds)

    none = least([])
    return Costs(none, [least([rule]) - none for rule in rules], least(rules) - none)


def _run(
    rules: Sequence[Rule],
    seconds: Sequence[Mapping[str, Any]],
    snapshots: Sequence[Snapshot],
    cpu_s: Callable[[], float],
) -> float:
    engine = Engine(rules)
    began = cpu_s()
    for row, snapshot in zip(seconds, snapshots, strict=True):
        engine.ready(row["profile"], row["day"])
        engine.step(row["at"] // 1000, row["minute"], snapshot)
    return cpu_s() - began
