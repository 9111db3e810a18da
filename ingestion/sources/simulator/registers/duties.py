"""What staff owe and order, as registers: patrols, drills, complaints, medical duty, epidemic measures; and leaves."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from ingestion.sources.simulator.registers.book import Book, Row, at_hour, first_day
from ingestion.sources.simulator.registers.country import Profile
from ingestion.sources.simulator.scenario import Scenario

ROUNDS = (6.0, 14.0, 22.0)
"""Hours (UTC) at which the plan asks for a patrol of the day's block."""
MISSED, LATE, UNOBSERVABLE = 0.015, 0.05, 0.02
"""Shares of planned visits in an ordinary facility; the first two grow with its weakness."""
DRILLS = ("fire", "evacuation", "escape", "riot", "medical", "infection")
COMPLAINTS_PER_1000 = 40.0
CATEGORIES = ("treatment", "force", "medical", "living_conditions", "contact", "property", "legal", "other")
CATEGORY_SHARE = (0.14, 0.08, 0.22, 0.2, 0.14, 0.1, 0.08, 0.04)
OUTBREAKS_A_YEAR = 0.7
LEAVES = (("hospital", 0.55, 4.0), ("court", 0.3, 0.0), ("identification", 0.1, 0.0), ("family", 0.05, 1.0))
"""Reason, share, mean nights outside."""


def enter_duties(book: Book, scenario: Scenario, found: Profile) -> None:
    """All rows of these registers of a facility."""
    rng = scenario.rng("duties", found.place.facility)
    days = (scenario.known_at.date() - first_day(scenario)).days + 1
    _patrols(book, scenario, found, rng, days)
    _medical(book, scenario, found, rng, days)
    _drills(book, scenario, found, rng)
    _complaints(book, scenario, found, rng, days)
    _measures(book, scenario, found, days)


def _patrols(book: Book, scenario: Scenario, found: Profile, rng: np.random.Generator, days: int) -> None:
    facility, begin = found.place.facility, first_day(scenario)
    missed, late = MISSED * found.weakness, LATE * found.weakness
    chance = rng.random((days, len(ROUNDS), 2))
    for day in range(days):
        for number, hour in enumerate(ROUNDS):
            scheduled = at_hour(begin + timedelta(days=day), hour)
            what, how = chance[day, number]
            observable = bool(what >= UNOBSERVABLE)
            came = observable and what >= UNOBSERVABLE + missed
            delay = timedelta(minutes=round(11 + 30 * how if what < UNOBSERVABLE + missed + late else 9 * how))
            book.enter(
                "patrol_visit",
                scheduled + timedelta(hours=1),
                visit=f"visit-{facility}-{day:05d}-{number}",
                facility=facility,
                zone=f"block-{day % 4 + 1}",
                scheduled=scheduled,
                tolerance_minutes=10,
                visited=scheduled + delay if came else None,
                observable=observable,
            )


def _medical(book: Book, scenario: Scenario, found: Profile, rng: np.random.Generator, days: int) -> None:
    facility, begin = found.place.facility, first_day(scenario)
    for day in range(days):
        due = at_hour(begin + timedelta(days=day), 2)
        done = rng.random() >= 0.03 * found.weakness
        book.enter(
            "medical_duty",
            due + timedelta(hours=4),
            duty=f"round-{facility}-{day:05d}",
            facility=facility,
            kind="round",
            due=due,
            done=due - timedelta(minutes=int(rng.integers(-15, 60))) if done else None,
            refused=False,
            subject=None,
        )


def _drills(book: Book, scenario: Scenario, found: Profile, rng: np.random.Generator) -> None:
    """One a month of a changing kind; now and then one is not held, and the weak fail more."""
    begin = first_day(scenario)
    for month in range(scenario.months):
        year, number = divmod(begin.year * 12 + begin.month - 1 + month, 12)
        planned = begin.replace(year=year, month=number + 1, day=int(rng.integers(5, 26)))
        fields = {
            "drill": f"drill-{found.place.facility}-{planned:%Y%m}",
            "facility": found.place.facility,
            "kind": DRILLS[month % len(DRILLS)],
            "planned": planned,
        }
        held = planned + timedelta(days=int(rng.integers(0, 3)))
        failed, skipped = rng.random() < 0.08 * found.weakness, rng.random() < 0.05
        book.enter("drill", at_hour(planned - timedelta(days=20), 1), held=None, result="open", response_seconds=None,
                   **fields)  # fmt: skip
        if not skipped:
            book.enter("drill", at_hour(held, 20), held=held, result="failed" if failed else "passed",
                       response_seconds=int(rng.integers(60, 240) * (2 if failed else 1)), **fields)  # fmt: skip


