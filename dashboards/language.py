"""From the names of a chart's columns to what one language of it reads and says."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.published import Table
from dashboards.spec import Language, Order, Text, Value, Words

CHOICE = "unit_choice"
"""Computed column of the unit filter: name and code, since two units may share a name."""
_CHOICE_SQL = {"zh": "unit_name_zh || '（' || unit || '）'", "en": "unit_name_en || ' (' || unit || ')'"}
UNIT_ORDER = "unit_order"
"""Saved metric that orders the unit filter: the highest tier a reader may see first, then by code."""
UNIT_ORDER_SQL = (
    "MIN(CASE tier WHEN 'nation' THEN 1 WHEN 'province' THEN 2 WHEN 'city' THEN 3 ELSE 4 END * 1000000000::BIGINT"
    " + COALESCE(TRY_CAST(unit AS BIGINT), 0))"
)


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
    if {"unit", "unit_name_zh", "unit_name_en"} <= table.columns.keys():
        out |= {f"{CHOICE}_{language}": sql for language, sql in _CHOICE_SQL.items()}
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
                return f"CASE WHEN COUNT(DISTINCT unit) = 1 THEN {add}({name}) END"
            case "last":
                return f"CASE WHEN COUNT(DISTINCT unit) = 1 THEN ARG_MAX_NULL({name}, month) END"
            case how:
                return f"{how.upper()}({name})"
