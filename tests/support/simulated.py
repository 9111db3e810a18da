"""The simulator's events through the rules, without a JVM: what the stream job would decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ingestion.sources.record import Record
from streaming_jobs.fold.envelope import Received
from streaming_jobs.fold.facility import FacilityFold, FoldConfig, Outputs
from tests.support.scene import add, config

BATCH = 20_000


def decide(records: Iterable[Record], received_at: int, settings: FoldConfig | None = None) -> Outputs:
    """Fold the records of all facilities; ``received_at`` is the time of receipt (ms) of those without one."""
    settings = settings or config()
    folds: dict[bytes | None, FacilityFold] = {}
    out = Outputs()
    waiting: dict[bytes | None, list[Received]] = defaultdict(list)

    def flush() -> None:
        for key, batch in waiting.items():
            part = folds.setdefault(key, FacilityFold(key, settings)).process(0, batch)
            add(out, part)
        waiting.clear()

    for offset, record in enumerate(records):
        at = received_at if record.timestamp_ms is None else record.timestamp_ms
        waiting[record.key].append(Received(offset, at, record.source or "", record.value))
        if offset % BATCH == BATCH - 1:
            flush()
    flush()
    return out


def raised(out: Outputs) -> list[dict[str, Any]]:
    """Alerts of violations, each once."""
    return [a for a in out.alert if a["step"] == "raised" and a["verdict"] == "violation"]


def alerts_of(out: Outputs, end_ms: int) -> list[dict[str, Any]]:
    """Alerts of both verdicts, each once; what is still open is taken to end with the time."""
    found: dict[str, dict[str, Any]] = {}
    for row in out.alert:
        found[row["alert_id"]] = {**row, "cleared": row["cleared"] or end_ms}
    return list(found.values())