def _complaints(book: Book, scenario: Scenario, found: Profile, rng: np.random.Generator, days: int) -> None:
    facility, begin = found.place.facility, first_day(scenario)
    # At least one, so that a small country has the register too.
    count = max(1, int(rng.poisson(COMPLAINTS_PER_1000 * found.weakness * found.population / 1000 * days / 365.25)))
    for number, day in enumerate(np.sort(rng.integers(0, days, count))):
        received = begin + timedelta(days=int(day))
        answered = received + timedelta(days=int(rng.integers(1, 15) * (0.7 + 0.3 * found.weakness)))
        category = str(rng.choice(CATEGORIES, p=CATEGORY_SHARE))
        fields: Row = {
            "complaint": f"complaint-{facility}-{number + 1:04d}",
            "facility": facility,
            "category": category,
            "about_staff": category in ("treatment", "force"),
            "received": received,
            "due": received + timedelta(days=15),
        }
        outcome = str(rng.choice(["upheld", "partly_upheld", "not_upheld", "withdrawn"], p=[0.15, 0.2, 0.55, 0.1]))
        book.enter("complaint_record", at_hour(received, 20), answered=None, outcome="open", **fields)
        book.enter("complaint_record", at_hour(answered, 21), answered=answered, outcome=outcome, **fields)


def _measures(book: Book, scenario: Scenario, found: Profile, days: int) -> None:
    """Outbreaks: a block's fever cluster, a fortnight of its quarantine from the next day on, a stop of all visits."""
    facility, rng = found.place.facility, scenario.rng("epidemic", found.place.facility)
    for number in range(max(1, int(rng.poisson(OUTBREAKS_A_YEAR * days / 365.25)))):
        begin = at_hour(first_day(scenario) + timedelta(days=int(rng.integers(0, max(1, days - 21)))), 3)
        block = f"block-{int(rng.integers(1, 5))}"
        for kind, place, after, length in (
            ("fever_cluster", block, 0.0, float(rng.integers(3, 8))),
            ("quarantine", block, 1.0, float(rng.choice([7, 14]))),
            ("visit_stop", "", 1.0, float(rng.integers(5, 15))),
        ):
            starts = begin + timedelta(days=after)
            fields: Row = {
                "measure": f"{kind}-{facility}-{number + 1:03d}",
                "facility": facility,
                "kind": kind,
                "block": place,
                "starts": starts,
            }
            book.enter("epidemic_record", starts, ends=starts + timedelta(days=14), **fields)
            book.enter(
                "epidemic_record", starts + timedelta(days=length), ends=starts + timedelta(days=length), **fields
            )


def enter_leave(book: Book, rng: np.random.Generator, stay: Row, last_day: int, first: int) -> None:
    """Perhaps a time outside within a stay; days count from the beginning of the history."""
    if last_day - first < 4 or rng.random() >= 0.06:
        return
    reason, _, nights = LEAVES[int(rng.choice(len(LEAVES), p=[share for _, share, _ in LEAVES]))]
    left = int(rng.integers(first + 1, last_day - 1))
    out = min(int(rng.exponential(nights)) if nights else 0, last_day - left)
    day = stay["admitted"] + timedelta(days=left - first)
    fields = {"leave": stay["stay"].replace("stay", "leave", 1), "stay": stay["stay"], "facility": stay["facility"]}
    fields |= {"reason": reason, "left_on": day}
    back = day + timedelta(days=out)
    if out:
        book.enter("temporary_leave", at_hour(day, 20), returned_on=None, **fields)
    book.enter("temporary_leave", at_hour(back, 21), returned_on=back, **fields)


def enter_persons(book: Book, incident: Row, known: datetime, *, fatal: bool = False) -> None:
    """Who was involved in an incident, as many of each group as the incident counts."""
    who = [("detainee", n) for n in range(incident["detainees_involved"])]
    who += [("staff", n) for n in range(incident["staff_involved"])]
    attack = incident["family"] == "violence"
    for number, (group, n) in enumerate(who):
        if group == "staff":
            role = "alleged" if incident["family"] == "staff_conduct" else "victim"
        else:
            role = "alleged" if attack and n > 0 else "victim" if attack else "affected"
        first = number == 0
        book.enter(
            "incident_person",
            known,
            involvement=f"{incident['incident']}/{number + 1}",
            incident=incident["incident"],
            facility=incident["facility"],
            person_group=group,
            role=role,
            injury="fatal" if fatal and first else "serious" if first and incident["severity"] == "major" else "none",
            subject=None,
        )
