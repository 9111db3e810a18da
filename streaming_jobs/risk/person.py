"""Live risk of the people of a facility: scored anew in the second in which something about a person changes."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from streaming_jobs.features.world import Person
from streaming_jobs.risk.hear import HEARD, hear_alerts, persons_of, strike_alert
from streaming_jobs.risk.record import Record
from streaming_jobs.risk.scored import Cards

REVIEW_S = 3600  # everybody is looked at again this often, as points fade and times pass


def slot_of(subject: str) -> int:
    """The second of the hour in which somebody is reviewed: spread, so that no second bears them all."""
    return zlib.crc32(subject.encode()) % REVIEW_S


class PersonRisks:
    """Records by pseudonym. Only detainees are scored. ``used``: names of the cards, and since when (s)."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.used: tuple[tuple[str, ...], int] = ((), 0)
        self._slots: dict[int, set[str]] = {}

    def restore(self, records: dict[str, Record], used: tuple[tuple[str, ...], int]) -> None:
        """Go on with what was saved."""
        self.records, self.used, self._slots = records, used, {}
        for subject in records:
            self._slots.setdefault(slot_of(subject), set()).add(subject)

    def update(
        self,
        facility: str,
        persons: Mapping[str, Person],
        cards: Cards,
        events: Sequence[Any],
        alerts: Collection[Mapping[str, Any]],
        second: int,
        on: date,
    ) -> list[dict[str, Any]]:
        """Rows for those about whom something came in; at the hourly review for those whose level moved, whose
        score would expire before the next, or who were not scored by these cards yet.

        Args:
            persons: who is here, the events of this second included. events: of this second, in order.
            alerts: alert rows raised in this second. on: local day.
        """
        if cards.names != self.used[0]:
            self.used = (cards.names, second)
        due = self._hear(persons, events, second) | hear_alerts(self.records, second, alerts, cards.counted)
        rows = []
        for subject in sorted(due | self._slots.get(second % REVIEW_S, set())):
            record = self.records.get(subject)
            if record is None:
                continue
            before = dict(record.levels)
            found = [(one, *one.judge(record, second, on)) for one in cards.scored]
            stale = second - record.scored_s >= cards.valid_s - REVIEW_S or record.scored_s < self.used[1]
            if subject in due or stale or record.levels != before:
                record.scored_s = second
                record.forget(cards.life_s(on), second)
                rows += [one.row(facility, subject, record, second, on, result) for one, result, _ in found]
        return rows

    def _hear(self, persons: Mapping[str, Person], events: Sequence[Any], second: int) -> set[str]:
        due = set[str]()
        for event in events:
            name = type(event).__name__
            handle = HEARD.get(name)
            if handle is not None:
                for subject in persons_of(event):
                    if self._is_here(persons, subject):
                        handle(self.records[subject], second, event)
                        due.add(subject)
            elif name == "TerminalEvent" and event.action == "false_alarm" and event.alert is not None:
                due |= strike_alert(self.records, second, event.alert)
        return due

    def _is_here(self, persons: Mapping[str, Person], subject: str) -> bool:
        """Whether a detainee is here; records are opened and closed by it."""
        person = persons.get(subject)
        if person is not None and person.role == "detainee":
            if subject not in self.records:
                self.records[subject] = Record()
                self._slots.setdefault(slot_of(subject), set()).add(subject)
            return True
        if self.records.pop(subject, None) is not None:
            self._slots[slot_of(subject)].discard(subject)
        return False
