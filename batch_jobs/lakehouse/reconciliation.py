"""Count reconciliation: is every record that a source offered accounted for, exactly once?

Counts alone would not see a record that is missing beside one that is there twice. So two questions are asked:
do the counts of every source agree at each place that counts, and is every Kafka offset in bronze exactly once,
without a gap, and in exactly one batch of the stream's ledger?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class SourceCounts:
    """What became of one source's records."""

    source: str
    offered: int
    landed: int
    quarantined_landing: int
    received: int
    processed: int
    accepted: int
    quarantined_stream: int
    late: int
    quarantine_rows_landing: int
    quarantine_rows_stream: int
    quarantine_rows_late: int

    def faults(self) -> list[str]:
        """The count laws that do not hold, each in one sentence with its numbers."""
        laws = [
            (self.offered, self.landed + self.quarantined_landing, "offered", "landed + quarantined by the landing"),
            (self.landed, self.received, "landed", "received"),
            (self.received, self.processed, "received", "processed"),
            (self.processed, self.accepted + self.quarantined_stream, "processed", "accepted + quarantined"),
            (
                self.quarantined_landing,
                self.quarantine_rows_landing,
                "quarantined by the landing",
                "its rows in quarantine",
            ),
            (self.quarantined_stream, self.quarantine_rows_stream, "quarantined", "rows in quarantine"),
            (self.late, self.quarantine_rows_late, "late", "late rows in quarantine"),
        ]
        return [f"source {self.source!r}: {left} {a}, but {right} {b}" for left, right, a, b in laws if left != right]


@dataclass(frozen=True)
class PartitionOffsets:
    """The offsets of one Kafka partition in bronze and in the ledger."""

    partition: int
    first: int
    last: int
    rows: int
    offsets: int
    not_in_ledger: int
    retired: int

    def faults(self) -> list[str]:
        """What is wrong with the partition, each in one sentence."""
        found = []
        begin = 0 if self.retired else self.first  # what was let go is counted, not listed
        if begin != 0:
            found.append(f"partition {self.partition}: begins at offset {self.first}, not at 0")
        if missing := self.last - begin + 1 - self.offsets - self.retired:
            found.append(f"partition {self.partition}: {missing} offsets between {begin} and {self.last} are missing")
        if twice := self.rows - self.offsets:
            found.append(f"partition {self.partition}: {twice} rows repeat an offset")
        if self.not_in_ledger:
            found.append(f"partition {self.partition}: {self.not_in_ledger} records are in no batch of the ledger")
        return found


@dataclass(frozen=True)
class Reconciliation:
    """The whole answer; ``problems`` is empty where every law holds."""

    sources: list[SourceCounts]
    partitions: list[PartitionOffsets]
    problems: list[str] = field(default_factory=list)

    @property
    def balanced(self) -> bool:
        """True where every law holds."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """The answer as plain data."""
        return {"balanced": self.balanced, **asdict(self)}


_COUNTS = """
select source,
    cast(sum(offered) as bigint), cast(sum(landed) as bigint), cast(sum(quarantined_landing) as bigint),
    cast(sum(received) as bigint), cast(sum(processed) as bigint), cast(sum(accepted) as bigint),
    cast(sum(quarantined_stream) as bigint), cast(sum(late) as bigint),
    cast(sum(rows_landing) as bigint), cast(sum(rows_stream) as bigint), cast(sum(rows_late) as bigint)
from (
    select source, offered, landed, quarantined as quarantined_landing, 0 as received, 0 as processed, 0 as accepted,
        0 as quarantined_stream, 0 as late, 0 as rows_landing, 0 as rows_stream, 0 as rows_late
    from bronze.landing
    union all
    select source, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 from bronze.received
    union all
    select source, 0, 0, 0, 0, records, accepted, quarantined, late, 0, 0, 0 from silver.ledger
    union all
    select source, 0, 0, 0, 0, 0, 0, 0, 0,
        if(stage = 'landing', 1, 0), if(stage = 'stream' and not landed, 1, 0), if(reason = 'late', 1, 0)
    from (select distinct quarantine_id, stage, source, landed, reason from silver.quarantine)
    where stage in ('landing', 'stream')
    union all
    select source, 0, 0, 0, if(lake_table = 'bronze.received', row_count, 0), 0, 0, 0, 0,
        if(kind = 'landing', row_count, 0), if(kind = 'stream', row_count, 0), if(kind = 'late', row_count, 0)
    from retired where lake_table in ('bronze.received', 'silver.quarantine')
)
group by source
order by source
"""

# Keys that are no text, or none at all, may share a name in the ledger: their batches cannot be told apart by it, and
# the counts of their source must do.
_AMBIGUOUS = "(facility = '' or contains(facility, '\ufffd'))"

# Each record is matched with the last batch of its facility and source that begins at or before it; it belongs to
# that batch if the batch reaches it. One sort, where a join by range would compare every record with every batch.
_MATCHED = """
select topic_partition, facility, source, topic_offset, is_batch, records,
    last_value(batch_from, true) over w as batch_from,
    last_value(batch_to, true) over w as batch_to
