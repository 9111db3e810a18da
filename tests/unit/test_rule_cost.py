"""What a rule costs is the least CPU time of several runs with it alone, less that without a rule, by second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from streaming_jobs.kernel.cost import Costs, costs
from tests.support.rules import CATALOGUE
from tests.support.scene import T0, config, fold_all, quiet, received, site_plan

SECONDS = fold_all(received([site_plan(), *quiet(T0, 11)]), [], settings=replace(config(), features=True)).features


def clock_of(*runs_s: float) -> Callable[[], float]:
    """A CPU clock on which the runs take these times, one after another."""

    def ticks() -> Iterator[float]:
        now = 0.0
        for run in runs_s:
            yield now
            now += run
            yield now

    ticking = ticks()
    return lambda: next(ticking)


def test_the_least_of_the_runs_counts_since_a_busy_machine_only_adds() -> None:
    rules = [CATALOGUE["int-01"], CATALOGUE["cel-06"]]
    none, first, second, together = (0.25, 0.125), (0.5, 0.75), (0.375, 0.25), (1.0, 0.625)
    measured = costs(rules, SECONDS, clock_of(*none, *first, *second, *together), repeats=2)
    by_second = 1e6 / len(SECONDS)
    assert measured == Costs(0.125 * by_second, [0.375 * by_second, 0.125 * by_second], 0.5 * by_second)
