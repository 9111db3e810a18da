"""Inspectors of the three tiers, whom they may not inspect, what they are given, what findings rest on; duty logs."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from ingestion.sources.simulator.registers.book import Book, Row, at_hour, first_day
from ingestion.sources.simulator.scenario import Scenario

PER_UNIT = {"nation": 6, "province": 4, "city": 3}
WEEKLY_MOST = 3
LOG_DAYS = 7
LOG = ((0, "take_over"), (3, "video_check"), (6.5, "video_check"), (10, "call"), (13.5, "video_check"), (17, "alert"),
       (20.5, "report_up"), (23.8, "hand_over"))  # fmt: skip
"""Hours of a day and what the duty officer of a city writes then."""


def enter_casework(book: Book, scenario: Scenario) -> None:
    """All rows; inspections and findings are entered before."""
    rng = scenario.rng("casework", "00")
    known = at_hour(first_day(scenario), 0)
    facilities = [row["facility"] for row in book.rows["facility"]]
    people: dict[str, list[str]] = {}
    for unit, tier in {row["unit"]: row["tier"] for row in book.rows["admin_unit"]}.items():
        people[unit] = [f"i-{unit}-{number + 1}" for number in range(PER_UNIT[tier])]
        for inspector in people[unit]:
            book.enter("inspector", known, inspector=inspector, unit=unit, weekly_most=WEEKLY_MOST, left=None)
        # One of each unit served at one of its facilities before.
        own = [name for name in facilities if unit == "00" or name.startswith(unit)]
        if own:
            fields = {"facility": str(rng.choice(own)), "ground": "posted_there", "until": None}
            book.enter("inspector_conflict", known, inspector=people[unit][0], **fields)
    _assign(book, people, rng)
    for number, row in enumerate(book.rows.get("finding", [])):
        kind, reference = ("photo", f"sha-{number:08x}") if number % 3 else ("recording", f"cam-{number % 24 + 1:02d}")
        fields = {"finding": row["finding"], "facility": row["facility"], "kind": kind, "reference": reference}
        book.enter("finding_evidence", row["known_from"], **fields)
    _log(book, scenario)


def _assign(book: Book, people: dict[str, list[str]], rng: np.random.Generator) -> None:
    """Each inspection to somebody of its unit who may; given when it was planned."""
    kept = {(row["inspector"], row["facility"]) for row in book.rows.get("inspector_conflict", [])}
    first: dict[str, Row] = {}
    for row in book.rows.get("inspection", []):
        first.setdefault(row["inspection"], row)
    for row in first.values():
        unit, day = row["dispatched_by"], row["scheduled"]
        may = [one for one in people[unit] if (one, row["facility"]) not in kept]
        year, week, _ = day.isocalendar()
        book.enter(
            "inspection_assignment",
            row["known_from"],
            inspection=row["inspection"],
            facility=row["facility"],
            inspector=str(rng.choice(may)),
            plan=f"dispatch-{unit}/{row['kind']}/{year}-W{week:02d}/0",
            basis="cycle",
            weight=1,
            reason_zh="按周期安排",
            reason_en="by its cycle",
            dispatched=row["known_from"].date(),
        )


def _log(book: Book, scenario: Scenario) -> None:
    """The last days of each city's duty log; the officers take turns."""
    last = scenario.known_at.date()
    for unit in (row["unit"] for row in book.rows["admin_unit"] if row["tier"] == "city"):
        for back in range(LOG_DAYS, 0, -1):
            day: date = last - timedelta(days=back)
            for number, (hour, kind) in enumerate(LOG):
                at = at_hour(day, hour)
                fields = {"unit": unit, "at": at, "officer": f"o-{unit}-{back % 3 + 1}", "kind": kind}
                entry = f"dl-{unit}-{day:%Y%m%d}-{number}"
                book.enter("duty_log", at, entry=entry, facility=None, reference=None, **fields)
