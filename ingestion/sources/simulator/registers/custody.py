"""Stays, head counts, deaths, incidents of one facility over the years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ingestion.contracts import incident_types
from ingestion.sources.simulator.registers.book import Book, at_hour, first_day
from ingestion.sources.simulator.registers.country import Profile
from ingestion.sources.simulator.registers.duties import enter_leave, enter_persons
from ingestion.sources.simulator.scenario import Scenario, subject_of

YEAR = 365.25
FIRST_GONE = 1_000_000
"""Numbers of people who have left begin here; those still held have the live part's numbers."""
ILLNESS_PER_1000, UNNATURAL_PER_1000, INCIDENTS_PER_1000 = 6.0, 3.2, 110.0
"""Events a year per 1,000 people held, at the beginning of the history."""
FALL_A_YEAR = 0.15
"""Share by which the rates fall in a year: safety gets better while more people are held."""

UNNATURAL = ("self_inflicted", "accident", "homicide", "other_unnatural")
UNNATURAL_SHARE = (0.55, 0.25, 0.1, 0.1)
SEX_SHARE = (0.12, 0.88)
AGES = ("under_18", "18_24", "25_39", "40_59", "60_plus")
AGE_SHARE = (0.01, 0.2, 0.45, 0.29, 0.05)

INCIDENT_TYPES: tuple[tuple[str, str, float, tuple[float, float, float]], ...] = (
    # family, type, share, shares of minor / serious / major
    ("violence", "fight", 0.24, (0.8, 0.18, 0.02)),
    ("violence", "assault_on_staff", 0.05, (0.6, 0.35, 0.05)),
    ("self_harm", "self_harm", 0.09, (0.6, 0.37, 0.03)),
    ("self_harm", "suicide_attempt", 0.03, (0.0, 0.7, 0.3)),
    ("escape", "escape_attempt", 0.01, (0.0, 0.6, 0.4)),
    ("health", "medical_emergency", 0.18, (0.5, 0.45, 0.05)),
    ("health", "fall", 0.14, (0.8, 0.19, 0.01)),
    ("fire_environment", "smoke", 0.02, (0.8, 0.2, 0.0)),
    ("staff_conduct", "duty_breach", 0.09, (0.75, 0.22, 0.03)),
    ("staff_conduct", "force_complaint", 0.03, (0.5, 0.45, 0.05)),
    ("other", "contraband", 0.08, (0.85, 0.14, 0.01)),
    ("other", "property_damage", 0.04, (0.95, 0.05, 0.0)),
)
SUCCESSORS = {"force_complaint": "excessive_force"}
"""What is recorded in place of a type that was taken out of use."""
FATAL_INCIDENT = {
    "self_inflicted": ("self_harm", "suicide"),
    "homicide": ("violence", "homicide"),
    "accident": ("health", "fatal_accident"),
    "other_unnatural": ("other", "unnatural_death"),
}


