"""A report's tables as an Excel workbook: codes are text and keep their zeros, numbers are numbers."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from dashboards.reports.content import Cell, Column, Content, Grid
from dashboards.reports.numbers import excel_format

_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31
_WIDEST = 60


def _width(text: str) -> int:
    """Characters of a Latin letter's width; a Chinese one takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


class _Writer:
    def __init__(self, book: xlsxwriter.Workbook, content: Content) -> None:
        self._book, self._content = book, content
        self._title = book.add_format({"bold": True, "font_size": 13})
        self._head = book.add_format(
            {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#F1F4F8", "valign": "top"}
        )
        self._text = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        self._withheld = book.add_format({"num_format": "@", "align": "right", "pattern": 14, "fg_color": "#BBBBBB"})
        self._missing = book.add_format({"num_format": "@", "align": "right", "font_color": "#595959"})
        self._numbers: dict[str, Any] = {}

    def _number(self, form: str) -> Any:
        if form not in self._numbers:
            self._numbers[form] = self._book.add_format({"num_format": excel_format(form), "valign": "top"})
        return self._numbers[form]

    def _cell(self, sheet: Any, row: int, column: int, cell: Cell, head: Column) -> None:
        if cell.number is not None:
            sheet.write_number(row, column, cell.number, self._number(head.form))
        else:
            looks = {"withheld": self._withheld, "missing": self._missing}
            sheet.write_string(row, column, cell.text, looks.get(cell.state, self._text))

    def grid(self, name: str, grid: Grid) -> None:
        """A sheet: title, note, heads, all rows."""
        sheet = self._book.add_worksheet(_NOT_IN_NAMES.sub("", name)[:_LONGEST_NAME])
        for i, column in enumerate(grid.columns):
            shown = [column.label, *(row[i].text for row in grid.rows)]
            sheet.set_column(i, i, min(_WIDEST, max(map(_width, shown)) + 2))
        sheet.write_string(0, 0, grid.title, self._title)
        sheet.write_string(1, 0, grid.note)
        sheet.write_row(2, 0, [column.label for column in grid.columns], self._head)
        for number, row in enumerate(grid.rows, start=3):
            for i, cell in enumerate(row):
                self._cell(sheet, number, i, cell, grid.columns[i])
        sheet.freeze_panes(3, 1)

    def words(self, name: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        """A sheet of text."""
        cells = tuple(tuple(Cell(text) for text in row) for row in rows)
        self.grid(name, Grid(name, "", tuple(Column(head) for head in heads), cells, len(cells)))


def workbook(content: Content, made_at: datetime) -> bytes:
    """The report's workbook; the same content gives the same bytes."""
    out, say = io.BytesIO(), content.voice.say
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties(
            {
                "title": f"{content.title} · {content.unit}",
                "author": "Safehold",
                "created": made_at,
                "comments": content.version,
            }
        )
        write = _Writer(book, content)
        about = [*content.facts, (say("fingerprint"), content.fingerprint), (say("note"), content.note)]
        write.words(content.title, (say("item"), say("value")), about)
        heads = (say("item"), say("value"), say("measured_in"), say("interval_head"), say("year_ago_head"))
        tiles = [(t.label, t.value.text, t.unit, t.interval, t.before) for t in content.tiles]
        write.words(say("key_figures"), heads, tiles)
        told = [(say("summary"), s) for s in content.summary]
        told += [(chapter.title, s) for chapter in content.chapters for s in chapter.statements]
        rows = [(title, say("verdict_beyond") if s.verdict == "beyond" else "", s.text) for title, s in told]
        write.words(say("findings"), (say("chapter"), "", say("finding")), rows)
        chapters = [*content.chapters, *content.annex]
        for i, grid in enumerate((g for c in chapters for g in c.grids), start=1):
            write.grid(f"{say('table', n=str(i))} {grid.title}", grid)
        for i, picture in enumerate((p for c in chapters for p in c.pictures), start=1):
            write.grid(f"{say('figure', n=str(i))} {picture.title}", picture.data)
        about_columns = [(d.label, d.column, d.unit, d.text) for d in content.definitions]
        names = (say("column_label"), say("source_column"), say("measured_in"), say("definition"))
        write.words(say("definitions"), names, about_columns)
        write.words(say("methods"), (say("methods"),), [(text,) for text in content.methods])
    return out.getvalue()
