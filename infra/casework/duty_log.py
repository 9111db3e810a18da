"""A unit's 24-hour duty log: lines entered, a day shown, and the holes in which nobody wrote."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise

from pyiceberg.expressions import EqualTo

from infra.casework.books import DAYS, Desk
from infra.casework.findings import policy_of
from infra.casework.units import facilities_of
from infra.settings import UserError
from ingestion.contracts import DutyLogEntry, content_id


def write(desk: Desk, unit: str, kind: str, facility: str | None = None, reference: str | None = None) -> DutyLogEntry:
    """A line of now, by the officer who acts.

    Raises:
        UserError: the facility is not of the unit, or the officer did not take over.
    """
    if facility not in (None, *facilities_of(desk, unit)):
        raise UserError(f"{facility} is not of {unit}", where="--facility", do="give one of the unit's own")
    lines = desk.rows(DutyLogEntry, EqualTo("unit", unit))
    turn = [line for line in sorted(lines, key=lambda line: line.at) if line.kind in ("take_over", "hand_over")]
    on_duty = turn[-1].officer if turn and turn[-1].kind == "take_over" else None
    if kind != "take_over" and on_duty != desk.by:
        raise UserError(f"{desk.by} is not on duty at {unit}", where="--by", do="take over first: --kind take_over")
    name = content_id(unit, desk.by, kind, desk.now.isoformat(), facility, reference)[:16]
    line = desk.row(
        DutyLogEntry, entry=name, unit=unit, at=desk.now, officer=desk.by, kind=kind, facility=facility,
        reference=reference,
    )  # fmt: skip
    desk.enter("duty log", f"{unit}: {kind}", [line])
    return line


def day_of(desk: Desk, unit: str, day: date) -> tuple[list[DutyLogEntry], list[tuple[datetime, datetime]]]:
    """Lines of a day in their order, and its holes: times without a line for longer than the policy allows."""
    facilities_of(desk, unit)  # refuses an unknown unit
    begin = datetime.combine(day, time(0), DAYS)
    end = min(begin + timedelta(days=1), max(begin, desk.now))
    rows = [
        row for row in desk.rows(DutyLogEntry, EqualTo("unit", unit)) if begin <= row.at < begin + timedelta(days=1)
    ]
    lines = sorted(rows, key=lambda row: (row.at, row.entry))
    marks = [begin, *(line.at for line in lines), end]
    most = timedelta(hours=policy_of(desk).log_gap_hours)
    return lines, [(a, b) for a, b in pairwise(marks) if b - a > most]
