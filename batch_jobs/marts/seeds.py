"""The generated seeds of the dbt project: exact Poisson limits, control limits, titles of rules and metrics."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from pathlib import Path

from batch_jobs.marts.build import PROJECT
from batch_jobs.marts.pages import metric_facts
from infra.settings import UserError
from streaming_jobs.catalogue import load_catalogue

MOST_EVENTS = 2000
"""Largest count with exact limits in the seed; above it the models use Byar's approximation."""


def garwood_limits(events: int) -> tuple[float, float]:
    """Exact 95 % limits of a Poisson mean given a count (Garwood 1936), by the chi-square quantiles.

    Raises:
        ValueError: the count is negative.
    """
    from scipy.stats import chi2

    if events < 0:
        raise ValueError(f"a count cannot be negative: {events}")
    lower = 0.0 if events == 0 else float(chi2.ppf(0.025, 2 * events)) / 2
    return lower, float(chi2.ppf(0.975, 2 * events + 2)) / 2


def control_limit(expected: float, p: float) -> float:
    """Control limit of a Poisson count: its p-quantile, interpolated between whole counts.

    Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24:1185-1202,
    section A.1.1: with r the smallest count of which P(R <= r) > p, the limit is r - (P(R <= r) - p) / P(R = r).

    Args:
        expected: the count expected, above 0.
        p: probability of a count under the limit.

    Raises:
        ValueError: the expected count is not above 0.
    """
    from scipy.stats import poisson

    if expected <= 0:
        raise ValueError(f"an expected count is above 0: {expected}")
    r = int(poisson.ppf(p, expected))
    if poisson.cdf(r, expected) <= p:
        r += 1
    return max(0.0, float(r - (poisson.cdf(r, expected) - p) / poisson.pmf(r, expected)))


def _funnel_grid() -> list[float]:
    """Expected counts: steps fine against the limits' kinks where counts are small, of 2 % where they are large."""
    grid = [0.02 * i for i in range(1, 250)] + [5 + 0.1 * i for i in range(250)]
    while grid[-1] < 20_000:
        grid.append(grid[-1] * 1.02)
    return grid


def _csv(header: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def seed_files() -> dict[str, str]:
    """File name to content of each generated seed."""
    limits: list[tuple[object, ...]] = []
    for events in range(MOST_EVENTS + 1):
        lower, upper = garwood_limits(events)
        limits.append((events, f"{lower:.9g}", f"{upper:.9g}"))
    titles: list[tuple[object, ...]] = [(rule.id, rule.title.zh, rule.title.en) for rule in load_catalogue()]
    metrics: list[tuple[object, ...]] = [(name, m["zh"], m["en"]) for name, m in metric_facts(PROJECT.parent).items()]
    limits_at = [
        (expected, *(control_limit(expected, p) for p in (0.001, 0.025, 0.975, 0.999))) for expected in _funnel_grid()
    ]
    steps: list[tuple[object, ...]] = [
        tuple(f"{end:.7g}" for both in zip(low, high, strict=True) for end in both) for low, high in pairwise(limits_at)
    ]
    ends = [
        f"{name}_{end}" for name in ("expected", "low_998", "low_95", "high_95", "high_998") for end in ("from", "to")
    ]
    return {
        "funnel_limits.csv": _csv(tuple(ends), steps),
        "garwood_limits.csv": _csv(("events", "lower_limit", "upper_limit"), limits),
        "rule_titles.csv": _csv(("rule", "title_zh", "title_en"), titles),
        "metric_titles.csv": _csv(("metric", "title_zh", "title_en"), metrics),
    }


def stale_seeds(directory: Path) -> list[str]:
    """Names of the generated seeds whose file is absent or differs."""
    return [
        name
        for name, content in seed_files().items()
        if not (directory / name).is_file() or (directory / name).read_text(encoding="utf-8") != content
    ]


def write_seeds(directory: Path) -> list[str]:
    """Write the generated seeds that are not current; returns their names.

    Raises:
        UserError: the folder of the dbt project is not there.
    """
    if not directory.is_dir():
        raise UserError("the folder of the seeds is not there", where=str(directory), do="run from a whole checkout")
    names = stale_seeds(directory)
    contents = seed_files()
    for name in names:
        (directory / name).write_text(contents[name], encoding="utf-8")
    return names
