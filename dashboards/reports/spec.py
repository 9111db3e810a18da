"""What a report is, as data: its key figures, sections, findings, charts and tables."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from dashboards.reports.numbers import digits_of
from dashboards.spec import Language, Text
from infra.settings import UserError, line_of, read_yaml

FOLDER = Path(__file__).parent


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Noun(_Part):
    """What is counted, with its number in it."""

    zh: str
    """`死亡{n}人`"""
    en: str
    """`{n} deaths`"""
    one: str
    """English for one: `1 death`."""

    def count(self, n: int, shown: str, language: Language) -> str:
        if language == "zh":
            return self.zh.format(n=shown)
        return self.one if n == 1 else self.en.format(n=shown)


class Number(_Part):
    """A published column: how it is written and, where the words do not say so, what it is called."""

    column: str
    format: str = ",.0f"
    label: Text | None = None
    unit: str | None = None

    @field_validator("format")
    @classmethod
    def _known(cls, form: str) -> str:
        digits_of(form)
        return form


class _Of(_Part):
    table: str


class Rate(_Of):
    """A rate over 12 months with its interval and its change against the 12 months before."""

    kind: Literal["rate"]
    noun: Noun
    label: Text
    number: Number
    low: str = "rate_low"
    high: str = "rate_high"
    flag: str = "rate_flag"
    exposure: str = "adp_12m"
    events: str
    counted: str
    """All events of the 12 months; `events` are those of facility-months whose population is known."""


class Bounds(_Of):
    """A count of which only a low and a high bound are known."""

    kind: Literal["bounds"]
    label: Text
    noun: Noun
    low: str
    high: str


class Composition(_Of):
    """The month's count and what it consists of."""

    kind: Literal["parts"]
    label: Text
    noun: Noun
    unit: Text
    total: str
    parts: tuple[Number, ...]


class Share(_Of):
    """A share of the month with its interval, and its change against the 12 months before."""

    kind: Literal["share"]
    whole_noun: Noun
    part_noun: Noun
    label: Text
    part: str
    whole: str
    percent: str | None = None
    """Published column of the share, where there is one."""


class Level(_Of):
    """A figure that is counted in full, beside a year ago or its own usual range."""

    kind: Literal["level"]
    label: Text
    number: Number
    unit: Text
    against: Literal["year_ago", "usual"]
    most: float | None = None
    """The largest value there can be."""


class Outliers(_Of):
    """Which of the units below differ from all of them together by more than chance."""

    kind: Literal["outliers"]
    label: Text
    noun: Noun
    events: str
    exposure: str = "adp_12m"


class Changes(_Of):
    """The largest change of a 12-month rate among the units below, or among the values of a column."""

    kind: Literal["changes"]
    label: Text
    noun: Noun
    events: str
    exposure: str = "adp_12m"
    across: str = "unit"


class Weakest(_Of):
    """Weak and heavily loaded facilities with their reasons."""

    kind: Literal["weakest"]
    top: int = 5


class Orders(_Of):
    """Rectifications open and overdue, the listed ones apart."""

    kind: Literal["orders"]


Finding = Annotated[
    Rate | Bounds | Composition | Share | Level | Outliers | Changes | Weakest | Orders, Field(discriminator="kind")
]


class Chart(_Of):
    """A drawing of the unit's months, or of the units below."""

    kind: Literal["lines", "stacked", "funnel"]
    title: Text
    note: Text | None = None
    axis: Text
    values: tuple[Number, ...] = ()
    band: tuple[str, str] | None = None
    """Columns of the lower and upper limit of the first value."""
    by: str | None = None
    """Column of codes whose values are the parts of a stack."""
    events: str | None = None
    exposure: str | None = None
    top: float | None = None
    """Upper end of the axis, where the unit has one (100 %)."""

    @model_validator(mode="after")
    def _complete(self) -> Chart:
        if self.kind == "funnel" and (self.events is None or self.exposure is None):
            raise ValueError("a funnel needs `events` and `exposure`")
        if self.kind != "funnel" and not self.values:
            raise ValueError("name the `values` to be drawn")
        return self


class Table(_Of):
    """Rows of a published table: the unit's month or months, the units below in this month, or all of the scope."""

    rows: Literal["month", "months", "units", "all"]
    title: Text
    note: Text | None = None
    by: tuple[str, ...] = ()
    """Columns of words or codes before the numbers, besides the month or the unit."""
    numbers: tuple[Number, ...] = ()
    where: str = "true"
    order: str = "unit"
    limit: int = 60
    """Rows in the pages; the workbook holds all."""


class Section(_Part):
    """A chapter of the report."""

    title: Text
    findings: tuple[Finding, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


class KeyFigure(_Of):
    """One figure of the first page."""

    number: Number
    label: Text
    unit: Text
    band: tuple[str, str] | None = None


class Report(_Part):
    """The whole report."""

    title: Text
    key_figures: tuple[KeyFigure, ...]
    summary: tuple[Finding, ...] = ()
    sections: tuple[Section, ...]
    annex: tuple[Section, ...]
    methods: tuple[Text, ...]


class Phrases(_Part):
    """Sentences with places for numbers, by name, and the words around the figures."""

    phrases: dict[str, Text]


class Definitions(_Part):
    """What published columns mean, in Chinese: by column, or `table.column` where tables differ."""

    definitions: dict[str, str]


def _read(name: str, model: type[BaseModel]) -> Any:
    path = FOLDER / name
    data, node = read_yaml(path)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(
            f"{'.'.join(map(str, first['loc']))}: {first['msg']}",
            where=f"{path}:{line_of(node, first['loc'])}",
            do="mend it; docs/reports.md explains the files",
        ) from error


@cache
def load_report() -> Report:
    """The report.

    Raises:
        UserError: the file is not as it should be; with file and line.
    """
    report: Report = _read("report.yaml", Report)
    return report


@cache
def load_phrases() -> dict[str, Text]:
    """Sentences by name.

    Raises:
        UserError: as :func:`load_report`.
    """
    found: Phrases = _read("phrases.yaml", Phrases)
    return found.phrases


@cache
def load_definitions() -> dict[str, str]:
    """Chinese definitions by column.

    Raises:
        UserError: as :func:`load_report`.
    """
    found: Definitions = _read("definitions.yaml", Definitions)
    return found.definitions
