"""Pages of the metrics and dbt's exposures, from the YAML of the models and of the dashboards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

FOLDER = "docs/reference/metrics"
EXPOSURES = "dbt/models/exposures.yml"
NOTICE = "Generated from dbt/ and dashboards/assets by `safehold marts pages`; change those, not this file."
FORMULAS = {
    "level": "numerator / denominator",
    "rate": "{per} x numerator / denominator, over a window of {months} months",
    "per_admissions": "{per} x numerator / denominator",
    "share": "100 x numerator / denominator",
    "ratio": "100 x numerator / denominator",
}
UNITS = {"level": "persons", "rate": "per {per} ADP", "per_admissions": "per {per} admissions"}
INTERVALS = {
    "rate": "95 %, exact Poisson of the numerator (Garwood 1936; Byar's approximation above 2,000 events)",
    "per_admissions": "95 %, exact Poisson of the numerator (Garwood 1936; Byar's approximation above 2,000 events)",
    "share": "95 %, score (Wilson 1927)",
}
WHOLES = {
    "rate": "`exposure` of `mart_population` / calendar days",
    "per_admissions": "`admissions` of `mart_movements`",
}
FACTS = {
    "numerator": "Numerator",
    "denominator": "Denominator",
    "source": "Source",
    "excluded": "Excluded",
    "owner": "Owner",
}
Metric = dict[str, Any]


def outputs(root: Path) -> dict[str, str]:
    """Text of every generated file by its path below the checkout.

    Raises:
        KeyError: a metric lacks one of the facts that its page gives.
    """
    metrics = metric_facts(root)
    variables = _yaml(root / "dbt" / "dbt_project.yml")["vars"]
    profiles: dict[str, Metric] = variables["publication_profiles"]
    tables = {path.stem: path.read_text(encoding="utf-8") for path in _publication(root).glob("*.sql")}
    boards = dashboards(root)
    texts = {f"{FOLDER}/README.md": _index(metrics, profiles), EXPOSURES: _exposures(boards)}
    for name, metric in metrics.items():
        shown = ["metrics", *sorted(t for t, sql in tables.items() if re.search(rf"\b{metric['mart']}\b", sql))]
        readers = [title for title, _, read in boards.values() if set(read) & set(shown)]
        texts[f"{FOLDER}/{name}.md"] = "\n".join(_page(name, metric, profiles, shown, readers)) + "\n"
    return texts


def dashboards(root: Path) -> dict[str, tuple[str, str, list[str]]]:
    """Title, purpose and the published tables it reads, of each dashboard by its name."""
    found = {}
    for path in sorted((root / "dashboards" / "assets").glob("*.yaml")):
        spec = _yaml(path)
        if "charts" in spec:
            read = sorted({chart["dataset"] for chart in spec["charts"].values()})
            found[path.stem] = (f"{spec['title']['en']} {spec['title']['zh']}", spec["purpose"]["en"], read)
    return found


def stale(root: Path) -> list[str]:
    """Paths of the generated files that are absent, differ, or stand for no metric any more."""
    texts = outputs(root)
    left = {f"{FOLDER}/{path.name}" for path in (root / FOLDER).glob("*.md")} - set(texts)
    files = {name: root / name for name in texts}
    return sorted(left) + [n for n, f in files.items() if not f.is_file() or f.read_text(encoding="utf-8") != texts[n]]


def write(root: Path) -> list[str]:
    """Bring the generated files up to date; returns the paths of those that were not."""
    names, texts = stale(root), outputs(root)
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    for name in names:
        if name in texts:
            (root / name).write_text(texts[name], encoding="utf-8")
        else:
            (root / name).unlink()
    return names


def _publication(root: Path) -> Path:
    return root / "dbt" / "models" / "publication"


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def metric_facts(root: Path) -> dict[str, Metric]:
    """What the YAML says of each metric, by its name."""
    found: dict[str, Metric] = _yaml(_publication(root) / "metrics.yml")["models"][0]["config"]["meta"]["metrics"]
    return found


def _number(value: float) -> str:
    return f"{value:,}"


def _unit(metric: Metric, profile: Metric) -> str:
    per = profile["rate_base"] if metric["kind"] == "rate" else metric.get("per", 1)
    return UNITS.get(metric["kind"], "%").format(per=_number(per))


def _index(metrics: dict[str, Metric], profiles: dict[str, Metric]) -> str:
    rows = "\n".join(
        f"| [{name}]({name}.md) | {metric['en']} | {metric['zh']} | {_unit(metric, profiles['default'])} |"
        for name, metric in metrics.items()
    )
    ways = "\n".join(
        f"| `{name}` | {_number(profile['rate_base'])} | {', '.join(map(str, profile['window_ends'])) or 'all'} "
        f"| {'yes' if profile['count_escaped'] else 'no'} | {profile['fewest_events']} "
        f"| {profile['reliable_events']} | {profile['about']} {profile['source']}. |"
        for name, profile in profiles.items()
    )
    return f"""\
