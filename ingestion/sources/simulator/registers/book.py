"""A book of register rows: collects them with their contract's table, in the order of knowledge."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from ingestion.sources.simulator.scenario import Scenario

Row = dict[str, Any]


def first_day(scenario: Scenario) -> date:
    """First day of the history: the first of the month ``months - 1`` before the start's month."""
    start = scenario.known_at.date()
    month = start.year * 12 + start.month - 1 - (scenario.months - 1)
    return date(month // 12, month % 12 + 1, 1)


@dataclass
class Book:
    """Rows per table; those that nobody could know yet at ``until`` are not entered."""

    source: str
    until: datetime
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def enter(self, table: str, known_from: datetime, **fields: Any) -> bool:
        """Enter a row; False where it lies after the time at which the registers are read."""
        if known_from > self.until:
            return False
        self.rows.setdefault(table, []).append({**fields, "known_from": known_from, "source": self.source})
        return True


def at_hour(day: date, hour: float) -> datetime:
    """A time of a day in UTC."""
    return datetime.combine(day, time(0), UTC) + timedelta(hours=hour)
