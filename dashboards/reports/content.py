"""A report's content in one language: everything that its pages and its workbook show, already put into words."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dashboards.published import Table as PublishedTable
from dashboards.published import published_tables
from dashboards.reports import drawing
from dashboards.reports.findings import Statement, state
from dashboards.reports.published import Row, Scoped, is_withheld
from dashboards.reports.spec import Chart, KeyFigure, Number, Report, Section, Table, load_definitions
from dashboards.reports.statistics import ALPHA, chance_limits, compare_units
from dashboards.reports.voice import Voice

MONTHS_IN_TABLES = 13
# Columns that name a table's rows.
_FIRST = {"month": (), "months": ("month",), "units": ("unit_name", "unit"), "all": ("unit_name", "unit")}
LIMIT_POINTS = 60
FEWEST_IN_FUNNEL = 4
"""Of fewer units the words and the table say all that a funnel would."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, and its published number if it has one."""

    text: str
    number: float | None = None
    state: str = ""
    """"withheld", "missing", or empty."""


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column; `form` is the d3 format of its numbers, empty for words and codes."""

    label: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its first column names the rows. `limit` rows stand in the pages, all in the workbook."""

    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    limit: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: SVG, its text for who cannot see it, and the numbers drawn."""

    title: str
    note: str
    alt: str
    svg: str
    data: Grid


@dataclass(frozen=True, slots=True)
class Tile:
    """A key figure of the first page."""

    label: str
    value: Cell
    unit: str
    interval: str
    before: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section in words."""

    title: str
    statements: tuple[Statement, ...]
    pictures: tuple[Picture, ...]
    grids: tuple[Grid, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a published column means."""

    label: str
    column: str
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class Content:
    """A whole report in one language."""

    voice: Voice
    title: str
    unit: str
    scope: str
    month: date
    facts: tuple[tuple[str, str], ...]
    """What was known when: label and value."""
    note: str
    tiles: tuple[Tile, ...]
    summary: tuple[Statement, ...]
    chapters: tuple[Chapter, ...]
    annex: tuple[Chapter, ...]
    definitions: tuple[Definition, ...]
    methods: tuple[str, ...]
    version: str
    """Id of the build whose figures these are."""
    fingerprint: str


@dataclass(slots=True)
class _Maker:
    """Builds the content of one report, and remembers which columns it showed."""

    report: Report
    scoped: Scoped
    voice: Voice
    shown: dict[tuple[str, str], str] = field(default_factory=dict)
    """Label by table and column, as it first stood in the report."""

    def _table(self, name: str) -> PublishedTable:
        return published_tables()[name]

    def _show(self, table: str, *numbers: Number) -> None:
        published = self._table(table)
        for number in numbers:
            local = f"{number.column}_{self.voice.language}"
            column = local if local in published.columns else number.column
            self.shown.setdefault((table, column), self.voice.label(published, number))

    def number(self, row: Row, number: Number, published: PublishedTable | None = None) -> Cell:
        """The cell of a published number; of a flag, its word."""
        value = row.get(number.column)
        if published is not None and isinstance(value, str):
            return Cell(self.voice.text(published, row, number.column))
        text = self.voice.cell(row, number.column, number.format)
        if value is None:
            return Cell(text, None, "withheld" if is_withheld(row, number.column) else "missing")
        return Cell(text, float(value))

    # -- tables -----------------------------------------------------------------------------------

    def _rows(self, table: Table) -> list[Row]:
        match table.rows:
            case "month":
                return self.scoped.month_of(table.table)
            case "months":
                return self.scoped.months(table.table, MONTHS_IN_TABLES)
            case "units":
                return self.scoped.below(table.table, where=table.where)
            case "all":
                return self.scoped.rows(table.table, table.where, table.order)

    def _column(self, published: PublishedTable, number: Number) -> Column:
        label, unit = self.voice.label(published, number), self.voice.unit(published, number)
        if unit and number.label is None:
            label += f"（{unit}）" if self.voice.language == "zh" else f" ({unit})"
        words = published.columns[number.column].type == "VARCHAR"
        return Column(label, "" if words else number.format)

    def _head(self, published: PublishedTable, name: str) -> str:
        return self.voice.say("code") if name == "unit" else self.voice.label(published, Number(column=name))

    def _words_of(self, published: PublishedTable, row: Row, name: str) -> str:
        return f"{row[name]:%Y-%m}" if name == "month" else self.voice.text(published, row, name)

    def _in_order(self, published: PublishedTable, rows: list[Row], by: tuple[str, ...]) -> list[Row]:
        """A unit's rows of one month in the order in which the model lists the codes of their first column."""
        codes = published.columns[by[0]].values if by and by[0] in published.columns else ()
        whole = codes and len({(row["unit"], row.get("month")) for row in rows}) == 1
        return sorted(rows, key=lambda row: codes.index(row[by[0]])) if whole else rows

    def grid(self, table: Table) -> Grid | None:
        """The table; None where a facility has no units below, or is what the table is about."""
        published, rows = self._table(table.table), self._rows(table)
        if (table.rows == "units" and not rows) or self.scoped.is_hidden(table.table):
            return None
        self._show(table.table, *(Number(column=name) for name in table.by), *table.numbers)
        by = (*_FIRST[table.rows], *table.by)
        columns = [Column(self._head(published, name)) for name in by] + [
            self._column(published, n) for n in table.numbers
        ]
        cells = [
            (
                *(Cell(self._words_of(published, row, name)) for name in by),
                *(self.number(row, n, published) for n in table.numbers),
            )
            for row in self._in_order(published, rows, table.by)
        ]
        note = table.note.get(self.voice.language) if table.note is not None else ""
        return Grid(table.title.get(self.voice.language), note, tuple(columns), tuple(cells), table.limit)

    # -- charts -----------------------------------------------------------------------------------

    def _words(self, chart: Chart) -> drawing.Words:
        return drawing.Words(
            chart.axis.get(self.voice.language), self.voice.say("withheld"), lambda day: f"{day:%Y-%m}"
        )

    def _series(self, chart: Chart, months: list[date], rows: list[Row]) -> list[tuple[drawing.Series, Number]]:
        published, colours = self._table(chart.table), self.voice.words.colours
        parts: list[tuple[str, str, Number, dict[date, Row]]] = []
        if chart.by is None:
            by_month = {row["month"]: row for row in rows}
            parts = [(self.voice.label(published, n), n.column, n, by_month) for n in chart.values]
        else:
            codes = [code for code in published.columns[chart.by].values if any(r[chart.by] == code for r in rows)]
            for code in codes:
                own = {row["month"]: row for row in rows if row[chart.by] == code}
                label = self.voice.text(published, {chart.by: code}, chart.by)
                parts.append((label, f"{chart.by}.{code}", chart.values[0], own))
        series = []
        for i, (label, key, number, own) in enumerate(parts):
            values = [own[m].get(number.column) if m in own else None for m in months]
            hidden = [m in own and is_withheld(own[m], number.column) for m in months]
            colour = colours.get(key, drawing.PALETTE[i % len(drawing.PALETTE)])
            series.append((drawing.Series(label, values, colour, hidden), number))
        return series

    def _alt(self, kind: str, months: list[date], series: list[tuple[drawing.Series, Number]]) -> str:
        said = []
        for one, number in series:
            known = [value for value in one.values if value is not None]
            if known:
                low, high, now = (self.voice.number(x, number.format) for x in (min(known), max(known), known[-1]))
                said.append(self.voice.say("alt.series", label=one.label, low=low, high=high, now=now))
        ends = {"first": self.voice.month(months[0]), "last": self.voice.month(months[-1])}
        return self.voice.say(f"alt.{kind}", **ends, series=self.voice.list(said, semicolons=True))

    def picture(self, chart: Chart) -> Picture | None:
        """The chart; None where there is nothing to draw."""
        if chart.kind == "funnel":
            return self._funnel(chart)
        rows = self.scoped.months(chart.table)
        months = sorted({row["month"] for row in rows})
        series = self._series(chart, months, rows)
        if not any(value is not None or any(one.withheld) for one, _ in series for value in one.values):
            return None
        self._show(chart.table, *chart.values, *(Number(column=c) for c in chart.band or ()))
        plain, band = [one for one, _ in series], None
        columns = [Column(self.voice.say("month"))] + [Column(one.label, n.format) for one, n in series]
        by_month = {row["month"]: row for row in rows}
        if chart.band is not None:
            low, high = ([by_month[m][column] for m in months] for column in chart.band)
            band = drawing.Band(self.voice.say("band"), low, high)
            columns += [
                Column(self.voice.label(self._table(chart.table), Number(column=c)), chart.values[0].format)
                for c in chart.band
            ]
        svg = (
            drawing.lines(months, plain, self._words(chart), band, chart.top)
            if chart.kind == "lines"
            else drawing.stacked(months, plain, self._words(chart))
        )
        data = []
        for i, month in enumerate(months):
            cells = [Cell(f"{month:%Y-%m}")]
            for one, number in series:
                row = {number.column: one.values[i], "withheld": number.column if one.withheld[i] else ""}
                cells.append(self.number(row, number))
            cells += [
                self.number(by_month[month], Number(column=c, format=chart.values[0].format)) for c in chart.band or ()
            ]
            data.append(tuple(cells))
        title = chart.title.get(self.voice.language)
        grid = Grid(title, "", tuple(columns), tuple(data), len(data))
        hidden = self.voice.say("chart_withheld") if any(any(one.withheld) for one in plain) else ""
        note = self.voice.join([self._note(chart), hidden])
        return Picture(title, note, self._alt(chart.kind, months, series), svg, grid)

    def _note(self, chart: Chart) -> str:
        return chart.note.get(self.voice.language) if chart.note is not None else ""

    def _funnel(self, chart: Chart) -> Picture | None:
        assert chart.events is not None
        assert chart.exposure is not None
        events, exposure = chart.events, chart.exposure
        rows = [r for r in self.scoped.below(chart.table) if r[events] is not None and r[exposure]]
        counts, people = [r[events] for r in rows], [r[exposure] for r in rows]
        compared = compare_units(counts, people)
        if len(compared) < FEWEST_IN_FUNNEL:
            return None
        total, whole = sum(counts), sum(people)
        widest = max(people) * 1.12
        grid = [widest * (i + 1) / LIMIT_POINTS for i in range(LIMIT_POINTS)]

        def rates_at(alpha: float) -> list[tuple[float, float]]:
            parts = [min(1.0, x / whole) for x in grid]
            return [
                (1000 * low / x, 1000 * high / x)
                for x, (low, high) in zip(grid, chance_limits(total, parts, alpha), strict=True)
            ]

        rates = [1000 * n / x for n, x in zip(counts, people, strict=True)]
        drawn = drawing.Funnel(
            names=[self.voice.name(r) for r in rows],
            exposures=people,
            rates=rates,
            beyond=[bool(unit.beyond) for unit in compared],
            overall=1000 * total / whole,
            grid=grid,
            one_unit=rates_at(ALPHA),
            all_units=rates_at(ALPHA / len(rows)),
        )
        labels = tuple(self.voice.say(name) for name in ("adp", "together", "limits.one", "limits.all"))
        svg = drawing.funnel(drawn, self._words(chart), (labels[0], labels[1], labels[2], labels[3]))
        columns = (
            Column(self.voice.say("unit")),
            Column(self.voice.say("adp"), ",.0f"),
            Column(chart.axis.get(self.voice.language), ",.2f"),
        )
        cells = tuple(
            (Cell(name), Cell(self.voice.number(x), x), Cell(self.voice.number(y, ",.2f"), y))
            for name, x, y in zip(drawn.names, people, rates, strict=True)
        )
        title = chart.title.get(self.voice.language)
        alt = self.voice.say("alt.funnel", n=self.voice.number(len(rows)))
        return Picture(title, self._note(chart), alt, svg, Grid(title, "", columns, cells, len(cells)))

    # -- the whole --------------------------------------------------------------------------------

    def tile(self, figure: KeyFigure) -> Tile:
        own = figure.number.model_copy(update={"label": figure.label})
        self._show(figure.table, own, *(Number(column=c) for c in figure.band or ()))
        now, before = (self.scoped.month_of(figure.table, back) for back in (0, 12))
        row, earlier = (now or [{}])[0], (before or [{}])[0]
        interval = ""
        if figure.band is not None and row.get(figure.number.column) is not None:
            low, high = (self.voice.number(row[c], figure.number.format) for c in figure.band)
            interval = self.voice.say("interval", low=low, high=high)
        return Tile(
            figure.label.get(self.voice.language),
            self.number(row, figure.number),
            figure.unit.get(self.voice.language),
            interval,
            self.voice.say("year_ago", value=self.number(earlier, figure.number).text),
        )

    def chapter(self, section: Section) -> Chapter:
        statements = [state(finding, self.scoped, self.voice) for finding in section.findings]
        pictures = [self.picture(chart) for chart in section.charts]
        grids = [self.grid(table) for table in section.tables]
        return Chapter(
            section.title.get(self.voice.language),
            tuple(s for s in statements if s.text),
            tuple(p for p in pictures if p is not None),
            tuple(g for g in grids if g is not None),
        )

    def definitions(self) -> tuple[Definition, ...]:
        """Of every column shown, table by table."""
        chinese, out = load_definitions(), []
        tables = list(dict.fromkeys(name for name, _ in self.shown))
        for (name, column), label in sorted(self.shown.items(), key=lambda item: tables.index(item[0][0])):
            published = self._table(name)
            found = published.columns[column]
            text = (
                chinese.get(f"{name}.{column}") or chinese[column] if self.voice.language == "zh" else found.description
            )
            unit = self.voice.unit(published, Number(column=column))
            out.append(Definition(label, f"{name}.{column}", unit, text))
        return tuple(out)

    def facts(self) -> tuple[tuple[str, str], ...]:
        fresh, say = self.scoped.freshness, self.voice.say
        published = self._table("freshness")

        def text(column: str) -> str:
            return self.voice.text(published, fresh, column)

        return (
            (say("scope"), f"{self.voice.name(self.scoped.unit)} ({self.scoped.scope})"),
            (say("period"), self.voice.month(self.scoped.month)),
            (say("cutoff"), text("data_until")),
            (say("known"), text("knowledge_date")),
            (say("built"), text("built_at")),
            (say("version"), text("run_id")),
            (say("audit"), text("gate_status")),
        )


def _fingerprint(made: Any) -> str:
    """Of all words and numbers: two reports with one fingerprint say the same."""
    return hashlib.blake2b(json.dumps(made, default=str, ensure_ascii=False).encode(), digest_size=8).hexdigest()


def make_content(report: Report, scoped: Scoped, voice: Voice) -> Content:
    """The report's content; the same published rows give the same content.

    Raises:
        SafeholdError: the report names what is not published.
    """
    maker = _Maker(report, scoped, voice)
    tiles = tuple(maker.tile(figure) for figure in report.key_figures)
    summary = tuple(state(finding, scoped, voice) for finding in report.summary)
    chapters = tuple(
        chapter
        for section in report.sections
        if (chapter := maker.chapter(section)) and (chapter.statements or chapter.pictures or chapter.grids)
    )
    annex = tuple(maker.chapter(section) for section in report.annex)
    facts = maker.facts()
    return Content(
        voice=voice,
        title=report.title.get(voice.language),
        unit=voice.name(scoped.unit),
        scope=scoped.scope,
        month=scoped.month,
        facts=facts,
        note=str(scoped.freshness[f"note_{voice.language}"]),
        tiles=tiles,
        summary=tuple(s for s in summary if s.text),
        chapters=chapters,
        annex=annex,
        definitions=maker.definitions(),
        methods=tuple(text.get(voice.language) for text in report.methods),
        version=str(scoped.freshness["run_id"]),
        fingerprint=_fingerprint([facts, tiles, summary, chapters, annex]),
    )
