"""From a chart's data to the parameters of Superset's chart types, for one language."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from dashboards.language import APART, LAST_MONTH, MARK_COLOURS, Tongue, quote, tile_metrics, vocabulary
from dashboards.spec import Chart, Value
from streaming_jobs.catalogue import load_catalogue

VIZ_TYPES = {
    "figure": "big_number_total",
    "lines": "echarts_timeseries_line",
    "stacked": "echarts_timeseries_bar",
    "bars": "echarts_timeseries_bar",
    "heat": "heatmap_v2",
    "funnel": "mixed_timeseries",
    "tiles": "table",
    "table": "table",
}
BAND = {"low": "__yhat_lower", "high": "__yhat_upper"}
TREND = "__yhat"
"""Suffixes by which Superset knows the series of a forecast, which is how it draws a band."""
Params = dict[str, Any]


@cache
def staff_rules() -> str:
    """SQL list of the rules that are about staff, from the rule catalogue."""
    rules = sorted(rule.id for rule in load_catalogue() if rule.about_staff)
    return "(" + ", ".join(quote(rule) for rule in rules) + ")"


def conditions(chart: Chart) -> list[str]:
    """SQL conditions of a chart's rows."""
    own = [text.replace("{staff_rules}", staff_rules()) for text in chart.where]
    return (["tier = 'facility'"] if chart.of == "facilities" else []) + own


def _metric(sql: str, label: str) -> Params:
    digest = hashlib.blake2b(f"{sql}|{label}".encode(), digest_size=6).hexdigest()
    return {
        "expressionType": "SQL",
        "sqlExpression": sql,
        "label": label,
        "hasCustomLabel": True,
        "optionName": f"metric_{digest}",
    }


def _value(tongue: Tongue, value: Value, label: str) -> Params:
    return _metric(tongue.value_sql(value), label)


def _filters(chart: Chart, tongue: Tongue) -> list[Params]:
    filters: list[Params] = [
        {"expressionType": "SQL", "clause": "WHERE", "sqlExpression": text} for text in conditions(chart)
    ]
    if chart.latest:
        filters.append(
            {
                "expressionType": "SIMPLE",
                "clause": "WHERE",
                "subject": LAST_MONTH,
                "operator": "==",
                "comparator": True,
            }
        )
    elif "month" in tongue.table.columns:
        # Without this the dashboard's time filter would not reach the chart.
        filters.append(
            {
                "expressionType": "SIMPLE",
                "clause": "WHERE",
                "subject": "month",
                "operator": "TEMPORAL_RANGE",
                "comparator": "No filter",
            }
        )
    return filters


def _figure(chart: Chart, tongue: Tongue) -> Params:
    value = chart.values[0]
    return {
        "metric": _value(tongue, value, tongue.value_label(value)),
        "subtitle": tongue.unit(value),
        "subtitle_font_size": 0.2,
        "header_font_size": 0.5,
        "y_axis_format": value.format or chart.format,
    }


def series_labels(chart: Chart, tongue: Tongue) -> list[str]:
    """Labels of the values; a band is drawn where Superset finds the suffixes of its forecasts."""
    first = tongue.value_label(chart.values[0])
    return [first + BAND[v.band] if v.band else tongue.value_label(v) for v in chart.values]


def indexed(sql: str) -> str:
    """The value as an index: 100 in the first month that has one."""
    return f"100.0 * ({sql}) / FIRST_VALUE(NULLIF({sql}, 0) IGNORE NULLS) OVER (ORDER BY MIN(month))"


def grain(chart: Chart, tongue: Tongue) -> str | None:
    """Step of the chart's x axis if it is one of time: months of dates, hours of time stamps, none where exact."""
    found = None if chart.exact_time else tongue.table.columns.get(chart.x or "")
    return {"DATE": "P1M", "TIMESTAMP": "PT1H"}.get(found.type) if found is not None else None


