"""The bundle that Superset imports: database, datasets, charts and dashboards, generated from the data.

Ids are uuid5 of names, so a second import changes the same objects.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboards.archive import Bundle
from dashboards.charts import TREND, chart_params, series_labels
from dashboards.language import APART, TIERS, UNITS, Tongue, computed_columns, tile_metrics, vocabulary
from dashboards.published import SCHEMA, Table, published_tables
from dashboards.spec import LANGUAGES, Chart, Dashboard, FilterName, Language, Value, Words, load_dashboards, load_words

DATABASE = "Safehold"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:safehold:dashboards")
_VERSION = "1.0.0"
CSS = """.resizable-container:has([data-test="dashboard-markdown-editor"]) { height: auto !important; }
[data-test="dashboard-markdown-editor"],
[data-test="dashboard-markdown-editor"] .dashboard-component-chart-holder {
  height: auto !important; overflow: visible;
}
@media (max-width: 700px) {
  [data-test="grid-container"] { min-width: 190vw !important; }
  [data-test="dashboard-content-wrapper"] { max-width: 100vw; overflow-x: hidden; }
  .grid-row { flex-wrap: wrap !important; max-width: calc(100vw - 32px); height: auto !important; row-gap: 16px; }
  .grid-row .resizable-container { max-width: calc(100vw - 32px) !important; overflow-x: auto; }
}"""
"""Texts are as high as they need. On a phone the grid is laid out twice as wide as the screen, and its rows are broken,
so that half a row fills it."""
CODE_ORDER = "code_order"
"""Saved metric that orders the names in a filter by the units' codes."""
_TIME = "1980-01-01T00:00:00+00:00"
"""Fixed, so that the same sources give the same bundle, byte for byte."""


