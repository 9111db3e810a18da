"""The events that all contenders read: a simulated evening, and its beginning in several lengths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingestion.sources.record import Record
from ingestion.sources.simulator import Scenario, live

_TIME = b'"event_time":'


def time_of(record: Record) -> int:
    """Event time of a simulated record, ms."""
    at = record.value.index(_TIME) + len(_TIME)
    return int(record.value[at : at + 13])


def events(scenario: Scenario) -> Iterator[Record]:
    """The scenario's records in order, each received in the very moment in which it happened."""
    for record in live(scenario):
        yield Record(record.key, record.value, time_of(record), record.source)


@dataclass
class Load:
    """How much there is."""

    events: int = 0
    observations: int = 0
    bytes: int = 0

    def count(self, record: Record) -> None:
        self.events += 1
        self.observations += record.value.count(b'"track"') or 1
        self.bytes += len(record.value)

    def times(self, share: float) -> Load:
        return Load(round(self.events * share), round(self.observations * share), round(self.bytes * share))


def evening(facilities: int, seconds: int, detainees: int, fps: float) -> Scenario:
    """Every kind of incident once in each facility, spread over the time, no noise."""
    return Scenario(
        detainees=detainees,
        live_facilities=facilities,
        live_seconds=seconds,
        incidents="each",
        fps=fps,
        facilities_per_city=max(2, -(-facilities // 4)),
    )