from (
    select topic_partition, coalesce(decode(record_key, 'UTF-8'), '') as facility, source, topic_offset,
        false as is_batch, cast(null as bigint) as batch_from, cast(null as bigint) as batch_to,
        cast(null as bigint) as records
    from bronze.received
    union all
    select topic_partition, facility, source, offset_from, true, offset_from, offset_to, records from silver.ledger
)
window w as (
    partition by topic_partition, facility, source order by topic_offset, is_batch desc
    rows between unbounded preceding and current row
)
"""

# Rows that retention let go: a day may be written down twice where a run was broken off, and counts once.
_RETIRED = """
select lake_table, day, source, kind, topic_partition, max(offset_to) as offset_to,
    max(row_count) as row_count
from audit.retired
group by lake_table, day, source, kind, topic_partition
"""

_RETIRED_OFFSETS = """
select topic_partition, sum(row_count) as row_count, max(offset_to) as offset_to
from retired where lake_table = 'bronze.received'
group by topic_partition
"""

_PARTITIONS = f"""
select topic_partition, min(topic_offset), max(topic_offset), count(*), count(distinct topic_offset),
    count_if(coalesce(batch_to < topic_offset, true) and not {_AMBIGUOUS}), coalesce(max(gone.row_count), 0)
from matched left join retired_offsets as gone using (topic_partition)
where not is_batch
group by topic_partition
order by topic_partition
"""

_BATCHES = f"""
select b.topic_partition, b.facility, b.source, b.topic_offset, b.batch_to, b.records, coalesce(r.found, 0) as found,
    b.before_to
from (
    select *, lag(batch_to) over (partition by topic_partition, facility, source order by topic_offset) as before_to
    from matched where is_batch and not {_AMBIGUOUS}
) as b
left join (
    select topic_partition, facility, source, batch_from, count(*) as found
    from matched where not is_batch and topic_offset <= batch_to
    group by topic_partition, facility, source, batch_from
) as r
on b.topic_partition = r.topic_partition and b.facility = r.facility and b.source = r.source
    and b.topic_offset = r.batch_from
left join retired_offsets as gone on gone.topic_partition = b.topic_partition
where coalesce(r.found, 0) <> b.records and b.topic_offset > coalesce(gone.offset_to, -1)
    or b.before_to >= b.topic_offset
order by b.topic_partition, b.topic_offset
limit 50
"""


def _batch_faults(rows: Sequence[Any]) -> list[str]:
    found = []
    for row in rows:
        where = (
            f"ledger, partition {row.topic_partition}, facility {row.facility!r}, source {row.source!r}, "
            f"offsets {row.topic_offset} to {row.batch_to}"
        )
        if row.found != row.records:
            found.append(f"{where}: says {row.records} records, but bronze has {row.found}")
        if row.before_to is not None and row.before_to >= row.topic_offset:
            found.append(f"{where}: overlaps the batch before it")
    return found


def reconcile(spark: SparkSession) -> Reconciliation:
    """Compare all counts and all offsets of the lake.

    Returns:
        Counts per source, offsets per Kafka partition, and every law that does not hold (of the ledger's batches the
        first 50).
    """
    spark.sql(_RETIRED).createOrReplaceTempView("retired")
    spark.sql(_RETIRED_OFFSETS).createOrReplaceTempView("retired_offsets")
    sources = [SourceCounts(*row) for row in spark.sql(_COUNTS).collect()]
    spark.sql(_MATCHED).createOrReplaceTempView("matched")
    partitions = [PartitionOffsets(*row) for row in spark.sql(_PARTITIONS).collect()]
    problems = [fault for source in sources for fault in source.faults()]
    problems += [fault for partition in partitions for fault in partition.faults()]
    problems += _batch_faults(spark.sql(_BATCHES).collect())
    return Reconciliation(sources, partitions, problems)
