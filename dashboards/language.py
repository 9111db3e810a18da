"""From the names of a chart's columns to what one language of it reads and says."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.published import SCHEMA, Table
from dashboards.spec import Language, Order, Text, Value, Words

TIERS = ("nation", "province", "city", "facility")
"""Tiers, the highest first."""
LAST_MONTH = "is_last_month"
"""Computed column: true for rows of the last published month."""
APART = "_apart"
"""Ending of a computed column: a unit's population, and less than a thousandth that tells two units of one apart."""
UNITS = "units"
"""The published table that names every unit."""


MARKS = {"above_998": "▲", "above_95": "△", "within": "●", "below_95": "▽", "below_998": "▼", "no_rate": "○"}
"""Marks of a unit by where its rate lies against the control limits; they are read in grey as well."""
MARK_COLOURS = {"▲": "#D55E00", "△": "#E69F00", "●": "#BFD9EA", "▽": "#56B4E9", "▼": "#0072B2", "○": "#D9D9D9"}
TILE_COLUMNS = 9


def quote(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def vocabulary(table: Table, column: str, words: Words) -> dict[str, Text]:
    """Words for the values of a column; empty where its values are not codes."""
    found = table.columns.get(column)
    if found is None:
        return {}
    if found.type == "BOOLEAN":
        return words.values["boolean"]
    # A column of codes either lists its values in the model, or has words though its list is open.
    return words.values.get(column, {}) if found.type == "VARCHAR" else {}


def computed_columns(table: Table, words: Words) -> dict[str, str]:
    """Computed columns of a dataset: the words of its code columns, and the unit filter's choice."""
    out: dict[str, str] = {}
    for name, column in table.columns.items():
        terms = vocabulary(table, name, words)
        for language in ("zh", "en") if terms else ():
            cast = f"CAST({name} AS VARCHAR)" if column.type == "BOOLEAN" else name
            cases = " ".join(f"WHEN {quote(v)} THEN {quote(t.get(language))}" for v, t in terms.items())
            out[f"{name}_{language}"] = f"CASE {cast} {cases} ELSE {cast} END"
    for tier in TIERS[1:] if table.name != UNITS else ():
        # Rows carry codes; people choose and read names. The table's name keeps the row's column apart from units'.
        for language in ("zh", "en") if tier in table.columns else ():
            out[f"{tier}_name_{language}"] = (
                f"(SELECT names.unit_name_{language} FROM {SCHEMA}.{UNITS} AS names"
                f" WHERE names.unit = {table.name}.{tier})"
            )
    if table.name != UNITS and {"tier", "unit", "month"} <= table.columns.keys():
        out[LAST_MONTH] = f"(month = (SELECT MAX(every.month) FROM {SCHEMA}.{table.name} AS every))"
        for place in ("tile_row", "tile_column"):
            out[place] = (
                f"(SELECT names.{place} FROM {SCHEMA}.{UNITS} AS names"
                f" WHERE names.tier = {table.name}.tier AND names.unit = {table.name}.unit)"
            )
    if {"unit", "adp_12m"} <= table.columns.keys():
        # A funnel has one point for each value on its x axis; two units of one population would be none.
        out["adp_12m" + APART] = "adp_12m + HASH(unit) % 1000 / 1e6"
    return out


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language of one dataset."""

    table: Table
    words: Words
    language: Language

    def column(self, name: str) -> str:
        """The column that holds `name` in this language: its words, its translation, or itself."""
        local = f"{name}_{self.language}"
        if local in self.table.columns or local in computed_columns(self.table, self.words):
            return local
        return name

    def sql(self, name: str) -> str:
        """SQL of the column in this language."""
        local = self.column(name)
        return computed_columns(self.table, self.words).get(local, local)

    def label(self, name: str) -> str:
        """What the column is called."""
        text = self.words.columns.get(name)
        if text is not None:
            return text.get(self.language)
        found = self.table.columns.get(name)
        return found.zh if found is not None and self.language == "zh" else name

    def definition(self, name: str) -> str:
        """What the figure in this column means, in this language."""
        if self.language == "zh":
            return self.words.definitions[name]
        return self.table.columns[name].description

    def unit(self, value: Value) -> str:
        """The value's unit in this language, or the empty string."""
        unit = value.unit
        if unit is None:
            found = self.table.columns.get(value.column or "")
            unit = found.unit if found is not None else ""
        text = self.words.units.get(unit)
        return text.get(self.language) if text is not None else unit

    def value_label(self, value: Value) -> str:
        """What the value is called, without its unit."""
        return value.label.get(self.language) if value.label is not None else self.label(value.column or "")

    def with_unit(self, value: Value) -> str:
        """What the value is called, with its unit in brackets where it has one."""
        name, unit = self.value_label(value), self.unit(value)
        if not unit:
            return name
        return f"{name}（{unit}）" if self.language == "zh" else f"{name} ({unit})"

    def value_sql(self, value: Value | Order) -> str:
        """SQL aggregate of a value; see :class:`dashboards.spec.Value` for what `how` means."""
        if value.sql is not None:
            return value.sql
        name = self.sql(value.column or "")
        if isinstance(value, Value) and value.share_of:
            name = f"100.0 * {name} / NULLIF({value.share_of}, 0)"
        add = "SUM"
        if isinstance(value, Value) and value.withheld:
            word = self.words.values["rate_flag"]["withheld"].get(self.language)
            name = (
                f"CASE WHEN LIST_CONTAINS(STRING_SPLIT(withheld, ' '), {quote(value.column or '')}) THEN {quote(word)} "
                f"ELSE FORMAT('{{:{value.format or ',.0f'}}}', CAST({name} AS DOUBLE)) END"
            )
            add = "MAX"
        match value.how:
            case "one":
                return of_highest_tier(f"{add}({name})")
            case "last":
                return of_highest_tier(f"ARG_MAX_NULL({name}, month)")
            case how:
                return f"{how.upper()}({name})"


def of_highest_tier(aggregate: str) -> str:
    """The aggregate over the rows of the highest tier there is; null where several units of it meet."""
    branches = []
    for tier in TIERS:
        rows = f"FILTER (WHERE tier = '{tier}')"
        one_unit = f"COUNT(DISTINCT unit) {rows} = 1"
        branches.append(f"WHEN COUNT(*) {rows} > 0 THEN CASE WHEN {one_unit} THEN {aggregate} {rows} END")
    return f"CASE {' '.join(branches)} END"


def tile_metrics(tongue: Tongue) -> dict[str, str]:
    """Saved metrics of a dataset with control limits: the text of each column of the map of tiles, from the west.

    They are saved because Superset lets no chart bring a subquery of its own.
    """
    column = tongue.sql("tile_column")
    marks = " ".join(f"WHEN {quote(code)} THEN {quote(mark)}" for code, mark in MARKS.items())
    rate = "COALESCE(FORMAT('{:.2f}', rate_per_1000_12m), '')"
    text = f"{tongue.column('unit_name')} || ' ' || CASE control {marks} ELSE '○' END || ' ' || {rate}"
    return {
        f"tile_{n}_{tongue.language}": f"COALESCE(MAX(CASE WHEN {column} = {n} THEN {text} END), '')"
        for n in range(TILE_COLUMNS)
    }
