"""A mapping as data: the fields of the YAML files below ``ingestion/registers/mappings/``."""

from __future__ import annotations

import codecs
import zoneinfo
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

Constant = str | int | bool | date


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Strict):
    """Texts that contain any of these words mean ``value``; capitals do not matter."""

    any: list[str] = Field(min_length=1)
    value: Constant


class Period(_Strict):
    """Columns that name a month or quarter."""

    year: str
    quarter: str | None = None
    month: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.quarter is None) == (self.month is None):
            raise ValueError("name either a `quarter` or a `month` column")
        return self


def _column_by_name(given: Any) -> Any:
    return {"column": given} if isinstance(given, str) else given


SourceOf = Annotated["Source", BeforeValidator(_column_by_name)]
"""A source; a plain text is short for the column of that name."""

KINDS = ("value", "column", "unit", "join", "first", "id", "period_start", "period_end")


class Source(_Strict):
    """Where a value comes from (exactly one of the first eight) and how its text is read.

    Text is stripped and runs of white space become one blank before anything else; a null token of
    the file is "no value", and a source without a value gives null.
    """

    value: Constant | None = Field(default=None, description="This constant.")
    column: str | None = Field(default=None, description="The text of this column.")
    unit: str | None = Field(default=None, description="Code of the unit that this column names (see `units`).")
    join: list[SourceOf] | None = Field(default=None, min_length=2, description="Texts in a row; null if one is.")
    first: list[SourceOf] | None = Field(default=None, min_length=2, description="The first that is not null.")
    id: list[str] | None = Field(default=None, min_length=1, description="Content id over the text of these columns.")
    period_start: Period | None = Field(default=None, description="First day of a month or quarter.")
    period_end: Period | None = Field(default=None, description="Last day of a month or quarter.")

    occurrence: bool = Field(
        default=False,
        description="With `id`: rows of a file that agree in these columns are different things, numbered in order.",
    )
    map: dict[str, Constant | None] = Field(
        default_factory=dict, description="Texts and what they mean, capitals aside; null: no value."
    )
    words: list[Words] = Field(default_factory=list, description="After `map`: the first whose words occur.")
    otherwise: Constant | None = Field(default=None, description="After both: what any other text means.")
    when_null: Constant | None = Field(default=None, description="Used where there is no value.")
    case: Literal["upper", "lower"] | None = Field(default=None, description="Capitals of the text.")
    remove: list[str] = Field(default_factory=list, description="Taken off the text's end.")
    dates: list[str] = Field(default_factory=list, description="Forms of a date or time, as strptime writes them.")
    in_year: str | None = Field(
        default=None, description="With `dates`: a day outside the year of this column is taken for no value."
    )
    timezone: str = Field(default="UTC", description="IANA zone of times that name none.")
    thousands: str = Field(default="", max_length=1, description="Separator of thousands in numbers.")
    decimal: str = Field(default=".", min_length=1, max_length=1, description="Decimal sign in numbers.")
    rounding: bool = Field(default=False, description="Fractions become the nearest whole number, halves the even one.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"name exactly one of {', '.join(KINDS)}; got {', '.join(given) or 'none'}")
        if self.occurrence and self.id is None:
            raise ValueError("`occurrence` goes with `id`")
        return self

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no time zone {name!r}; use an IANA name such as Asia/Shanghai") from error
        return name

    def columns(self) -> Iterator[str]:
        """Columns of the file that this source reads."""
        for single in (self.column, self.unit, self.in_year):
            if single is not None:
                yield single
        yield from self.id or ()
        for period in filter(None, (self.period_start, self.period_end)):
            yield period.year
            yield period.quarter or str(period.month)
        for part in (*(self.join or ()), *(self.first or ())):
            yield from part.columns()

    def constants(self) -> Iterator[Constant]:
        """Values that the mapping itself states for this source."""
        for constant in (self.value, self.otherwise, self.when_null):
            if constant is not None:
                yield constant
        yield from (value for value in self.map.values() if value is not None)
        yield from (words.value for words in self.words)


class SkipRule(_Strict):
    """Rows that are left out on purpose, counted under this name. All conditions must hold."""

    rule: str = Field(min_length=1)
    all_null: list[str] = Field(default_factory=list, description="These columns have no value.")
    equals: dict[str, list[str]] = Field(default_factory=dict, description="The column's text is one of these.")

    @model_validator(mode="after")
    def _some_condition(self) -> Self:
        if not self.all_null and not self.equals:
            raise ValueError("name a condition: `all_null` or `equals`")
        return self

    def columns(self) -> Iterator[str]:
        """Columns that the rule looks at."""
        yield from self.all_null
        yield from self.equals


class TableMapping(_Strict):
    """One register that every row of the file may give one row of."""

    table: str
    name: str = Field(min_length=1, description="What the rows are, for the summary.")
    skip: list[SkipRule] = Field(default_factory=list)
    fields: dict[str, SourceOf]


class FileFormat(_Strict):
    """How the file is written."""

    encoding: str = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    nulls: list[str] = Field(default_factory=lambda: [""], description="Texts that mean: no value.")

    @field_validator("encoding")
    @classmethod
    def _codec_exists(cls, name: str) -> str:
        try:
            codec = codecs.lookup(name)
        except LookupError as error:
            raise ValueError(f"unknown code page {name!r}; use for example utf-8, gb18030 or cp1252") from error
        # A byte-order mark is no part of the first column's name.
        return "utf-8-sig" if codec.name == "utf-8" else codec.name


class Unit(_Strict):
    """An administrative unit that the mapping states, and the other names files use for it."""

    unit: str
    tier: Literal["nation", "province", "city"]
    parent: str | None = None
    en: str
    zh: str
    also: list[str] = Field(default_factory=list)


class Units(_Strict):
    """The tiers: units above or beside those that come from columns."""

    units: list[Unit] = Field(min_length=1)

    @model_validator(mode="after")
    def _tree(self) -> Self:
        tiers = {unit.unit: unit.tier for unit in self.units}
        if len(tiers) != len(self.units):
            raise ValueError("two units have the same code")
        above = {"nation": None, "province": "nation", "city": "province"}
        for unit in self.units:
            if (tiers.get(unit.parent) if unit.parent else None) != above[unit.tier]:
                raise ValueError(f"unit {unit.unit}: the parent of a {unit.tier} must be a {above[unit.tier]}")
        names: dict[str, str] = {}
        for unit in self.units:
            for name in {text.casefold() for text in (unit.unit, unit.en, unit.zh, *unit.also)}:
                if names.setdefault(name, unit.unit) != unit.unit:
                    raise ValueError(f"{name!r} names two units: {names[name]} and {unit.unit}")
        return self


class Mapping(_Strict):
    """How one kind of file becomes rows of registers."""

    mapping: str = Field(pattern=r"^[a-z0-9_]+$", description="Id; equals the file's name.")
    about: str = Field(min_length=1, description="What the file is, and what of it the registers hold.")
    source: str = Field(min_length=1, max_length=128, description="The rows' `source`.")
    file: FileFormat = Field(default_factory=FileFormat)
    known_from: Literal["import"] | Source = Field(
        default="import", description="When the rows became known: at the import, or as a column says."
    )
    units: str | Units | None = Field(default=None, description="The units, or a file beside the mapping with them.")
    tables: list[TableMapping] = Field(min_length=1)

    def columns(self) -> set[str]:
        """All columns that the file must have."""
        found = set(self.known_from.columns()) if isinstance(self.known_from, Source) else set()
        for table in self.tables:
            for source in table.fields.values():
                found.update(source.columns())
            for rule in table.skip:
                found.update(rule.columns())
        return found
