"""The scores of a person anew from the records as they were received, to hold against those in the lake."""

from __future__ import annotations

from typing import Any

from pyiceberg.expressions import EqualTo

from infra.settings import Settings, open_catalog, table_name
from ingestion.contracts import ReceivedRecord
from streaming_jobs.fold.envelope import Received
from streaming_jobs.fold.facility import FacilityFold, FoldConfig

BATCH = 20_000


def replayed_scores(settings: Settings, facility: str, subject: str, until_ms: int) -> list[dict[str, Any]]:
    """Rows of ``silver.risk`` of a subject up to a moment, from a fold over the facility's records."""
    table = open_catalog(settings).load_table(table_name(ReceivedRecord))
    rows = table.scan(row_filter=EqualTo("record_key", facility.encode())).to_arrow()
    rows = rows.sort_by([("topic_partition", "ascending"), ("topic_offset", "ascending")])
    config = FoldConfig.load(settings.allowed_lateness_ms, settings.ahead_tolerance_ms, rules=settings.rules)
    fold, found = FacilityFold(facility.encode(), config), []
    for batch in rows.to_batches(max_chunksize=BATCH):
        columns = (batch[name].to_pylist() for name in ("topic_offset", "received_at", "source", "payload"))
        records = [Received(*values) for values in zip(*columns, strict=True)]
        partition = batch["topic_partition"][0].as_py() if batch.num_rows else 0
        found += [row for row in fold.process(partition, records).risk if row["subject"] == subject]
        if fold.done_s * 1000 > until_ms:
            break
    return [row for row in found if row["at"] <= until_ms]
