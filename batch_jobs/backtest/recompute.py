"""Alerts again from what was received, late records included, beside what the stream raised.

The stream closes a second two seconds after its end; what comes later is landed, counted, and has no
effect on alerts. Here each late record is given to the same decision at its own time, among all others
in the order of their offsets. Nothing live is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

from infra.settings import UserError, table_name
from ingestion.contracts import Alert, QuarantineRow, ReceivedRecord, RecomputedAlert, content_id
from ingestion.contracts.schemas import arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

Row = dict[str, Any]
Decide = Callable[[bytes, Sequence[Mapping[str, Any]], Iterable[Mapping[str, Any]]], Iterable[Row]]
"""Record key, its late rows of ``bronze.received``, its other rows in the order of offsets -> alerts, latest step each.

Rows have beside their own columns ``reason``: why the stream quarantined the record, None where it did not.
"""

CLEARS_MS = 3_600_000
"""An alert that is on for longer than this after the end counts as not cleared, on both sides."""

FIELDS = [name for name in RecomputedAlert.model_fields if name not in ("run", "standing")]
"""What is compared and written of an alert."""


@dataclass(frozen=True)
class Recomputed:
    """A facility. Alerts are the same where their ids are; ``cleared`` may differ. ``late``: late records so far."""

    facility: str
    late: int
    added: list[Row]
    removed: list[Row]
    unchanged: list[Row]

    def rows(self, run: str) -> Iterator[Row]:
        """Rows of ``silver.alert_recomputed``."""
        for standing in ("added", "removed", "unchanged"):
            for alert in getattr(self, standing):
                yield {"run": run, "standing": standing, **{name: alert[name] for name in FIELDS}}


def recompute(
    spark: SparkSession, decide: Decide, *, from_ms: int, to_ms: int, facilities: Sequence[str] = ()
) -> tuple[str, list[Recomputed]]:
    """Decide on every facility's records from their beginning, in parallel over facilities.

    Args:
        from_ms, to_ms: event time; alerts raised in [from, to) are compared.
        facilities: only these; all where empty.

    Returns:
        The run's id and what changes at each facility.

    Raises:
        UserError: there are no records.
    """
    from pyspark.sql import functions as f
    from pyspark.sql.pandas.types import from_arrow_schema

    place = ["topic_partition", "topic_offset"]
    quarantined = spark.table(table_name(QuarantineRow)).where("stage = 'stream'").select(*place, "reason")
    received = spark.table(table_name(ReceivedRecord)).where(f.col("record_key").isNotNull()).dropDuplicates(place)
    if facilities:
        received = received.where(f.col("record_key").isin(*(name.encode() for name in facilities)))
    last = received.groupBy("topic_partition").agg(f.max("topic_offset").alias("offset")).orderBy("topic_partition")
    reach = [(row["topic_partition"], row["offset"]) for row in last.collect()]
    if not reach:
        raise UserError(
            "no record of these facilities was received", where=table_name(ReceivedRecord), do="check --facility"
        )
    rows = received.join(quarantined.dropDuplicates(place), place, "left")
    late_first = f.when(f.col("reason") == "late", 0).otherwise(1)
    ordered = rows.repartition("record_key").sortWithinPartitions("record_key", late_first, *place)
    found = [row.asDict() for row in ordered.mapInArrow(_deciding(decide), from_arrow_schema(_schema())).collect()]
    live = spark.table(table_name(Alert)).where((f.col("raised_at") >= from_ms) & (f.col("raised_at") < to_ms))
    raised = [row.asDict() for row in live.select(*FIELDS).collect()]
    names = {row["record_key"].decode(errors="replace"): 0 for row in rows.select("record_key").distinct().collect()}
    for row in rows.where("reason = 'late'").groupBy("record_key").count().collect():
        names[row["record_key"].decode(errors="replace")] = row["count"]
    after = _by_facility(found, from_ms, to_ms)
    before = _by_facility(raised, from_ms, to_ms)
    return content_id("recompute", from_ms, to_ms, *chain.from_iterable(reach), *sorted(facilities)), [
        _compared(name, count, before.get(name, {}), after.get(name, {})) for name, count in sorted(names.items())
    ]


def _by_facility(alerts: Iterable[Row], from_ms: int, to_ms: int) -> dict[str, dict[str, Row]]:
    """By facility and id, the latest step of the alerts raised in the time."""
    found: dict[str, dict[str, Row]] = {}
    for alert in alerts:
        if not from_ms <= alert["raised_at"] < to_ms:
            continue
        if alert["cleared"] is not None and alert["cleared"] > to_ms + CLEARS_MS:
            alert = alert | {"cleared": None}
        mine = found.setdefault(alert["facility"], {})
        if alert["alert_id"] not in mine or alert["cleared"] is not None:
            mine[alert["alert_id"]] = alert
    return found


def _compared(facility: str, late: int, before: dict[str, Row], after: dict[str, Row]) -> Recomputed:
    def ordered(alerts: Iterable[Row]) -> list[Row]:
        return sorted(alerts, key=lambda a: (a["raised_at"], a["rule"], a["alert_id"]))

    return Recomputed(
        facility,
        late,
        added=ordered(a for key, a in after.items() if key not in before),
        removed=ordered(a for key, a in before.items() if key not in after),
        unchanged=ordered(a for key, a in after.items() if key in before),
    )


def _schema() -> pa.Schema:
    import pyarrow as pa

    whole = arrow_schema(RecomputedAlert)
    return pa.schema([whole.field(name) for name in FIELDS])


def _deciding(decide: Decide) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def decided(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        schema = _schema()
        rows = (row for batch in batches for row in batch.to_pylist())
        for key, mine in groupby(rows, key=lambda row: row["record_key"]):
            halves = groupby(mine, key=lambda row: row["reason"] == "late")  # late ones come first
            is_late, first = next(halves)
            late = list(first) if is_late else []
            others = next(halves, (False, iter(())))[1] if is_late else first
            alerts = decide(bytes(key), late, others)
            yield pa.RecordBatch.from_pylist([{name: a[name] for name in FIELDS} for a in alerts], schema=schema)

    return decided
