"""Reading one value: a source on a row, then the text as the type that the contract wants."""

from __future__ import annotations

import math
import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from ingestion.contracts import content_id
from ingestion.contracts.schemas import scalar_of, split_optional
from ingestion.registers.mapping import Constant, Period, Source

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TRUE = {"true", "yes", "y", "1", "是"}
_FALSE = {"false", "no", "n", "0", "否"}


class CannotRead(ValueError):
    """A cell that does not say what the mapping expects of it."""

    def __init__(self, column: str, what: str, do: str) -> None:
        self.column, self.what, self.do = column, what, do
        super().__init__(what)


@dataclass
class Reader:
    """Reads sources on the rows of one file.

    ``units`` holds the code of every known name of a unit, case-folded. ``seen`` numbers the rows
    that share the columns of an id, so it must see the file's rows in order.
    """

    nulls: frozenset[str]
    units: Map[str, str]
    seen: dict[tuple[str, ...], int] = field(default_factory=dict)

    def text(self, row: Map[str, str], column: str) -> str | None:
        """The cell with white space in order, None for a null token."""
        text = " ".join(row[column].split())
        return None if text in self.nulls else text

    def value(self, source: Source, row: Map[str, str], annotation: Any, scope: str) -> Any:
        """The source's value as the contract's type; None where it has none.

        Raises:
            CannotRead: the text is no such value.
        """
        if source.first is not None:
            found = (self.value(part, row, annotation, scope) for part in source.first)
            raw: Any = next((value for value in found if value is not None), None)
        else:
            raw = self._raw(source, row, scope)
            if isinstance(raw, str) and source.value is None:
                raw = _typed(raw, source, annotation)
            if source.in_year is not None and isinstance(raw, date) and str(raw.year) != self.text(row, source.in_year):
                raw = None
        if raw is None:
            return source.when_null
        return raw

    def _raw(self, source: Source, row: Map[str, str], scope: str) -> Any:
        if source.value is not None:
            return source.value
        if source.join is not None:
            parts = [self.value(part, row, str, scope) for part in source.join]
            return None if None in parts else _shaped("".join(map(str, parts)), source)
        if source.id is not None:
            return self._id(source.id, source.occurrence, row, scope)
        if source.period_start is not None:
            return self._period(source.period_start, row, last=False)
        if source.period_end is not None:
            return self._period(source.period_end, row, last=True)
        if source.unit is not None:
            return self._unit(source, row)
        text = self.text(row, str(source.column))
        return None if text is None else _meant(_shaped(text, source), source)

    def _unit(self, source: Source, row: Map[str, str]) -> str | None:
        column = str(source.unit)
        text = self.text(row, column)
        if text is None:
            return None
        code = self.units.get(str(_meant(_shaped(text, source), source)).casefold())
        if code is None:
            raise CannotRead(column, f"{text!r} names no unit", "add it to the mapping's units, or correct the cell")
        return code

    def _id(self, columns: list[str], occurrence: bool, row: Map[str, str], scope: str) -> str:
        cells = [self.text(row, column) or "" for column in columns]
        if not occurrence:
            return content_id(scope, *cells)
        key = (scope, *cells)
        self.seen[key] = self.seen.get(key, 0) + 1
        return content_id(scope, *cells, self.seen[key])

    def _period(self, period: Period, row: Map[str, str], *, last: bool) -> date | None:
        column = period.quarter or str(period.month)
        year, part = self.text(row, period.year), self.text(row, column)
        if year is None or part is None:
            return None
        if not re.fullmatch(r"\d{4}", year):
            raise CannotRead(period.year, f"{year!r} is not a year", "write it with four digits")
        month = _quarter_month(part) if period.quarter else _month(part)
        if month is None:
            raise CannotRead(column, f"{part!r} is no {'quarter' if period.quarter else 'month'}", "correct the cell")
        if last:
            return date(int(year), month, monthrange(int(year), month)[1])
        return date(int(year), month - (2 if period.quarter else 0), 1)


