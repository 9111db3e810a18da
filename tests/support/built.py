"""The publication tables of a build or of the published file, cell by cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

OF_THE_BUILD = {"freshness": ("built_at", "run_id", "gate_checked_at")}
"""Columns that say which build it was: they differ between two builds of the same figures."""

Table = tuple[list[tuple[str, str]], list[tuple[Any, ...]]]


def publication(file: Path) -> dict[str, Table]:
    """Table to its columns with their types, and its rows in the order in which the file holds them."""
    found: dict[str, Table] = {}
    with duckdb.connect(str(file), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'publication'"
        ).fetchall()
        for (name,) in sorted(names):
            columns = [
                (str(column), str(kind))
                for column, kind, *_ in connection.execute(f"describe publication.{name}").fetchall()
                if column not in OF_THE_BUILD.get(name, ())
            ]
            asked = ", ".join(column for column, _ in columns)
            order = "" if file.name == "published.duckdb" else " order by all"
            found[name] = (columns, connection.execute(f"select {asked} from publication.{name}{order}").fetchall())
    return found


def differences(left: dict[str, Table], right: dict[str, Table]) -> dict[str, Any]:
    """What is not the same in two publications: columns and types, or the rows of either side; empty where all is."""
    found: dict[str, Any] = {}
    if left.keys() != right.keys():
        found["tables"] = sorted(left.keys() ^ right.keys())
    for name in left.keys() & right.keys():
        if left[name][0] != right[name][0]:
            found[name] = [pair for pair in zip(left[name][0], right[name][0], strict=False) if pair[0] != pair[1]]
        elif left[name][1] != right[name][1]:
            pairs = zip(left[name][1], right[name][1], strict=False)
            counts = (len(left[name][1]), len(right[name][1]))
            found[name] = [counts, *[pair for pair in pairs if pair[0] != pair[1]][:2]]
    return found
