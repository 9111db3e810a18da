"""The offline check: everything a dashboard names exists, in both languages, behind row security.

Expressions are not parsed here: they are bound by DuckDB itself against empty tables with the
columns and types that the publication models state, so a renamed column fails with the chart's name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dashboards.access import TIERS, Access, load_access
from dashboards.bundle import FILTERS, Sources, bundle_files
from dashboards.charts import chart_params, conditions
from dashboards.language import LAST_MONTH, Tongue, computed_columns, tile_metrics, vocabulary
from dashboards.published import SCHEMA
from dashboards.spec import LANGUAGES, Chart, Dashboard, Order, Text, Value
from infra.settings import UserError

_CHINESE = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True, slots=True)
class Checked:
    """How much was checked; charts are counted once, not once a language."""

    dashboards: int
    charts: int
    datasets: int


def _empty_database(sources: Sources) -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    db.execute(f"create schema {SCHEMA}")
    for table in sources.tables.values():
        columns = ", ".join(f'"{c.name}" {c.type}' for c in table.columns.values())
        db.execute(f"create table {SCHEMA}.{table.name} ({columns})")
    return db


def _does_not_bind(db: duckdb.DuckDBPyConnection, table: str, select: str, where: str = "true") -> str:
    """Why DuckDB refuses the expression on this table; empty if it takes it."""
    try:
        db.execute(f"explain select {select} from {SCHEMA}.{table} where {where}")
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return ""


def _text_faults(where: str, text: Text) -> Iterator[str]:
    if not text.zh.strip() or not text.en.strip():
        yield f"{where}: a language is empty"
    if _CHINESE.search(text.en):
        yield f"{where}: the English text holds Chinese: {text.en!r}"


def _expressions(params: dict[str, Any], computed: dict[str, str]) -> Iterator[str]:
    """SQL of the metrics and columns of a chart's parameters."""
    for key in ("metrics", "metrics_b", "metric", "timeseries_limit_metric"):
        found = params.get(key, [])
        for part in found if isinstance(found, list) else [found]:
            yield computed[part] if isinstance(part, str) else part["sqlExpression"]
    for key in ("groupby", "groupby_b", "x_axis"):
        found = params.get(key, [])
        yield from (str(computed.get(name, name)) for name in (found if isinstance(found, list) else [found]))


def _chart_faults(db: duckdb.DuckDBPyConnection, where: str, chart: Chart, sources: Sources) -> Iterator[str]:
    yield from _text_faults(f"{where}: title", chart.title)
    for extra in (chart.note, chart.may_be_empty, chart.axis, *(value.label for value in chart.values)):
        if extra is not None:
            yield from _text_faults(where, extra)
    if chart.dataset not in sources.tables:
        yield f"{where}: there is no publication model {chart.dataset!r}"
        return
    table = sources.tables[chart.dataset]
    named = [*chart.by, *([chart.x] if chart.x else [])]
    parts: list[Value | Order] = [*chart.values, *([chart.order] if chart.order else [])]
    for part in parts:
        named += [part.column] if part.column else list(part.columns)
        named += [part.share_of] if isinstance(part, Value) and part.share_of else []
    for name in dict.fromkeys(named):
        known = {Tongue(table, sources.words, language).column(name) for language in LANGUAGES}
        if not known <= table.columns.keys() | computed_columns(table, sources.words).keys():
            yield f"{where}: {chart.dataset} has no column {name!r}"
            return
    for name in [*chart.by, *(v.column for v in chart.values if v.column and v.label is None)]:
        if name not in sources.words.columns:
            yield f"{where}: column {name!r} has no label in words.yaml"
    for name in (v.column for v in chart.values if v.column):
        if name not in sources.words.definitions:
            yield f"{where}: column {name!r} has no definition in words.yaml"
    for value in chart.values:
        unit = value.unit if value.unit is not None else (table.columns[value.column].unit if value.column else "")
        if unit and unit not in sources.words.units:
            yield f"{where}: unit {unit!r} has no words in words.yaml"
        if value.sql is not None and value.label is None:
            yield f"{where}: a value with `sql` needs a label"
    for name in chart.by:
        terms = vocabulary(table, name, sources.words)
        if missing := [v for v in table.columns[name].values if v not in terms] if name in table.columns else []:
            yield f"{where}: value {missing[0]!r} of {name!r} has no words in words.yaml"
    for language in LANGUAGES:
        tongue = Tongue(table, sources.words, language)
        saved = tile_metrics(tongue) if chart.kind == "tiles" else {}
        for sql in _expressions(chart_params(chart, tongue), computed_columns(table, sources.words) | saved):
            if fault := _does_not_bind(db, chart.dataset, sql):
                yield f"{where}: {fault} (in {sql})"
        latest = [computed_columns(table, sources.words).get(LAST_MONTH, LAST_MONTH)] if chart.latest else []
        for condition in [*conditions(chart), *latest]:
            if fault := _does_not_bind(db, chart.dataset, "1", condition):
                yield f"{where}: {fault} (in {condition})"


