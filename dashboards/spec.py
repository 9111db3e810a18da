"""What a dashboard is, as data: one YAML file an audience, and the words in both languages."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from infra.settings import UserError, line_of, read_yaml

ASSETS = Path(__file__).parent / "assets"
Language = Literal["zh", "en"]
FilterName = Literal["province", "city", "facility", "tier", "month", "source", "severity", "rule", "metric"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Part):
    """A text in both languages; neither may be missing."""

    zh: str
    en: str

    def get(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class Value(_Part):
    """A number of a chart: a published column and how rows become one, or an expression.

    Rows of different tiers overlap, so `one` and `last` read the rows of the highest tier among those
    that scope and filters leave, and give nothing (never a sum over units) where several units of it
    meet: `one` adds the unit's rows, `last` takes its latest month.
    """

    column: str | None = None
    how: Literal["one", "last", "sum", "max"] = "one"
    share_of: str | None = None
    """Column of the same row in whose per cent the value is shown; nothing where that is zero."""
    sql: str | None = None
    columns: tuple[str, ...] = ()
    """Columns that `sql` reads."""
    label: Text | None = None
    unit: str | None = None
    format: str | None = None
    withheld: bool = False
    """Disclosure control may withhold it: a table shows it as text, which says so where it is."""
    band: Literal["low", "high"] | None = None
    """Lower or upper edge of the band around the chart's first value."""

    @model_validator(mode="after")
    def _one_source(self) -> Value:
        if (self.column is None) == (self.sql is None):
            raise ValueError("give `column` or `sql`, and not both")
        if self.sql is not None and not self.columns:
            raise ValueError("name the `columns` that `sql` reads")
        if self.withheld and (self.sql is not None or self.how not in ("one", "last")):
            raise ValueError("what may be withheld is a `column`, one row's or the `last`")
        if self.share_of and (
            self.label is None or self.unit is None or self.withheld or self.how not in ("one", "last")
        ):
            raise ValueError("a share is of one row's `column` or the `last`, with a `label` and a `unit`")
        return self


class Order(_Part):
    """How a table's rows are ordered."""

    column: str | None = None
    how: Literal["one", "last", "sum", "max"] = "sum"
    sql: str | None = None
    columns: tuple[str, ...] = ()
    descending: bool = True


class Chart(_Part):
    """One chart: which numbers of which published table, drawn how."""

    title: Text
    note: Text | None = None
    may_be_empty: Text | None = None
    """Why no row is a fair answer; without it a chart that shows nothing is a fault of its picture."""
    dataset: str
    kind: Literal["figure", "lines", "stacked", "bars", "heat", "funnel", "tiles", "table"]
    of: Literal["unit", "tier", "facilities", "instance"] = "unit"
    """Whose rows: the highest unit that scope and filters leave, all units of the tier chosen, every facility, or
    the instance."""
    x: str | None = None
    by: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()
    where: tuple[str, ...] = ()
    latest: bool = False
    """Only the last published month, whatever months the filter chooses."""
    order: Order | None = None
    limit: int = 1000
    axis: Text | None = None
    x_axis: Text | None = None
    indexed: bool = False
    """Lines begin at 100 in the first month shown."""
    bars: bool = False
    """A table's numbers have bars behind them."""
    page: int = 0
    """Rows of a table's page; 0 shows all, and scrolls."""
    format: str = ",~f"
    """d3 format of the value axis; the default shows counts whole and never two ticks with one label."""
    bounds: tuple[float | None, float | None] = (0, None)
    """Ends of the value axis."""
    time_format: str = "%Y-%m"
    exact_time: bool = False
    """Time stamps on the x axis stay as they are; else they are taken by the hour."""

    @model_validator(mode="after")
    def _complete(self) -> Chart:
        if self.kind in ("lines", "stacked", "bars") and (self.axis is None or self.x is None):
            raise ValueError(f"a chart of kind {self.kind} needs `x` and, with its unit, `axis`")
        if self.kind == "heat" and (self.x is None or len(self.by) != 1):
            raise ValueError("a chart of kind heat needs `x` and one column in `by`")
        if self.kind == "funnel" and (self.axis is None or self.x_axis is None or self.x is None or len(self.by) != 1):
            raise ValueError("a chart of kind funnel needs `x`, `axis`, `x_axis` and one column in `by`")
        if self.kind in ("figure", "tiles") and len(self.values) != 1:
            raise ValueError(f"a chart of kind {self.kind} has one value")
        if self.kind != "table" and any(value.withheld for value in self.values):
            raise ValueError("only a table can say that a value is withheld")
        if self.kind != "table" and not self.values:
            raise ValueError("give at least one of `values`")
        return self


class Row(_Part):
    """A row of the dashboard: height in grid units of 8 px, charts with their widths in twelfths."""

    height: int
    charts: dict[str, int]

    @model_validator(mode="after")
    def _fits(self) -> Row:
        if sum(self.charts.values()) != 12:
            raise ValueError(f"the widths of a row add up to 12, not {sum(self.charts.values())}")
        return self


class Dashboard(_Part):
    """One dashboard of an audience."""

    name: str
    """The file's name without its ending; part of the address and of every id."""
    audience: str
    title: Text
    purpose: Text
    filters: tuple[FilterName, ...]
    layout: tuple[Row, ...]
    charts: dict[str, Chart]

    @model_validator(mode="after")
    def _placed_once(self) -> Dashboard:
        placed = [name for row in self.layout for name in row.charts]
        if len(placed) != len(set(placed)) or set(placed) != set(self.charts):
            odd = sorted({n for n in placed if placed.count(n) > 1} | (set(placed) ^ set(self.charts)))
            raise ValueError(f"every chart stands in the layout exactly once; see {', '.join(odd)}")
        return self


class Words(_Part):
    """Words in both languages (units, column labels, values of code columns) and colours."""

    units: dict[str, Text]
    columns: dict[str, Text]
    values: dict[str, dict[str, Text]]
    definitions: dict[str, str]
    """What the figures mean, in Chinese; the publication models say it in English."""
    colours: dict[str, str]


def _read(path: Path, model: type[BaseModel], **more: str) -> Any:
    data, node = read_yaml(path)
    try:
        return model.model_validate(data | more if isinstance(data, dict) else data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UserError(
            f"{field}: {first['msg']}" if field else first["msg"],
            where=f"{path}:{line_of(node, first['loc'])}",
            do="mend it; dashboards/README.md explains the files",
        ) from error


@cache
def load_words(folder: Path = ASSETS) -> Words:
    """The words.

    Raises:
        UserError: the file is not as it should be; with file and line.
    """
    words: Words = _read(folder / "words.yaml", Words)
    return words


@cache
def load_dashboards(folder: Path = ASSETS) -> tuple[Dashboard, ...]:
    """All dashboards, in the order of their file names.

    Raises:
        UserError: a file is not as it should be; with file and line.
    """
    paths = sorted(p for p in folder.glob("*.yaml") if p.stem not in ("words", "access"))
    return tuple(_read(path, Dashboard, name=path.stem) for path in paths)
