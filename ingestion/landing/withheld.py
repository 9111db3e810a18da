"""A record that its reader already knows to be unusable: counted and quarantined, never sent."""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.contracts.derived import QuarantineReason
from ingestion.sources.record import Record


@dataclass(frozen=True, slots=True)
class Withheld:
    """What could be read of a record, why it is withheld, and where it came from."""

    record: Record
    reason: QuarantineReason
    detail: str
