"""The bundle that Superset imports: database, datasets, charts and dashboards, generated from the data.

Ids are uuid5 of names, so a second import changes the same objects.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboards.archive import Bundle
from dashboards.charts import TREND, chart_params, series_labels
from dashboards.language import CHOICE, UNIT_ORDER, UNIT_ORDER_SQL, Tongue, computed_columns, vocabulary
from dashboards.published import SCHEMA, Table, published_tables
from dashboards.spec import LANGUAGES, Chart, Dashboard, Language, Words, load_dashboards, load_words

DATABASE = "Safehold"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:safehold:dashboards")
_VERSION = "1.0.0"
_TIME = "1980-01-01T00:00:00+00:00"
"""Fixed, so that the same sources give the same bundle, byte for byte."""


def stable_id(*names: str) -> str:
    """UUID of an object by its kind and names."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(names)))


def slug(dashboard: Dashboard, language: Language) -> str:
    """Last part of the dashboard's address."""
    return f"{dashboard.audience}-{language}"


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
    columns += [column(name, "VARCHAR", expression=sql) for name, sql in computed_columns(table, words).items()]
    return {
        "table_name": table.name,
        "schema": SCHEMA,
        "main_dttm_col": "month" if "month" in table.columns else None,
        "description": table.description,
        "filter_select_enabled": True,
        "columns": columns,
        "metrics": [{"metric_name": UNIT_ORDER, "expression": UNIT_ORDER_SQL, "verbose_name": UNIT_ORDER}],
        "uuid": stable_id("dataset", table.name),
        "database_uuid": stable_id("database"),
        "version": _VERSION,
    }


def chart_id(dashboard: Dashboard, name: str, language: Language) -> str:
    """UUID of one language of a chart."""
    return stable_id("chart", dashboard.audience, name, language)


def _chart(dashboard: Dashboard, name: str, sources: Sources, language: Language) -> dict[str, Any]:
    chart = dashboard.charts[name]
    params = chart_params(chart, sources.tongue(chart.dataset, language))
    return {
        "slice_name": chart.title.get(language),
        "description": chart.note.get(language) if chart.note else None,
        "viz_type": params["viz_type"],
        "params": params,
        "uuid": chart_id(dashboard, name, language),
        "dataset_uuid": stable_id("dataset", chart.dataset),
        "version": _VERSION,
    }


def header_text(dashboard: Dashboard, language: Language) -> str:
    """Markdown above the charts: what the page is for, and the way to its other language."""
    other: Language = "en" if language == "zh" else "zh"
    link = f"[{'English' if other == 'en' else '中文'}](/superset/dashboard/{slug(dashboard, other)}/)"
    return f"{dashboard.purpose.get(language)}  \n{link}"


def _position(dashboard: Dashboard, numbers: dict[str, int], language: Language) -> dict[str, Any]:
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": dashboard.title.get(language)}},
    }
    rows = ["ROW-header"]
    parents = ["ROOT_ID", "GRID_ID"]
    position["ROW-header"] = {
        "type": "ROW",
        "id": "ROW-header",
        "children": ["MARKDOWN-header"],
        "parents": parents,
        "meta": {"background": "BACKGROUND_TRANSPARENT"},
    }
    position["MARKDOWN-header"] = {
        "type": "MARKDOWN",
        "id": "MARKDOWN-header",
        "children": [],
        "parents": [*parents, "ROW-header"],
        "meta": {"width": 12, "height": 10, "code": header_text(dashboard, language)},
    }
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
    position["GRID_ID"] = {"type": "GRID", "id": "GRID_ID", "children": rows, "parents": ["ROOT_ID"]}
    return position


@dataclass(frozen=True, slots=True)
class FilterTarget:
    """Where a dashboard filter takes its choices, and which charts it reaches."""

    table: str
    column: str
    label: str
    reaches: tuple[str, ...]
    """Kinds of `of` of the charts that it filters."""
    needs: tuple[str, ...]
    """Columns a chart's dataset must have to be filtered."""


