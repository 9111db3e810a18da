"""Taking a replay's records apart, for tests."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ingestion.contracts import EVENTS
from ingestion.contracts.schemas import event_decoder
from ingestion.landing import Withheld
from ingestion.sources.record import Record

_decode = event_decoder(EVENTS.values()).decode


@dataclass
class Replayed:
    """A replay's records by what they are."""

    events: list[dict[str, Any]] = field(default_factory=list)
    """Records that hold their contract, in order."""
    refused: list[dict[str, Any]] = field(default_factory=list)
    """Records that the stream will quarantine."""
    withheld: list[Withheld] = field(default_factory=list)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of a type."""
        return [e for e in self.events if e["type"] == kind]

    @property
    def detections(self) -> list[tuple[int, dict[str, Any]]]:
        """``(event time, detection)`` of all frames."""
        return [(e["event_time"], d) for e in self.of("video") for d in e["detections"]]


def replayed(records: Iterable[Record | Withheld]) -> Replayed:
    """Take all records and sort them out; every key must be the facility of the event."""
    found = Replayed()
    for record in records:
        if isinstance(record, Withheld):
            found.withheld.append(record)
            continue
        event = json.loads(record.value)
        assert record.key == event["facility"].encode()
        try:
            _decode(record.value)
        except msgspec.ValidationError:
            found.refused.append(event)
        else:
            found.events.append(event)
    return found
