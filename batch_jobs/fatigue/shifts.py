"""Shifts of an officer, folded from the roster's events: planned, on, done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ingestion.contracts import DutyShift


@dataclass(frozen=True)
class Shift:
    """Times in ms; of a shift that is on, ``end`` is its planned end, or its begin where none is planned."""

    shift: str
    begin: int
    end: int
    state: Literal["planned", "on", "done"]
    closed: bool = False


def shifts_of(events: Iterable[DutyShift], officer: str) -> list[Shift]:
    """The officer's shifts in the order of their begin.

    An officer who signs on late is on duty from the planned start on, as rule stf-07 counts; one who signs on early
    from then. A planned shift that nobody signed on to stays planned.
    """
    found: dict[str, Shift] = {}
    for event in sorted((e for e in events if e.officer == officer), key=lambda e: e.event_time):
        known = found.get(event.shift)
        if event.action == "cancel":
            if known is not None and known.state == "planned":
                del found[event.shift]
        elif event.action == "plan":
            if event.starts_at is not None and event.ends_at is not None:
                fresh = Shift(event.shift, event.starts_at, event.ends_at, "planned", event.closed_duty)
                if known is None or known.state == "planned":
                    found[event.shift] = fresh
                elif known.state == "on":
                    begin = min(known.begin, fresh.begin)
                    found[event.shift] = replace(fresh, begin=begin, state="on")
        elif event.action == "sign_on":
            at = event.event_time
            planned = known or Shift(event.shift, event.starts_at or at, event.ends_at or at, "on", event.closed_duty)
            found[event.shift] = replace(planned, begin=min(planned.begin, at), state="on")
        elif known is not None and known.state == "on":
            found[event.shift] = replace(known, end=max(known.begin, event.event_time), state="done")
    return sorted(found.values(), key=lambda shift: (shift.begin, shift.shift))
