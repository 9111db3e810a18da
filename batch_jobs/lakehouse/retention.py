"""Retention: rows that are older than their table keeps them are let go, whole days at a time.

What is let go is counted and written down first (``audit.retired``, and who asked in ``audit.log``), so
that the counts of what is left still add up, and a run that is broken off may simply be run again.
Rows leave their table at once; Iceberg drops files that hold nothing else and rewrites the others. The
files themselves go with the snapshots that name them, which compaction lets go.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from batch_jobs.lakehouse.session import CATALOG
from infra.settings import UserError, append_rows, table_name
from ingestion.contracts import DERIVED, AuditEntry, RetiredRows, content_id

if TYPE_CHECKING:
    from pyiceberg.catalog.sql import SqlCatalog
    from pyspark.sql import SparkSession

DAY_MS = 86_400_000
WHO = "lake retain"

AGES = {table_name(model): model.AGE for model in DERIVED.values() if model.AGE}
"""By table, the column (ms) by which its rows grow old."""

_GROUPS = {
    "bronze.received": ("source", "''", "topic_partition", "topic_offset", "*"),
    "silver.quarantine": (
        "source",
        "case when stage = 'landing' then 'landing' when reason = 'late' then 'late' "
        "when stage = 'stream' and not landed then 'stream' else '' end",
        "-1",
        "-1",
        "distinct quarantine_id",
    ),
}
"""By table: source, kind, partition, offset, and what is counted once. Others are counted by day alone."""


@dataclass(frozen=True)
class Retained:
    """What was let go of a table: all of its rows of days before ``before``."""

    table: str
    before: date
    rows: int


def retain(
    spark: SparkSession,
    catalog: SqlCatalog,
    keep_days: Mapping[str, int],
    *,
    today: date,
    audit: Callable[[Sequence[AuditEntry]], object],
    say: Callable[[str], None] = lambda _: None,
) -> list[Retained]:
    """Let go what is older than its table keeps it. Writers may go on appending.

    Args:
        keep_days: by table, full days (UTC) before ``today`` that stay.
        audit: writes entries into the audit log.

    Raises:
        UserError: a table that has no age, or is kept for less than a day.
    """
    for table, days in keep_days.items():
        if table not in AGES or days < 1:
            raise UserError(
                f"keep_days of {table!r} is {days}",
                where="infra/profiles/*.toml or SAFEHOLD_KEEP_DAYS",
                do=f"give 1 day or more, for {', '.join(sorted(AGES))}",
            )
    return [_retain(spark, catalog, table, days, today, audit, say) for table, days in sorted(keep_days.items())]


def _retain(
    spark: SparkSession,
    catalog: SqlCatalog,
    table: str,
    days: int,
    today: date,
    audit: Callable[[Sequence[AuditEntry]], object],
    say: Callable[[str], None],
) -> Retained:
    before, now = today - timedelta(days=days), int(time.time() * 1000)
    end = int(datetime.combine(before, datetime.min.time(), UTC).timestamp()) * 1000
    source, kind, partition, offset, once = _GROUPS.get(table, ("''", "''", "-1", "-1", "*"))
    old = f"from {CATALOG}.{table} where {AGES[table]} < {end}"
    counted = spark.sql(
        f"select {AGES[table]} div {DAY_MS}, {source}, {kind}, {partition}, max({offset}), count({once}) {old} "
        "group by 1, 2, 3, 4 order by 1, 2, 3, 4"
    ).collect()
    gone = [
        RetiredRows(
            at=now, lake_table=table, day=date(1970, 1, 1) + timedelta(days=row[0]), source=row[1], kind=row[2],
            topic_partition=row[3], offset_to=row[4], row_count=row[5],
        )
        for row in counted
    ]  # fmt: skip
    rows = sum(one.row_count for one in gone)
    if gone:
        why = f"rows are kept for {days} days; {rows} are older"
        entry = AuditEntry(
            audit_id=content_id(WHO, table, end), at=now, who=WHO, what=WHO, target=table, why=why, before="", after=""
        )
        append_rows(catalog, RetiredRows, gone)
        audit([entry])
        spark.sql(f"delete {old}")
    say(f"  {table}: {rows} rows before {before} let go")
    return Retained(table, before, rows)
