"""The gate's suites tell a wrong figure from a right one, and name its row."""

from __future__ import annotations

import duckdb
import pytest

from quality.audit import audit
from quality.suites import SUITES, Check
from quality.suites.check import none_of


@pytest.fixture
def marts() -> duckdb.DuckDBPyConnection:
    """A publication of one table with one wrong percentage."""
    connection = duckdb.connect()
    connection.execute("create schema publication")
    connection.execute(
        "create table publication.inspections as select * from (values ('33', 10, 98.5), ('44', -1, 1200.0)) "
        "as t (unit, findings, coverage_pct)"
    )
    return connection


@pytest.mark.slow
def test_a_value_out_of_bounds_fails_its_check_and_its_row_is_named(marts: duckdb.DuckDBPyConnection) -> None:
    bounded = Check(
        "Coverage is at most 1000.",
        "select unit, coverage_pct from publication.inspections",
        "ExpectColumnValuesToBeBetween",
        {"column": "coverage_pct", "min_value": 0, "max_value": 1000},
    )
    faults = none_of("Nothing is negative.", "select unit, findings from publication.inspections where findings < 0")
    missing = none_of("A table that is not there has no fault.", "select * from publication.nowhere")
    sound = none_of("There is no unit 55.", "select unit from publication.inspections where unit = '55'")
    outcomes, _ = audit(marts, ["inspections"], {"try": lambda tables: [bounded, faults, missing, sound]})
    assert [outcome.passed for outcome in outcomes] == [False, False, False, True]
    assert [row["unit"] for row in outcomes[0].rows] == ["44"]
    assert outcomes[1].rows == [{"unit": "44", "findings": -1}]
    assert "nowhere" in outcomes[2].found


def test_every_suite_lists_checks_that_say_in_a_sentence_what_holds() -> None:
    tables = {"population": [("unit", "VARCHAR"), ("adp", "DOUBLE")], "deaths": [("deaths_total", "BIGINT")]}
    for name, checks_of in SUITES.items():
        checks = checks_of(tables)
        assert checks, name
        for check in checks:
            assert check.text.endswith("."), check.text
        assert len({check.text for check in checks}) == len(checks)