def _axes(chart: Chart, tongue: Tongue) -> Params:
    assert chart.axis is not None
    assert chart.x is not None
    labels = series_labels(chart, tongue)
    metrics = [_value(tongue, v, label) for v, label in zip(chart.values, labels, strict=True)]
    if chart.indexed:
        metrics = [_metric(indexed(metric["sqlExpression"]), metric["label"]) for metric in metrics]
    banded = any(value.band for value in chart.values)
    if banded:
        # Superset draws a series with a band as points; the same numbers as its "trend" give the line.
        metrics.append(_value(tongue, chart.values[0], labels[0] + TREND))
    return {
        "x_axis": tongue.column(chart.x),
        "time_grain_sqla": grain(chart, tongue),
        "metrics": metrics,
        "groupby": [tongue.column(name) for name in chart.by],
        # By name, the points come first and give the legend their colour; else by size.
        "sort_series_type": "name" if banded else "sum",
        "sort_series_ascending": banded,
        "x_axis_time_format": chart.time_format,
        "x_axis_title": "",
        "x_axis_title_margin": 0,
        "y_axis_title": chart.axis.get(tongue.language),
        "y_axis_title_margin": 50,
        "y_axis_title_position": "Left",
        "y_axis_format": chart.format,
        "show_legend": len(labels) + len(chart.by) > 1,
        "legendType": "plain",
        "legendOrientation": "top",
        "color_scheme": "safehold",
        "rich_tooltip": True,
        "tooltipTimeFormat": chart.time_format,
        "truncate_metric": True,
        "row_limit": chart.limit,
        "order_desc": True,
    }


def _lines(chart: Chart, tongue: Tongue) -> Params:
    return _axes(chart, tongue) | {
        "seriesType": "line",
        "markerEnabled": True,
        "markerSize": 5,
        "truncateYAxis": True,
        "y_axis_bounds": list(chart.bounds),
        "connect_nulls": False,
    }


def _stacked(chart: Chart, tongue: Tongue) -> Params:
    return _axes(chart, tongue) | {"stack": "Stack", "orientation": "vertical", "y_axis_bounds": [None, None]}


def _bars(chart: Chart, tongue: Tongue) -> Params:
    return _stacked(chart, tongue) | {
        "orientation": "horizontal",
        # The longest bar on top: of several series by their sum, of one by its own name.
        "x_axis_sort": "sum" if chart.by else series_labels(chart, tongue)[0],
        "x_axis_sort_asc": True,
        "xAxisLabelInterval": "0",  # every bar has its name
        "y_axis_title_margin": 30,
        "x_axis_title_margin": 30,
    }


def _label_width(chart: Chart, tongue: Tongue) -> int:
    """Pixels for the names beside a heat map: "auto" clips long ones."""
    words = vocabulary(tongue.table, chart.by[0], tongue.words).values()
    if longest := max((len(text.get(tongue.language)) for text in words), default=0):
        return 20 + 13 * longest
    # Titles; a Latin one needs about twice the width of a Chinese one.
    return 110 if tongue.language == "zh" else 190


def _heat(chart: Chart, tongue: Tongue) -> Params:
    value = chart.values[0]
    return {
        "x_axis": tongue.column(chart.x or ""),
        "time_grain_sqla": grain(chart, tongue),
        "groupby": tongue.column(chart.by[0]),
        "metric": _value(tongue, value, tongue.with_unit(value)),
        "linear_color_scheme": "schemeBlues",
        "x_axis_time_format": chart.time_format,
        "xscale_interval": 1,
        "yscale_interval": 1,
        "show_values": True,
        "show_legend": True,
        "legend_type": "continuous",
        "show_percentage": False,
        "normalize_across": "heatmap",
        "normalized": False,
        "value_bounds": [0, None],
        "left_margin": _label_width(chart, tongue),
        "bottom_margin": "auto",
        "y_axis_format": chart.format,
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_desc",  # the axis runs upwards: the first name stands on top
        "row_limit": chart.limit,
    }


