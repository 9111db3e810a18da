"""What the landing writes into the lake: its counts and its quarantine."""

from __future__ import annotations

import time
from collections import Counter

from pyiceberg.expressions import And, EqualTo

from infra.settings import Settings, append_rows, ensure_tables, open_catalog, table_name
from ingestion.contracts import LandingCount, QuarantineRow
from ingestion.contracts.derived import QuarantineReason
from ingestion.landing.quarantine import quarantine_row
from ingestion.sources.record import Record

PART_SECONDS = 30.0
"""Each part is a commit in the lake; a crash loses the counts of at most the last one."""

PART_BYTES = 32 * 1024 * 1024
"""Quarantined bytes held before they are written."""


class Ledger:
    """Counts of one run, written in parts; the parts of a run add up to it."""

    def __init__(self, settings: Settings, source: str, run: str) -> None:
        self._settings, self._source, self._run = settings, source, run
        self._catalog = open_catalog(settings)
        ensure_tables(self._catalog)
        self._part = 0
        self._landed: Counter[str] = Counter()
        self._rows: list[QuarantineRow] = []
        self._row_bytes = 0
        self._written_at = time.monotonic()
        self.total_landed = 0
        self.reasons: Counter[str] = Counter()

    @property
    def due(self) -> bool:
        """True when the next part should be written."""
        return self._row_bytes >= PART_BYTES or time.monotonic() - self._written_at >= PART_SECONDS

    def landed(self, counts: Counter[str]) -> None:
        """Count records that the broker took, by source."""
        self._landed.update(counts)
        self.total_landed += counts.total()

    def quarantine(self, number: int, record: Record, reason: QuarantineReason, detail: str) -> None:
        """Count and keep a record that is not sent or was refused."""
        row = quarantine_row(
            self._settings.blobs,
            record,
            source=record.source or self._source,
            place=f"{self._run}:{number}",
            reason=reason,
            detail=detail,
            received_at=int(time.time() * 1000),
        )
        self._rows.append(row)
        self._row_bytes += len(row.raw)
        self.reasons[reason] += 1

    def already_written(self) -> bool:
        """True if the lake holds the next part of this run: it was killed right after writing it."""
        mine = And(EqualTo("run", self._run), EqualTo("part", self._part))
        table = self._catalog.load_table(table_name(LandingCount))
        return len(table.scan(row_filter=mine, selected_fields=("part",)).to_arrow()) > 0

    def write_part(self) -> None:
        """Append what was counted since the last part; nothing is written for nothing."""
        self._written_at = time.monotonic()
        quarantined = Counter(row.source for row in self._rows)
        sources = sorted({*+self._landed, *quarantined})
        if not sources:
            return
        # Rows first: a count without its rows could never be explained.
        append_rows(self._catalog, QuarantineRow, self._rows)
        counts = [
            LandingCount(
                source=source,
                run=self._run,
                part=self._part + number,
                at=int(time.time() * 1000),
                offered=self._landed[source] + quarantined[source],
                landed=self._landed[source],
                quarantined=quarantined[source],
            )
            for number, source in enumerate(sources)
        ]
        append_rows(self._catalog, LandingCount, counts)
        self._part += len(counts)
        self._landed, self._rows, self._row_bytes = Counter(), [], 0
