"""Weeks of people in custody without cameras: who they are, what is heard of them, and the serious events that follow.

For trying risk models: the chance of a serious event on a day is known here, because it is drawn from it.
It rises with what a scorecard may see, with something that nobody sees, and falls with family visits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ingestion.contracts import (
    Complaint,
    Event,
    InterrogationSession,
    MedicalEvent,
    PersonContext,
    PsychologicalAssessment,
    VisitEvent,
    content_id,
)
from ingestion.sources.simulator.scenario import Scenario

DAY_MS = 86_400_000
BASE = -6.2
"""Log odds of a serious event on a day of somebody without any factor."""
EFFECTS = {
    "violent": 0.7, "drug": 0.2, "first_custody": 0.3, "age_18_24": 0.3, "self_harm_history": 1.1, "mental_health": 0.8,
    "withdrawal": 0.7, "first_day": 0.9, "first_week": 0.5, "visit": -0.5, "no_show": 0.5, "night": 0.4,
    "complaint": 0.4, "before": 1.0, "unseen": 0.7,
}  # fmt: skip
KINDS = ("cel-01", "cel-05", "cel-06")


@dataclass
class Career:
    """A person's time in custody. ``alerts``: (time ms, rule); ``chance``: by day from the first, the true one."""

    subject: str
    sex: str
    age_band: str
    events: list[Event] = field(default_factory=list)
    alerts: list[tuple[int, str]] = field(default_factory=list)
    chance: list[float] = field(default_factory=list)


def careers(scenario: Scenario, people: int, days: int) -> Iterator[Career]:
    """One person after the other, admitted before or within the days that end at the scenario's start."""
    for number in range(people):
        yield _career(scenario, scenario.rng("career", number), number, days)


def _career(scenario: Scenario, rng: np.random.Generator, number: int, days: int) -> Career:
    facility = scenario.places[number % len(scenario.places)].facility
    subject = f"c{content_id(scenario.seed, 'career', number)[:11]}"
    begin = scenario.start_ms - days * DAY_MS
    came = int(rng.integers(-40, max(1, days - 3))) if rng.random() < 0.7 else 0
    stays = 2 + int(rng.exponential(40))
    unseen = float(rng.normal())
    facts = _facts(rng, unseen)
    person = Career(subject, str(rng.choice(["male", "female"], p=[0.85, 0.15])), facts["age_band"])

    def post(contract: Any, ms: int, **fields: Any) -> None:
        person.events.append(contract(facility=facility, event_time=ms, device="careers", subject=subject, **fields))

    admitted = begin + came * DAY_MS + int(rng.integers(DAY_MS))
    post(PersonContext, max(admitted, begin), sex=person.sex, admitted_at=admitted, **facts)
    recent = {"visit": -99, "no_show": -99, "night": -99, "complaint": -99, "before": -99}
    last = min(days, came + stays)
    for day in range(max(0, came + 1), last):
        midnight = begin + day * DAY_MS
        if (day - came) % 28 == 1 and rng.random() < 0.9:
            seen = unseen + float(rng.normal()) * 0.7
            result = "high" if seen > 1.6 else "moderate" if seen > 0.7 else "low"
            post(PsychologicalAssessment, midnight + 32_400_000, assessment=f"a{number}-{day}", method="interview",
                 result=result, assessor="m-1")  # fmt: skip
        _daily(rng, post, midnight, number, day, recent)
        age = (midnight - admitted) / DAY_MS
        odds = BASE + EFFECTS["unseen"] * unseen + _steady(facts) + _passing(recent, day, age)
        person.chance.append(1 / (1 + float(np.exp(-odds))))
        if rng.random() < person.chance[-1]:
            person.alerts.append((midnight + int(rng.integers(DAY_MS)), str(rng.choice(KINDS))))
            recent["before"] = day
    if last < days:
        post(PersonContext, begin + last * DAY_MS, sex=person.sex, present=False, **facts)
    person.events = sorted((e for e in person.events if e.event_time < scenario.start_ms), key=lambda e: e.event_time)
    return person


def _facts(rng: np.random.Generator, unseen: float) -> dict[str, Any]:
    shares = (("chronic", 0.12), ("self_harm_history", 0.05), ("mental_health", 0.07), ("withdrawal", 0.07))
    return {
        "age_band": str(rng.choice(["18_24", "25_39", "40_59", "60_plus"], p=[0.2, 0.45, 0.3, 0.05])),
        "case_class": str(rng.choice(["property", "economic", "drug", "violent", "public_order", "other"])),
        "education": str(rng.choice(["none", "primary", "secondary", "tertiary"], p=[0.05, 0.35, 0.5, 0.1])),
        "first_custody": bool(rng.random() < 0.6),
        "health_flags": [flag for flag, share in shares if rng.random() < share * (1.5 if unseen > 1 else 1)],
    }


def _steady(facts: dict[str, Any]) -> float:
    found = [facts["case_class"], f"age_{facts['age_band']}", *facts["health_flags"]]
    found += ["first_custody"] if facts["first_custody"] else []
    return sum(EFFECTS.get(name, 0.0) for name in found)


def _passing(recent: dict[str, int], day: int, age: float) -> float:
    phase = "first_day" if age < 1 else "first_week" if age < 7 else ""
    fading = sum(EFFECTS[name] * 2.0 ** (-(day - last) / 5) for name, last in recent.items() if last >= 0)
    return float(EFFECTS.get(phase, 0.0) + fading)


def _daily(rng: np.random.Generator, post: Any, midnight: int, number: int, day: int, recent: dict[str, int]) -> None:
    name = f"{number}-{day}"
    noon = midnight + int(rng.integers(36_000_000, 64_000_000))
    if rng.random() < 0.06:
        post(VisitEvent, noon, appointment=f"v{name}", kind="family", action="close")
        recent["visit"] = day
    if rng.random() < 0.02:
        post(VisitEvent, noon + 60_000, appointment=f"n{name}", kind="family", action="no_show")
        recent["no_show"] = day
    if rng.random() < 0.08:
        night = bool(rng.random() < 0.25)
        post(InterrogationSession, noon + 120_000, session=f"s{name}", zone="I-1", action="open",
             approved_at_night=night)  # fmt: skip
        recent["night"] = day if night else recent["night"]
    if rng.random() < 0.015:
        about = str(rng.choice(["treatment", "health_care", "food"]))
        post(Complaint, noon + 180_000, complaint=f"k{name}", about=about, action="filed")
        post(Complaint, noon + 2 * DAY_MS, complaint=f"k{name}", about=about, action="answered")
        recent["complaint"] = day if about == "treatment" else recent["complaint"]
    if rng.random() < 0.01:
        post(MedicalEvent, noon + 240_000, duty="temperature", action="done", temperature=38.1)