def _quarter_month(text: str) -> int | None:
    match = re.fullmatch(r"[Qq]?([1-4])", text)
    return int(match[1]) * 3 if match else None


def _month(text: str) -> int | None:
    if text.isdecimal():
        return int(text) if 1 <= int(text) <= 12 else None
    return next((i for i, name in enumerate(_MONTHS, start=1) if text.lower().startswith(name)), None)


def _shaped(text: str, source: Source) -> str:
    for ending in source.remove:
        text = text.removesuffix(ending).rstrip()
    match source.case:
        case "upper":
            return text.upper()
        case "lower":
            return text.lower()
        case _:
            return text


def _meant(text: str, source: Source) -> Constant | None:
    if not source.map and not source.words:
        return text
    folded = text.casefold()
    for known, value in source.map.items():
        if known.casefold() == folded:
            return value
    for words in source.words:
        if any(word.casefold() in folded for word in words.any):
            return words.value
    return text if source.otherwise is None else source.otherwise


def _typed(text: str, source: Source, annotation: Any) -> Any:
    wanted = scalar_of(split_optional(annotation)[0])
    column = next(source.columns(), "")
    if wanted is int:
        return _integer(text, source, column)
    if wanted is float:
        return _number(text, source, column)
    if wanted is bool:
        if text.casefold() in _TRUE | _FALSE:
            return text.casefold() in _TRUE
        raise CannotRead(column, f"{text!r} is neither yes nor no", "add a `map` for this text")
    if wanted is date:
        return read_date(text, tuple(source.dates), column).date()
    if wanted is datetime:
        moment = read_date(text, tuple(source.dates), column)
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(source.timezone))).astimezone(UTC)
    return text


def _number(text: str, source: Source, column: str) -> float:
    plain = unicodedata.normalize("NFKC", text)
    if source.thousands and source.thousands in plain:
        separator, decimal = re.escape(source.thousands), re.escape(source.decimal)
        if not re.fullmatch(rf"[+-]?\d{{1,3}}({separator}\d{{3}})+({decimal}\d*)?", plain):
            raise CannotRead(column, f"{text!r} is not grouped in thousands", "correct the cell")
        plain = plain.replace(source.thousands, "")
    plain = plain.replace(source.decimal, ".") if source.decimal != "." else plain
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", plain) or not math.isfinite(float(plain)):
        raise CannotRead(column, f"{text!r} is not a number", "correct the cell, or name it under `nulls`")
    return float(plain)


def _integer(text: str, source: Source, column: str) -> int:
    if re.fullmatch(r"\d{1,18}", text, re.ASCII):
        return int(text)
    number = _number(text, source, column)
    if abs(number) >= 2**53:
        raise CannotRead(column, f"{text!r} is too large for a count", "correct the cell")
    if number != int(number) and not source.rounding:
        raise CannotRead(column, f"{text!r} is not a whole number", "correct the cell, or set `rounding: true`")
    return round(number)


@lru_cache(maxsize=65_536)
def read_date(text: str, forms: tuple[str, ...], column: str) -> datetime:
    """A date or time in one of several forms.

    Raises:
        CannotRead: no form fits, or two fit and disagree (03/04/2021 as day/month and month/day).
    """
    plain = unicodedata.normalize("NFKC", text)
    found: dict[datetime, str] = {}
    for form in forms:
        try:
            found.setdefault(datetime.strptime(plain, form), form)
        except ValueError:
            continue
    if len(found) > 1:
        readings = " or ".join(f"{moment:%Y-%m-%d} ({form})" for moment, form in found.items())
        raise CannotRead(column, f"{text!r} may mean {readings}", "keep one of these forms in the mapping's `dates`")
    if not found:
        raise CannotRead(column, f"{text!r} is not a date like {' or '.join(forms)}", "correct it, or add its form")
    return next(iter(found))
