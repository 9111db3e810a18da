"""Running the suites with Great Expectations over one DuckDB connection."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from quality.suites import SUITES
from quality.suites.check import Check, Tables, none_of

ChecksOf = Callable[[Tables], list[Check]]

SHOWN_ROWS = 20
"""Faulty rows that a report names."""


@dataclass(frozen=True)
class Outcome:
    """A check's outcome: what was found in one sentence, and the first faulty rows."""

    suite: str
    text: str
    passed: bool
    found: str
    rows: list[dict[str, Any]]


def _found(check: Check, result: dict[str, Any], frame: pd.DataFrame) -> str:
    if "exception_message" in result:
        return str(result["exception_message"])
    if "error" in frame:
        return str(frame["error"][0])
    if check.expectation == "ExpectTableRowCountToEqual":
        return f"({len(frame)} rows, expected {check.arguments['value']})"
    values = result.get("partial_unexpected_list", [])
    return f"({result.get('unexpected_count', 0)} values, e.g. {values[:3]})"


def _faulty_rows(check: Check, result: dict[str, Any], frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The first rows at fault: those of unexpected values, or all that the query found."""
    column = check.arguments.get("column")
    if column is not None:
        frame = frame[frame[column].isin(result.get("partial_unexpected_list", []))]
    return [{str(name): value for name, value in row.items()} for row in frame.head(SHOWN_ROWS).to_dict("records")]


def audit(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[str], suites: Mapping[str, ChecksOf] = SUITES
) -> tuple[list[Outcome], dict[str, list[Any]]]:
    """Run every check of every suite.

    Args:
        connection: the built marts, opened for reading.
        tables: the publication tables.
        suites: name to the function that lists the suite's checks.

    Returns:
        The outcomes, and what Great Expectations says of each by suite.

    A check whose query cannot run fails: a table that is missing is not a check that passed.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    import great_expectations as gx
    from great_expectations import expectations

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("marts")
    batch_of = source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("all")

    columns = {
        table: [
            (str(name), str(kind))
            for name, kind, *_ in connection.execute(f'describe publication."{table}"').fetchall()
        ]
        for table in tables
    }
    outcomes = []
    results: dict[str, list[Any]] = {suite: [] for suite in suites}
    for suite, checks_of in suites.items():
        for check in checks_of(columns):
            try:
                frame = connection.execute(check.query).df()
            except duckdb.Error as error:
                check = none_of(check.text, check.query)
                frame = pd.DataFrame({"error": [str(error).splitlines()[0]]})
            batch = batch_of.get_batch(batch_parameters={"dataframe": frame})
            expectation = getattr(expectations, check.expectation)(**check.arguments, description=check.text)
            answer = batch.validate(expectation)
            results[suite].append(answer)
            result = dict(answer.result)
            passed = bool(answer.success)
            rows = [] if passed else _faulty_rows(check, result, frame)
            found = "" if passed else _found(check, result, frame)
            outcomes.append(Outcome(suite, check.text, passed, found, rows))
    return outcomes, results
