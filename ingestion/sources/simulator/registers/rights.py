"""Registers of rights: how people's days in custody were spent, restraints, requests to see a lawyer."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from ingestion.sources.simulator.registers.book import Book, Row, at_hour, first_day
from ingestion.sources.simulator.registers.country import Profile
from ingestion.sources.simulator.scenario import Scenario

HELD = 0.85
"""Of the mean population, those whose whole day the platform knew: admissions and releases of the day are not."""
SOLITARY, SOLITARY_DAYS = 0.0015, 5.0
"""Chance a day that somebody is put apart, and for how many days on average."""
SHORT = 0.02
"""Share of days in custody with less than an hour outside, in an ordinary facility; more in a weak one."""
UNOBSERVED, DARK = 0.012, 0.02
"""Share of people whose day nobody observed enough of, and share of days on which that is most people."""
RESTRAINTS_PER_1000, REQUESTS_PER_1000 = 60.0, 110.0
"""A month and 1,000 people."""
RESTRAINTS, RESTRAINT_SHARE = ("handcuffs", "leg_irons", "belt", "chair", "bed"), (0.72, 0.12, 0.08, 0.05, 0.03)


def enter_rights(book: Book, scenario: Scenario, found: Profile) -> None:
    """All rows of these registers of a facility."""
    rng = scenario.rng("rights", found.place.facility)
    days = (scenario.known_at.date() - first_day(scenario)).days + 1
    _days(book, scenario, found, rng, days)
    _restraints(book, scenario, found, rng, days)
    _lawyers(book, scenario, found, rng, days)


def _days(book: Book, scenario: Scenario, found: Profile, rng: np.random.Generator, days: int) -> None:
    begin = first_day(scenario)
    began = rng.poisson(SOLITARY * found.weakness * found.population / SOLITARY_DAYS, days)
    alone, over = np.zeros(days, dtype=np.int64), np.zeros(days, dtype=np.int64)
    for first in np.repeat(np.arange(days), began):
        length = int(rng.geometric(1 / SOLITARY_DAYS))
        alone[first : first + length] += 1
        over[first + 15 : first + min(length, 16)] += 1  # the sixteenth day, where it comes to one
    persons = np.maximum(rng.poisson(HELD * found.population * (1 + found.growth * np.arange(days) / 365.25)), alone)
    dark = rng.random(days) < DARK
    for day in range(days):
        others = int(persons[day] - alone[day])
        unknown = int(rng.binomial(others, 0.7 if dark[day] else UNOBSERVED))
        short = int(rng.binomial(int(persons[day]) - unknown, SHORT * found.weakness))
        book.enter(
            "custody_day",
            at_hour(begin + timedelta(days=day + 1), 0),
            facility=found.place.facility,
            day=begin + timedelta(days=day),
            persons=int(persons[day]),
            solitary=int(alone[day]),
            solitary_unknown=unknown,
            prolonged=int(over[day]),
            outside_short=short,
            outside_unknown=unknown,
        )


def _restraints(book: Book, scenario: Scenario, found: Profile, rng: np.random.Generator, days: int) -> None:
    facility, begin = found.place.facility, at_hour(first_day(scenario), 0)
    mean = RESTRAINTS_PER_1000 * found.weakness * found.population / 1000 * days / 30.4
    for number, start in enumerate(np.sort(rng.uniform(0, days, max(1, int(rng.poisson(mean)))))):
        begun = begin + timedelta(minutes=round(1440 * float(start)))
        allowed = timedelta(minutes=30 * int(rng.integers(1, 9)))
        worn = allowed * (
            float(rng.uniform(1.05, 2.5)) if rng.random() < 0.04 * found.weakness else rng.uniform(0.3, 1)
        )
        ended = begun + timedelta(minutes=max(1, round(worn.total_seconds() / 60)))
        fields: Row = {
            "restraint_use": f"restraint-{facility}-{number + 1:04d}",
            "facility": facility,
            "restraint": str(rng.choice(RESTRAINTS, p=RESTRAINT_SHARE)),
            "begun": begun,
            "allowed_until": None if rng.random() < 0.05 else begun + allowed,
        }
        book.enter("restraint_use", begun + timedelta(minutes=5), ended=None, **fields)
        if rng.random() >= 0.01:  # now and then nobody enters that it was taken off
            book.enter("restraint_use", ended + timedelta(minutes=10), ended=ended, **fields)


def _lawyers(book: Book, scenario: Scenario, found: Profile, rng: np.random.Generator, days: int) -> None:
    facility, begin = found.place.facility, at_hour(first_day(scenario), 0)
    mean = REQUESTS_PER_1000 * found.population / 1000 * days / 30.4
    for number, start in enumerate(np.sort(rng.uniform(0, days, max(1, int(rng.poisson(mean)))))):
        asked = begin + timedelta(minutes=round(1440 * float(start)))
        hours = rng.uniform(49, 120) if rng.random() < 0.05 * found.weakness else rng.uniform(3, 46)
        after = asked + timedelta(minutes=round(60 * float(hours)))
        fields: Row = {"request": f"lawyer-{facility}-{number + 1:05d}", "facility": facility, "waits_from": asked}
        book.enter("lawyer_request", asked + timedelta(minutes=1), met=None, lapsed=None, **fields)
        what = rng.random()
        if what >= 0.04:
            book.enter("lawyer_request", after + timedelta(hours=1), met=after, lapsed=None, **fields)
        elif what >= 0.006:
            book.enter("lawyer_request", after + timedelta(minutes=1), met=None, lapsed=after, **fields)