FILTERS = {
    "tier": FilterTarget("population", "tier", "compare_tier", ("tier",), ("tier",)),
    "unit": FilterTarget("population", CHOICE, CHOICE, ("unit",), ("unit",)),
    "province": FilterTarget("population", "province", "province", ("tier", "facilities"), ("province",)),
    "month": FilterTarget("population", "month", "month", ("unit", "tier", "facilities"), ("month",)),
    "source": FilterTarget("count_reconciliation", "source", "source", ("instance",), ("source",)),
    "severity": FilterTarget("alerts_by_rule_hour", "severity", "severity", ("facilities",), ("severity",)),
}


def is_filtered(chart: Chart, target: FilterTarget, sources: Sources) -> bool:
    """True if the filter reaches the chart."""
    columns = sources.tables[chart.dataset].columns
    return chart.of in target.reaches and all(column in columns for column in target.needs)


def _filter(
    dashboard: Dashboard, name: str, numbers: dict[str, int], sources: Sources, language: Language
) -> dict[str, Any]:
    target = FILTERS[name]
    tongue = sources.tongue(target.table, language)
    excluded = [numbers[c] for c, chart in dashboard.charts.items() if not is_filtered(chart, target, sources)]
    made: dict[str, Any] = {
        "id": f"NATIVE_FILTER-{name}",
        "name": tongue.label(target.label),
        "type": "NATIVE_FILTER",
        "description": "",
        "scope": {"rootPath": ["ROOT_ID"], "excluded": excluded},
        "chartsInScope": [n for n in numbers.values() if n not in excluded],
        "tabsInScope": [],
        "cascadeParentIds": [],
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
    }
    if name == "month":
        return made | {"filterType": "filter_time", "targets": [{}], "controlValues": {}}
    # Tier and unit always hold one value: rows of several tiers must not be mixed. Both begin with
    # something every reader may see: the highest unit of his scope, and the facilities.
    single = name in ("tier", "unit")
    made |= {
        "filterType": "filter_select",
        "targets": [
            {"datasetUuid": stable_id("dataset", target.table), "column": {"name": tongue.column(target.column)}}
        ],
        "controlValues": {
            "multiSelect": not single,
            "enableEmptyFilter": single,
            "defaultToFirstItem": name == "unit",
            "inverseSelection": False,
            "searchAllOptions": False,
            "sortAscending": True,
        },
    }
    if name == "unit":
        made["requiredFirst"] = True  # without it the first choice is shown but not applied
        made["sortMetric"] = UNIT_ORDER
    if name == "tier":
        chosen = vocabulary(tongue.table, "tier", sources.words)["facility"].get(language)
        condition = {"col": tongue.column("tier"), "op": "IN", "val": [chosen]}
        made["defaultDataMask"] = {
            "extraFormData": {"filters": [condition]},
            "filterState": {"value": [chosen], "label": chosen},
            "ownState": {},
        }
    if name == "province":
        made["adhoc_filters"] = [{"expressionType": "SQL", "clause": "WHERE", "sqlExpression": "province IS NOT NULL"}]
    return made


def colours(dashboard: Dashboard, sources: Sources, language: Language) -> dict[str, str]:
    """Colour of every series by the label it has on the dashboard."""
    out: dict[str, str] = {}
    for chart in dashboard.charts.values():
        tongue = sources.tongue(chart.dataset, language)
        if not chart.by:
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
        "css": "",
        "uuid": stable_id("dashboard", dashboard.audience, language),
        "position": _position(dashboard, numbers, language),
        "metadata": {
            "native_filter_configuration": [
                _filter(dashboard, name, numbers, sources, language) for name in dashboard.filters
            ],
            "filter_bar_orientation": "HORIZONTAL",
            "cross_filters_enabled": False,
            "color_scheme": "safehold",
            "refresh_frequency": 0,
            "timed_refresh_immune_slices": [],
            "expanded_slices": {},
            "label_colors": colours(dashboard, sources, language),
            "shared_label_colors": [],
            "chart_configuration": {},
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
                path = f"charts/{dashboard.audience}_{name}_{language}.yaml"
                files[path] = _chart(dashboard, name, sources, language)
            files[f"dashboards/{slug(dashboard, language)}.yaml"] = _dashboard(dashboard, sources, language)
    return files


def load_bundle(sources: Sources, published: Path) -> Bundle:
    """The bundle of the code as it stands."""
    audiences = {slug(d, language): d.audience for d in sources.dashboards for language in LANGUAGES}
    return Bundle(bundle_files(sources, published), audiences)
