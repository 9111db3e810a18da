"""What every source yields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingestion.contracts import Event


@dataclass(frozen=True, slots=True)
class Record:
    """One record on its way to the broker, whatever it holds.

    ``timestamp_ms`` is the receipt time that the source insists on; None lets the landing's clock
    give it. ``source`` names the subsystem where a run carries several; None leaves the run's own.
    """

    key: bytes | None
    value: bytes
    timestamp_ms: int | None = None
    source: str | None = None


Records = Iterable[Record]
"""A source: records in the order of their event time per facility."""


def record_of(event: Event) -> Record:
    """The record of a contract's event: JSON, keyed by the facility."""
    return Record(event.facility.encode(), event.model_dump_json(exclude_defaults=False).encode())
