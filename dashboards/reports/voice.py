"""One language of a report: words, sentences, dates, and numbers with what is missing or withheld."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from dashboards.language import Tongue, vocabulary
from dashboards.published import Table
from dashboards.reports.numbers import d3_format, shown
from dashboards.reports.published import Row, is_withheld
from dashboards.reports.spec import Number, load_phrases
from dashboards.reports.statistics import Estimate
from dashboards.spec import Language, Value, Words

# Of no locale: a report reads the same on every machine.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
RATIOS = (",.2f", ",.3f", ",.4f")
PERCENT = ",.1f"


@dataclass(frozen=True, slots=True)
class Voice:
    """Says things in one language."""

    language: Language
    words: Words

    def say(self, phrase: str, **values: str) -> str:
        """The phrase with its places filled; {Label} is the label with a capital letter."""
        if "label" in values:
            values["Label"] = values["label"][:1].upper() + values["label"][1:]
        text = load_phrases()[phrase].get(self.language).format(**values)
        return text.replace(" %", "\N{NO-BREAK SPACE}%")

    def join(self, sentences: list[str]) -> str:
        """Sentences one after the other; empty ones are left out."""
        return ("" if self.language == "zh" else " ").join(s for s in sentences if s)

    def list(self, items: list[str], semicolons: bool = False) -> str:
        """Items of an enumeration."""
        if self.language == "zh":
            return ("；" if semicolons else "、").join(items)
        return ("; " if semicolons else ", ").join(items)

    def month(self, day: date) -> str:
        return f"{day.year}年{day.month}月" if self.language == "zh" else f"{_MONTHS[day.month - 1]} {day.year}"

    def day(self, day: date) -> str:
        return (
            f"{day.year}年{day.month}月{day.day}日"
            if self.language == "zh"
            else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
        )

    def number(self, value: float | Decimal, form: str = ",.0f") -> str:
        """The number; an endless one in words."""
        return self.say("no_limit") if math.isinf(value) else d3_format(value, form)

    def ratio(self, estimate: Estimate) -> dict[str, str]:
        """A ratio and its limits, with as many decimals as tell a limit from 1."""
        limits = (estimate.low, estimate.high)
        form = next(f for f in RATIOS if f == RATIOS[-1] or all(x == 1 or shown(x, f) != 1 for x in limits))
        values = {"ratio": estimate.value, "low": estimate.low, "high": estimate.high}
        return {name: self.number(value, form) for name, value in values.items()}

    def cell(self, row: Row, column: str, form: str = ",.0f") -> str:
        """What stands for a published value: its number, or whether it is withheld or missing."""
        value = row.get(column)
        if value is None:
            return self.say("withheld" if is_withheld(row, column) else "missing")
        return self.number(value, form)

    def name(self, row: Row) -> str:
        """The row's unit."""
        return str(row[f"unit_name_{self.language}"])

    def text(self, table: Table, row: Row, column: str) -> str:
        """A column of words, codes or dates, in this language."""
        local = f"{column}_{self.language}"
        value = row[local] if local in table.columns else row[column]
        if value is None:
            return self.say("missing")
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M}"
        if isinstance(value, date):
            return f"{value:%Y-%m-%d}"
        code = str(value).lower() if isinstance(value, bool) else str(value)
        known = vocabulary(table, column, self.words).get(code)
        return code if known is None else known.get(self.language)

    def label(self, table: Table, number: Number) -> str:
        """What the column is called."""
        return (
            number.label.get(self.language)
            if number.label is not None
            else Tongue(table, self.words, self.language).label(number.column)
        )

    def unit(self, table: Table, number: Number) -> str:
        """The column's unit of measure, or the empty string."""
        return Tongue(table, self.words, self.language).unit(Value(column=number.column, unit=number.unit))