def stable_id(*names: str) -> str:
    """UUID of an object by its kind and names."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(names)))


def slug(dashboard: Dashboard, language: Language) -> str:
    """Last part of the dashboard's address."""
    return f"{dashboard.name}-{language}"


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything the bundle is made from."""

    tables: dict[str, Table]
    words: Words
    dashboards: tuple[Dashboard, ...]

    @classmethod
    def load(cls) -> Sources:
        return cls(published_tables(), load_words(), load_dashboards())

    def tongue(self, table: str, language: Language) -> Tongue:
        return Tongue(self.tables[table], self.words, language)


def _database(published: Path) -> dict[str, Any]:
    return {
        "database_name": DATABASE,
        "sqlalchemy_uri": f"duckdb:///{published}?access_mode=read_only",
        "expose_in_sqllab": False,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {
            "allows_virtual_table_explore": False,
            "disable_data_preview": True,
            # A reader's query can reach no other file and cannot unlock this again.
            "engine_params": {
                "connect_args": {"config": {"enable_external_access": False, "lock_configuration": True}}
            },
        },
        "uuid": stable_id("database"),
        "version": _VERSION,
    }


def _dataset(table: Table, words: Words) -> dict[str, Any]:
    def column(name: str, kind: str, **more: object) -> dict[str, Any]:
        return {
            "column_name": name,
            "type": kind,
            "is_dttm": kind in ("DATE", "TIMESTAMP"),
            "groupby": True,
            "filterable": True,
            "is_active": True,
            **more,
        }

    columns = [
        column(c.name, c.type, verbose_name=c.zh or None, description=c.description or None)
        for c in table.columns.values()
    ]
    for name, sql in computed_columns(table, words).items():
        columns.append(column(name, "DOUBLE" if name.endswith(APART) else "VARCHAR", expression=sql))
    metrics = {CODE_ORDER: "MIN(unit)"}
    for language in LANGUAGES if "control" in table.columns else ():
        metrics |= tile_metrics(Tongue(table, words, language))
    return {
        "table_name": table.name,
        "schema": SCHEMA,
        "main_dttm_col": "month" if "month" in table.columns else None,
        "description": table.description,
        "filter_select_enabled": True,
        "columns": columns,
        "metrics": [{"metric_name": name, "expression": sql} for name, sql in metrics.items()],
        "uuid": stable_id("dataset", table.name),
        "database_uuid": stable_id("database"),
        "version": _VERSION,
    }


def chart_id(dashboard: Dashboard, name: str, language: Language) -> str:
    """UUID of one language of a chart."""
    return stable_id("chart", dashboard.name, name, language)


def _chart(dashboard: Dashboard, name: str, sources: Sources, language: Language) -> dict[str, Any]:
    chart = dashboard.charts[name]
    params = chart_params(chart, sources.tongue(chart.dataset, language))
    return {
        "slice_name": chart.title.get(language),
        "description": "  \n".join(_notes(chart, language) or _definitions([chart], sources, language)),
        "viz_type": params["viz_type"],
        "params": params,
        "uuid": chart_id(dashboard, name, language),
        "dataset_uuid": stable_id("dataset", chart.dataset),
        "version": _VERSION,
    }


def _definitions(charts: Iterable[Chart], sources: Sources, language: Language) -> list[str]:
    """A line for each figure of the charts: its name, its unit and what it means."""
    lines: dict[str, str] = {}
    for chart in charts:
        tongue = sources.tongue(chart.dataset, language)
        for name in (value.column for value in chart.values if value.column):
            called = tongue.with_unit(Value(column=name))
            lines.setdefault(name, f"**{called}** {tongue.definition(name)}")
    return list(lines.values())


def _notes(chart: Chart, language: Language) -> list[str]:
    """What the chart has to say: its note, and what it means where it shows nothing."""
    return [text.get(language) for text in (chart.note, chart.may_be_empty) if text is not None]


def footer_text(dashboard: Dashboard, sources: Sources, language: Language) -> str:
    """Markdown below the charts: what the figures mean, as of when, and what a withheld one is."""
    title, common = {
        "zh": (
            "指标说明",
            "所有数字按页首“数据时点”的知悉日期和批次计算；N/A 表示未计算、缺报或已隐去，不是零。",
        ),
        "en": (
            "What the figures mean",
            "All figures are as known on the date, and of the build, in the first table. N/A is not worked out, not"
            " reported, or withheld; it is never zero.",
        ),
    }[language]
    noted = [(chart.title.get(language), _notes(chart, language)) for chart in dashboard.charts.values()]
    lines = [f"#### {title}", common, *(f"**{name}** {' '.join(notes)}" for name, notes in noted if notes)]
    lines += _definitions(dashboard.charts.values(), sources, language)
    return "\n\n".join(lines)


def header_text(dashboard: Dashboard, language: Language) -> str:
    """Markdown above the charts: what the page is for, and the way to its other language."""
    other: Language = "en" if language == "zh" else "zh"
    link = f"[{'English' if other == 'en' else '中文'}](/superset/dashboard/{slug(dashboard, other)}/)"
    return f"{dashboard.purpose.get(language)}  \n{link}"


def _text_row(name: str, code: str, height: int) -> dict[str, Any]:
    """Positions of a row that holds one markdown text over the whole width."""
    parents = ["ROOT_ID", "GRID_ID"]
    return {
        f"ROW-{name}": {
            "type": "ROW",
            "id": f"ROW-{name}",
            "children": [f"MARKDOWN-{name}"],
            "parents": parents,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        },
        f"MARKDOWN-{name}": {
            "type": "MARKDOWN",
            "id": f"MARKDOWN-{name}",
            "children": [],
            "parents": [*parents, f"ROW-{name}"],
            "meta": {"width": 12, "height": height, "code": code},
        },
    }


def _position(dashboard: Dashboard, numbers: dict[str, int], sources: Sources, language: Language) -> dict[str, Any]:
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": dashboard.title.get(language)}},
    }
    rows = ["ROW-header"]
    parents = ["ROOT_ID", "GRID_ID"]
    position |= _text_row("header", header_text(dashboard, language), 10)
    for number, row in enumerate(dashboard.layout):
        row_id = f"ROW-{number}"
        rows.append(row_id)
        children = [f"CHART-{name}" for name in row.charts]
        position[row_id] = {
            "type": "ROW",
            "id": row_id,
            "children": children,
            "parents": parents,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for name, width in row.charts.items():
            position[f"CHART-{name}"] = {
                "type": "CHART",
                "id": f"CHART-{name}",
                "children": [],
                "parents": [*parents, row_id],
                "meta": {
                    "chartId": numbers[name],
                    "uuid": chart_id(dashboard, name, language),
                    "sliceName": dashboard.charts[name].title.get(language),
                    "width": width,
                    "height": row.height,
                },
            }
    footer = footer_text(dashboard, sources, language)
    # A grid unit is 8 px: a line with its gap takes four, and a long one (Chinese letters are wide) two lines.
    wide = 100 if language == "zh" else 200
    lines = sum(1 + len(line) // wide for line in footer.split("\n\n"))
    position |= _text_row("footer", footer, 6 + 4 * lines)
    rows.append("ROW-footer")
    position["GRID_ID"] = {"type": "GRID", "id": "GRID_ID", "children": rows, "parents": ["ROOT_ID"]}
    return position


@dataclass(frozen=True, slots=True)
class FilterTarget:
    """Where a dashboard filter takes its choices, and which charts it reaches."""

    table: str
    column: str
    reaches: tuple[str, ...]
    """Kinds of `of` of the charts that it filters."""
    needs: str
    """Column a chart's dataset must have to be filtered."""
    parents: tuple[FilterName, ...] = ()
    """Filters whose choice narrows the choices of this one."""