def _funnel(chart: Chart, tongue: Tongue) -> Params:
    """Limits as lines, units as points, against a number on the x axis; the first value is the units'."""
    assert chart.axis is not None
    assert chart.x_axis is not None
    assert chart.x is not None
    own, *limits = [_value(tongue, value, tongue.value_label(value)) for value in chart.values]
    filters = _filters(chart, tongue)
    return {
        "x_axis": chart.x + APART,
        "metrics": limits,
        "groupby": [],
        "seriesType": "line",
        "markerEnabled": False,
        "metrics_b": [own],
        "groupby_b": [tongue.column(chart.by[0])],
        "adhoc_filters_b": filters,
        "seriesTypeB": "scatter",
        "markerEnabledB": True,
        "markerSizeB": 10,
        "yAxisIndexB": 0,
        "row_limit": chart.limit * 10,
        "row_limit_b": chart.limit * 10,
        "truncate_metric": True,
        "truncate_metric_b": True,
        "x_axis_title": chart.x_axis.get(tongue.language),
        "x_axis_title_margin": 30,
        "truncateXAxis": False,
        "y_axis_title": chart.axis.get(tongue.language),
        "y_axis_title_margin": 50,
        "y_axis_title_position": "Left",
        "yAxisTitleSecondary": "",
        "y_axis_format": chart.format,
        "truncateYAxis": True,
        "y_axis_bounds": list(chart.bounds),
        "show_legend": True,
        "legendType": "plain",
        "legendOrientation": "top",
        "color_scheme": "safehold",
        "rich_tooltip": False,
    }


def _tiles(chart: Chart, tongue: Tongue) -> Params:
    """A map of tiles: a table whose cells are units, each with name, mark and rate, coloured by its mark."""
    metrics = tile_metrics(tongue)
    west, east = ("西", "东") if tongue.language == "zh" else ("west", "east")
    names = [west, *["·"] * (len(metrics) - 2), east]
    return {
        "query_mode": "aggregate",
        "groupby": ["tile_row"],
        "metrics": list(metrics),
        "column_config": {"tile_row": {"visible": False}}
        | {
            metric: {"customColumnName": name, "displayTypeIcon": False, "horizontalAlign": "center"}
            for metric, name in zip(metrics, names, strict=True)
        },
        "conditional_formatting": [
            {"column": metric, "operator": "containing", "targetValue": mark, "colorScheme": colour}
            for metric in metrics
            for mark, colour in MARK_COLOURS.items()
        ],
        "show_cell_bars": False,
        "row_limit": chart.limit,
        "server_page_length": 10,
        "page_length": 0,
        "include_search": False,
        "order_desc": False,
        "allow_render_html": False,
    }


def _table(chart: Chart, tongue: Tongue) -> Params:
    labels = [tongue.with_unit(value) for value in chart.values]
    columns: Params = {
        label: {"d3NumberFormat": value.format or chart.format, "d3SmallNumberFormat": value.format or chart.format}
        for label, value in zip(labels, chart.values, strict=True)
    }
    for name in chart.by:
        # Columns keep their own names, so that a click on a row can filter other charts; the label is what is shown.
        columns[tongue.column(name)] = {"customColumnName": tongue.label(name), "displayTypeIcon": False}
        # Dates carry no time of day; only time stamps use the chart's format.
        if (column := tongue.table.columns.get(name)) is not None and column.type == "DATE":
            columns[name]["d3TimeFormat"] = "%Y-%m-%d"
    params: Params = {
        "query_mode": "aggregate",
        "groupby": [tongue.column(name) for name in chart.by],
        "metrics": [_value(tongue, v, label) for v, label in zip(chart.values, labels, strict=True)],
        "table_timestamp_format": chart.time_format,
        "column_config": columns,
        "show_cell_bars": chart.bars,
        "color_pn": False,
        "row_limit": chart.limit,
        "server_page_length": 10,
        "page_length": chart.page,
        "include_search": False,
        "order_desc": True,
        "allow_render_html": False,
    }
    if chart.order is not None:
        order = chart.order
        params["timeseries_limit_metric"] = _metric(tongue.value_sql(order), "order")
        params["order_desc"] = order.descending
    return params


_MAKERS = {
    "figure": _figure,
    "lines": _lines,
    "stacked": _stacked,
    "bars": _bars,
    "heat": _heat,
    "funnel": _funnel,
    "tiles": _tiles,
    "table": _table,
}


def chart_params(chart: Chart, tongue: Tongue) -> Params:
    """Parameters of the Superset chart, without its dataset."""
    made = _MAKERS[chart.kind](chart, tongue)
    return {"viz_type": VIZ_TYPES[chart.kind], "adhoc_filters": _filters(chart, tongue)} | made
