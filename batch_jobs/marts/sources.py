"""What a build reads: every table of the lake as it was when the build began, and what came since the build before.

The gate and the embedded engine read copies of the lake's tables in the build file. A full build copies them anew. An
incremental build keeps the copies of the registers and appends to them; the small remainder is copied anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
from pyiceberg.catalog import Catalog

from batch_jobs.marts.lake_tables import Snapshots, current_snapshots, rows_since
from infra.settings import Settings, open_catalog

NEW_ROWS = "new_rows"
"""Schema of the build file with the appended rows of each register that an incremental model reads."""

INCREMENTAL = ("register.stay",)
"""Tables whose staging model is incremental: it must be told which rows are new."""


def reading(settings: Settings) -> Path:
    """File with the snapshot of every table that the build reads."""
    return settings.marts / "snapshots.json"


def load_reading(settings: Settings) -> Snapshots:
    """The snapshots that the build reads; the newest where dbt is run by itself and no build has begun."""
    if not reading(settings).is_file():
        return current_snapshots(open_catalog(settings))
    found: Snapshots = json.loads(reading(settings).read_text(encoding="utf-8"))
    return found


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The build file, its times in UTC."""
    connection = duckdb.connect(str(settings.marts_db))
    connection.execute("set timezone = 'UTC'")
    return connection


def holds(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether the build file has the table ``<schema>.<table>``."""
    asked = "select 1 from duckdb_tables() where schema_name || '.' || table_name = ?"
    return connection.execute(asked, [name]).fetchone() is not None


@contextmanager
def registered(connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> Iterator[str]:
    """The name by which the rows can be asked for meanwhile."""
    connection.register("handed_rows", rows)
    try:
        yield "handed_rows"
    finally:
        connection.unregister("handed_rows")


def put(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Make or replace the table ``<schema>.<table>``."""
    with registered(connection, rows) as view:
        connection.execute(f"create schema if not exists {name.split('.')[0]}")
        connection.execute(f"create or replace table {name} as select * from {view}")


def bring_up_to(
    connection: duckdb.DuckDBPyConnection, catalog: Catalog, before: Snapshots, until: Snapshots
) -> str | None:
    """Append to the copies of the registers what came after ``before``; drop the copies that must be made anew.

    Returns:
        Why this could not be done, so that a full build is needed; None if it was.
    """
    connection.execute(f"drop schema if exists {NEW_ROWS} cascade")
    held = [name for name in until if holds(connection, name)]
    for name in held:
        rows = None
        if name.startswith("register.") and name in before:
            rows = rows_since(catalog, name, before[name], until[name])
        if rows is None and name in INCREMENTAL:
            return f"it cannot be told which rows of {name} are new"
        if rows is None:
            connection.execute(f"drop table {name}")
            continue
        if name in INCREMENTAL:
            put(connection, name.replace("register", NEW_ROWS), rows)
        with registered(connection, rows) as view:
            connection.execute(f"insert into {name} by name select * from {view}")
    if missing := set(INCREMENTAL) - set(held):
        return f"there is no copy of {', '.join(missing)}"
    return None
