"""Faulty mappings are refused with file, line and field, before any data file is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.settings import UserError
from ingestion.registers import MAPPINGS, load_mapping

GOOD = """\
mapping: small
about: A small file.
source: a test
file:
  encoding: utf-8
units:
  units:
    - {unit: "00", tier: nation, en: Nation, zh: 全国}
    - {unit: "33", tier: province, parent: "00", en: Zhejiang, zh: 浙江省}
tables:
  - table: population_count
    name: head counts
    fields:
      place: {unit: place}
      place_kind: {value: unit}
      day: {column: day, dates: ["%Y-%m-%d"]}
      population: {column: count}
"""


def fault(tmp_path: Path, old: str, new: str) -> UserError:
    assert GOOD.count(old) == 1, "the test must change one place"
    path = tmp_path / "small.yaml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError) as error:
        load_mapping(path)
    return error.value


def test_the_good_one_loads(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_mapping(path).columns() == {"place", "day", "count"}


@pytest.mark.parametrize("path", sorted(MAPPINGS.glob("[!u]*.yaml")) + sorted(MAPPINGS.glob("ucla*.yaml")))
def test_every_shipped_mapping_loads_and_is_named_after_its_file(path: Path) -> None:
    assert load_mapping(path).mapping == path.stem
    assert load_mapping(Path(path.stem)).mapping == path.stem


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("mapping: small", "mapping: [", 3, "not YAML"),
        ("encoding: utf-8", "encoding: utf-99", 5, "unknown code page 'utf-99'"),
        ("encoding: utf-8", "delimiter: ';;'", 5, "file.delimiter"),
        ("source: a test\n", "", 1, "source"),
        ("population_count", "populations", 11, "no register named 'populations'"),
        ("population: {column: count}", "populace: {column: count}", 17, "no field 'populace'"),
        ("      population: {column: count}\n", "", 13, "needs the field 'population'"),
        ("{value: unit}", "{value: town}", 15, "'town' is not among its values"),
        ('{column: day, dates: ["%Y-%m-%d"]}', "{column: day}", 16, "form of the date is missing"),
        ("{column: count}", "{column: count, value: 3}", 17, "exactly one of"),
        ("{column: count}", "{}", 17, "exactly one of"),
        ("{column: count}", "{column: count, thousand: ','}", 17, "Extra inputs are not permitted"),
        ('parent: "00"', 'parent: "01"', 6, "parent of a province must be a nation"),
        ("en: Zhejiang", "en: nation", 6, "names two units"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    error = fault(tmp_path, old, new)
    assert says in error.what
    assert error.where.startswith(f"{tmp_path / 'small.yaml'}:{line}"), error.where
    assert error.do


def test_a_unit_lookup_without_units_is_a_fault(tmp_path: Path) -> None:
    start, end = GOOD.index("units:"), GOOD.index("tables:")
    assert "names no `units`" in fault(tmp_path, GOOD[start:end], "").what


def test_a_name_that_is_not_shipped_lists_those_that_are() -> None:
    with pytest.raises(UserError) as error:
        load_mapping(Path("marshal_cases"))
    assert "marshall_cases" in error.value.do
    assert "us_units" not in error.value.do