<!-- {NOTICE} -->
# Metrics

Each is given by tier, facility type and month in the published table `metrics`: over the window that ends with the
month, over the window before, and over three windows centred on it; with the change, its interval and flags. A window's
value is made of the window's sums, so that no average is ever averaged.

The interval of a change is made of the intervals of both values (Zou and Donner 2008, MOVER; Newcombe's method 10 for
shares). Two windows in which more than one in twenty of the reporting facility-months differ are not compared.

| metric | | | unit |
|---|---|---|---|
{rows}

## Publication profiles

`safehold marts build --publication-profile NAME` makes the same metrics the way a publisher does. The average daily
population is person-days / calendar days in all of them.

| profile | rates per | windows end in months | deaths after escape | no rate under | flagged under | |
|---|---|---|---|---|---|---|
{ways}
"""


def _page(
    name: str, metric: Metric, profiles: dict[str, Metric], tables: list[str], boards: list[str]
) -> Iterator[str]:
    default = profiles["default"]
    per = default["rate_base"] if metric["kind"] == "rate" else metric.get("per", 1)
    units = {profile: _unit(metric, setting) for profile, setting in profiles.items()}
    others = "; ".join(f"{unit} ({profile})" for profile, unit in units.items() if unit != units["default"])
    where = f" where {metric['where']}" if "where" in metric else ""
    whole = f"`{metric['whole']}`" if "whole" in metric else WHOLES[metric["kind"]]
    yield f"<!-- {NOTICE} -->"
    yield f"# {metric['en']} {metric['zh']}\n"
    yield f"{metric['definition']}\n"
    yield "| | |\n|---|---|"
    yield f"| Name | `{name}` |"
    yield f"| Formula | {FORMULAS[metric['kind']].format(per=_number(per), months=default['window_months'])} |"
    yield f"| In the models | `{metric['part']}` of `{metric['mart']}`{where}, by {whole} |"
    yield f"| Unit | {units['default']}{f'; {others}' if others else ''} |"
    yield f"| Interval | {INTERVALS.get(metric['kind'], 'none: its parts are not independent cases')} |"
    for fact, title in FACTS.items():
        yield f"| {title} | {metric[fact]} |"
    yield f"| Published in | {', '.join(f'`{table}`' for table in tables)} |"
    yield f"| Dashboards | {', '.join(boards) or 'none'} |"
    yield "\nTraps:"
    yield from (f"- {trap}" for trap in metric["traps"])
    yield "\n[All metrics](README.md)"


def _exposures(boards: dict[str, tuple[str, str, list[str]]]) -> str:
    listed = [
        {
            "name": f"dashboard_{name}",
            "label": title,
            "type": "dashboard",
            "maturity": "high",
            "description": purpose,
            "depends_on": [f"ref('{table}')" for table in tables],
            "owner": {"name": "platform"},
        }
        for name, (title, purpose, tables) in boards.items()
    ]
    body = yaml.safe_dump({"exposures": listed}, allow_unicode=True, sort_keys=False, width=118)
    return f"# {NOTICE}\n{body}"
