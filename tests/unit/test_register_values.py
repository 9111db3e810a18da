"""Reading cells: dates, numbers, words, ids."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.registers.mapping import Source
from ingestion.registers.values import CannotRead, Reader


def read(cell: str, annotation: Any, **how: Any) -> Any:
    reader = Reader(frozenset({"", "NA"}), {"alabama": "US-AL", "33": "33", "浙江省": "33"})
    return reader.value(Source.model_validate({"column": "c", **how}), {"c": cell}, annotation, "t")


@pytest.mark.parametrize(
    ("cell", "forms", "day"),
    [
        ("2020-02-29", ["%Y-%m-%d"], date(2020, 2, 29)),
        ("02/29/2020", ["%Y-%m-%d", "%m/%d/%Y"], date(2020, 2, 29)),
        ("2021年3月5日", ["%Y年%m月%d日"], date(2021, 3, 5)),
        ("２０２１-０３-０５", ["%Y-%m-%d"], date(2021, 3, 5)),
        ("05/05/2021", ["%m/%d/%Y", "%d/%m/%Y"], date(2021, 5, 5)),
    ],
)
def test_a_date_is_read_in_any_of_the_forms(cell: str, forms: list[str], day: date) -> None:
    assert read(cell, date, dates=forms) == day


@pytest.mark.parametrize("cell", ["2021-02-29", "29/02/2021", "0000-00-00", "44256", "yesterday"])
def test_a_day_that_never_was_is_refused(cell: str) -> None:
    with pytest.raises(CannotRead, match="is not a date like"):
        read(cell, date, dates=["%Y-%m-%d", "%d/%m/%Y"])


def test_a_date_that_two_forms_read_differently_is_refused() -> None:
    with pytest.raises(CannotRead, match=r"may mean 2021-03-04 .* or 2021-04-03"):
        read("03/04/2021", date, dates=["%m/%d/%Y", "%d/%m/%Y"])


def test_a_time_without_zone_is_of_the_mapping_s_zone_and_becomes_utc() -> None:
    assert read("2024-05-01 08:00", datetime, dates=["%Y-%m-%d %H:%M"], timezone="Asia/Shanghai") == datetime(
        2024, 5, 1, tzinfo=UTC
    )
    assert read("2024-05-01 08:00+0100", datetime, dates=["%Y-%m-%d %H:%M%z"], timezone="Asia/Shanghai") == datetime(
        2024, 5, 1, 7, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("cell", "how", "number"),
    [
        ("1,234,567", {"thousands": ","}, 1_234_567),
        ("1.234", {"thousands": ".", "decimal": ","}, 1_234),
        ("1 234", {"thousands": " "}, 1_234),
        ("１２３", {}, 123),
        ("12.0", {}, 12),
        ("38.94", {"rounding": True}, 39),
        ("0012", {}, 12),
        (" 7 ", {}, 7),
        ("-5", {}, -5),
    ],
)
def test_whole_numbers_are_read_as_people_write_them(cell: str, how: dict[str, Any], number: int) -> None:
    result = read(cell, int, **how)
    assert result == number
    assert type(result) is int


@pytest.mark.parametrize(
    "cell", ["1,23", "1,2345", "12,34,567", "38.94", "nan", "inf", "1e400", "0x10", "1_000", "½", "12a", "9" * 30]
)
def test_what_is_no_whole_number_is_refused(cell: str) -> None:
    with pytest.raises(CannotRead):
        read(cell, int, thousands=",")


@given(st.integers(0, 2**53 - 1))
def test_every_count_written_with_thousands_reads_back(number: int) -> None:
    assert read(f"{number:,}", int, thousands=",") == number
    assert read(str(number), int) == number


def test_map_comes_before_words_and_words_before_otherwise() -> None:
    how = {
        "map": {"N": "illness", "none": None},
        "words": [{"any": ["pending"], "value": "pending"}, {"any": ["suicide"], "value": "self_inflicted"}],
        "otherwise": "unknown",
        "when_null": "withheld",
    }
    cells = {
        "n": "illness",
        "Suicide - Pending": "pending",
        "SUICIDE": "self_inflicted",
        "?": "unknown",
        "NA": "withheld",
        "None": "withheld",
    }
    assert {cell: read(cell, str, **how) for cell in cells} == cells


def test_white_space_is_put_in_order_before_anything_else() -> None:
    assert read(" R.M.C.-    MAIN\nUNIT\u3000", str) == "R.M.C.- MAIN UNIT"


def test_a_unit_is_found_by_any_of_its_names_and_a_stranger_is_refused() -> None:
    reader = Reader(frozenset({""}), {"浙江省": "33", "zhejiang": "33"})
    source = Source(unit="c")
    assert reader.value(source, {"c": "ZheJiang"}, str, "t") == "33"
    assert reader.value(source, {"c": "浙江省"}, str, "t") == "33"
    with pytest.raises(CannotRead, match="'Atlantis' names no unit"):
        reader.value(source, {"c": "Atlantis"}, str, "t")


def test_join_is_null_when_a_part_is_and_first_takes_the_next() -> None:
    reader = Reader(frozenset({""}), {})
    join = {"join": [{"value": "f-"}, "number"]}
    source = Source.model_validate({"first": [join, {"value": "none"}]})
    assert reader.value(source, {"number": "7"}, str, "t") == "f-7"
    assert reader.value(source, {"number": ""}, str, "t") == "none"


@pytest.mark.parametrize(("day", "read"), [("2020-02-20", None), ("2019-02-20", date(2019, 2, 20))])
def test_a_day_outside_the_year_that_the_row_states_is_not_believed(day: str, read: date | None) -> None:
    source = Source.model_validate({"column": "day", "dates": ["%Y-%m-%d"], "in_year": "year"})
    assert Reader(frozenset({""}), {}).value(source, {"day": day, "year": "2019"}, date | None, "t") == read


def test_ids_number_rows_that_agree_only_where_the_mapping_says_so() -> None:
    reader = Reader(frozenset({""}), {})
    plain, numbered = Source(id=["a"]), Source(id=["a"], occurrence=True)
    row = {"a": "x"}
    assert reader.value(plain, row, str, "death") == reader.value(plain, row, str, "death")
    first, second = (reader.value(numbered, row, str, "death") for _ in range(2))
    assert first != second
    again = Reader(frozenset({""}), {})
    assert [again.value(numbered, row, str, "death") for _ in range(2)] == [first, second]


@pytest.mark.parametrize(
    ("year", "part", "kind", "day"),
    [
        ("2020", "1", "quarter", date(2020, 3, 31)),
        ("2020", "Q4", "quarter", date(2020, 12, 31)),
        ("2020", "february", "month", date(2020, 2, 29)),
        ("2021", "2", "month", date(2021, 2, 28)),
    ],
)
def test_a_period_is_its_last_day(year: str, part: str, kind: str, day: date) -> None:
    source = Source.model_validate({"period_end": {"year": "y", kind: "p"}})
    assert Reader(frozenset({""}), {}).value(source, {"y": year, "p": part}, date, "t") == day


@pytest.mark.parametrize(("year", "part"), [("20", "1"), ("2020", "5"), ("2020", "Q0")])
def test_a_period_that_does_not_exist_is_refused(year: str, part: str) -> None:
    source = Source.model_validate({"period_end": {"year": "y", "quarter": "p"}})
    with pytest.raises(CannotRead):
        Reader(frozenset({""}), {}).value(source, {"y": year, "p": part}, date, "t")
