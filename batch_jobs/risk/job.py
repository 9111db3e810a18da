"""Reading the lake with Spark: every person's records and alerts, one group a person, the table out of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from batch_jobs.risk.people import person_of
from batch_jobs.risk.table import Question, See, rows_of
from infra.settings import UserError, table_name
from ingestion.contracts import Alert, ReceivedRecord

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Make = Callable[..., Any]
_SCHEMA = "subject string, moment bigint, outcome boolean, sex string, age_band string, seen string"


def heard_in(spark: SparkSession, types: Collection[str]) -> DataFrame:
    """facility, subject, available, at, payload, rule, alert: events of some types and alerts about persons, once each.

    ``available`` is when the platform received a record, and for an alert when it was raised.
    """
    kinds = ", ".join(f"'{kind}'" for kind in sorted(types))
    return spark.sql(
        f"""
        with events as (
            select distinct cast(record_key as string) as facility, received_at, cast(payload as string) as text
            from {table_name(ReceivedRecord)}
        ),
        parsed as (
            select facility, received_at, text, get_json_object(text, '$.type') as type,
                explode(array(get_json_object(text, '$.subject'), get_json_object(text, '$.other'))) as subject,
                cast(get_json_object(text, '$.event_time') as bigint) as at
            from events
        )
        select facility, subject, min(received_at) as available, at, text as payload, '' as rule, '' as alert
        from parsed where type in ({kinds}) and subject is not null and at is not null
        group by facility, subject, at, text
        union all
        select distinct facility, subject, raised_at as available, raised_at as at, null as payload, rule,
            alert_id as alert
        from (select *, explode(subjects) as subject from {table_name(Alert)})
        where step = 'raised' and mode = 'active' and verdict = 'violation'
        """
    )


def training_table(
    spark: SparkSession, types: Collection[str], make: Make, see: See, question: Question
) -> pd.DataFrame:
    """One row a person and moment; activations and the score in force as columns, 0 where a factor was not there.

    Args:
        types: of the events that are heard. make: (available, at, payload, rule, alert) -> what ``see`` takes.

    Raises:
        UserError: no row can be made.
    """
    heard = heard_in(spark, types).cache()
    end = heard.agg({"available": "max"}).collect()[0][0]
    if end is None:
        raise UserError("nothing is known of anybody", where=table_name(ReceivedRecord), do="land events, and run")

    def one(key: tuple[Any, ...], rows: pd.DataFrame) -> pd.DataFrame:
        payloads = (None if pd.isna(p) else str(p).encode() for p in rows["payload"])
        given = zip(rows["available"], rows["at"], payloads, rows["rule"], rows["alert"], strict=True)
        person = person_of(str(key[1]), [make(int(a), int(t), p, r, i) for a, t, p, r, i in given],
                           question.outcomes, int(end))  # fmt: skip
        return packed([] if person is None else rows_of(person, question, see))

    found = heard.groupBy("facility", "subject").applyInPandas(one, schema=_SCHEMA).toPandas()
    heard.unpersist()
    return unpacked(found)


def packed(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Rows with what was seen as JSON, since the factors differ from row to row."""
    fixed = ("subject", "moment", "outcome", "sex", "age_band")
    data = [[*(row[n] for n in fixed), json.dumps({k: v for k, v in row.items() if k not in fixed})] for row in rows]
    return pd.DataFrame(data, columns=[*fixed, "seen"])


def unpacked(table: pd.DataFrame) -> pd.DataFrame:
    """The same with a column a factor, ordered by moment and person.

    Raises:
        UserError: there is no row.
    """
    if table.empty:
        raise UserError(
            "nobody was here long enough for a row", where="the lake", do="give a shorter --horizon, or wait"
        )
    seen = pd.DataFrame([json.loads(text) for text in table["seen"]], index=table.index).fillna(0.0)
    whole = pd.concat([table.drop(columns="seen"), seen], axis=1)
    return whole.sort_values(["moment", "subject"], ignore_index=True)