FILTERS: dict[FilterName, FilterTarget] = {
    "province": FilterTarget(UNITS, "province_name", ("unit", "tier", "facilities"), "province"),
    "city": FilterTarget(UNITS, "city_name", ("unit", "tier", "facilities"), "city", ("province",)),
    "facility": FilterTarget(UNITS, "facility_name", ("unit", "facilities"), "facility", ("province", "city")),
    "tier": FilterTarget(UNITS, "tier", ("tier",), "tier"),
    "month": FilterTarget("population", "month", ("unit", "tier", "facilities"), "month"),
    "source": FilterTarget("count_reconciliation", "source", ("instance",), "source"),
    "severity": FilterTarget("alerts_by_rule_hour", "severity", ("unit", "facilities"), "severity"),
    "rule": FilterTarget("rule_status", "rule_title", ("unit", "tier", "facilities"), "rule"),
    "metric": FilterTarget("metrics", "metric", ("unit", "tier"), "metric"),
}


def is_filtered(chart: Chart, target: FilterTarget, sources: Sources) -> bool:
    """True if the filter reaches the chart."""
    if target.needs == "month" and chart.latest:
        return False
    return chart.of in target.reaches and target.needs in sources.tables[chart.dataset].columns


def _filter(
    dashboard: Dashboard, name: FilterName, numbers: dict[str, int], sources: Sources, language: Language
) -> dict[str, Any]:
    target = FILTERS[name]
    tongue = sources.tongue(target.table, language)
    excluded = [numbers[c] for c, chart in dashboard.charts.items() if not is_filtered(chart, target, sources)]
    made: dict[str, Any] = {
        "id": f"NATIVE_FILTER-{name}",
        "name": tongue.label("compare_tier" if name == "tier" else target.column),
        "type": "NATIVE_FILTER",
        "description": "",
        "scope": {"rootPath": ["ROOT_ID"], "excluded": excluded},
        "chartsInScope": [n for n in numbers.values() if n not in excluded],
        "tabsInScope": [],
        "cascadeParentIds": [f"NATIVE_FILTER-{parent}" for parent in target.parents if parent in dashboard.filters],
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
    }
    if name == "month":
        return made | {"filterType": "filter_time", "targets": [{}], "controlValues": {}}
    made |= {
        "filterType": "filter_select",
        "targets": [
            {"datasetUuid": stable_id("dataset", target.table), "column": {"name": tongue.column(target.column)}}
        ],
        "controlValues": {
            # Rows of several units of a tier are never added up, so one is chosen of each.
            "multiSelect": target.table != UNITS,
            "enableEmptyFilter": name == "tier",
            "defaultToFirstItem": False,
            "inverseSelection": False,
            "searchAllOptions": name == "facility",
            "sortAscending": True,
        },
    }
    if name in TIERS:
        made["sortMetric"] = CODE_ORDER
        made["adhoc_filters"] = [{"expressionType": "SQL", "clause": "WHERE", "sqlExpression": f"tier = '{name}'"}]
    if name == "tier":
        chosen = vocabulary(tongue.table, "tier", sources.words)["facility"].get(language)
        condition = {"col": tongue.column("tier"), "op": "IN", "val": [chosen]}
        made["defaultDataMask"] = {
            "extraFormData": {"filters": [condition]},
            "filterState": {"value": [chosen], "label": chosen},
            "ownState": {},
        }
    return made


