"""Duty rosters and patrol check-ins as the lake received them, kept current in memory for those who ask often."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import cached_property
from statistics import mean
from typing import Any

import pyarrow.compute as pc
from pydantic import ValidationError
from pyiceberg.expressions import GreaterThanOrEqual

from batch_jobs.fatigue import Figures, Limits, assess, shifts_of
from batch_jobs.fatigue.duty import LOOK_BACK
from infra.settings import Settings, ensure_tables, open_catalog, table_name
from ingestion.contracts import DutyShift, PatrolCheckIn, ReceivedRecord
from streaming_jobs.catalogue import Rule, load_catalogue

PAUSE_MS = 60_000
OVERLAP_MS = 15 * 60_000
"""A checkpoint may commit records this long after they were received."""
FEWEST = 5
"""Fewer officers than this have no mean of their own."""
STAY_MS = 15 * 60_000
"""A departure that is not reported by then will not come, as the patrol features count."""


def limits_on(rule: Rule, day: date) -> Limits:
    """The limits of rule stf-07 as in force on a day, so that the page and the alert say the same."""
    duty_s, rest_s, closed = (rule.parameter(name, "", day)[0] for name in ("duty_s", "rest_s", "closed_days"))
    return Limits(duty_s / 3600, rest_s / 3600, closed)


class Rosters:
    """Duty and patrol events of the last four weeks. Reads at most once a minute, and only what is new."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._read_at, self._until = -PAUSE_MS, 0
        self._events: dict[tuple[int, int], DutyShift | PatrolCheckIn] = {}

    @cached_property
    def _rule(self) -> Rule:
        return load_catalogue(self._settings.rules)["stf-07"]

    def events(self, now: int) -> list[DutyShift | PatrolCheckIn]:
        """All events known, in the order in which they happened."""
        with self._lock:
            if now - self._read_at >= PAUSE_MS:
                self._read(now)
                self._read_at = now
            return sorted(self._events.values(), key=lambda event: event.event_time)

    def _read(self, now: int) -> None:
        catalog = open_catalog(self._settings)
        ensure_tables(catalog)
        since = max(now - LOOK_BACK, self._until - OVERLAP_MS)
        fields = ("topic_partition", "topic_offset", "received_at", "payload")
        scan = catalog.load_table(table_name(ReceivedRecord)).scan(
            row_filter=GreaterThanOrEqual("received_at", since), selected_fields=fields
        )
        for batch in scan.to_arrow_batch_reader():
            if batch.num_rows:
                self._until = max(self._until, pc.max(batch["received_at"]).as_py())
            wanted = pc.or_(*(pc.match_substring(batch["payload"], f'"{word}"') for word in ("duty", "patrol")))
            for row in batch.filter(pc.fill_null(wanted, False)).to_pylist():
                event = _event(row["payload"])
                if event is not None:
                    self._events[row["topic_partition"], row["topic_offset"]] = event
        self._events = {key: one for key, one in self._events.items() if one.event_time >= now - 2 * LOOK_BACK}

    def officer(self, officer: str, now: int) -> dict[str, Any]:
        """What an officer sees of the own duty: figures, limits, warnings in both languages, shifts, visits."""
        events = self.events(now)
        shifts = shifts_of((e for e in events if isinstance(e, DutyShift)), officer)
        limits = limits_on(self._rule, datetime.fromtimestamp(now / 1000, UTC).date())
        figures = assess(shifts, now, limits)
        return {
            "officer": officer,
            "at": now,
            "figures": asdict(figures),
            "limits": asdict(limits),
            "shifts": [asdict(shift) for shift in shifts if shift.end > now - LOOK_BACK // 4],
            "visits": visits_of((e for e in events if isinstance(e, PatrolCheckIn)), officer, now)[-20:],
        }

    def unit(self, scope: str, now: int) -> list[dict[str, Any]]:
        """Counts and means of each facility of a scope, never of an officer."""
        people: dict[str, dict[str, list[DutyShift]]] = {}
        for event in self.events(now):
            if isinstance(event, DutyShift) and event.facility.startswith(scope):
                people.setdefault(event.facility, {}).setdefault(event.officer, []).append(event)
        limits = limits_on(self._rule, datetime.fromtimestamp(now / 1000, UTC).date())
        return [
            summed(name, [assess(shifts_of(events, officer), now, limits) for officer, events in found.items()])
            for name, found in sorted(people.items())
        ]


def _event(payload: bytes) -> DutyShift | PatrolCheckIn | None:
    """The event of a record; None for another one, and for one that breaks its contract and is in quarantine."""
    for model in (DutyShift, PatrolCheckIn):
        try:
            return model.model_validate_json(payload)
        except ValidationError:
            continue
    return None


def visits_of(events: Iterable[PatrolCheckIn], officer: str, now: int) -> list[dict[str, Any]]:
    """An officer's patrol visits with the time really spent: from the arrival to the departure, or to the next
    arrival elsewhere if that is sooner; None where neither came."""
    mine = sorted((e for e in events if e.officer == officer), key=lambda e: e.event_time)
    found: list[dict[str, Any]] = []
    for number, event in enumerate(mine):
        if event.action != "arrive":
            continue
        after = next((e for e in mine[number + 1 :] if e.zone != event.zone or e.action == "leave"), None)
        stayed = None if after is None else after.event_time - event.event_time
        dwell = None if stayed is None or stayed > STAY_MS else stayed / 1000
        found.append({"zone": event.zone, "round": event.round, "arrived": event.event_time, "dwell_s": dwell})
    return [visit for visit in found if visit["arrived"] <= now]


def summed(facility: str, figures: list[Figures]) -> dict[str, Any]:
    """A facility's counts; means only of enough officers."""
    over = dict.fromkeys(("duty", "rest", "closed_days", "fatigue"), 0)
    for one in figures:
        for kind in {warned.kind for warned in one.warnings if warned.state == "over"}:
            over[kind] += 1
    enough = len(figures) >= FEWEST
    return {
        "facility": facility,
        "officers": len(figures),
        "on_duty": sum(one.on_duty_h > 0 for one in figures),
        "mean_hours_7d": round(mean(one.hours_7d for one in figures), 1) if enough else None,
        "officers_over": over if enough else None,
    }
