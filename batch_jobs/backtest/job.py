"""A candidate beside the versions in force, on the stored features of a stretch of time.

The stretch begins with a warm-up, in which timers and alerts get into the state that they would have
in a stream; what is raised in it is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from infra.settings import UserError, table_name
from ingestion.contracts import Alert as AlertRow
from ingestion.contracts import FeatureSecond
from ingestion.contracts.schemas import arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

Alert = dict[str, Any]
Judge = Callable[[str, Iterable[Mapping[str, Any]]], Sequence[Sequence[Alert]]]
"""Facility and rows of ``silver.features`` in order -> alerts of the version in force, alerts of the candidate."""

WARM_UP_MS = 3_600_000

_COLUMNS = ("at", "minute", "day", "profile", "grids")
_FIELDS = (
    *("alert_id", "rule", "rule_version", "verdict", "facility", "zone", "subjects"),
    *("onset", "raised_at", "cleared"),
)


@dataclass(frozen=True)
class Compared:
    """What a candidate changes at one facility. Alerts are the same where their ids are: entity and onset.

    Those unchanged are the candidate's, with ``in_force_raised_at`` and ``in_force_cleared`` beside them.
    """

    facility: str
    seconds: int
    added: list[Alert]
    removed: list[Alert]
    unchanged: list[Alert]


def backtest(
    spark: SparkSession, judge: Judge, *, from_ms: int, to_ms: int, facilities: Sequence[str] = ()
) -> list[Compared]:
    """Judge every facility's stored seconds in order, in parallel over facilities.

    Args:
        from_ms, to_ms: event time; alerts raised in [from, to) are compared.
        facilities: only these; all where empty.

    Raises:
        UserError: there are no stored features of the time.
    """
    from pyspark.errors import PythonException
    from pyspark.sql import functions as f
    from pyspark.sql.pandas.types import from_arrow_schema

    # A replay may have written a second twice: the same place and time are the same features.
    rows = spark.table(table_name(FeatureSecond)).where((f.col("at") >= from_ms - WARM_UP_MS) & (f.col("at") < to_ms))
    if facilities:
        rows = rows.where(f.col("facility").isin(*facilities))
    counted = rows.where(f.col("at") >= from_ms).groupBy("facility").agg(f.countDistinct("at").alias("seconds"))
    seconds = {row["facility"]: int(row["seconds"]) for row in counted.collect()}
    if not seconds:
        raise UserError(
            "there are no stored features of that time",
            where=table_name(FeatureSecond),
            do="choose a time that the job has seen, with SAFEHOLD_FEATURE_TABLE not false",
        )
    ordered = rows.select("facility", *_COLUMNS).repartition("facility").sortWithinPartitions("facility", "at")
    try:
        found = (
            ordered.mapInArrow(_judging(judge), from_arrow_schema(_schema()))
            .where(f.col("raised_at") >= from_ms)
            .collect()
        )
    except PythonException as error:
        said = [line.strip() for line in str(error).splitlines() if line.startswith("ValueError: ")]
        if not said:
            raise
        raise UserError(
            f"the rule cannot be judged on these features: {said[-1].removeprefix('ValueError: ')}",
            where=table_name(FeatureSecond),
            do="mend the rule, or choose a time for which it has values",
        ) from error
    sides: dict[str, tuple[dict[str, Alert], dict[str, Alert]]] = {name: ({}, {}) for name in seconds}
    for row in sorted(found, key=lambda r: (r["facility"], r["raised_at"], r["alert_id"])):
        alert = row.asDict()
        if row["facility"] in sides:
            sides[row["facility"]][alert.pop("side")][row["alert_id"]] = alert
    return [
        Compared(
            name,
            seconds[name],
            added=[a for key, a in after.items() if key not in before],
            removed=[a for key, a in before.items() if key not in after],
            unchanged=[
                {**a, **{f"in_force_{name}": before[key][name] for name in ("raised_at", "cleared")}}
                for key, a in after.items()
                if key in before
            ],
        )
        for name, (before, after) in sorted(sides.items())
    ]


def _schema() -> pa.Schema:
    """An alert's columns as its contract has them, beside the number of the set of rules that raised it."""
    import pyarrow as pa

    whole = arrow_schema(AlertRow)
    return pa.schema([pa.field("side", pa.int32()), *(whole.field(name) for name in _FIELDS)])


def _judging(judge: Judge) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def judged(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        schema = _schema()
        for facility, rows in groupby(_rows(batches), key=lambda row: row["facility"]):
            sides = judge(str(facility), _each_second_once(rows))
            alerts = [{**alert, "side": side} for side, found in enumerate(sides) for alert in found]
            yield pa.RecordBatch.from_pylist(alerts, schema=schema)

    return judged


def _rows(batches: Iterator[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    for batch in batches:
        for number in range(batch.num_rows):  # one at a time: the grids of a batch are large
            yield batch.slice(number, 1).to_pylist()[0]


def _each_second_once(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    last = -1
    for row in rows:
        if row["at"] != last:
            last = row["at"]
            yield row
