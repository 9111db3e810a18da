"""Importing made-up files into a real lake: code pages, quarantine, corrections, repeated imports."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from infra.settings import Settings, UserError, load_settings, open_catalog
from ingestion.registers import ImportReport, import_files, load_mapping

MAPPING = """\
mapping: deaths
about: Deaths of a province.
source: 省厅死亡登记
file: {{encoding: {encoding}, delimiter: "{delimiter}", nulls: ["", "无"]}}
units:
  units:
    - {{unit: "00", tier: nation, en: Nation, zh: 全国}}
    - {{unit: "33", tier: province, parent: "00", en: Zhejiang, zh: 浙江省}}
    - {{unit: "3301", tier: city, parent: "33", en: Hangzhou, zh: 杭州市}}
tables:
  - table: facility
    name: places
    fields:
      facility: 监所编号
      unit: {{unit: 所在市}}
      name_en: 监所名称
      name_zh: 监所名称
      facility_type: {{value: detention_centre}}
      capacity: {{column: 床位, thousands: ","}}
  - table: death
    name: deaths
    skip:
      - {{rule: no death this year, all_null: [死亡编号]}}
    fields:
      death: 死亡编号
      facility: 监所编号
      died: {{column: 死亡日期, dates: ["%Y年%m月%d日", "%Y-%m-%d"]}}
      year: 年份
      death_class: {{column: 死因, map: {{疾病: illness, 自杀: self_inflicted, 待查: pending}}}}
