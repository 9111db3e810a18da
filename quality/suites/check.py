"""One check: rows to look at, and what Great Expectations is to expect of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Tables = Mapping[str, Sequence[tuple[str, str]]]
"""Publication table to its columns, as (name, DuckDB type)."""


@dataclass(frozen=True)
class Check:
    """Rows by a query on the built marts, and one expectation about them.

    ``expectation`` is the name of a class of great_expectations.expectations, ``arguments`` its arguments. The text
    says in one sentence what holds when the check passes.
    """

    text: str
    query: str
    expectation: str
    arguments: Mapping[str, Any]


def none_of(text: str, query: str) -> Check:
    """A check that the query finds nothing: its rows are the faults."""
    return Check(text, query, "ExpectTableRowCountToEqual", {"value": 0})


NUMBERS = ("BIGINT", "DOUBLE", "INTEGER", "HUGEINT", "DECIMAL")


def numeric_columns(tables: Tables, table: str) -> list[str]:
    """Names of the columns that hold numbers."""
    return [name for name, kind in tables[table] if kind.startswith(NUMBERS)]