def _filter_faults(db: duckdb.DuckDBPyConnection, dashboard: Dashboard, sources: Sources) -> Iterator[str]:
    for name in dashboard.filters:
        target = FILTERS[name]
        where = f"{dashboard.name}: filter {name}"
        if target.table not in sources.tables:
            yield f"{where}: there is no publication model {target.table!r}"
            continue
        for label in (target.column, *(["compare_tier"] if name == "tier" else [])):
            if label not in sources.words.columns:
                yield f"{where}: no label for {label!r} in words.yaml"
        for language in LANGUAGES:
            tongue = sources.tongue(target.table, language)
            if fault := _does_not_bind(db, target.table, tongue.sql(target.column)):
                yield f"{where}: {fault}"


def _orphans(sources: Sources) -> Iterator[str]:
    """Words that no dashboard says."""
    read = {v.column for d in sources.dashboards for c in d.charts.values() for v in c.values}
    for name in sorted(sources.words.definitions.keys() - read):
        yield f"words.yaml: definition of {name!r}, which no chart shows"


def _access_faults(db: duckdb.DuckDBPyConnection, access: Access, sources: Sources) -> Iterator[str]:
    for name in (*access.seen_by_every_scope, *access.hidden_from_facilities):
        if name not in sources.tables:
            yield f"access.yaml names {name!r}, which is no publication model"
    for table in sources.tables:
        for column in TIERS[1:]:
            if table not in access.seen_by_every_scope and _does_not_bind(db, table, "1", f"{column} = '33'"):
                yield f"access.yaml: {table} has no column {column!r}, so no scope could be held to its rows"
    served = {audience for user in access.users.values() for audience in user.audiences}
    shipped = {dashboard.audience for dashboard in sources.dashboards}
    for audience in sorted(served ^ shipped):
        yield (
            f"access.yaml: audience {audience!r} has no dashboard"
            if audience in served
            else (f"access.yaml: nobody is in the audience of the dashboard {audience!r}")
        )


def faults(sources: Sources, access: Access) -> list[str]:
    """Everything that does not fit; empty if all does."""
    found: list[str] = []
    with _empty_database(sources) as db:
        for dashboard in sources.dashboards:
            for field, text in (("title", dashboard.title), ("purpose", dashboard.purpose)):
                found += _text_faults(f"{dashboard.name}: {field}", text)
            for name, chart in dashboard.charts.items():
                where = f"{dashboard.name}: chart {name} ({chart.title.zh} / {chart.title.en})"
                found += _chart_faults(db, where, chart, sources)
            found += _filter_faults(db, dashboard, sources)
        found += [*_access_faults(db, access, sources), *_orphans(sources)]
    if found:
        return found
    ids = Counter(content["uuid"] for content in bundle_files(sources, Path("/x")).values() if "uuid" in content)
    return [f"two objects of the bundle share the id {number}" for number, times in ids.items() if times > 1]


def check_all() -> Checked:
    """Check all dashboards of the checkout; no service is needed.

    Raises:
        UserError: something does not fit; names every fault.
    """
    sources = Sources.load()
    found = faults(sources, load_access())
    if found:
        raise UserError(
            f"{len(found)} faults in the dashboards:\n" + "\n".join(f"  {line}" for line in found),
            where="dashboards/assets",
            do="mend the YAML, or the publication model that changed",
        )
    return Checked(
        len(sources.dashboards), sum(len(dashboard.charts) for dashboard in sources.dashboards), len(sources.tables)
    )