"""
HEADER = "监所编号,监所名称,所在市,床位,死亡编号,死亡日期,年份,死因"
ROWS = (
    '330101,第一看守所,杭州市,"1,200",D1,2024年2月29日,2024,疾病',
    '330101,第一看守所,杭州市,"1,200",D2,2024-03-01,2024,待查',
    "330102,第二看守所,杭州市,800,,,,",
)
FIRST = datetime(2024, 6, 1, tzinfo=UTC)
SECOND = datetime(2024, 7, 1, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home")


def bring(
    lake: Settings,
    rows: Sequence[str],
    *,
    now: datetime = FIRST,
    encoding: str = "utf-8",
    named: str = "",
    end: str = "\n",
    delimiter: str = ",",
    name: str = "deaths.csv",
    header: str = HEADER,
) -> ImportReport:
    """Write the rows in ``encoding`` and import them by a mapping that names the code page ``named``."""
    folder = lake.home.parent
    mapping, file = folder / "deaths.yaml", folder / name
    mapping.write_text(MAPPING.format(encoding=named or encoding, delimiter=delimiter), encoding="utf-8")
    file.write_bytes(end.join([header, *rows, ""]).encode(encoding))
    report = import_files(lake, load_mapping(mapping), [file], now=now)
    for count in report.counts:
        assert count.accounted == count.read, count.line()
    return report


def table(lake: Settings, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = open_catalog(lake).load_table(name).scan().to_arrow().to_pylist()
    return rows


def counts(report: ImportReport, name: str) -> dict[str, int]:
    found = next(count for count in report.counts if count.name == name)
    numbers = {key: value for key, value in vars(found).items() if isinstance(value, int) and value and key != "read"}
    return numbers | dict(found.skipped)


@pytest.mark.parametrize(
    ("encoding", "end"),
    [("utf-8", "\n"), ("utf-8-sig", "\r\n"), ("gb18030", "\n"), ("gb18030", "\r\n"), ("utf-16", "\n")],
)
def test_chinese_headers_and_cells_are_read_in_the_code_page_the_mapping_names(
    lake: Settings, encoding: str, end: str
) -> None:
    named = "utf-8" if encoding == "utf-8-sig" else encoding
    bring(lake, ROWS, encoding=encoding, named=named, end=end)
    places = {row["facility"]: row for row in table(lake, "register.facility")}
    assert {key: (row["name_zh"], row["unit"], row["capacity"]) for key, row in places.items()} == {
        "330101": ("第一看守所", "3301", 1200),
        "330102": ("第二看守所", "3301", 800),
    }
    deaths = {row["death"]: (row["died"], row["death_class"]) for row in table(lake, "register.death")}
    assert deaths == {"D1": (date(2024, 2, 29), "illness"), "D2": (date(2024, 3, 1), "pending")}


def test_counts_say_what_became_of_every_row(lake: Settings) -> None:
    report = bring(lake, ROWS)
    assert counts(report, "units") == {"new": 3}
    assert counts(report, "places") == {"new": 2, "repeated": 1}
    assert counts(report, "deaths") == {"new": 2, "no death this year": 1}
    assert any("1 skipped (no death this year)" in line for line in report.lines())


def test_the_same_file_again_adds_nothing_not_even_to_quarantine(lake: Settings) -> None:
    rows = [*ROWS, "330103,第三看守所,宁波市,500,D3,2024-03-02,2024,疾病"]
    bring(lake, rows)
    names = ("register.admin_unit", "register.facility", "register.death", "silver.quarantine")
    before = {name: table(lake, name) for name in names}
    report = bring(lake, rows, now=SECOND)
    assert sum(count.imported for count in report.counts) == 0
    assert {name: table(lake, name) for name in names} == before


def test_a_changed_row_is_a_correction_known_from_the_second_import(lake: Settings) -> None:
    bring(lake, ROWS)
    changed = [row.replace("待查", "自杀") for row in ROWS]
    assert counts(bring(lake, changed, now=SECOND), "deaths") == {
        "corrections": 1,
        "unchanged": 1,
        "no death this year": 1,
    }
    versions = [
        (row["known_from"], row["death_class"]) for row in table(lake, "register.death") if row["death"] == "D2"
    ]
    assert sorted(versions) == [(FIRST, "pending"), (SECOND, "self_inflicted")]
    again = bring(lake, changed, now=datetime(2024, 8, 1, tzinfo=UTC))
    assert sum(count.imported for count in again.counts) == 0


@pytest.mark.parametrize(
    ("row", "table_name", "column", "says"),
    [
        ("330101,第一看守所,杭州市,800,D9,2023-02-29,2023,疾病", "death", "死亡日期", "is not a date like"),
        ("330101,第一看守所,杭州市,800,D9,2023-02-28,二三,疾病", "death", "年份", "is not a number"),
        ("330101,第一看守所,杭州市,800,D9,2023-02-28,1023,疾病", "death", "年份", "greater than or equal to 1900"),
        ("330101,第一看守所,杭州市,800,D9,2023-02-28,2023,意外", "death", "死因", "not '意外'"),
        ("330101,第一看守所,杭州市,800,D9,2023-02-28,,疾病", "death", "年份", "year has no value"),
        ("330101,第一看守所,宁波市,800,D9,2023-02-28,2023,疾病", "facility", "所在市", "'宁波市' names no unit"),
        ('330101,第一看守所,杭州市,"1,20",D9,2023-02-28,2023,疾病', "facility", "床位", "not grouped in thousands"),
        ("330101,第一看守所,杭州市,-1,D9,2023-02-28,2023,疾病", "facility", "床位", "greater than or equal to 0"),
    ],
)
def test_a_row_that_does_not_fit_is_quarantined_with_line_and_column_and_the_others_pass(
    lake: Settings, row: str, table_name: str, column: str, says: str
) -> None:
    bring(lake, [ROWS[1], "", row])
    (held,) = [held for held in table(lake, "silver.quarantine") if held["detail"].startswith(table_name)]
    assert (held["stage"], held["reason"], held["source"]) == ("register", "contract", "省厅死亡登记")
    assert says in held["detail"]
    assert f"where: deaths.csv:4, column {column}\n" in held["detail"]
    assert "\ndo: " in held["detail"]
    cells = next(csv.reader([row]))
    assert json.loads(held["raw"]) == dict(zip(HEADER.split(","), cells, strict=True))
    assert held["raw_size"] == len(held["raw"])
    assert "D2" in {row["death"] for row in table(lake, "register.death")}


def test_a_row_with_too_few_cells_is_quarantined_and_a_quoted_line_break_keeps_line_numbers_right(
    lake: Settings,
) -> None:
    rows = ['330101,"第一\n看守所",杭州市,800,D1,2024-02-29,2024,疾病', "330102,第二看守所"]
    bring(lake, rows)
    assert [row["name_zh"] for row in table(lake, "register.facility")] == ["第一 看守所"]
    details = [row["detail"] for row in table(lake, "silver.quarantine")]
    assert len(details) == 2
    assert all("the row has 2 cells, the header 8" in detail and "deaths.csv:4" in detail for detail in details)


def test_two_rows_of_a_file_that_contradict_each_other_are_not_both_believed(lake: Settings) -> None:
    rows = [ROWS[0], ROWS[0].replace("疾病", "自杀")]
    assert counts(bring(lake, rows), "deaths") == {"new": 1, "quarantined": 1}
    assert counts(bring(lake, rows, now=SECOND), "deaths") == {"unchanged": 1, "quarantined": 1}
    (held,) = table(lake, "silver.quarantine")
    assert "deaths.csv:2 says otherwise for the same death" in held["detail"]


def test_when_a_row_became_known_may_be_said_by_a_column(lake: Settings, tmp_path: Path) -> None:
    text = MAPPING.format(encoding="utf-8", delimiter=",") + 'known_from: {column: 死亡日期, dates: ["%Y-%m-%d"]}\n'
    (tmp_path / "deaths.yaml").write_text(text, encoding="utf-8")
    rows = [
        ROWS[1],
        ROWS[1].replace("2024-03-01", "2024-03-09"),
        ROWS[1].replace("2024-03-01", "2024-12-24"),
        ROWS[2].replace(",,,,", ",D3,,2024,疾病"),
    ]
    (tmp_path / "a.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    for _ in range(2):
        import_files(lake, load_mapping(tmp_path / "deaths.yaml"), [tmp_path / "a.csv"], now=FIRST)
    known = sorted(row["known_from"] for row in table(lake, "register.death"))
    assert known == [datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 3, 9, tzinfo=UTC)]
    details = " ".join(row["detail"] for row in table(lake, "silver.quarantine"))
    assert "it became known on 2024-12-24, after this import" in details
    assert "it is not said when the row became known" in details


@pytest.mark.parametrize(
    ("content", "where", "says", "do"),
    [
        (b"", "deaths.csv", "the file is empty", "header"),
        (HEADER.encode() + b"\n", "deaths.csv", "header but no rows", "rows"),
        ((HEADER + "\n" + ROWS[0] + "\n").encode("gb18030"), "deaths.csv:1", "are not utf-8", "gb18030 fits"),
        (
            (HEADER + "\n" + ROWS[0] + "\n").encode() + "所".encode("gb18030"),
            "deaths.csv:3",
            "are not utf-8",
            "`encoding`",
        ),
        (HEADER.replace("死因", "原因").encode() + b"\n1\n", "deaths.csv:1", "column '死因' is missing", "mapping"),
        (HEADER.replace(",", ";").encode() + b"\n1\n", "deaths.csv:1", "is missing, and 7 others", "separated by ';'"),
        (
            HEADER.replace("死因", "年份").encode() + b"\n1\n",
            "deaths.csv:1",
            "column '年份' is there twice",
            "own name",
        ),
        (b"PK\x03\x04" + b"\0" * 50, "deaths.csv", "an Excel workbook", "save it as CSV"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "deaths.csv:1", "are not utf-8", "`encoding`"),
        (b"a,b\n\0,1\n", "deaths.csv:2", "NUL characters", "check the file"),
        ((HEADER + '\n"330101,第一\n').encode(), "deaths.csv:2", "not delimited text", "quote that is not closed"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(
    lake: Settings, tmp_path: Path, content: bytes, where: str, says: str, do: str
) -> None:
    mapping, good, bad = tmp_path / "deaths.yaml", tmp_path / "good.csv", tmp_path / "deaths.csv"
    mapping.write_text(MAPPING.format(encoding="utf-8", delimiter=","), encoding="utf-8")
    good.write_text("\n".join([HEADER, *ROWS]), encoding="utf-8")
    bad.write_bytes(content)
    with pytest.raises(UserError) as error:
        import_files(lake, load_mapping(mapping), [good, bad], now=FIRST)
    assert says in error.value.what
    assert error.value.where.startswith(str(tmp_path / where))
    assert do in error.value.do
    assert not lake.catalog_db.exists(), "nothing is imported from the good file either"


def test_a_file_that_is_not_there_is_named(lake: Settings, tmp_path: Path) -> None:
    mapping = tmp_path / "deaths.yaml"
    mapping.write_text(MAPPING.format(encoding="utf-8", delimiter=","), encoding="utf-8")
    with pytest.raises(UserError, match="No such file"):
        import_files(lake, load_mapping(mapping), [tmp_path / "none.csv"], now=FIRST)


_CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(_CELL, min_size=1, max_size=9), min_size=1, max_size=8))
def test_whatever_the_cells_hold_every_row_is_accounted_for(lake: Settings, rows: list[list[str]]) -> None:
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    report = bring(lake, lines)
    assert [count.read for count in report.counts if count.name in ("places", "deaths")] == [len(rows)] * 2
