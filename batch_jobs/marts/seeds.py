"""The generated seeds of the dbt project: exact Poisson limits, titles of the rules and of the metrics."""

from __future__ import annotations

import csv
import io
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
    return {
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