def is_crossed(clicked: Chart, other: Chart, sources: Sources) -> bool:
    """True if a click on a row or mark of one chart filters the other.

    The other must have what was clicked; a unit of one tier is among facilities only if it is one.
    """
    columns = sources.tables[other.dataset].columns
    for name in [*clicked.by, *([clicked.x] if clicked.x else [])]:
        stated = sources.tables[clicked.dataset].columns
        if name not in columns and f"{name}_zh" not in columns:
            return False
        if name in stated and stated[name].type in ("DATE", "TIMESTAMP", "BIGINT", "DOUBLE"):
            return False
    if "unit_name" in clicked.by or clicked.x == "unit_name":
        return other.of == "unit" or (other.of == clicked.of == "facilities")
    return bool(clicked.by or clicked.x)


def _crossing(dashboard: Dashboard, numbers: dict[str, int], sources: Sources) -> dict[str, Any]:
    """Which charts a click on each chart filters."""
    out: dict[str, Any] = {}
    for name, clicked in dashboard.charts.items():
        excluded = [
            numbers[n] for n, other in dashboard.charts.items() if n == name or not is_crossed(clicked, other, sources)
        ]
        reached = [n for n in numbers.values() if n not in excluded]
        scope = {"rootPath": ["ROOT_ID"], "excluded": excluded}
        out[str(numbers[name])] = {
            "id": numbers[name],
            "crossFilters": {"scope": scope, "chartsInScope": reached},
        }
    return out


def colours(dashboard: Dashboard, sources: Sources, language: Language) -> dict[str, str]:
    """Colour of every series by the label it has on the dashboard."""
    out: dict[str, str] = {}
    for chart in dashboard.charts.values():
        tongue = sources.tongue(chart.dataset, language)
        if not chart.by or chart.kind == "funnel":
            for value, label in zip(chart.values, series_labels(chart, tongue), strict=True):
                if (colour := sources.words.colours.get(value.column or "")) is not None:
                    out |= {label: colour} if value.band else {label: colour, label + TREND: colour}
        for column in chart.by:
            for value_name, text in vocabulary(tongue.table, column, sources.words).items():
                if (colour := sources.words.colours.get(f"{column}.{value_name}")) is not None:
                    out[text.get(language)] = colour
    return out


def _dashboard(dashboard: Dashboard, sources: Sources, language: Language) -> dict[str, Any]:
    # Numbers only tie positions to filters within the bundle; the import gives the real ones.
    numbers = {name: 1 + i for i, name in enumerate(dashboard.charts)}
    return {
        "dashboard_title": dashboard.title.get(language),
        "description": dashboard.purpose.get(language),
        "slug": slug(dashboard, language),
        "published": True,
        "css": CSS,
        "uuid": stable_id("dashboard", dashboard.name, language),
        "position": _position(dashboard, numbers, sources, language),
        "metadata": {
            "native_filter_configuration": [
                _filter(dashboard, name, numbers, sources, language) for name in dashboard.filters
            ],
            "filter_bar_orientation": "HORIZONTAL",
            "cross_filters_enabled": True,
            "color_scheme": "safehold",
            "refresh_frequency": 0,
            "timed_refresh_immune_slices": [],
            "expanded_slices": {},
            "label_colors": colours(dashboard, sources, language),
            "shared_label_colors": [],
            "chart_configuration": _crossing(dashboard, numbers, sources),
        },
        "version": _VERSION,
    }


def bundle_files(sources: Sources, published: Path) -> dict[str, dict[str, Any]]:
    """Files of the bundle by path, as data."""
    files: dict[str, dict[str, Any]] = {
        "metadata.yaml": {"version": _VERSION, "type": "assets", "timestamp": _TIME},
        "databases/safehold.yaml": _database(published),
    }
    for table in sources.tables.values():
        files[f"datasets/safehold/{table.name}.yaml"] = _dataset(table, sources.words)
    for dashboard in sources.dashboards:
        for language in LANGUAGES:
            for name in dashboard.charts:
                path = f"charts/{dashboard.name}_{name}_{language}.yaml"
                files[path] = _chart(dashboard, name, sources, language)
            files[f"dashboards/{slug(dashboard, language)}.yaml"] = _dashboard(dashboard, sources, language)
    return files


def load_bundle(sources: Sources, published: Path) -> Bundle:
    """The bundle of the code as it stands."""
    audiences = {slug(d, language): d.audience for d in sources.dashboards for language in LANGUAGES}
    return Bundle(bundle_files(sources, published), audiences)
