"""Reading what was received and judged, and appending to the registers what they do not hold yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.expressions import And, BooleanExpression, EqualTo, In, LessThan
from pyiceberg.table import ALWAYS_TRUE

from batch_jobs.derived_registers import SOURCE
from batch_jobs.derived_registers.answers import alert_answers
from batch_jobs.derived_registers.days import Judged, custody_day
from batch_jobs.derived_registers.heard import Heard, R, moment, news
from batch_jobs.derived_registers.lawyers import lawyer_requests
from batch_jobs.derived_registers.restraints import restraint_uses
from infra.settings import append_rows, table_name
from ingestion.contracts import (
    AlertAnswer,
    CustodyDay,
    FeatureSecond,
    LawyerRequest,
    QuarantineRow,
    ReceivedRecord,
    RestraintUse,
)
from ingestion.contracts.decode import Refusal, decode

Judge = Callable[[bytes], list[Judged]]
"""``grids`` of a row of silver.features -> everybody whose whole day before the platform knew."""

# A record is decoded only where its text may be one of these events: frames are a thousand times as many.
_ABOUT = r'"type"\s*:\s*"(?:case|restraint|visit)"'
_LEFT = r'"present"\s*:\s*false'
_FIRST_MINUTES = 60
"""A day is told by the first second of the next one; where nothing came in for an hour after midnight, it is not."""


def keep_registers(catalog: SqlCatalog, judge: Judge) -> dict[str, int]:
    """Bring the derived registers up to what the platform has received and judged; run again, it adds nothing.

    Returns:
        Rows appended by register.
    """
    heard = [one for _, one in sorted(_heard(catalog), key=lambda found: found[0])]  # by offset
    visits = [one for one in heard if one.kind in ("visit", "person")]
    orders = [one for one in heard if one.kind in ("restraint", "person")]
    steps = [one for one in heard if one.kind == "case"]
    counts = {}
    for model, found in (
        (AlertAnswer, alert_answers(steps)),
        (CustodyDay, _days(catalog, judge)),
        (RestraintUse, restraint_uses(orders)),
        (LawyerRequest, lawyer_requests(visits)),
    ):
        rows = news(found, _held(catalog, model))
        append_rows(catalog, model, rows)
        counts[model.TABLE] = len(rows)
    return counts


def _scan(catalog: SqlCatalog, model: Any, where: BooleanExpression, *columns: str) -> Iterator[pa.RecordBatch]:
    yield from catalog.load_table(table_name(model)).scan(where, selected_fields=columns).to_arrow_batch_reader()


def _held(catalog: SqlCatalog, model: type[R]) -> list[R]:
    batches = _scan(catalog, model, EqualTo("source", SOURCE), *model.model_fields)
    return [model.model_validate(row) for batch in batches for row in batch.to_pylist()]


def _heard(catalog: SqlCatalog) -> Iterator[tuple[tuple[int, int], Heard]]:
    """Events that the stream accepted, each once, with their places in the topic."""
    refused = {
        (row["topic_partition"], row["topic_offset"])
        for batch in _scan(
            catalog,
            QuarantineRow,
            And(EqualTo("stage", "stream"), EqualTo("landed", False)),
            "topic_partition",
            "topic_offset",
        )
        for row in batch.to_pylist()
    }
    columns = ("topic_partition", "topic_offset", "received_at", "record_key", "payload")
    for batch in _scan(catalog, ReceivedRecord, ALWAYS_TRUE, *columns):
        text = batch.column("payload")
        chosen = pc.or_(pc.match_substring_regex(text, _ABOUT), pc.match_substring_regex(text, _LEFT))
        for row in batch.filter(pc.fill_null(chosen, False)).to_pylist():
            place = (row["topic_partition"], row["topic_offset"])
            if place in refused:
                continue
            refused.add(place)  # a replay may have landed a record in the lake twice
            event = decode(row["record_key"], row["payload"])
            if not isinstance(event, Refusal):
                yield place, Heard(event.__struct_config__.tag, row["received_at"], event)


def _days(catalog: SqlCatalog, judge: Judge) -> list[CustodyDay]:
    first: dict[tuple[str, date], int] = {}
    for batch in _scan(catalog, FeatureSecond, LessThan("minute", _FIRST_MINUTES), "facility", "day", "at"):
        for row in batch.to_pylist():
            key = (row["facility"], row["day"])
            first[key] = min(row["at"], first.get(key, row["at"]))
    if not first:
        return []
    found: dict[tuple[str, date], CustodyDay] = {}
    for batch in _scan(catalog, FeatureSecond, In("at", set(first.values())), "facility", "day", "at", "grids"):
        for row in batch.to_pylist():
            key = (row["facility"], row["day"])
            people = judge(row["grids"]) if first.get(key) == row["at"] and key not in found else []
            if people:
                found[key] = custody_day(key[0], key[1] - timedelta(days=1), moment(row["at"]), people)
    return [found[key] for key in sorted(found)]
