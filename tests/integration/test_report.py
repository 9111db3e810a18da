"""Trend reports from a published file: both languages, three formats, the scope's rows and no other."""

from __future__ import annotations

import io
import re
import zlib
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import openpyxl
import pytest

from dashboards.access import User, load_access, read_units
from dashboards.published import published_tables
from dashboards.reports.content import Content, make_content
from dashboards.reports.numbers import d3_format
from dashboards.reports.pages import html_page, pdf_file
from dashboards.reports.published import Scoped, open_published, refuse_outside
from dashboards.reports.spec import load_definitions, load_report
from dashboards.reports.voice import Voice
from dashboards.reports.workbook import workbook
from dashboards.reports.write import write_all, write_report
from dashboards.spec import LANGUAGES, Language, load_dashboards, load_words
from infra.settings import UserError
from tests.support.published import MONTHS, write_published

MONTH = date(2026, 10, 1)
BUILT_AT = datetime(2026, 11, 1)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "published.duckdb"
    write_published(path)
    return path


def content_of(published: Path, scope: str, language: Language) -> Content:
    with open_published(published) as db:
        return make_content(load_report(), Scoped(db, scope, MONTH), Voice(language, load_words()))


@pytest.fixture(scope="module")
def city(published: Path) -> dict[str, Content]:
    return {language: content_of(published, "3301", language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def pages(city: dict[str, Content]) -> dict[str, str]:
    return {language: html_page(content, BUILT_AT) for language, content in city.items()}


class Outline(HTMLParser):
    """Elements that make a page accessible, and whatever it would fetch."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.language, self.headings, self.fetched = "", list[int](), list[str]()
        self.images, self.tables, self.captions, self.scopes = list[str](), 0, 0, 0
        self.heads, self.ids, self.targets = 0, list[str](), list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids += [found["id"]] if "id" in found else []
        if tag == "html":
            self.language = found["lang"]
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))
        if tag == "img":
            self.images.append(found["alt"])
        self.fetched += [found[name] for name in ("src", "data", "srcset") if name in found]
        self.fetched += [found["href"]] if tag == "link" else []
        if tag == "a":
            self.targets.append(found["href"])
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.heads += tag == "th"
        self.scopes += tag == "th" and found.get("scope") in ("row", "col")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_accessible_and_asks_for_nothing(pages: dict[str, str], language: str) -> None:
    outline = Outline(pages[language])
    assert outline.language == {"zh": "zh-CN", "en": "en"}[language]
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(outline.headings, outline.headings[1:], strict=False))
    assert len(outline.images) >= 8
    assert all(len(alt) > 20 for alt in outline.images)
    assert outline.captions == outline.tables - 1  # the definitions have their heading
    assert outline.scopes == outline.heads
    assert all(address.startswith("data:image/svg+xml") for address in outline.fetched)
    assert "url(" not in pages[language]
    assert all(target.removeprefix("#") in outline.ids for target in outline.targets)
    assert len(outline.ids) == len(set(outline.ids))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_publication_gives_the_same_bytes(
    published: Path, city: dict[str, Content], pages: dict[str, str], language: Language
) -> None:
    again = content_of(published, "3301", language)
    assert again.fingerprint == city[language].fingerprint
    page = html_page(again, BUILT_AT)
    assert page == pages[language]
    assert workbook(again, BUILT_AT) == workbook(city[language], BUILT_AT)


def test_the_pdf_is_tagged_and_the_same_bytes_each_time(published: Path) -> None:
    page = html_page(content_of(published, "330101", "zh"), BUILT_AT)
    first, second = (pdf_file(page, "0123456789abcdef") for _ in range(2))
    assert first == second
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", first, re.DOTALL)
    # A stream that ends in a carriage return loses it to the pattern: what is missing then is of the checksum only.
    opened = b"".join(zlib.decompressobj().decompress(stream) for stream in streams if stream.startswith(b"x"))
    assert b"/Marked true" in opened
    assert b"/Lang (zh-CN)" in opened
    assert b"pdfuaid:part" in opened + first
    for kind in (b"/H1", b"/H2", b"/Table", b"/TH", b"/Figure", b"/Alt"):
        assert kind in opened, kind


def test_figures_are_those_of_the_dashboards_to_the_last_digit(published: Path, city: dict[str, Content]) -> None:
    """Each key figure of the dashboards, by the dashboards' own SQL and format, stands in the report."""
    shown = {tile.value.text for tile in city["zh"].tiles}
    compared = 0
    with duckdb.connect(str(published), read_only=True) as db:
        report = {(f.table, f.number.column): f for f in load_report().key_figures}
        for dashboard in load_dashboards():
            for chart in dashboard.charts.values():
                value = chart.values[0] if chart.kind == "figure" else None
                if value is None or (chart.dataset, value.column) not in report:
                    continue
                answer = db.execute(
                    f"select arg_max_null({value.column}, month) from publication.{chart.dataset}"
                    f" where unit = '3301' and month <= date '{MONTH}'"
                ).fetchone()
                assert answer is not None
                form = value.format or chart.format
                assert report[chart.dataset, value.column or ""].number.format == form
                assert d3_format(answer[0], form) in shown
                compared += 1
    assert compared >= 6


def test_every_cell_of_the_tables_is_the_published_value(published: Path, city: dict[str, Content]) -> None:
    deaths = next(g for c in city["en"].chapters for g in c.grids if g.title == "Deaths, by month")
    with duckdb.connect(str(published), read_only=True) as db:
        rows = db.execute(
            "select strftime(month, '%Y-%m'), deaths_total, deaths_illness, deaths_unnatural, deaths_pending,"
            " deaths_unknown, rate_per_1000_12m, rate_low, rate_high from publication.deaths"
            " where unit = '3301' and month > date '2025-09-30' order by month"
        ).fetchall()
    forms = [column.form for column in deaths.columns]
    assert [[cell.text for cell in row] for row in deaths.rows] == [
        [row[0], *(d3_format(value, form) for value, form in zip(row[1:], forms[1:], strict=True))] for row in rows
    ]
    assert [row[6].number for row in deaths.rows] == [row[6] for row in rows]


def test_no_row_of_another_unit_is_in_a_citys_report(pages: dict[str, str]) -> None:
    for stranger in ("宁波市", "广州市", "深圳市", "浙江省", "3302", "440101"):
        assert stranger not in pages["zh"]


def test_a_scope_sees_its_own_rows_and_no_other_through_any_table(published: Path) -> None:
    with open_published(published) as db:
        scoped = Scoped(db, "3301", MONTH)
        common = load_access().seen_by_every_scope
        seen = 0
        for table in published_tables().values():
            if table.name not in common:
                rows = scoped.rows(table.name)
                assert all(row["city"] == "3301" for row in rows), table.name
                seen += len(rows)
        assert seen > 500


def test_a_withheld_cell_is_shown_as_withheld_in_every_format(tmp_path: Path) -> None:
    path = tmp_path / "published.duckdb"
    write_published(path)
    with duckdb.connect(str(path)) as db:
        db.execute(
            "update publication.deaths set deaths_total = null, deaths_illness = null,"
            " withheld = 'deaths_total deaths_illness' where unit = '3301' and month = date '2026-10-01'"
        )
    content = content_of(path, "3301", "zh")
    grid = next(g for c in content.chapters for g in c.grids if g.title == "各月死亡情况")
    assert [cell.text for cell in grid.rows[-1][:3]] == ["2026-10", "已隐去", "已隐去"]
    assert "死亡：数字过小，为保护个人予以隐去，不等于零。" in [s.text for c in content.chapters for s in c.statements]


def test_a_missing_number_is_a_dash_and_an_empty_cell_of_the_workbook_is_not_zero(
    published: Path, tmp_path: Path
) -> None:
    content = content_of(published, "330101", "zh")
    rows = [row for c in content.chapters for g in c.grids for row in g.rows]
    missing = [cell for row in rows for cell in row if cell.state == "missing"]
    assert missing
    assert {cell.text for cell in missing} == {"—"}


def test_the_workbook_keeps_codes_as_text_and_holds_the_definitions(published: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(content_of(published, "00", "zh"), BUILT_AT)))
    about = {row[0].value: row[1].value for row in book.worksheets[0].iter_rows(min_row=4)}
    assert about["统计范围"] == "全国 (00)"
    assert about["数据批次"] == "trial"
    units = next(sheet for sheet in book.worksheets if "下级单位死亡情况" in sheet.title)
    codes = [units.cell(row, 2) for row in range(4, 6)]
    assert [(c.value, c.data_type, c.number_format) for c in codes] == [("33", "s", "@"), ("44", "s", "@")]
    assert units.cell(4, 3).data_type == "n"
    definitions = next(sheet for sheet in book.worksheets if "指标定义" in sheet.title)
    assert definitions.max_row > 40


def test_every_definition_of_the_chinese_report_is_used_and_none_is_missing(published: Path) -> None:
    used = {d.column for d in content_of(published, "00", "zh").definitions}
    columns = {name.split(".")[1] for name in used}
    assert {name for name in load_definitions() if name not in used and name not in columns} == set()


def test_english_labels_are_words(city: dict[str, Content]) -> None:
    labels = [c.label for chapter in city["en"].chapters for g in chapter.grids for c in g.columns]
    labels += [d.label for d in city["en"].definitions]
    assert [label for label in labels if "_" in label or re.search("[\u4e00-\u9fff]", label)] == []


@pytest.mark.parametrize("scope", ["3399", "999999", "33x1", "1"])
def test_an_unknown_scope_is_a_users_fault(published: Path, scope: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=scope):
        write_report(published, scope, MONTH, ["zh"], tmp_path)


def test_a_month_that_is_not_published_is_a_users_fault_that_names_those_that_are(
    published: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as fault:
        write_report(published, "3301", date(2026, 11, 1), ["zh"], tmp_path)
    assert fault.value.do == f"use a month from {MONTHS[0]:%Y-%m} to {MONTHS[-1]:%Y-%m}"


def test_nothing_published_is_a_users_fault(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing is published"):
        write_report(tmp_path / "none.duckdb", "3301", MONTH, ["zh"], tmp_path)


def test_a_reader_has_reports_of_his_own_scope_only(published: Path) -> None:
    access, units, today = load_access(), read_units(published, ["population"]), date(2026, 11, 1)
    refuse_outside("330101", "analyst-33", access, units, today)
    refuse_outside("4401", "analyst", access, units, today)
    for scope in ("00", "44", "4401", "3"):
        with pytest.raises(UserError, match="does not hold"):
            refuse_outside(scope, "analyst-33", access, units, today)
    with pytest.raises(UserError, match="nobody"):
        refuse_outside("33", "nobody", access, units, today)


def test_a_reader_who_may_not_log_in_has_no_report(published: Path) -> None:
    units, today = read_units(published, ["population"]), date(2026, 11, 1)
    gone = {"off": User(scope="33", disabled=True), "late": User(scope="33", expires=date(2026, 10, 31))}
    access = load_access().model_copy(update={"users": gone})
    for reader in gone:
        with pytest.raises(UserError, match=f"{reader} is"):
            refuse_outside("33", reader, access, units, today)


def test_one_units_fault_does_not_keep_the_others_from_their_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "published.duckdb"
    write_published(path)
    with duckdb.connect(str(path)) as db:
        db.execute("delete from publication.population where unit not in ('3301', '330101')")
        # A flag that the publication models do not know: no sentence fits it.
        db.execute("update publication.deaths set rate_per_1000_12m = null, rate_flag = 'odd' where unit = '3301'")
    written = [w for w, _, _ in write_all(path, MONTH, ["zh"], tmp_path / "out")]
    assert [(w.scope, len(w.files), w.fault is None) for w in written] == [
        ("3301", 0, False),
        ("330101", 3, True),
    ]
