"""Compaction: the many small files of a stream become few, and old snapshots are let go.

Snapshots are kept for days and by number, because Flink finds in them which of its checkpoints it has committed:
a job restored after they are gone would commit rows twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from batch_jobs.lakehouse.session import CATALOG
from infra.settings import NAMESPACES, SafeholdError, table_name
from ingestion.contracts import DERIVED, REGISTERS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

KEEP_SNAPSHOTS = 20
KEEP_DAYS = 7


@dataclass(frozen=True)
class Compacted:
    """What was done to a table. Rows are those of its current snapshot."""

    table: str
    rows: int
    files_before: int
    files_after: int
    snapshots_before: int
    snapshots_after: int


def lake_tables() -> list[str]:
    """All tables of the lake that a contract states."""
    return [table_name(model) for model in (*DERIVED.values(), *REGISTERS.values())]


def built_tables(spark: SparkSession) -> list[str]:
    """Tables of the marts, which the cluster target builds into the lake: every build leaves a snapshot of each."""
    schemas = [str(row[0]) for row in spark.sql(f"show schemas in {CATALOG}").collect()]
    return [
        f"{schema}.{row['tableName']}"
        for schema in schemas
        if schema not in NAMESPACES
        for row in spark.sql(f"show tables in {CATALOG}.{schema}").collect()
        if not row["isTemporary"]
    ]


def _size(spark: SparkSession, table: str) -> tuple[int, int, int]:
    """``(rows, data files, snapshots)`` from the table's metadata, no data read."""
    name = f"{CATALOG}.{table}"
    files = spark.sql(f"select coalesce(sum(record_count), 0), count(*) from {name}.files where content = 0").first()
    snapshots = spark.sql(f"select count(*) from {name}.snapshots").first()
    assert files is not None
    assert snapshots is not None
    return int(files[0]), int(files[1]), int(snapshots[0])


def compact(
    spark: SparkSession,
    *,
    keep_snapshots: int = KEEP_SNAPSHOTS,
    keep_days: int = KEEP_DAYS,
    say: Callable[[str], None] = lambda _: None,
) -> list[Compacted]:
    """Rewrite the data files of every table and let old snapshots go. Writers may go on appending.

    Args:
        keep_snapshots: as many of the newest snapshots stay, however old.
        keep_days: snapshots younger than this stay, however many.

    Raises:
        SafeholdError: a table has fewer rows afterwards.
    """
    before_day = (datetime.now(UTC) - timedelta(days=keep_days)).strftime("%Y-%m-%d %H:%M:%S")
    done = []
    for table in [*lake_tables(), *built_tables(spark)]:
        rows, files, snapshots = _size(spark, table)
        if snapshots == 0:
            continue
        if files > 1:
            spark.sql(
                f"call {CATALOG}.system.rewrite_data_files(table => '{table}', options => map('min-input-files', '2'))"
            )
        # Compaction has just added a snapshot.
        if snapshots + (files > 1) > keep_snapshots:
            spark.sql(
                f"call {CATALOG}.system.expire_snapshots(table => '{table}', "
                f"older_than => timestamp '{before_day}', retain_last => {keep_snapshots})"
            )
        rows_after, files_after, snapshots_after = _size(spark, table)
        if rows_after < rows:
            raise SafeholdError(
                f"{table} had {rows} rows before compaction and has {rows_after} after",
                where=f"{CATALOG}.{table}",
                do="roll back to the snapshot before; see Iceberg's rollback_to_snapshot",
            )
        say(f"  {table}: {rows_after} rows, {files} -> {files_after} files")
        done.append(Compacted(table, rows_after, files, files_after, snapshots, snapshots_after))
    return done
