"""Inspections dispatched by the three tiers, what they found, and how it was put right."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from ingestion.sources.simulator.registers.book import Book, Row, at_hour, first_day
from ingestion.sources.simulator.registers.country import Profile
from ingestion.sources.simulator.scenario import Scenario

DISPATCH = (
    # dispatched by, kind, every n months, required video minutes
    ("city", "video", 1, 240),
    ("province", "video", 3, 180),
    ("nation", "double_random", 6, 120),
    ("city", "on_site", 6, 0),
)
CATEGORIES = ("duty", "cell", "perimeter", "medical", "equipment", "records", "rights")
CATEGORY_SHARE = (0.26, 0.18, 0.08, 0.13, 0.16, 0.12, 0.07)
DAYS_TO_MEND = {"minor": 15, "serious": 30, "major": 45}
MISSED, DONE_LATE_DAYS, NEVER_CLOSED = 0.06, 6, 0.04


def enter_inspections(book: Book, scenario: Scenario, found: Profile) -> None:
    """All inspection rows of a facility, a month beyond the present for what is already dispatched."""
    rng = scenario.rng("inspections", found.place.facility)
    begin = first_day(scenario)
    for month in range(scenario.months + 1):
        year, number = divmod(begin.year * 12 + begin.month - 1 + month, 12)
        for tier, kind, every, minutes in DISPATCH:
            if (month + found.place.index) % every == 0:
                scheduled = date(year, number + 1, int(rng.integers(1, 27)))
                unit = {"city": found.place.city, "province": found.place.city[:2], "nation": "00"}[tier]
                _inspection(book, found, rng, f"{scheduled:%Y%m}-{tier}-{kind}", unit, kind, scheduled, minutes)


def _inspection(
    book: Book,
    found: Profile,
    rng: np.random.Generator,
    name: str,
    unit: str,
    kind: str,
    scheduled: date,
    minutes: int,
) -> None:
    facility = found.place.facility
    inspection = f"inspection-{facility}-{name}"
    fields = {
        "inspection": inspection,
        "facility": facility,
        "kind": kind,
        "dispatched_by": unit,
        "scheduled": scheduled,
        "required_minutes": minutes,
    }
    book.enter("inspection", at_hour(scheduled - timedelta(days=20), 2), performed=None, reviewed_minutes=0,
               outcome="open", **fields)  # fmt: skip
    missed = rng.random() < MISSED
    performed = scheduled + timedelta(days=int(rng.integers(0, DONE_LATE_DAYS)))
    reviewed = int(minutes * min(1.0, float(rng.uniform(0.72, 1.12))))
    count = int(rng.poisson(0.9 * found.weakness))
    outcome = "passed" if count == 0 else "failed" if count > 4 else "findings"
    findings = [
        (str(rng.choice(CATEGORIES, p=CATEGORY_SHARE)), str(rng.choice([*DAYS_TO_MEND], p=[0.6, 0.3, 0.1])))
        for _ in range(count)
    ]
    known = at_hour(performed, 34)
    if missed or not book.enter("inspection", known, performed=performed, reviewed_minutes=reviewed,
                                outcome=outcome, **fields):  # fmt: skip
        return
    for n, (category, severity) in enumerate(findings):
        finding = f"finding-{facility}-{name}-{n + 1}"
        common = {"facility": facility, "category": category, "finding": finding}
        book.enter("finding", known, inspection=inspection, severity=severity, found=performed, **common)
        _rectification(book, found, rng, severity, performed, common)


def _rectification(
    book: Book, found: Profile, rng: np.random.Generator, severity: str, performed: date, common: dict[str, str]
) -> None:
    """An order that is closed in time, late, or still open; weak facilities need longer."""
    ordered = performed + timedelta(days=int(rng.integers(1, 4)))
    allowed = DAYS_TO_MEND[severity]
    needed = max(1, int(allowed * float(rng.lognormal(-0.35, 0.5)) * (0.7 + 0.3 * found.weakness)))
    fields: Row = {
        "rectification": common["finding"].replace("finding", "rectification", 1),
        "listed": severity == "major",
        "ordered": ordered,
        "due": ordered + timedelta(days=allowed),
        "extended_to": None,
        **common,
    }
    if book.enter("rectification_order", at_hour(ordered, 10), closed=None, **fields):
        closed = ordered + timedelta(days=needed)
        never = rng.random() < NEVER_CLOSED
        # One in six is sent back once before it is accepted; one that is never closed was sent back, too.
        if never or (needed > 4 and int(fields["rectification"][-1]) % 6 == 1):
            _reinspection(book, fields, ordered + timedelta(days=max(1, needed // 2)), 1, "rejected")
        if never:
            return
        _reinspection(book, fields, closed, 2, "accepted")
        book.enter("rectification_order", at_hour(closed, 20), closed=closed, **fields)


def _reinspection(book: Book, order: Row, day: date, number: int, result: str) -> None:
    book.enter(
        "reinspection",
        at_hour(day, 19),
        reinspection=f"{order['rectification']}/{number}",
        rectification=order["rectification"],
        facility=order["facility"],
        performed=day,
        result=result,
    )
