"""Rows of `silver.quarantine` for records that never reached the topic."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from infra.settings import MAX_RECORD_BYTES
from ingestion.contracts import QuarantineRow, content_id
from ingestion.contracts.derived import QuarantineReason
from ingestion.sources.record import Record

DETAIL_CHARS = 2000


def quarantine_row(
    blobs: Path,
    record: Record,
    *,
    source: str,
    place: str,
    reason: QuarantineReason,
    detail: str,
    received_at: int,
) -> QuarantineRow:
    """The row of a record refused at the landing.

    A payload over 1 MiB goes whole into a file of `blobs` named by its digest, and its first MiB
    into the row.

    Args:
        place: run and number of the record, so that the same bytes offered twice are two rows.
        received_at: milliseconds; used where the record insists on no time of its own.
    """
    ours = record.timestamp_ms is None or reason in ("refused_by_broker", "undeliverable")
    digest = hashlib.blake2b(record.value, digest_size=16).hexdigest()
    blob = ""
    if len(record.value) > MAX_RECORD_BYTES:
        blob = digest
        _keep(blobs / blob, record.value)
    return QuarantineRow(
        quarantine_id=content_id("landing", source, place, digest),
        stage="landing",
        source=source,
        facility=(record.key or b"").decode("utf-8", errors="replace"),
        reason=reason,
        detail=detail[:DETAIL_CHARS],
        landed=False,
        # A time that the broker refused (negative, far ahead) is in the detail; the column holds ours.
        received_at=received_at if ours else int(record.timestamp_ms or 0),
        raw=record.value[:MAX_RECORD_BYTES],
        raw_size=len(record.value),
        raw_digest=digest,
        blob=blob,
    )


def _keep(path: Path, payload: bytes) -> None:
    """Write a payload under its digest, as a whole or not at all."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    draft.write_bytes(payload)
    draft.replace(path)