@dataclass
class History:
    """The stays of a facility as arrays: days count from the first day of the history, end-exclusive."""

    begin: date
    days: int
    admitted: np.ndarray[tuple[int], np.dtype[np.int64]]
    released: np.ndarray[tuple[int], np.dtype[np.int64]]
    sex: list[str]
    age_band: list[str]
    died: set[int]
    """Numbers of the stays that ended in death."""

    def population(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """People held at the end of each day."""
        change = np.zeros(self.days + 1, dtype=np.int64)
        np.add.at(change, np.clip(self.admitted, 0, self.days), 1)
        np.add.at(change, np.clip(self.released, 0, self.days), -1)
        return np.cumsum(change)[: self.days]

    def day(self, number: int) -> date:
        return self.begin + timedelta(days=int(number))


def stays(scenario: Scenario, found: Profile) -> History:
    """Who came and left when: admissions by chance at the rate that keeps up the facility's population."""
    rng = scenario.rng("stays", found.place.facility)
    begin = first_day(scenario)
    days = (scenario.known_at.date() - begin).days + 1
    day = np.arange(days)
    target = found.population * (1 + found.growth * day / YEAR) * (1 + 0.03 * np.sin(2 * np.pi * day / YEAR))
    first = rng.poisson(found.population)
    coming = np.repeat(day, rng.poisson(target / found.mean_stay))
    before = -rng.exponential(found.mean_stay, first).astype(np.int64) - 1
    # The stay of somebody already there goes on for an exponential time, as a new one's.
    length = 1 + rng.exponential(found.mean_stay - 1, first + len(coming)).astype(np.int64)
    admitted = np.concatenate([before, coming])
    released = np.concatenate([np.zeros(first, dtype=np.int64), coming]) + length
    sex = rng.choice(["female", "male"], len(admitted), p=SEX_SHARE).tolist()
    age_band = rng.choice(AGES, len(admitted), p=AGE_SHARE).tolist()
    return History(begin, days, admitted, released, sex, age_band, set())


def _days_of_events(rng: np.random.Generator, history: History, per_1000: float) -> list[int]:
    """Days of events that fall in rate while the population grows.

    Events are spread evenly over the expected count, from a random offset and moved by some days:
    the trend is then to be seen in a small country too, where independent chance would hide it.
    """
    held = history.population()
    rate = per_1000 / 1000 / YEAR * held * (1 - FALL_A_YEAR) ** (np.arange(history.days) / YEAR)
    expected = np.cumsum(rate)
    at = np.arange(float(rng.random()), expected[-1], 1.0)
    days = np.searchsorted(expected, at) + rng.integers(-20, 21, len(at))
    return [int(d) for d in np.sort(days[(days >= 0) & (days < history.days)])]


def enter_custody(book: Book, scenario: Scenario, found: Profile) -> None:
    """All custody rows of a facility."""
    history = stays(scenario, found)
    rng = scenario.rng("custody", found.place.facility)
    _deaths(book, scenario, found, history, rng)
    _stay_rows(book, scenario, found, history, rng)
    _head_counts(book, found, history, rng)
    _incidents(book, found, history, rng)
    _reports(book, found, history)


def _deaths(book: Book, scenario: Scenario, found: Profile, history: History, rng: np.random.Generator) -> None:
    facility = found.place.facility
    planned = [(d, "illness") for d in _days_of_events(rng, history, ILLNESS_PER_1000)]
    for day in _days_of_events(rng, history, UNNATURAL_PER_1000 * (0.5 + 0.5 * found.weakness)):
        planned.append((day, str(rng.choice(UNNATURAL, p=UNNATURAL_SHARE))))
    for number, (day, cause) in enumerate(sorted(planned)):
        present = np.flatnonzero((history.admitted <= day) & (history.released > day))
        present = np.array([n for n in present if n not in history.died])
        if not len(present):
            continue
        stay = int(rng.choice(present))
        history.died.add(stay)
        history.released[stay] = max(day, int(history.admitted[stay]))
        died = history.day(day)
        common = {
            "death": f"death-{facility}-{number + 1:03d}",
            "facility": facility,
            "subject": subject_of(scenario, facility, "d", FIRST_GONE + stay),
            "died": died,
            "year": died.year,
            "place": str(rng.choice(["on_site", "hospital", "transit"], p=[0.4, 0.55, 0.05])),
            "sex": history.sex[stay],
            "withdrawn": False,
        }
        known = at_hour(died, 24 + float(rng.uniform(1, 40)))
        pending = rng.random() < (0.5 if cause != "illness" else 0.15)
        corrected = at_hour(died, 24 * float(rng.uniform(20, 90)))
        # Now and then what was first taken for an illness turns out to be something else.
        mistaken = cause != "illness" and not pending and rng.random() < 0.2
        book.enter("death", known, death_class="pending" if pending else "illness" if mistaken else cause, **common)
        if pending or mistaken:
            book.enter("death", corrected, death_class=cause, **common)
        if cause != "illness":
            family, kind = FATAL_INCIDENT[cause]
            incident = {
                "incident": f"incident-{facility}-d{number + 1:03d}",
                "facility": facility,
                "happened": at_hour(died, float(rng.uniform(0, 23))),
                "family": family,
                "incident_type": kind,
                "severity": "major",
                "detainees_involved": 2 if cause == "homicide" else 1,
                "staff_involved": 0,
            }
            if book.enter("incident", known, withdrawn=False, **incident):
                enter_persons(book, incident, known, fatal=True)


def _stay_rows(book: Book, scenario: Scenario, found: Profile, history: History, rng: np.random.Generator) -> None:
    facility, count = found.place.facility, len(history.admitted)
    how = rng.choice(["released", "sentenced", "transferred"], count, p=[0.45, 0.4, 0.15])
    leaves = scenario.rng("leaves", facility)
    held = {int(n): rank for rank, n in enumerate(np.flatnonzero(history.released >= history.days))}
    for n in range(count):
        admitted = history.day(history.admitted[n])
        fields = {
            "stay": f"stay-{facility}-{n + 1:06d}",
            "facility": facility,
            "subject": subject_of(scenario, facility, "d", held.get(n, FIRST_GONE + n)),
            "admitted": admitted,
            "sex": history.sex[n],
            "age_band": history.age_band[n],
        }
        known = at_hour(max(admitted, history.begin), 12 + (n % 9))
        book.enter("stay", known, released=None, release_kind="open", **fields)
        if n not in held:
            released = history.day(history.released[n])
            kind = "died" if n in history.died else str(how[n])
            book.enter("stay", max(at_hour(released, 14 + n % 7), at_hour(admitted, 22)), released=released,
                       release_kind=kind, **fields)  # fmt: skip
        first = int(history.admitted[n])
        if first >= 0:
            enter_leave(book, leaves, fields, min(int(history.released[n]), history.days), first)


def _head_counts(book: Book, found: Profile, history: History, rng: np.random.Generator) -> None:
    """The count at the end of each day; some days are missing, in one facility a whole fortnight."""
    gap = range(200, 214) if found.place.index == 3 else range(0)
    for day, held in enumerate(history.population()):
        if day in gap or rng.random() < 0.012:
            continue
        common = {"place": found.place.facility, "place_kind": "facility", "day": history.day(day)}
        miscounted = rng.random() < 0.004
        count = int(held) + (1 if miscounted else 0)
        book.enter("population_count", at_hour(history.day(day), 16.5), population_group="prisoners",
                   population=count, **common)  # fmt: skip
        if miscounted:
            book.enter("population_count", at_hour(history.day(day), 40), population_group="prisoners",
                       population=int(held), **common)  # fmt: skip


def _incidents(book: Book, found: Profile, history: History, rng: np.random.Generator) -> None:
    facility = found.place.facility
    shares = np.array([t[2] for t in INCIDENT_TYPES])
    for number, day in enumerate(_days_of_events(rng, history, INCIDENTS_PER_1000 * found.weakness)):
        family, kind, _, severities = INCIDENT_TYPES[int(rng.choice(len(INCIDENT_TYPES), p=shares / shares.sum()))]
        fields = {
            "incident": f"incident-{facility}-{number + 1:04d}",
            "facility": facility,
            "happened": at_hour(history.day(day), float(rng.uniform(0, 23.9))),
            "family": family,
            "incident_type": _type_on(family, kind, history.day(day)),
            "severity": str(rng.choice(["minor", "serious", "major"], p=severities)),
            "detainees_involved": int(rng.integers(2, 5)) if kind == "fight" else int(family != "staff_conduct"),
            "staff_involved": int(family == "staff_conduct" or kind == "assault_on_staff"),
        }
        known = at_hour(history.day(day), 24 + float(rng.uniform(0, 30)))
        if book.enter("incident", known, withdrawn=False, **fields):
            enter_persons(book, fields, known)
        # At least the third incident of every facility is taken back: it was entered twice.
        if number == 2 or rng.random() < 0.01:
            book.enter("incident", at_hour(history.day(day), 24 * 9), withdrawn=True, **fields)


def _type_on(family: str, kind: str, day: date) -> str:
    """The type, or the one that took its place where it is no longer in use."""
    return kind if incident_types()[family][kind].holds_on(day) else SUCCESSORS[kind]


def _reports(book: Book, found: Profile, history: History) -> None:
    """Monthly totals as the facility reports them, to be checked against the rows."""
    admitted = {history.day(d) for d in range(history.days) if history.day(d).day == 1}
    for first in sorted(admitted):
        following = (first.replace(day=28) + timedelta(days=5)).replace(day=1)
        if following > history.day(history.days - 1):
            continue
        low, high = (first - history.begin).days, (following - history.begin).days
        values = {
            "admissions": int(np.sum((history.admitted >= low) & (history.admitted < high))),
            "deaths": sum(1 for n in history.died if low <= history.released[n] < high),
        }
        for measure, value in values.items():
            book.enter(
                "reported_count",
                at_hour(following, 24 * 4),
                place=found.place.facility,
                place_kind="facility",
                measure=measure,
                population_group="prisoners",
                day=following - timedelta(days=1),
                # What has its period is published as it is; deaths are published from their register, under control.
                period_from=first if measure == "admissions" else None,
                cumulative=False,
                value=value,
            )
